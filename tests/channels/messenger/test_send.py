"""Sending over real HTTP to the fake of the platform, which keeps the real one's limits and words."""

from typing import Any
from uuid import UUID

import pytest
from msgspec import structs

from botfolk.channels.contract import Button, Failed, Later, Outcome, Outgoing, OutgoingFile, Sent, TemplateUse, Unknown
from botfolk.channels.messenger.refusals import NO_HUMAN_AGENT, REFUSALS, WINDOW_PASSED
from tests.channels.messenger.conftest import KIND, PERSON, Service, make_channel

OURS = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
PICTURE = OutgoingFile(content_type="image/png", name="menü.png", content=b"\x89PNG\r\n\x1a\n\x00")


def message(text: str = "hello", **more: Any) -> Outgoing:
    return Outgoing(external_user_id=PERSON, kind="message", text=text, **more)


async def sent(service: Service, outgoing: Outgoing) -> Outcome:
    return await service.kind.send(service.channel, service.http, outgoing)


def buttons(count: int) -> tuple[Button, ...]:
    return tuple(Button(title=f"Choice {number}", data=f"c:{number}") for number in range(count))


async def test_a_text_is_sent_as_an_answer_with_our_name_of_it(service: Service) -> None:
    outcome = await sent(service, message("Grüße 👩‍🚀", message_id=OURS))
    assert isinstance(outcome, Sent)
    assert outcome.external_id is not None
    assert outcome.external_id.startswith("m_fake_")
    assert service.given() == {
        "recipient": {"id": PERSON},
        "messaging_type": "RESPONSE",
        "message": {"text": "Grüße 👩‍🚀", "metadata": str(OURS)},
    }


async def test_choices_become_quick_replies_whose_long_titles_are_cut(service: Service) -> None:
    long = Button(title="A title of more than twenty characters", data="long")
    assert isinstance(await sent(service, message(buttons=(*buttons(12), long))), Sent)
    replies = service.given()["message"]["quick_replies"]
    assert len(replies) == 13
    assert replies[0] == {"content_type": "text", "title": "Choice 0", "payload": "c:0"}
    assert replies[12] == {"content_type": "text", "title": "A title of more tha…", "payload": "long"}


async def test_more_choices_than_there_is_room_for_become_lines(service: Service) -> None:
    assert isinstance(await sent(service, message(buttons=buttons(14))), Sent)
    assert service.given()["message"]["text"].splitlines()[-1] == "14. Choice 13"
    assert "quick_replies" not in service.given()["message"]


async def test_links_stand_in_a_template_where_it_holds_all_and_in_the_text_where_not(service: Service) -> None:
    link = Button(title="Shop", url="https://example.com")
    assert isinstance(await sent(service, message(buttons=(link, *buttons(2)))), Sent)
    payload = service.given()["message"]["attachment"]["payload"]
    assert (payload["template_type"], payload["text"]) == ("button", "hello")
    assert payload["buttons"][:2] == [
        {"type": "web_url", "title": "Shop", "url": "https://example.com"},
        {"type": "postback", "title": "Choice 0", "payload": "c:0"},
    ]
    assert isinstance(await sent(service, message(buttons=(link, *buttons(3)))), Sent)
    assert service.given()["message"]["text"] == "hello\n\nShop: https://example.com"
    assert len(service.given()["message"]["quick_replies"]) == 3
    assert isinstance(await sent(service, message("x" * 640, buttons=(link,))), Sent)
    assert service.given()["message"]["text"].endswith("Shop: https://example.com")


async def test_a_person_is_offered_their_own_email_and_phone(service: Service) -> None:
    asked = (Button(title="Email", data="user_email"), Button(title="Phone", data="user_phone_number"))
    assert isinstance(await sent(service, message("Where can we reach you?", buttons=asked)), Sent)
    assert service.given()["message"]["quick_replies"] == [
        {"content_type": "user_email"},
        {"content_type": "user_phone_number"},
    ]


@pytest.mark.parametrize(
    ("outgoing", "reason"),
    [
        (message(""), "nothing to read"),
        (message(" \n"), "nothing to read"),
        (message("x" * 2000), "too long for Messenger"),
        (message(buttons=(Button(title=" ", data="x"),)), "needs a title"),
        (message(buttons=(Button(title="Much", data="x" * 1001),)), "at most 1000 characters behind “Much”"),
        (message(template=TemplateUse(name="sale", language="en")), "has no templates"),
        (Outgoing(external_user_id=PERSON, kind="tap", tap="1"), "needs no answer"),
        (structs.replace(message(), external_user_id="../1"), "not an id"),
        (structs.replace(message(), external_user_id=""), "not an id"),
    ],
)
async def test_what_cannot_be_taken_never_leaves(service: Service, outgoing: Outgoing, reason: str) -> None:
    outcome = await sent(service, outgoing)
    assert isinstance(outcome, Failed)
    assert reason in outcome.reason
    assert (outcome.unreachable, outcome.channel_broken) == (False, False)
    assert service.fake.calls == []


async def test_a_text_at_the_limit_arrives_and_a_longer_one_in_parts(service: Service) -> None:
    text = "word 😀 " * 1500
    parts = KIND.split(text)
    assert len(parts) > 1
    for part in (*parts, "x" * 1999):
        assert isinstance(await sent(service, message(part)), Sent)


