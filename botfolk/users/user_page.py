"""The User page: what it shows, and its parts as they fetch themselves anew."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect
from psycopg import AsyncConnection

from botfolk.bot import personality
from botfolk.conversations import timeline
from botfolk.conversations.composing import compose
from botfolk.conversations.story import tell
from botfolk.db.pool import reading
from botfolk.db.together import together
from botfolk.outbox.queue import ways_asked
from botfolk.pages.formats import local_time
from botfolk.pages.render import AnyRequest, fragment, page, wants_fragment
from botfolk.services import services
from botfolk.team.guards import viewer
from botfolk.team.principal import Principal, principal
from botfolk.users import counted, in_use, origins, same_person
from botfolk.users.attributes import TYPES
from botfolk.users.describe import describe
from botfolk.users.fields import FIELDS
from botfolk.users.merge_view import likenesses, name_of
from botfolk.users.profile_view import (
    NewAttribute,
    ShownChange,
    mark,
    shown_attribute,
    shown_field,
    shown_pause,
)
from botfolk.users.read import User, check_user, get_user
from botfolk.users.same_person import is_merged, merged_into

Context = dict[str, Any]
Connection = AsyncConnection[Any]

_MARKED = ("picture", "tags", "pause_bot", "infinite_session", "status")
"""What shows who set it last, beside the fields and attributes."""

_NEVER_UNDONE = {"is_group", "group_title", "identity"}


def may_edit(me: Principal) -> bool:
    """Say whether a member may change users and write to them."""
    return me.role != "viewer"


async def find(connection: Connection, me: Principal, user_id: UUID, now: datetime) -> User:
    """Return a user of the member's bot, as of a time. Raises NotFoundException."""
    user = await get_user(connection, me.bot_id, user_id, now)
    if user is None:
        raise NotFoundException("There is no such user")
    return user


async def profile(connection: Connection, me: Principal, user: User, now: datetime) -> Context:
    """Return what the profile and the statistics show."""
    settings = personality.asked(me.bot_id)
    origin = origins.origins_asked(me.bot_id, user.id)
    attributes, tags = in_use.attributes_asked(me.bot_id), in_use.tags_asked(me.bot_id)
    notes = origins.notes_asked(me.bot_id, user.id)
    same = same_person.asked(me.bot_id, user.id, also_apart=True)
    found = await together(connection, settings, origin, attributes, tags, notes, same)
    by, known, where = origins.by_field(found[origin]), in_use.by_name(found[attributes]), me.timezone
    return {
        "user": user,
        "name": name_of(user),
        "can_edit": may_edit(me),
        "local_time": local_time(user.timezone, now),
        "fields": [shown_field(name, getattr(user, name), by.get(name), where, now) for name in FIELDS],
        "attributes": [
            shown_attribute(name, value, known, by.get(f"attributes.{name.lower()}"), where, now)
            for name, value in sorted(user.attributes.items(), key=lambda item: item[0].lower())
        ],
        "marks": {name: mark(by.get(name), where, now) for name in _MARKED},
        "pause": shown_pause(user.pause_bot, by.get("pause_bot"), found[settings][0], now),
        "session_length": found[settings][0].session_length_seconds,
        "known_tags": [tag.name for tag in found[tags]],
        "known_attributes": list(known.values()),
        "attribute_types": TYPES,
        "new_attribute": NewAttribute(),
        "own_notes": {note.id for note in found[notes] if note.author_id == me.member_id},
        "edited_notes": {note.id: note.edited_at for note in found[notes] if note.edited_at is not None},
        "open_note": None,
        "likenesses": await likenesses(connection, me.bot_id, found[same], now) if may_edit(me) else [],
    }


def shown_change(change: origins.Recent, me: Principal) -> ShownChange:
    """Return a change as a line of the history, to a member."""
    return ShownChange(
        id=change.id,
        at=change.at,
        who=change.name,
        text=describe(change.field, change.old, change.new, me.timezone, change.at),
        undone=change.undone,
        can_undo=not change.undone
        and not change.made
        and change.field not in _NEVER_UNDONE
        and not _is_parting(change),
    )


def _is_parting(change: origins.Recent) -> bool:
    """Two users that have been parted again can be merged again, but not by an undo."""
    return change.field == "merged" and change.new is None


