"""What can be done to many users at once. An action is one row of `ACTIONS`."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from botfolk.jobs.people import AT_ONCE
from botfolk.users import edits as e
from botfolk.users.attributes import AttributeValue, clean_name
from botfolk.users.fields import BadValue
from botfolk.users.plan import Context, Profile, plan

Name = Literal[
    "add_tag", "remove_tag", "set_attribute", "remove_attribute", "pause", "resume", "infinite_session_on",
    "infinite_session_off", "archive", "restore", "block", "unblock", "recount", "refresh", "erase",
]  # fmt: skip


class Action(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An action with what it needs: a tag; an attribute's name and value; a pause's length or none, and its reason."""

    action: Name
    tag: str = ""
    name: str = ""
    value: AttributeValue | UnsetType = UNSET
    minutes: float | None = None
    until_resumed: bool = False
    reason: str | None = None

    def edits(self) -> list[e.Edit]:
        """Return what it asks of each user; nothing for what is no edit of a profile. Raises InvalidEdit."""
        edits = ACTIONS[self.action].edits
        return [] if edits is None else edits(self)

    def check(self, context: Context) -> None:
        """Raise InvalidEdit for what could be done to nobody. `context` knows the attribute it names."""
        if self.action.endswith("_attribute"):
            try:
                clean_name(self.name)
            except BadValue as error:
                raise e.InvalidEdit({"name": str(error)}) from error
        if self.action.endswith("_tag") and not self.tag.strip():
            raise e.InvalidEdit({"tag": "name the tag"})
        plan(Profile(), self.edits(), context)


def _set_attribute(action: Action) -> list[e.Edit]:
    if action.value is UNSET:
        raise e.InvalidEdit({"value": "give the attribute's value"})
    return [e.SetAttribute(action.name, action.value)]


def _pause(action: Action) -> list[e.Edit]:
    seconds = None if action.minutes is None else action.minutes * 60
    return [e.PauseBot(seconds, forever=action.until_resumed, reason=action.reason)]


class Kind(Struct, frozen=True, kw_only=True):
    """What there is to know of an action. `edits` None: no edit of a profile, and not to be undone.

    `differs`: SQL over `u` (users) and `s` (user_stats), true for a user in whom it would change something, with the
    parameters of `Action`; it only counts beforehand.
    """

    edits: Callable[[Action], list[e.Edit]] | None
    differs: str = "true"
    at_once: int = AT_ONCE
    role: Literal["agent", "admin"] = "agent"


_HAS_TAG = """EXISTS (SELECT 1 FROM user_tags ut JOIN tags t ON t.bot_id = ut.bot_id AND t.id = ut.tag_id
    WHERE ut.bot_id = u.bot_id AND ut.user_id = u.id AND lower(t.name) = lower(%(tag)s))"""

ACTIONS: Mapping[Name, Kind] = {
    "add_tag": Kind(edits=lambda a: [e.AddTag(a.tag)], differs=f"NOT {_HAS_TAG}"),
    "remove_tag": Kind(edits=lambda a: [e.RemoveTag(a.tag)], differs=_HAS_TAG),
    "set_attribute": Kind(edits=_set_attribute, differs="u.attributes -> %(name)s IS DISTINCT FROM %(value)s::jsonb"),
    "remove_attribute": Kind(edits=lambda a: [e.RemoveAttribute(a.name)], differs="u.attributes ? %(name)s"),
    "pause": Kind(edits=_pause),
    "resume": Kind(edits=lambda _: [e.ResumeBot()], differs="s.paused_until > %(now)s"),
    "infinite_session_on": Kind(edits=lambda _: [e.SetInfiniteSession(True)], differs="NOT s.infinite_session"),
    "infinite_session_off": Kind(edits=lambda _: [e.SetInfiniteSession(False)], differs="s.infinite_session"),
    # Each only from where it leads away: to archive whom somebody blocked would let their messages in again.
    "archive": Kind(edits=lambda _: [e.SetStatus("archived", of=("active",))], differs="u.status = 'active'"),
    "restore": Kind(edits=lambda _: [e.SetStatus("active", of=("archived",))], differs="u.status = 'archived'"),
    "block": Kind(edits=lambda _: [e.SetStatus("blocked")], differs="u.status <> 'blocked'"),
    "unblock": Kind(edits=lambda _: [e.SetStatus("active", of=("blocked",))], differs="u.status = 'blocked'"),
    "recount": Kind(edits=None, at_once=50),
    "refresh": Kind(edits=None, differs="u.status <> 'blocked' AND NOT u.is_group"),
    "erase": Kind(edits=None, at_once=1, role="admin"),
}
"""An action that is not here cannot be asked for."""


def parameters(action: Action) -> dict[str, Any]:
    """Return the parameters of `differs`."""
    name = " ".join(action.name.split()).lower()
    return {"tag": " ".join(action.tag.split()), "name": name}
