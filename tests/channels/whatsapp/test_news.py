"""News that are no messages: ids that change, statuses, consent, echoes, groups."""

from typing import Any
from uuid import UUID

import pytest

from botfolk.channels.events import (
    AnyEvent,
    ConsentChanged,
    Echoed,
    Group,
    Happened,
    IdentityMoved,
    InboundMessage,
    Introduced,
    MessageDeleted,
    MessageEdited,
    ReachabilityChanged,
    StatusChanged,
)
from tests.channels.whatsapp.conftest import ANA, SAID_AT, SECONDS, change, heard, one, said


def _text(body: str) -> dict[str, Any]:
    return {"type": "text", "text": {"body": body}}


HI = {"type": "text", "text": {"body": "hi"}}


# Ids that change


def _system(told: dict[str, Any], **message: Any) -> AnyEvent:
    return one(said({"type": "system", "system": told, **message}, contacts=()))


@pytest.mark.parametrize(
    ("told", "before", "now", "aliases"),
    [
        (
            {"type": "user_changed_number", "wa_id": "15557654321", "body": "…"},
            "16505551234",
            "15557654321",
            (),
        ),
        ({"type": "user_changed_number", "new_wa_id": "15557654321"}, "16505551234", "15557654321", ()),
        (
            {"type": "user_changed_number", "wa_id": "15557654321", "user_id": "US.2", "parent_user_id": "US.ENT.2"},
            "16505551234",
            "US.2",
            ("15557654321", "US.ENT.2"),
        ),
    ],
)
def test_a_changed_number_moves_the_person(told: dict[str, Any], before: str, now: str, aliases: Any) -> None:
    event = _system(told)
    assert isinstance(event, IdentityMoved)
    assert (event.external_user_id, event.new_external_user_id, event.aliases) == (before, now, aliases)


@pytest.mark.parametrize(
    "more",
    [
        {"previous_user_id": "CO.1", "body": "User changed"},
        {"body": "User changed from CO.1 to MX.2"},
        # What a person calls themselves stands before what WhatsApp says.
        {"body": "User x changed from US.8 to MX.2 changed from CO.1 to MX.2"},
    ],
)
def test_a_changed_scoped_id_is_found_wherever_the_old_one_is_said(more: dict[str, str]) -> None:
    event = _system({"type": "user_changed_user_id", "user_id": "MX.2", **more}, **{"from": None})
    assert isinstance(event, IdentityMoved)
    assert (event.external_user_id, event.new_external_user_id) == ("CO.1", "MX.2")


@pytest.mark.parametrize(
    "told",
    [
        {"type": "user_changed_user_id", "user_id": "MX.2", "body": "User changed from CO.1 to MX.3"},
        {"type": "user_changed_user_id", "body": "User changed from CO.1 to MX.2"},
        {"type": "user_flew_to_the_moon"},
    ],
)
def test_a_change_that_says_not_from_what_to_what_moves_nobody(told: dict[str, Any]) -> None:
    events, strange = heard(said({"type": "system", "system": told, "from": None}, contacts=()))
    assert (events, len(strange)) == ([], 1)


# Statuses


def _status(**told: Any) -> list[AnyEvent]:
    status = {"id": "wamid.7", "timestamp": SECONDS, "recipient_id": "16505551234", **told}
    return heard(change({"statuses": [status]}))[0]


OUR_ID = "0198c0de-0000-7000-8000-000000000001"


@pytest.mark.parametrize(
    ("word", "ours"),
    [("sent", "sent"), ("delivered", "delivered"), ("read", "read"), ("played", "read"), ("failed", "failed")],
)
def test_a_status_names_our_message(word: str, ours: str) -> None:
    (event,) = _status(status=word, biz_opaque_callback_data=OUR_ID)
    assert isinstance(event, StatusChanged)
    assert (event.status, event.external_id, event.message_id) == (ours, "wamid.7", UUID(OUR_ID))
    assert (event.dedupe_key, event.at) == (f"wamid.7:{word}", SAID_AT)


def test_a_status_links_the_phone_and_the_scoped_id() -> None:
    contact = {"profile": {"name": "Ana"}, "user_id": "US.1349", "parent_user_id": "US.1181"}
    told = {"id": "wamid.7", "status": "read", "recipient_user_id": "US.1181", "parent_recipient_user_id": "US.1181"}
    (event,), _ = heard(change({"contacts": [contact], "statuses": [told]}))
    assert (event.external_user_id, event.aliases) == ("US.1349", ("US.1181",))


def test_a_groups_status_is_the_groups() -> None:
    (event,) = _status(status="read", recipient_id="Y2FwaV9n", recipient_type="group", recipient_participant_id="1650")
    assert (event.external_user_id, event.aliases) == ("Y2FwaV9n", ())


def _failed(code: int, details: str = "") -> list[AnyEvent]:
    data = {"error_data": {"details": details}} if details else {}
    return _status(status="failed", errors=[{"code": code, "title": "A title", **data}])


def test_a_failure_says_why_in_plain_words_and_what_it_means_for_the_person() -> None:
    told = {}
    for code in (131026, 131047, 131049, 130472, 131053):
        (event,) = _failed(code, "Details")
        assert isinstance(event, StatusChanged)
        told[code] = (event.reason, event.unreachable)
    assert told == {
        131026: ("the person cannot be reached: not on WhatsApp, on an old one, or they blocked you", "gone"),
        131047: ("the person's last message is more than 24 hours old: only a template can be sent", None),
        131049: ("WhatsApp spares this person more marketing: try again tomorrow, not sooner", None),
        130472: ("the person is in an experiment of WhatsApp's and gets no marketing", None),
        131053: ("WhatsApp does not take this file: it is too large, or not what its name says (Details)", None),
    }


