"""A change in words."""

from datetime import UTC, datetime

from botfolk.users.describe import describe

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def told(field: str, old: object, new: object) -> str:
    return describe(field, old, new, "Asia/Kuala_Lumpur", AT)


def test_a_field_that_is_set_changed_and_cleared() -> None:
    assert told("email", None, "amy@example.com") == "set Email to “amy@example.com”"
    assert told("first_name", "Amy", "Aimee") == "changed First name from “Amy” to “Aimee”"
    assert told("phone", "+60123456789", None) == "cleared Phone (was “+60123456789”)"


def test_an_attribute_is_called_by_its_name() -> None:
    assert told("attributes.plan", None, True) == "set plan to “yes”"
    assert told("attributes.likes", ["satay"], ["satay", "laksa"]) == "changed likes from “satay” to “satay, laksa”"
    assert told("attributes.plan", "gold", None) == "removed plan (was “gold”)"


def test_tags_that_came_and_went() -> None:
    assert told("tags", ["vip"], ["vip", "late"]) == "added the tag late"
    assert told("tags", ["vip"], ["late"]) == "added the tag late and removed the tag vip"


def test_a_pause_says_until_when_and_why() -> None:
    pause = {"paused": True, "until": "2026-03-02T12:10:00Z", "reason": None}
    assert told("pause_bot", None, pause) == "paused the bot until 20:10"
    tomorrow = pause | {"until": "2026-03-03T12:10:00Z", "reason": "angry"}
    assert told("pause_bot", None, tomorrow) == "paused the bot until 3 Mar, 20:10: angry"
    forever = pause | {"until": "9999-12-31T00:00:00Z"}
    assert told("pause_bot", None, forever) == "paused the bot until resumed"
    assert told("pause_bot", pause, {"paused": False, "until": None, "reason": None}) == "resumed the bot"


def test_a_long_value_is_cut() -> None:
    assert told("attributes.story", None, "x" * 500).endswith("x…”")
    assert len(told("attributes.story", "y" * 500, "x" * 500)) < 250
