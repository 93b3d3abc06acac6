"""Decide who people are who are new, where much is asked of one after the other in the very same words, as of a table.

What a word that recurs makes of somebody of whom nothing is known is decided once, by `plan`, and put together with
the rest of what is asked: so it comes out as if all had been decided for each.
"""

from collections.abc import Iterable

from botfolk.users import edits as e
from botfolk.users.attributes import MAX_ATTRIBUTES
from botfolk.users.plan import Context, Plan, Profile, decide, plan, settled


class Recurring(tuple[e.Edit, ...]):
    """Edits that are asked of many: the very same object each time."""

    __slots__ = ()


Wish = tuple[e.Edit, ...]
"""Edits that are asked together; `Recurring` where they may come again."""

_ADDS = (e.SetField, e.SetAttribute, e.AddTag)


class Founding:
    """Plans who is made, as `plan` does for a profile that is empty: in one name, knowing of the same attributes."""

    def __init__(self) -> None:
        # By what they are; they are held, so that nothing else comes to be known by the same.
        self._made: dict[int, tuple[Recurring, Plan | None]] = {}

    def plan(self, wishes: Iterable[Wish], context: Context) -> Plan:
        """Decide what somebody new is. Raises InvalidEdit."""
        planned, known = Plan(profile=Profile()), self._made
        for wish in wishes:
            found = known.get(id(wish))
            if found is None and type(wish) is Recurring:
                found = known[id(wish)] = wish, _alone(wish, context)
            if found is None or found[1] is None or not _put_together(planned, found[1]):
                decide(planned, wish, context)
        return settled(planned)


def _alone(wish: Recurring, context: Context) -> Plan | None:
    """Return what a wish makes of nobody; None where that does not say what it makes of anybody."""
    if not all(isinstance(edit, _ADDS) for edit in wish):
        return None
    try:
        made = plan(Profile(), wish, context)
    except e.InvalidEdit:
        return None
    # What changes nothing here, as to clear a field, may change what another wish has made.
    return made if len(made.changes) == len(wish) else None


def _put_together(planned: Plan, made: Plan) -> bool:
    """Add to a plan what a wish makes of nobody, if it is all of something else; say whether it was."""
    profile, new = planned.profile, made.profile
    attributes, fields, tags = new.attributes, new.fields, new.tags
    if attributes:
        held = profile.attributes
        if len(held) + len(attributes) > MAX_ATTRIBUTES or not held.keys().isdisjoint(attributes):
            return False
    if fields and not profile.fields.keys().isdisjoint(fields):
        return False
    if tags and profile.tags:
        return False
    # Most wishes are of one kind.
    if attributes:
        held.update(attributes)
        if made.new_attributes:
            planned.new_attributes.update(made.new_attributes)
    if fields:
        profile.fields.update(fields)
    if tags:
        profile.tags.update(tags)
    if new.sources:
        profile.sources.update(new.sources)
    planned.changes += made.changes
    return True
