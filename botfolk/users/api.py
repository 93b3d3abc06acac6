"""Users by the API."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, patch, post
from litestar.exceptions import NotFoundException, PermissionDeniedException
from litestar.params import FromPath, FromQuery, HeaderParameter, JSONBody, QueryParameter
from msgspec import UNSET, Meta, Struct, UnsetType

from botfolk.api.shapes import Cursor, Filter, Limit, Listed
from botfolk.counts.asking import naming
from botfolk.filters import load_catalogue, parse, where
from botfolk.services import Services, services
from botfolk.team.guards import agent, viewer
from botfolk.team.principal import principal
from botfolk.users import edits as e
from botfolk.users.apply import apply
from botfolk.users.fields import FIELDS
from botfolk.users.history import Change, list_changes
from botfolk.users.how_many import wanted
from botfolk.users.paging import list_ids
from botfolk.users.read import User, check_user, get_user, get_users

AnyRequest = Request[Any, Any, Any]
Sort = Literal[
    "last_message_at", "-last_message_at", "created_at", "-created_at", "messages", "-messages",
    "average_sentiment", "-average_sentiment", "name", "-name",
]  # fmt: skip


class SetPause(Struct, forbid_unknown_fields=True):
    """Pause or resume. `minutes`: how long (null: the bot's pause time), or `until` when; `until_resumed`: without an
    end."""

    paused: bool
    minutes: float | None = None
    until: Annotated[datetime, Meta(tz=True)] | None = None
    until_resumed: bool = False
    reason: str | None = None


class ChangeUser(Struct, forbid_unknown_fields=True):
    """What of a user to change; what is left out stays. null clears a field; null in `attributes` removes one."""

    first_name: str | UnsetType | None = UNSET
    last_name: str | UnsetType | None = UNSET
    email: str | UnsetType | None = UNSET
    phone: str | UnsetType | None = UNSET
    timezone: str | UnsetType | None = UNSET
    language: str | UnsetType | None = UNSET
    attributes: dict[str, str | int | float | bool | list[str] | None] | UnsetType = UNSET
    tags: list[str] | UnsetType = UNSET
    pause_bot: SetPause | UnsetType = UNSET
    infinite_session: bool | UnsetType = UNSET
    status: Literal["active", "archived", "blocked"] | UnsetType = UNSET

    def edits(self) -> list[e.Edit]:
        """Return the edits this asks for."""
        asked: list[e.Edit] = []
        for name in FIELDS:
            value = getattr(self, name)
            if value is not UNSET:
                asked.append(e.SetField(name, value))
        if self.attributes is not UNSET:
            for name, value in self.attributes.items():
                asked.append(e.RemoveAttribute(name) if value is None else e.SetAttribute(name, value))
        if self.tags is not UNSET:
            asked.append(e.SetTags(self.tags))
        if self.pause_bot is not UNSET:
            asked.append(_pause(self.pause_bot))
        if self.infinite_session is not UNSET:
            asked.append(e.SetInfiniteSession(self.infinite_session))
        if self.status is not UNSET:
            asked.append(e.SetStatus(self.status))
        return asked


def _pause(asked: SetPause) -> e.Edit:
    if not asked.paused:
        return e.ResumeBot()
    seconds = None if asked.minutes is None else asked.minutes * 60
    return e.PauseBot(seconds, until=asked.until, forever=asked.until_resumed, reason=asked.reason)


class NewNote(Struct, forbid_unknown_fields=True):
    """A note to write."""

    text: str


@get("/api/v1/users", guards=[viewer], tags=["Users"], summary="List users")
async def list_of_users(
    request: AnyRequest,
    cursor: Cursor = None,
    limit: Limit = 50,
    q: Annotated[str, QueryParameter(max_length=200, description="In name, email, phone, username or tag.")] = "",
    sort: Annotated[Sort, QueryParameter(description="A leading - is largest or newest first.")] = "-last_message_at",
    status: FromQuery[Literal["active", "archived", "blocked", "all"] | None] = None,
    filter: Filter = "",
) -> Listed[User]:
    """A page of users; who has no value to sort by comes last. 400 says where a filter is wrong."""
    bot_id, shared = principal(request).bot_id, services(request)
    now = shared.clock()
    async with shared.pool.connection() as connection:
        catalogue = await load_catalogue(connection, bot_id)
        tree = parse(filter, catalogue)
        of_status = wanted(status, tree)
        ids, following, _ = await list_ids(
            connection,
            bot_id,
            q=" ".join(q.replace("\x00", "").split()) or None,
            sort=sort.lstrip("-"),
            descending=sort.startswith("-"),
            after=cursor,
            limit=limit,
            status=of_status,
            filter=where(tree, catalogue, now) if tree else None,
            name=naming(shared.memory, bot_id, tree, of_status, catalogue, now),
        )
        users = await get_users(connection, bot_id, ids, now)
    return Listed([_absolute(shared, users[user_id]) for user_id in ids if user_id in users], following)


@get("/api/v1/users/{user_id:uuid}", guards=[viewer], tags=["Users"], summary="One user")
async def one_user(request: AnyRequest, user_id: FromPath[UUID]) -> Response[User]:
    """A user whole; the ETag is the version to give as If-Match."""
    return await _answer(request, user_id)


@patch("/api/v1/users/{user_id:uuid}", guards=[agent], tags=["Users"], summary="Change a user")
async def change_user(
    request: AnyRequest,
    user_id: FromPath[UUID],
    data: JSONBody[ChangeUser],
    if_match: Annotated[
        str | None, HeaderParameter(name="If-Match", description="The version you saw; 409 when it is another by now.")
    ] = None,
) -> Response[User]:
    """Change what is given, all or nothing: 422 names each wrong value, 409 gives both values of a clash."""
    me, shared = principal(request), services(request)
    async with shared.pool.connection() as connection:
        await apply(
            connection,
            me.bot_id,
            user_id,
            data.edits(),
            me.actor(),
            now=shared.clock(),
            expected_version=_version(if_match),
        )
    return await _answer(request, user_id)


def _version(if_match: str | None) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    text = if_match.strip().removeprefix("W/").strip('"')
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise e.InvalidEdit({"If-Match": "give the user's version, a whole number"})
    return int(text)


@post("/api/v1/users/{user_id:uuid}/notes", guards=[agent], tags=["Users"], summary="Write a note", status_code=201)
async def write_note(request: AnyRequest, user_id: FromPath[UUID], data: JSONBody[NewNote]) -> Response[User]:
    """Write a note and return the user."""
    return await _edit(request, user_id, e.AddNote(data.text), 201)


@delete(
    "/api/v1/users/{user_id:uuid}/notes/{note_id:uuid}",
    guards=[agent],
    tags=["Users"],
    summary="Delete a note of one's own",
    status_code=200,
)
async def delete_note(request: AnyRequest, user_id: FromPath[UUID], note_id: FromPath[UUID]) -> Response[User]:
    """Delete a note and return the user; 403 when somebody else wrote it."""
    me = principal(request)
    async with services(request).pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT author_id FROM notes WHERE bot_id = %s AND user_id = %s AND id = %s", [me.bot_id, user_id, note_id]
        )
        row = await cursor.fetchone()
    if row is None:
        raise NotFoundException("There is no such note.")
    if row[0] != me.actor().id:
        raise PermissionDeniedException("Only its author can delete a note.")
    return await _edit(request, user_id, e.DeleteNote(note_id), 200)


@get("/api/v1/users/{user_id:uuid}/changes", guards=[viewer], tags=["Users"], summary="Changes, newest first")
async def changes(
    request: AnyRequest, user_id: FromPath[UUID], cursor: Cursor = None, limit: Limit = 50
) -> Listed[Change]:
    """Who changed what of the user."""
    bot_id = principal(request).bot_id
    async with services(request).pool.connection() as connection:
        await check_user(connection, bot_id, user_id)
        return Listed(*await list_changes(connection, bot_id, user_id, after=cursor, limit=limit))


async def _edit(request: AnyRequest, user_id: UUID, edit: e.Edit, status: int) -> Response[User]:
    me, shared = principal(request), services(request)
    async with shared.pool.connection() as connection:
        await apply(connection, me.bot_id, user_id, [edit], me.actor(), now=shared.clock())
    return await _answer(request, user_id, status)


async def whole(request: AnyRequest, user_id: UUID) -> User:
    """Return a user as the API gives one. Raises UserNotFound."""
    shared = services(request)
    async with shared.pool.connection() as connection:
        user = await get_user(connection, principal(request).bot_id, user_id, shared.clock())
    if user is None:
        raise e.UserNotFound(str(user_id))
    return _absolute(shared, user)


async def _answer(request: AnyRequest, user_id: UUID, status: int = 200) -> Response[User]:
    user = await whole(request, user_id)
    return Response(user, status_code=status, headers={"ETag": f'"{user.version}"'})


def _absolute(shared: Services, user: User) -> User:
    if user.picture_url is None:
        return user
    return msgspec.structs.replace(user, picture_url=shared.settings.public_url + user.picture_url)


handlers = [list_of_users, one_user, change_user, changes, write_note, delete_note]
