"""Each kind of activity that Teams, Skype and others send, and the event it is."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from botfolk.channels.botframework.kind import BotFramework
from botfolk.channels.botframework.people import timezone
from botfolk.channels.botframework.sealing import unseal
from botfolk.channels.events import (
    Group,
    Happened,
    InboundMessage,
    Introduced,
    Media,
    MessageDeleted,
    MessageEdited,
    ReachabilityChanged,
    ReactionChanged,
    Sender,
    StatusChanged,
)
from botfolk.channels.names import names
from tests.channels.botframework.conftest import GROUP, RECEIVED, USER, activity, heard, make_channel

BOT = {"id": "28:bot", "name": "Bot"}
AT = datetime(2026, 1, 2, 3, 0, 0, 123456, UTC)
ANA = {"id": "29:ana", "name": "Ana"}


def one(given: object) -> Any:
    """The one event of an activity."""
    (event,), not_understood = heard(given)
    assert not_understood == []
    return event


def test_a_message_says_who_where_when_and_how_to_answer() -> None:
    event = one(activity(text=" Hello ", localTimezone="Asia/Kuala_Lumpur", locale="ms-MY", replyToId="5"))
    assert isinstance(event, InboundMessage)
    assert (event.external_user_id, event.at, event.text, event.kind) == (USER, AT, "Hello", "text")
    assert (event.external_id, event.reply_to) == ("a:1:1767378504354", "a:1:5")
    assert event.address == {
        "service_url": "https://smba.trafficmanager.net/amer/",
        "conversation_id": "a:1",
        "channel_id": "msteams",
        "bot": BOT,
    }
    assert event.profile is not None
    assert not event.profile.full
    assert event.profile.fields == {
        "first_name": "Megan",
        "last_name": "Bowen",
        "timezone": "Asia/Kuala_Lumpur",
        "language": "ms-MY",
    }


@pytest.mark.parametrize(
    ("local", "client", "moment", "zone"),
    [
        ("Asia/Tokyo", "Europe/Paris", "2026-01-02T05:00:00+02:00", "Asia/Tokyo"),
        (None, "Europe/Paris", "2026-01-02T05:00:00+02:00", "Europe/Paris"),
        ("Pacific Standard Time", None, "2026-01-02T05:00:00.1234567-07:00", "UTC-07:00"),
        ("", "", "2026-01-02T05:00:00+05:45", "UTC+05:45"),
        (None, None, "2026-01-02T05:00:00-03:30", "UTC-03:30"),
        (None, None, "2026-01-02T05:00:00+00:00", "UTC+00:00"),
        (None, None, "2026-01-02T05:00:00Z", None),
        (None, None, "2026-01-02T05:00:00", None),
        (None, None, "2026-01-02T05:00:00+23:00", None),
        (None, None, "yesterday", None),
        (None, None, None, None),
        ("../../etc/passwd", None, None, None),
    ],
)
def test_a_timezone_is_the_apps_the_clients_or_the_clocks_offset(
    local: str | None, client: str | None, moment: str | None, zone: str | None
) -> None:
    assert timezone(local, client, moment) == zone


@pytest.mark.parametrize(
    ("shown", "first", "last"),
    [
        ("Megan Bowen", "Megan", "Bowen"),
        ("Bowen, Megan", "Megan", "Bowen"),
        ("Maria del Mar Ruiz", "Maria", "del Mar Ruiz"),
        ("Cher", "Cher", None),
        ("  ", None, None),
        (None, None, None),
        ("Bowen, Megan, PhD", "Bowen,", "Megan, PhD"),
    ],
)
def test_a_display_name_is_first_and_last(shown: str | None, first: str | None, last: str | None) -> None:
    assert names(shown) == {k: v for k, v in (("first_name", first), ("last_name", last)) if v}


@pytest.mark.parametrize("is_group", [True, "True", "true", 1])
@pytest.mark.parametrize("kind", [None, "groupChat", "channel"])
def test_a_group_is_the_user_and_its_threads_are_not(is_group: object, kind: str | None) -> None:
    where = {"id": "19:g@thread.tacv2;messageid=17", "isGroup": is_group, "name": "General", "conversationType": kind}
    event = one(activity(text="hi", conversation=where))
    assert event.external_user_id == "19:g@thread.tacv2"
    assert event.address["conversation_id"] == "19:g@thread.tacv2;messageid=17"
    assert event.external_id == "19:g@thread.tacv2:1767378504354"
    assert event.group == Group(title="General")
    assert event.sender == Sender(external_id=USER, name="Megan Bowen")
    assert event.profile is None
    assert not event.addressed


@pytest.mark.parametrize("is_group", [None, False, "False", 0, "", [], {}])
def test_what_is_no_group_is_a_persons_own_chat(is_group: object) -> None:
    assert one(activity(text="hi", conversation={"id": "c", "isGroup": is_group})).group is None


def test_a_channel_is_called_by_its_own_name_or_its_teams() -> None:
    where = {"id": "19:g", "conversationType": "channel"}
    data = {"team": {"name": "Acme"}, "channel": {"id": "19:g"}}
    assert one(activity(text="hi", conversation=where, channelData=data)).group == Group(title="Acme")


def test_the_bots_name_is_taken_out_of_the_text_and_others_stay() -> None:
    text = "<at>Bot</at> ask <at>Ana</at> &amp; <at>nobody</at>"
    entities = [
        {"type": "mention", "mentioned": BOT, "text": "<at>Bot</at>"},
        {"type": "mention", "mentioned": ANA, "text": "<at>Ana</at>"},
        {"type": "mention", "mentioned": "nonsense"},
        {"type": "of the future", "text": {"deep": 1}},
        7,
    ]
    event = one(activity(text=text, entities=entities, conversation=GROUP))
    assert (event.text, event.addressed) == ("ask Ana &amp; nobody", True)


def test_markup_is_read_as_text_only_where_it_is_markup() -> None:
    assert one(activity(text="a &lt; b<br/><b>c</b>", textFormat="xml")).text == "a < b\nc"
    assert one(activity(text="a &lt; <b>c</b>", textFormat="plain")).text == "a &lt; <b>c</b>"
    html = {"contentType": "text/html", "content": '<p>Look&nbsp;<img alt="😀" src="https://x.example/y"></p>'}
    assert one(activity(text="", attachments=[html])).text == "Look 😀"


DOWNLOAD = "application/vnd.microsoft.teams.file.download.info"


@pytest.mark.parametrize(
    ("given", "kind", "media"),
    [
        (
            {"contentType": "image/png", "contentUrl": "https://smba.trafficmanager.net/amer/v3/attachments/1/views/o"},
            "photo",
            Media(ref="https://smba.trafficmanager.net/amer/v3/attachments/1/views/o", content_type="image/png"),
        ),
        (
            {"contentType": "image/*", "contentUrl": "https://x.example/a", "name": "a.png"},
            "photo",
            Media(ref="https://x.example/a", name="a.png"),
        ),
        ({"contentType": "image", "contentUrl": "https://x.example/a"}, "photo", Media(ref="https://x.example/a")),
        (
            {"contentType": "audio/ogg", "contentUrl": "https://x.example/a"},
            "audio",
            Media(ref="https://x.example/a", content_type="audio/ogg"),
        ),
        (
            {"contentType": "video/mp4", "contentUrl": "https://x.example/a"},
            "video",
            Media(ref="https://x.example/a", content_type="video/mp4"),
        ),
        (
            {"contentType": "application/pdf", "contentUrl": "https://x.example/a", "name": "a.pdf"},
            "document",
            Media(ref="https://x.example/a", content_type="application/pdf", name="a.pdf"),
        ),
    ],
)
def test_a_file_is_fetched_by_its_address(given: dict[str, Any], kind: str, media: Media) -> None:
    event = one(activity(text="look", attachments=[{"contentType": "text/html", "content": "look"}, given]))
    assert (event.kind, event.text, event.media) == (kind, "look", (media,))


@pytest.mark.parametrize(("ending", "kind"), [("txt", "document"), ("PNG", "photo"), ("mp4", "video"), (None, "photo")])
def test_a_file_of_teams_keeps_its_open_address_sealed(ending: str | None, kind: str) -> None:
    content = {"downloadUrl": "https://contoso.sharepoint.com/d?tempauth=secret", "fileType": ending, "uniqueId": "1"}
    given = {"contentType": DOWNLOAD, "contentUrl": "https://x.example/a", "name": "me.jpg", "content": content}
    channel = make_channel()
    (event,), _ = heard(activity(attachments=[given]), channel)
    assert isinstance(event, InboundMessage)
    (media,) = event.media
    assert (event.kind, media.name) == (kind, "me.jpg")
    assert "secret" not in media.ref
    assert unseal(channel, media.ref) == content["downloadUrl"]
    assert heard(activity(attachments=[given]), channel)[0] == [event]


def test_a_place_is_a_location() -> None:
    place = {"type": "Place", "name": "Home", "geo": {"latitude": 1.5, "longitude": 103, "type": "GeoCoordinates"}}
    event = one(activity(entities=[place]))
    assert (event.kind, event.details) == ("location", {"latitude": 1.5, "longitude": 103, "title": "Home"})
    nowhere = {"type": "Place", "geo": {"latitude": 200, "longitude": 0}}
    assert heard(activity(entities=[nowhere]))[0] == []


@pytest.mark.parametrize(
    ("value", "text", "details", "shown"),
    [
        ({"data": "yes", "title": "Yes!"}, "Yes!", {"data": "yes", "title": "Yes!"}, "Yes!"),
        ({"data": "yes"}, None, {"data": "yes", "title": "yes"}, "yes"),
        ({"size": "L", "n": 1}, None, {"data": '{"size":"L","n":1}', "title": ""}, None),
        ("yes", None, {"data": "yes", "title": "yes"}, "yes"),
        (5, None, {"data": "5", "title": "5"}, "5"),
        ({}, None, {"data": "", "title": ""}, None),
    ],
)
def test_a_submitted_card_is_a_tap(value: object, text: str | None, details: dict[str, str], shown: str | None) -> None:
    event = one(activity(value=value, text=text, replyToId="9", conversation=GROUP))
    assert isinstance(event, InboundMessage)
    more = {name: event.details[name] for name in ("data", "title")}
    assert (event.kind, event.text, more, event.reply_to) == ("button", shown, details, "19:g@thread.tacv2:9")
    assert event.addressed
    assert event.tap is None


def test_a_card_that_waits_for_an_answer_gets_one() -> None:
    action = {"type": "Action.Execute", "title": "Order", "verb": "order", "data": {"size": "L"}}
    given = activity("invoke", name="adaptiveCard/action", value={"action": action, "trigger": "manual"}, id="f:1")
    event = one(given)
    assert (event.kind, event.text) == ("button", "Order")
    assert event.details == {"data": "order", "title": "Order", "value": '{"size":"L"}'}
    answer = BotFramework().acknowledge(msgspec.json.encode(given))
    assert (answer.status, answer.content_type) == (200, "application/json")
    assert msgspec.json.decode(answer.text) == {
        "statusCode": 200,
        "type": "application/vnd.microsoft.activity.message",
        "value": "✓",
    }
    assert BotFramework().acknowledge(msgspec.json.encode(activity(text="hi"))).text == ""


def test_another_invoke_is_answered_and_kept_in_sight() -> None:
    given = activity("invoke", name="composeExtension/query", value={"commandId": "x"})
    events, (kept,) = heard(given)
    assert (events, kept.reason) == ([], "an invoke named composeExtension/query")
    assert BotFramework().acknowledge(msgspec.json.encode(given)).text == "{}"
    assert BotFramework().acknowledge(b"{").text == ""


def test_edits_undeletions_and_deletions_name_the_message_and_not_each_other() -> None:
    edit, back = (
        activity("messageUpdate", text="better", channelData={"eventType": kind})
        for kind in ("editMessage", "undeleteMessage")
    )
    deletion = activity("messageDelete", channelData={"eventType": "softDeleteMessage"})
    original = activity(text="good")
    events = [one(each) for each in (original, edit, back, deletion)]
    assert [type(event) for event in events] == [InboundMessage, MessageEdited, MessageEdited, MessageDeleted]
    assert {event.external_id for event in events} == {"a:1:1767378504354"}
    assert len({event.dedupe_key for event in events}) == 4
    assert events[1].text == "better"
    later = one(activity("messageUpdate", text="best", timestamp="2026-01-02T03:00:01Z"))
    assert later.dedupe_key != events[1].dedupe_key


def test_reactions_are_what_was_added_or_nothing() -> None:
    for kinds, emoji in (
        (["like", "heart"], ("👍", "❤️")),
        (["1f44b_wavinghand"], ("👋",)),
        (["1f1f2-1f1fe_malaysia"], ("🇲🇾",)),
        (["zzz_nothing"], ("zzz_nothing",)),
        (["sparkle"], ("sparkle",)),
    ):
        event = one(activity("messageReaction", reactionsAdded=[{"type": kind} for kind in kinds], replyToId="5"))
        assert isinstance(event, ReactionChanged)
        assert (event.external_id, event.emoji) == ("a:1:5", emoji)
    gone = one(activity("messageReaction", reactionsRemoved=[{"type": "like"}], replyToId="5"))
    assert gone.emoji == ()
    nameless = activity("messageReaction", reactionsAdded=[{"type": "like"}], replyToId="5", **{"from": {"id": USER}})
    assert one(nameless).profile.fields == {}


def test_reading_the_last_message_reads_all_before() -> None:
    given = activity(
        "event", name="application/vnd.microsoft.readReceipt", value={"lastReadMessageId": "1767378504354"}
    )
    events, _ = heard(given)
    exact, until = events
    assert isinstance(exact, StatusChanged)
    assert isinstance(until, StatusChanged)
    assert (exact.status, exact.external_id) == ("read", "a:1:1767378504354")
    assert (until.status, until.up_to) == ("read", datetime(2026, 1, 2, 18, 28, 24, 354000, UTC))
    assert exact.dedupe_key != until.dedupe_key
    assert len(heard({**given, "value": {"lastReadMessageId": "abc"}})[0]) == 1


@pytest.mark.parametrize("kind", ["installationUpdate", "contactRelationUpdate", "activity/contactRelationUpdate"])
@pytest.mark.parametrize(("action", "reachable"), [("add", True), ("remove", False)])
def test_the_bot_is_added_or_removed(kind: str, action: str, reachable: bool) -> None:
    event = one(activity(kind, action=action))
    assert isinstance(event, ReachabilityChanged)
    assert (event.external_user_id, event.reachable) == (USER, reachable)
    group = one(activity(kind, action=action, conversation=GROUP))
    assert (group.external_user_id, group.reachable) == ("19:g@thread.tacv2", reachable)


def test_an_upgrade_of_the_app_changes_nothing() -> None:
    assert heard(activity("installationUpdate", action="add-upgrade")) == ([], [])
    assert heard(activity("installationUpdate", action="explode"))[1] != []


@pytest.mark.parametrize("kind", ["conversationUpdate", "activity/conversationUpdate"])
@pytest.mark.parametrize("members", [[ANA, BOT], ["29:ana", "28:bot"]])
def test_members_come_and_go_as_accounts_or_plain_ids(kind: str, members: list[Any]) -> None:
    (here, joined), _ = heard(activity(kind, membersAdded=members, conversation=GROUP))
    assert isinstance(here, ReachabilityChanged)
    assert here.reachable
    assert isinstance(joined, Happened)
    assert (joined.kind, [each["id"] for each in joined.details["members"]]) == ("joined", ["29:ana"])
    (gone, left), _ = heard(activity(kind, membersRemoved=members, conversation=GROUP))
    assert isinstance(gone, ReachabilityChanged)
    assert not gone.reachable
    assert isinstance(left, Happened)
    assert left.kind == "left"
    assert len({each.dedupe_key for each in (here, joined)}) == 2


def test_a_person_whose_chat_begins_is_known_although_the_bot_reports_it() -> None:
    event = one(activity("conversationUpdate", membersAdded=[ANA], **{"from": BOT}))
    assert isinstance(event, Introduced)
    assert event.external_user_id == "29:ana"
    assert event.profile is not None
    assert event.profile.fields["first_name"] == "Ana"
    both = one(activity("conversationUpdate", membersAdded=[BOT, ANA], **{"from": BOT}))
    assert isinstance(both, ReachabilityChanged)
    assert both.external_user_id == "29:ana"
    assert heard(activity("conversationUpdate", membersAdded=[BOT], **{"from": BOT})) == ([], [])


def test_a_group_may_get_another_name() -> None:
    event = one(activity("conversationUpdate", topicName="Friends", conversation=GROUP))
    assert isinstance(event, Introduced)
    assert event.group == Group(title="Friends")
    assert heard(activity("conversationUpdate", channelData={"eventType": "channelRenamed"})) == ([], [])


def test_a_conversation_may_end() -> None:
    event = one(activity("endOfConversation", code="userCancelled"))
    assert isinstance(event, Happened)
    assert (event.kind, event.details) == ("left", {"reason": "userCancelled"})


@pytest.mark.parametrize("given", [activity("typing"), activity("trace"), activity("event", name="webchat/join")])
def test_what_says_nothing_gives_nothing(given: object) -> None:
    assert heard(given) == ([], [])


@pytest.mark.parametrize("author", [BOT, {"id": "29:other", "role": "bot"}, {"id": ""}, None])
def test_the_bots_own_word_come_back_is_nobodys(author: object) -> None:
    assert heard({**activity(text="hi"), "from": author}) == ([], [])


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (activity("teleport"), "an activity of the kind teleport"),
        (activity("deleteUserData"), "an activity of the kind deleteUserData"),
        (activity("event", name="of the future"), "an event named of the future"),
        (activity(), "a message with nothing in it that is known"),
        (
            activity(attachments=[{"contentType": "application/vnd.microsoft.card.adaptive", "content": {}}]),
            "a message",
        ),
        (activity("messageReaction", reactionsAdded=[{"type": "like"}]), "a reaction that does not say to what"),
        (activity("messageDelete", id=None), "a deletion"),
        (activity(text="hi", conversation={"id": ""}), "an activity of no conversation"),
    ],
)
def test_what_is_not_known_is_kept_in_sight(given: dict[str, Any], reason: str) -> None:
    events, (kept,) = heard(given)
    assert events == []
    assert kept.reason.startswith(reason)
    assert msgspec.json.decode(kept.raw) == given


def test_old_skype_sends_several_at_once_and_none_is_lost() -> None:
    good = activity("message/text", text="one")
    body = msgspec.json.encode([good, {"type": 5}, activity("teleport"), {**good, "id": "2", "text": "two"}])
    events, kept = heard(body)
    assert [event.text for event in events if isinstance(event, InboundMessage)] == ["one", "two"]
    assert [msgspec.json.decode(each.raw) for each in kept] == [{"type": 5}, activity("teleport")]


def test_without_a_number_the_content_is_the_key() -> None:
    first, second = activity(text="hi", id=None), activity(text="ho", id=None)
    assert one(first).dedupe_key == one(first).dedupe_key != one(second).dedupe_key
    assert one(first).external_id == one(first).dedupe_key
    assert one(activity(text="hi", id=7)).external_id == "a:1:7"


@pytest.mark.parametrize("timestamp", [None, "", "yesterday", "0001-01-01T00:00:00Z", "2096-01-01T00:00:00Z"])
def test_a_time_that_cannot_be_is_when_it_came(timestamp: str | None) -> None:
    assert one(activity(text="hi", timestamp=timestamp)).at == RECEIVED


def test_what_no_database_stores_is_taken_out() -> None:
    body = msgspec.json.encode(activity(text="a\x00b")).replace(b"Megan Bowen", b"Megan\\u0000 \\ud83d Bowen")
    event = one(body)
    assert event.text == "ab"
    assert event.profile.fields == {"first_name": "Megan", "last_name": "� Bowen"}
