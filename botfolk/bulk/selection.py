"""Whom an action is meant for: users by their ids, or all who match a filter, a search and a status, but for some."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import UNSET, Struct
from psycopg import AsyncConnection

from botfolk.bulk.actions import ACTIONS, Action, parameters
from botfolk.db.parameters import ids_text, json_text
from botfolk.filters import FilterError, Where, load_catalogue, parse
from botfolk.users import reading
from botfolk.users.attributes import clean_value, type_of
from botfolk.users.edits import InvalidEdit
from botfolk.users.fields import BadValue
from botfolk.users.how_many import meant, wanted

MOST_IDS = 10_000

Connection = AsyncConnection[Any]


class Selection(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who is meant. `ids` None: all who match, but for `but`; else these, whatever they match. `status`: of which
    standing, or "all"; the active ones without it, unless the filter asks for a status itself."""

    ids: list[UUID] | None = None
    filter: str = ""
    q: str = ""
    status: str = ""
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


def selected(data: Mapping[str, str]) -> Selection:
    """Read who is selected on the list, as its form says it. Raises InvalidEdit."""
    try:
        ids, but = ([UUID(each) for each in data.get(name, "").split(",") if each] for name in ("ids", "but"))
    except ValueError as error:
        raise InvalidEdit({"ids": "these are no users"}) from error
    if data.get("all") == "yes":
        return Selection(filter=data.get("filter", ""), q=data.get("q", ""), but=but)
    return Selection(ids=ids)


class Counted(NamedTuple):
    """How many are meant, and in how many of them something would change."""

    total: int
    would_change: int


async def meant_by(
    connection: Connection, bot_id: UUID, selection: Selection, now: datetime
) -> tuple[Where, str | None]:
    """Return what the database is asked for whom a selection means, and of which status they are (None: of any).
    Raises InvalidEdit, FilterError."""
    selection.check()
    if selection.ids is not None:
        return Where("u.id = ANY(%(f_ids)s::uuid[])", {"f_ids": ids_text(selection.ids)}), None
    catalogue = await load_catalogue(connection, bot_id)
    tree = parse(selection.filter, catalogue)
    who = meant(tree, " ".join(selection.q.replace("\x00", "").split()), catalogue, now)
    if selection.but:
        named = {**who.parameters, "f_but": ids_text(selection.but)}
        who = Where(f"({who.sql}) AND u.id <> ALL(%(f_but)s::uuid[])", named)
    return who, wanted(selection.status, tree)


async def query_of(
    connection: Connection, bot_id: UUID, selection: Selection, now: datetime
) -> tuple[str, Mapping[str, Any]]:
    """Return a query for the ids (column `id`, from `users u` and `user_stats s`) and its parameters. Raises
    InvalidEdit."""
    try:
        who, status = await meant_by(connection, bot_id, selection, now)
    except FilterError as error:
        raise InvalidEdit({"filter": str(error)}) from error
    where_all, given = ["u.bot_id = %(bot)s", f"({who.sql})"], dict(who.parameters)
    if status is not None:
        where_all.append("u.status = %(status)s")
        given["status"] = status
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
