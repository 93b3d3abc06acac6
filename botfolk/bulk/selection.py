"""Whom an action is meant for: users by their ids, or all who match a filter, a search and a status, but for some."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from msgspec import UNSET, Struct
from psycopg import AsyncConnection

from botfolk.bulk.actions import ACTIONS, Action, parameters
from botfolk.db.parameters import ids_text, json_text
from botfolk.filters import FilterError, load_catalogue, parse
from botfolk.users import reading
from botfolk.users.attributes import clean_value, type_of
from botfolk.users.edits import InvalidEdit
from botfolk.users.fields import BadValue
from botfolk.users.how_many import meant

MOST_IDS = 10_000

Connection = AsyncConnection[Any]


class Selection(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who is meant. `ids` None: all who match, but for `but`; else these, whatever they match."""

    ids: list[UUID] | None = None
    filter: str = ""
    q: str = ""
    status: Literal["active", "archived", "blocked", "all"] = "active"
    but: list[UUID] = []

    def check(self) -> None:
        """Raise InvalidEdit for more than can be named one by one."""
        for name, ids in (("ids", self.ids or []), ("but", self.but)):
            if len(ids) > MOST_IDS:
                raise InvalidEdit({name: f"name at most {MOST_IDS:,} users; for more, say what they match"})

    def told(self) -> dict[str, Any]:
        """Return what of it is kept with the job: not the ids, which are its people."""
        if self.ids is not None:
            return {"ids": len(self.ids)}
        kept = {"filter": self.filter, "q": self.q, "status": self.status, "but": len(self.but)}
        return {name: value for name, value in kept.items() if value}


class Counted(NamedTuple):
    """How many are meant, and in how many of them something would change."""

    total: int
    would_change: int


async def query_of(
    connection: Connection, bot_id: UUID, selection: Selection, now: datetime
) -> tuple[str, Mapping[str, Any]]:
    """Return a query for the ids (column `id`, from `users u` and `user_stats s`) and its parameters. Raises
    InvalidEdit."""
    selection.check()
    where_all, given = ["u.bot_id = %(bot)s"], dict[str, Any]()
    if selection.ids is not None:
        where_all.append("u.id = ANY(%(ids)s::uuid[])")
        given["ids"] = ids_text(selection.ids)
    else:
        if selection.status != "all":
            where_all.append("u.status = %(status)s")
            given["status"] = selection.status
        if selection.but:
            where_all.append("u.id <> ALL(%(but)s::uuid[])")
            given["but"] = ids_text(selection.but)
        q = " ".join(selection.q.replace("\x00", "").split())
        if q or selection.filter.strip():
            catalogue = await load_catalogue(connection, bot_id)
            try:
                matching = meant(parse(selection.filter, catalogue), q, catalogue, now)
            except FilterError as error:
                raise InvalidEdit({"filter": str(error)}) from error
            where_all.append(f"({matching.sql})")
            given |= matching.parameters
    # Everybody has statistics; so joined, they are left out of a query that asks nothing of them.
    joined = "FROM users u LEFT JOIN user_stats s ON s.bot_id = u.bot_id AND s.user_id = u.id"
    return f"SELECT u.id {joined} WHERE {' AND '.join(where_all)}", given


async def count(connection: Connection, bot_id: UUID, selection: Selection, action: Action, now: datetime) -> Counted:
    """Count whom an action is meant for, and those in whom it would change something. Raises InvalidEdit."""
    query, given = await query_of(connection, bot_id, selection, now)
    differs = ACTIONS[action.action].differs
    value = await _stored(connection, bot_id, action)
    cursor = await connection.execute(
        query.replace("SELECT u.id", f"SELECT count(*), count(*) FILTER (WHERE {differs})", 1).encode(),
        {**given, **parameters(action), "bot": bot_id, "now": now, "value": value},
    )
    row = await cursor.fetchone()
    return Counted(*row) if row else Counted(0, 0)


async def _stored(connection: Connection, bot_id: UUID, action: Action) -> str | None:
    """Return an attribute's new value as JSON, as it is stored: a 4 that was typed is the 4 that stands. Raises
    InvalidEdit."""
    if action.value is UNSET:
        return None
    name = parameters(action)["name"].replace("\x00", "")
    _, types = await reading.settings(connection, bot_id, [name])
    kind = types[name][1] if name in types else type_of(action.value)
    try:
        return json_text(clean_value(action.value, kind))
    except BadValue as error:
        raise InvalidEdit({"value": str(error)}) from error