def test_a_failure_that_is_not_known_is_told_in_whatsapps_words() -> None:
    (event,) = _failed(139999, "Something new")
    assert isinstance(event, StatusChanged)
    assert "Something new" in (event.reason or "")
    (event,) = _status(status="failed")
    assert isinstance(event, StatusChanged)
    assert event.reason == "WhatsApp could not deliver it, and does not say why"


def test_who_stopped_marketing_is_not_asked_again_but_still_reached() -> None:
    failed, stopped = _failed(131050)
    assert isinstance(failed, StatusChanged)
    assert isinstance(stopped, ConsentChanged)
    assert (failed.unreachable, stopped.allowed, stopped.scope) == (None, False, "marketing")
    assert stopped.dedupe_key != failed.dedupe_key


@pytest.mark.parametrize("told", [{"status": "teleported"}, {"status": "sent", "recipient_id": None}])
def test_a_status_that_cannot_be_placed_is_kept(told: dict[str, Any]) -> None:
    status = {"id": "wamid.7", "timestamp": SECONDS, "recipient_id": "16505551234", **told}
    events, strange = heard(change({"statuses": [status]}))
    assert (events, len(strange)) == ([], 1)


# Consent, echoes, errors, groups


@pytest.mark.parametrize(("value", "allowed"), [("stop", False), ("resume", True)])
def test_a_person_stops_and_resumes_marketing(value: str, allowed: bool) -> None:
    told = {
        "wa_id": "16505551234",
        "category": "marketing_messages",
        "value": value,
        "detail": "User requested it",
        "timestamp": int(SECONDS),
    }
    contact = {"wa_id": "16505551234", "user_id": "US.1349"}
    body = change({"contacts": [contact], "user_preferences": [told]}, "user_preferences")
    event = one(body)
    assert isinstance(event, ConsentChanged)
    assert (event.allowed, event.scope, event.reason, event.at) == (allowed, "marketing", "User requested it", SAID_AT)
    assert (event.external_user_id, event.aliases) == ("US.1349", ("16505551234",))
    assert one(body).dedupe_key == event.dedupe_key


def test_stopping_again_later_is_another_event() -> None:
    keys = set()
    for seconds in (1, 2):
        told = {"wa_id": "1650", "category": "marketing_messages", "value": "stop", "timestamp": int(SECONDS) + seconds}
        keys.add(one(change({"user_preferences": [told]}, "user_preferences")).dedupe_key)
    assert len(keys) == 2


def test_what_the_team_writes_in_the_app_is_the_teams() -> None:
    plain = {"from": "15550783881", "to": "16505551234", "timestamp": SECONDS}
    image = {"type": "image", "image": {"id": "7", "caption": "here"}}
    undone = {"type": "revoke", "revoke": {"original_message_id": "wamid.1"}}
    mended = {
        "type": "edit",
        "edit": {"original_message_id": "wamid.1", "message": {"type": "text", "text": {"body": "b"}}},
    }
    echoes = [plain | {"id": "wamid.1"} | image, plain | {"id": "wamid.2"} | mended, plain | {"id": "wamid.3"} | undone]
    events, _ = heard(change({"contacts": [ANA], "message_echoes": echoes}, "smb_message_echoes"))
    first, second, third = events
    assert isinstance(first, Echoed)
    assert isinstance(second, MessageEdited)
    assert isinstance(third, MessageDeleted)
    assert (first.external_user_id, first.kind, first.text) == ("16505551234", "photo", "here")
    assert (second.external_id, second.text, third.external_id) == ("wamid.1", "b", "wamid.1")


def test_an_error_of_the_account_is_kept_in_sight_beside_what_came_with_it() -> None:
    body = said({"type": "text", "text": {"body": "hi"}})
    body["entry"][0]["changes"][0]["value"]["errors"] = [{"code": 131031, "title": "Locked"}]
    (event,), (kept,) = heard(body)
    assert isinstance(event, InboundMessage)
    assert kept.reason == "WhatsApp reports an error: Meta has locked this account: see the WhatsApp Manager"


GROUP = "Y2FwaV9ncm91cDox"


@pytest.mark.parametrize(
    ("told", "kind", "seen"),
    [
        ({"type": "group_create", "subject": "Testers"}, Introduced, {"group": Group(title="Testers")}),
        (
            {"type": "group_settings_update", "group_subject": {"text": "New", "update_successful": True}},
            Introduced,
            {"group": Group(title="New")},
        ),
        (
            {"type": "group_participants_add", "added_participants": [{"wa_id": "1650"}, {"user_id": "US.1"}]},
            Happened,
            {"kind": "joined", "details": {"people": ["1650", "US.1"]}},
        ),
        (
            {"type": "group_participants_remove", "removed_participants": [{"username": "ana"}]},
            Happened,
            {"kind": "left", "details": {"people": ["ana"]}},
        ),
        ({"type": "group_delete"}, ReachabilityChanged, {"reachable": False}),
        ({"type": "group_suspend"}, ReachabilityChanged, {"reachable": False}),
        ({"type": "group_suspend_cleared"}, ReachabilityChanged, {"reachable": True}),
    ],
)
def test_what_happens_to_a_group(told: dict[str, Any], kind: type, seen: dict[str, Any]) -> None:
    news = {"group_id": GROUP, "timestamp": SECONDS, **told}
    event = one(change({"groups": [news]}, "group_lifecycle_update"))
    assert type(event) is kind
    assert (event.external_user_id, event.at) == (GROUP, SAID_AT)
    assert {name: getattr(event, name) for name in seen} == seen
