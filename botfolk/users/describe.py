"""A change of a profile in words: "set Email to amy@example.com"."""

from datetime import datetime
from typing import Any

from msgspec import ValidationError, convert

from botfolk.pages.catalogue import gettext as _
from botfolk.pages.formats import clock, day
from botfolk.users.edits import FOREVER, Status
from botfolk.users.fields import FIELDS
from botfolk.users.plan import Pause

_LONGEST = 80
_STATUS: dict[Status, str] = {
    "active": "made the user active again",
    "archived": "archived the user",
    "blocked": "blocked the user",
}


def describe(field: str, old: Any, new: Any, where: str, at: datetime) -> str:
    """Say what a change did, as the end of a sentence that begins with who did it; times in the timezone `where`."""
    if field in FIELDS:
        return _set(FIELDS[field].label, old, new)
    if field.startswith("attributes."):
        name = field.removeprefix("attributes.")
        return (
            _("removed %(field)s (was “%(old)s”)") % {"field": name, "old": _short(old)}
            if new is None
            else _set(name, old, new)
        )
    if field.startswith("notes."):
        return _note(old, new)
    if field == "pause_bot":
        return _pause(new, where, at)
    return _state(field, old, new)


def _state(field: str, old: Any, new: Any) -> str:
    match field:
        case "tags":
            return _tags(old or [], new or [])
        case "infinite_session":
            return _("turned the infinite session on") if new else _("turned the infinite session off")
        case "picture":
            return _("changed the picture") if new else _("removed the picture")
        case "status":
            return _(_STATUS.get(new, "changed the status"))
        case "merged":
            return _merged(old, new)
        case "created":
            return _created(new or {})
        case "identity":
            return _("added the id %s on a channel") % _short((new or {}).get("external_id"))
        case "is_group" | "group_title":
            return _("said that this is a group chat") if new is True else _("named the group “%s”") % _short(new)
        case _:
            return _set(field.replace("_", " ").capitalize(), old, new)


def value_text(value: Any) -> str:
    """Write a field's or attribute's value."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return "" if value is None else str(value)


def _set(label: str, old: Any, new: Any) -> str:
    if new is None:
        return _("cleared %(field)s (was “%(old)s”)") % {"field": label, "old": _short(old)}
    if old is None:
        return _("set %(field)s to “%(new)s”") % {"field": label, "new": _short(new)}
    words = {"field": label, "old": _short(old), "new": _short(new)}
    return _("changed %(field)s from “%(old)s” to “%(new)s”") % words


def _short(value: Any) -> str:
    text = value_text(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _tags(old: list[str], new: list[str]) -> str:
    added, gone = [name for name in new if name not in old], [name for name in old if name not in new]
    parts = []
    if added:
        parts.append(_("added the tag %s") % ", ".join(added))
    if gone:
        parts.append(_("removed the tag %s") % ", ".join(gone))
    return _(" and ").join(parts) or _("changed the tags")


def _created(made: dict[str, Any]) -> str:
    names = [FIELDS[name].label if name in FIELDS else name.removeprefix("attributes.") for name in made]
    return _("made this user, with %s") % _short(", ".join(names)) if names else _("made this user")


def _merged(old: Any, new: Any) -> str:
    name = (new or old or {}).get("name") or _("a user without a name")
    return _("merged %s into this user") % name if new else _("undid the merge with %s") % name


def _note(old: Any, new: Any) -> str:
    text = _short((new or old or {}).get("text", ""))
    if new is None:
        return _("deleted the note “%s”") % text
    return (_("wrote a note: “%s”") if old is None else _("edited a note: “%s”")) % text


def _when(moment: datetime, where: str, at: datetime) -> str:
    """Write the hour of a moment, with its day when that is another than the day of `at`."""
    time, its_day = clock(moment, where), day(moment, where, at)
    return time if its_day == day(at, where, at) else f"{its_day}, {time}"


def _pause(new: Any, where: str, at: datetime) -> str:
    try:
        pause = convert(new, Pause)
    except ValidationError:
        return _("changed the pause of the bot")
    if not pause.paused or pause.until is None:
        return _("resumed the bot")
    if pause.until >= FOREVER:
        text = _("paused the bot until resumed")
    else:
        text = _("paused the bot until %s") % _when(pause.until, where, at)
    return f"{text}: {pause.reason}" if pause.reason else text