async def test_a_file_goes_with_the_message_or_by_its_address(service: Service) -> None:
    assert isinstance(await sent(service, message("", file=PICTURE, message_id=OURS)), Sent)
    call = service.fake.calls[-1]
    assert call.given["message"] == {
        "attachment": {"type": "image", "payload": {"is_reusable": False}},
        "metadata": str(OURS),
    }
    assert (call.file_bytes, call.given["filedata"]["content_type"]) == (len(PICTURE.content), "image/png")
    there = structs.replace(PICTURE, url="https://crm.example.com/f/1", content_type="application/pdf")
    assert isinstance(await sent(service, message("", file=there)), Sent)
    attachment = service.given()["message"]["attachment"]
    assert attachment == {"type": "file", "payload": {"url": "https://crm.example.com/f/1"}}


async def test_a_file_that_is_too_large_never_leaves(service: Service) -> None:
    outcome = await sent(service, message("", file=structs.replace(PICTURE, content=b"x" * 25_000_001)))
    assert outcome == Failed(reason="the file is larger than 25 MB, the most that Messenger takes")
    assert service.fake.calls == []


async def test_after_the_window_only_members_may_answer_and_only_where_meta_lets_them(service: Service) -> None:
    await service.tell("person", id=PERSON, late=True)
    late = message(in_window=False)
    assert await sent(service, late) == WINDOW_PASSED
    assert service.fake.calls == []
    for given in ("yes", True, " ON "):
        service.channel.config["human_agent"] = given
        assert isinstance(await sent(service, late), Sent)
        assert (service.given()["messaging_type"], service.given()["tag"]) == ("MESSAGE_TAG", "HUMAN_AGENT")
    for refused in ("no", "", False, None):
        service.channel.config["human_agent"] = refused
        assert await sent(service, late) == WINDOW_PASSED


async def test_a_permission_that_is_refused_after_the_window_breaks_nothing_else(service: Service) -> None:
    service.channel.config["human_agent"] = "yes"
    for code in (10, 200, 3):
        await service.tell("script", method="messages", behaviour="refuse", error=code, description="(#10) no")
        assert await sent(service, message(in_window=False)) == NO_HUMAN_AGENT


async def test_the_window_that_meta_sees_is_the_one_that_counts(service: Service) -> None:
    await service.tell("person", id=PERSON, late=True)
    assert await sent(service, message()) == WINDOW_PASSED


@pytest.mark.parametrize(("code", "subcode"), sorted(REFUSALS, key=str))
async def test_each_error_means_what_the_table_says(service: Service, code: int, subcode: int | None) -> None:
    await service.tell(
        "script",
        method="messages",
        behaviour="refuse",
        error=code,
        description=f"(#{code}) no",
        parameters={"error_subcode": subcode} if subcode else None,
    )
    assert await sent(service, message()) == REFUSALS[code, subcode]


@pytest.mark.parametrize(
    ("person", "state"), [({"blocked": True}, "blocked"), ({"known": False}, "gone")], ids=["blocked", "unknown"]
)
async def test_who_cannot_be_reached_is_known_to_be_so(service: Service, person: dict[str, bool], state: str) -> None:
    await service.tell("person", id=PERSON, **person)
    outcome = await sent(service, message())
    assert isinstance(outcome, Failed)
    assert (outcome.unreachable, outcome.state) == (True, state)


@pytest.mark.parametrize(
    ("error", "broken"),
    [({"error": 190, "code": 401}, True), ({"error": 230}, True), ({"error": 368}, True), ({"error": 100}, False)],
)
async def test_only_what_the_owner_can_mend_holds_the_channel(
    service: Service, error: dict[str, int], broken: bool
) -> None:
    await service.tell("script", method="messages", behaviour="refuse", **error)
    outcome = await sent(service, message())
    assert isinstance(outcome, Failed)
    assert outcome.channel_broken is broken


async def test_a_revoked_token_holds_the_channel_and_is_not_shown(service: Service) -> None:
    token = service.channel.secrets["access_token"]
    await service.tell("token", token=token)
    outcome = await sent(service, message())
    assert isinstance(outcome, Failed)
    assert outcome.channel_broken
    assert token not in outcome.reason


async def test_a_limit_waits_as_long_as_meta_says(service: Service) -> None:
    await service.tell("script", method="messages", behaviour="429", retry_after=90)
    outcome = await sent(service, message())
    assert isinstance(outcome, Later)
    assert (outcome.after, outcome.whole_channel) == (90.0, True)


@pytest.mark.parametrize(("behaviour", "kind"), [("5xx", Later), ("reset", Unknown), ("drop", Unknown)])
async def test_what_is_not_known_to_have_arrived_is_not_said_to_have(
    service: Service, behaviour: str, kind: type[Outcome]
) -> None:
    await service.tell("script", method="messages", behaviour=behaviour)
    assert isinstance(await sent(service, message()), kind)


async def test_a_service_that_is_not_there_is_tried_later(service: Service) -> None:
    channel = make_channel(api_base="http://127.0.0.1:1")
    assert isinstance(await KIND.send(channel, service.http, message()), Later)


async def test_half_an_emoji_is_sent_as_what_it_can_be(service: Service) -> None:
    assert isinstance(await sent(service, message("a\ud83d b\x00")), Sent)
    assert service.given()["message"]["text"] == "a\N{REPLACEMENT CHARACTER} b"


async def test_typing_is_shown_and_never_matters(service: Service) -> None:
    await KIND.typing(service.channel, service.http, PERSON, {})
    assert service.given() == {"recipient": {"id": PERSON}, "sender_action": "typing_on"}
    await service.tell("script", behaviour="reset")
    await KIND.typing(service.channel, service.http, PERSON, {})
    await KIND.typing(make_channel(api_base="http://127.0.0.1:1"), service.http, PERSON, {})


def test_the_limits_are_metas() -> None:
    assert 1 <= KIND.limits.per_second <= 40
    assert KIND.features.window is not None
    assert KIND.features.window.total_seconds() == 86_400
    assert KIND.features.member_window is not None
    assert KIND.features.member_window.days == 7
