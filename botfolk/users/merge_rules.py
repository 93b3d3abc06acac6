"""Two profiles become one: where they differ, what there is to choose, and which edits that amounts to. No storage.

"this" is the user who stays, "other" the one whose everything comes to them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, get_args

from msgspec import Struct

from botfolk.users import edits as e
from botfolk.users.fields import FIELDS
from botfolk.users.plan import Profile, pause_of

Side = Literal["this", "other"]
Choices = Mapping[str, Side]
"""By field ("email", "attributes.plan", "picture", "infinite_session"): whose value stays."""


class Held(Struct, frozen=True):
    """A value as one of the two holds it: who set it (a source) and when, where that is known."""

    value: object
    source: str | None = None
    at: datetime | None = None


class Question(Struct, frozen=True):
    """A field in which the two differ, and whose value stays unless somebody chooses."""

    field: str
    this: Held
    other: Held
    default: Side


def default_of(this: Held, other: Held) -> Side:
    """Return whose value stays by itself: the newer of what members set, else that of the user who stays."""
    by_member = [held.source == "member" for held in (this, other)]
    if by_member == [False, True]:
        return "other"
    both_known = all(by_member) and this.at is not None and other.at is not None
    return "other" if both_known and other.at > this.at else "this"  # type: ignore[operator]


class Pair(Struct, frozen=True):
    """The two, and when each of their fields was set last."""

    this: Profile
    other: Profile
    this_at: Mapping[str, datetime]
    other_at: Mapping[str, datetime]

    def values(self, field: str) -> tuple[object, object]:
        """Return what both hold of a field."""
        return value_of(self.this, field), value_of(self.other, field)

    def questions(self) -> list[Question]:
        """Return the fields in which both hold something, and not the same."""
        found: list[Question] = []
        for field in self.fields():
            this, other = self.values(field)
            if this is None or other is None or (this == other and type(this) is type(other)):
                continue
            ours = Held(this, self.this.sources.get(field), self.this_at.get(field))
            theirs = Held(other, self.other.sources.get(field), self.other_at.get(field))
            found.append(Question(field, ours, theirs, default_of(ours, theirs)))
        return found

    def fields(self) -> list[str]:
        """Return all of which one or the other may hold something to choose."""
        attributes = sorted(self.this.attributes.keys() | self.other.attributes.keys())
        return [*FIELDS, "picture", *(f"attributes.{name}" for name in attributes), "infinite_session"]

    def chosen(self, choices: Choices) -> dict[str, Side]:
        """Return whose value of each field stays. Raises InvalidEdit for a choice that cannot be made."""
        named = {name if name in FIELDS else name.lower(): side for name, side in choices.items()}
        wrong = {
            f"choices.{name[:80]}": _wrong(name, side, self.fields())
            for name, side in named.items()
            if name not in self.fields() or side not in get_args(Side)
        }
        if wrong:
            raise e.InvalidEdit(wrong)
        asked = {question.field: named.get(question.field, question.default) for question in self.questions()}
        return {field: asked.get(field) or self._holder(field) for field in self.fields()}

    def _holder(self, field: str) -> Side:
        return "other" if self.values(field)[0] is None else "this"


def _wrong(name: str, side: str, fields: list[str]) -> str:
    if name in fields:
        return f"choose “this” or “other”, not “{side[:20]}”"
    return "neither of the two has this field"


def value_of(profile: Profile, field: str) -> object:
    """Return what a profile holds of a field, None for nothing."""
    if field.startswith("attributes."):
        return profile.attributes.get(field.removeprefix("attributes."))
    if field == "picture":
        return profile.picture_id
    if field == "infinite_session":
        return profile.infinite_session
    return profile.fields.get(field)


def edits_of(pair: Pair, choices: Choices, now: datetime) -> list[e.Edit]:
    """Return what makes the user who stays hold what both did. Raises InvalidEdit."""
    edits: list[e.Edit] = []
    for field, side in pair.chosen(choices).items():
        this, other = pair.values(field)
        if side == "other" and other is not None and (this != other or type(this) is not type(other)):
            edits.append(edit_for(pair.other, field))
    edits += [e.AddTag(name) for key, name in sorted(pair.other.tags.items()) if key not in pair.this.tags]
    return edits + _longer_pause(pair, now)


def edit_for(profile: Profile, field: str) -> e.Edit:
    """Return the edit that gives another user what this profile holds of a field, be it nothing."""
    if field.startswith("attributes."):
        name = field.removeprefix("attributes.")
        value = profile.attributes.get(name)
        return e.RemoveAttribute(name) if value is None else e.SetAttribute(name, value)
    if field == "picture":
        return e.SetPicture(profile.picture_id)
    if field == "infinite_session":
        return e.SetInfiniteSession(profile.infinite_session)
    return e.SetField(field, profile.fields.get(field))


def _longer_pause(pair: Pair, now: datetime) -> list[e.Edit]:
    """The bot is silent for as long as it would be for either."""
    ours, theirs = pause_of(pair.this, now), pause_of(pair.other, now)
    if theirs.until is None or (ours.until is not None and ours.until >= theirs.until):
        return []
    return [pause_until(theirs.until, theirs.reason, now)]


def pause_until(until: datetime, reason: str | None, now: datetime) -> e.PauseBot:
    """Return the edit that pauses the bot until a time."""
    return e.PauseBot((until - now).total_seconds(), forever=until >= e.FOREVER, reason=reason)