async def talk(connection: Connection, me: Principal, user: User, now: datetime) -> Context:
    """Return what the conversation's newest page, the composer and the trend show."""
    said = await timeline.before(connection, me.bot_id, user.id, None)
    ways, scores = ways_asked(me.bot_id, user.id), counted.scores_asked(me.bot_id, user.id)
    found = await together(connection, ways, scores)
    return {
        "story": tell(said, name_of(user), me.bot_name, me.timezone, now),
        "composing": compose(found[ways], status=user.status, channel_id=None, now=now),
        "trend": counted.trend(found[scores]),
    }


async def everything(request: AnyRequest, user_id: UUID) -> Context:
    """Return what the whole page shows."""
    me, now = principal(request), services(request).clock()
    async with reading(services(request).reads) as connection:
        user = await find(connection, me, user_id, now)
        about = await profile(connection, me, user, now)
        said = await talk(connection, me, user, now)
    return {
        **about,
        **said,
        "live": f"/live?users={user_id}",
        "user_id": user_id,
        "merged": None,
        "present": _present(request, user_id),
    }


async def answer(
    request: AnyRequest,
    user_id: UUID,
    template: str,
    *,
    changed: Mapping[str, Any] | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response[Any]:
    """Answer an edit with the part of the page it was made in; without scripts, with the page.

    `changed` replaces what the part shows by name: what was typed and why it was not saved.
    """
    me, now = principal(request), services(request).clock()
    if wants_fragment(request):
        async with reading(services(request).reads) as connection:
            context = await profile(connection, me, await find(connection, me, user_id, now), now)
        return fragment(request, template, status=status, headers=headers, **{**context, **(changed or {})})
    if status < 400:
        return Redirect(f"/users/{user_id}", status_code=303)
    return page(request, "users/user.html", status=status, **{**await everything(request, user_id), **(changed or {})})


@get("/users/{user_id:uuid}", guards=[viewer], include_in_schema=False)
async def user_page(
    request: AnyRequest, user_id: FromPath[UUID], merged: FromQuery[UUID | None] = None
) -> Response[Any]:
    """Show a user; `merged`: by which merge they have just become one. Who is no more leads to whom they became."""
    try:
        whole = await everything(request, user_id)
    except NotFoundException:
        async with services(request).pool.connection() as connection:
            into = await merged_into(connection, principal(request).bot_id, user_id)
        if into is None:
            raise
        return Redirect(f"/users/{into}", status_code=303)
    if merged is not None:
        async with services(request).pool.connection() as connection:
            stands = await is_merged(connection, principal(request).bot_id, user_id, merged)
        whole["merged"] = (merged, None) if stands and whole["can_edit"] else None
    return page(request, "users/user.html", **whole)


@get("/users/{user_id:uuid}/profile", guards=[viewer], include_in_schema=False)
async def profile_part(request: AnyRequest, user_id: FromPath[UUID]) -> Response[Any]:
    """Show the profile as it is now; without scripts it is part of the page."""
    if not wants_fragment(request):
        async with reading(services(request).reads) as connection:
            await check_user(connection, principal(request).bot_id, user_id)
    return await answer(request, user_id, "users/profile.html")


@get("/users/{user_id:uuid}/statistics", guards=[viewer], include_in_schema=False)
async def statistics_part(request: AnyRequest, user_id: FromPath[UUID]) -> Response[Any]:
    """Show the statistics as they are now."""
    me, now = principal(request), services(request).clock()
    settings, scores = personality.asked(me.bot_id), counted.scores_asked(me.bot_id, user_id)
    async with reading(services(request).reads) as connection:
        user = await find(connection, me, user_id, now)
        found = await together(connection, settings, scores)
    context: Context = {
        "user": user,
        "now": now,
        "session_length": found[settings][0].session_length_seconds,
        "trend": counted.trend(found[scores]),
    }
    return fragment(request, "users/statistics.html", **context)


@get("/users/{user_id:uuid}/present", guards=[viewer], include_in_schema=False)
async def present_part(request: AnyRequest, user_id: FromPath[UUID]) -> Response[Any]:
    """Show who else looks at the user."""
    async with reading(services(request).reads) as connection:
        await check_user(connection, principal(request).bot_id, user_id)
    return fragment(request, "users/present.html", user_id=user_id, present=_present(request, user_id))


def _present(request: AnyRequest, user_id: UUID) -> list[str]:
    return services(request).hub.presence.others(user_id, principal(request).member_id)


handlers = [user_page, profile_part, statistics_part, present_part]
