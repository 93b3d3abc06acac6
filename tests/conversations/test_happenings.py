"""What happened on a channel, in words."""

import pytest

from botfolk.conversations.contents import buttons_of, media_of, remarks_of
from botfolk.conversations.happenings import icon, sentence


@pytest.mark.parametrize(
    ("kind", "details", "told"),
    [
        ("blocked", {}, "blocked the bot on Shop"),
        ("unblocked", {}, "can be reached on Shop again"),
        ("moved", {}, "got a new address on Shop"),
        ("deleted", {}, "took back a message on Shop"),
        ("opted_out", {}, "said stop on Shop: nothing is sent there until they say start"),
        ("opted_in", {}, "agreed to be written to on Shop"),
        ("opted_in", {"title": "News"}, "agreed to be written to on Shop: News"),
        ("marketing_stopped", {}, "wants no more marketing on Shop"),
        ("marketing_resumed", {}, "takes marketing on Shop again"),
        ("referral", {"ref": "spring"}, "came to Shop by a link: spring"),
        ("referral", {}, "came to Shop by a link"),
        ("referral", {"source_type": "ad", "headline": "50% off"}, "came to Shop by an advertisement: 50% off"),
        ("referral", {"source": "ADS", "ad_title": "Beans"}, "came to Shop by an advertisement: Beans"),
        ("joined", {"people": ["Ana", "Ben"]}, "has new people on Shop: Ana, Ben"),
        ("joined", {"people": [str(n) for n in range(7)]}, "has new people on Shop: 0, 1, 2, 3, 4 and 2 more"),
        ("joined", {}, "joined on Shop"),
        ("left", {"members": [{"id": "7", "name": "Ben"}, {"id": "8"}]}, "was left on Shop by Ben, 8"),
        ("left", {"reason": "EndOfConversation"}, "left on Shop"),
        ("not_understood", {"reason": "a poll"}, "sent something on Shop that Botfolk does not understand: a poll"),
        ("not_understood", {}, "sent something on Shop that Botfolk does not understand"),
        ("a kind of tomorrow", {}, "did something on Shop that this version of Botfolk has no words for"),
    ],
)
def test_each_kind_is_one_plain_sentence(kind: str, details: dict[str, object], told: str) -> None:
    assert sentence(kind, "Shop", details) == told
    assert icon(kind)


def test_where_a_message_is_from_is_remarked() -> None:
    details = {
        "echo": True,
        "template": {"name": "order", "language": "en"},
        "story": {"url": "https://example.com/s"},
        "shared": [{"kind": "reel", "url": "javascript:alert(1)"}, {"title": "A post", "url": "https://example.com/p"}],
        "standby": True,
    }
    found = [(remark.text, remark.url) for remark in remarks_of(details, "Messenger")]
    assert found == [
        ("from Messenger itself", None),
        ("template order (en)", None),
        ("answers your story", "https://example.com/s"),
        ("shared: reel", None),
        ("shared: A post", "https://example.com/p"),
        ("another app has this conversation: the bot only listens", None),
    ]


def test_a_button_opens_only_what_is_an_address() -> None:
    given = {
        "buttons": [{"title": "Go", "url": "https://example.com"}, {"title": "No", "url": "data:x"}, {"data": "x"}]
    }
    assert [(button.title, button.url) for button in buttons_of(given)] == [("Go", "https://example.com"), ("No", None)]


def test_what_is_kept_as_it_came_is_never_shown_in_place() -> None:
    raw = {"ref": "x", "media_id": "m", "content_type": "image/svg+xml", "raw": True, "name": "a.svg"}
    (media,) = media_of("document", {"media": [raw]})
    assert (media.picture_url, media.file_url, media.label) == (None, "/media/m", "a.svg")


@pytest.mark.parametrize(
    ("file", "is_new", "can_be_fetched", "is_coming"),
    [
        ({"ref": "x"}, True, False, True),
        ({"ref": "x"}, False, True, False),
        ({"ref": "x", "error": "it is gone"}, True, True, False),
        ({"ref": "x", "media_id": "m"}, False, False, False),
        ({}, False, False, False),
    ],
)
def test_a_file_that_is_not_here_can_be_asked_for(
    file: dict[str, str], is_new: bool, can_be_fetched: bool, is_coming: bool
) -> None:
    (media,) = media_of("video", {"media": [file]}, is_new=is_new)
    assert (media.can_be_fetched, media.is_coming) == (can_be_fetched, is_coming)
    assert media.problem == file.get("error")
