"""The Users page: a list that is searched, sorted and paged by its address, in the columns its member has chosen."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.params import QueryParameter
from litestar.response import Redirect
from msgspec import Struct
from msgspec.structs import replace
from psycopg import AsyncConnection

from botfolk.bulk import words
from botfolk.pages.render import AnyRequest, fragment, page, wants_fragment
from botfolk.services import services
from botfolk.team.guards import viewer
from botfolk.team.pages import Form
from botfolk.team.principal import principal
from botfolk.users import columns, in_use
from botfolk.users.columns import Column
from botfolk.users.edits import InvalidEdit
from botfolk.users.listing import UserRow, list_users
from botfolk.users.ordering import ATTRIBUTE

ROWS = 50
_LONGEST = {"q": 200, "sort": 80, "order": 4, "after": 600, "before": 600}
Cursor = Annotated[str, QueryParameter(max_length=_LONGEST["after"])]


class ListView(Struct, frozen=True):
    """What of the list is shown: a search, an order, and after or before which row."""

    q: str = ""
    sort: str = "last_message_at"
    order: str = "desc"
    after: str = ""
    before: str = ""

    @property
    def descending(self) -> bool:
        """Say whether the largest or newest comes first."""
        return self.order == "desc"

    def given(self) -> dict[str, str]:
        """Return what of it is not as usual, by name."""
        usual = ListView()
        named = {name: getattr(self, name) for name in self.__struct_fields__}
        return {name: value for name, value in named.items() if value and value != getattr(usual, name)}

    def address(self, **changes: str) -> str:
        """Return the page's address, with some of it changed; what is as usual is left out."""
        given = replace(self, **changes).given()
        return f"/users?{urlencode(given)}" if given else "/users"

    def first(self) -> str:
        """Return the address of the first page."""
        return self.address(after="", before="")

    def sorted_by(self, column: Column) -> str:
        """Return the address sorted by a column; by the same one, the other way round."""
        turned = "asc" if self.descending else "desc"
        way = turned if column.name == self.sort else column.first_way
        return self.address(sort=column.name, order=way, after="", before="")


def _view(given: Mapping[str, str], there_are: Mapping[str, Column]) -> ListView:
    """Return the view an address or form asks for; what cannot be shown is as usual."""
    usual = ListView()
    sort, order = given.get("sort", ""), given.get("order", "")
    return ListView(
        q=" ".join(given.get("q", "").replace("\x00", "").split())[: _LONGEST["q"]],
        sort=sort if sort in there_are and there_are[sort].is_sortable else usual.sort,
        order=order if order in ("asc", "desc") else usual.order,
        after=given.get("after", ""),
        before=given.get("before", ""),
    )


def value_of(row: UserRow, column: Column) -> Any:
    """Return what a cell shows; None for nothing."""
    if column.name.startswith(ATTRIBUTE):
        value = row.attributes.get(column.name.removeprefix(ATTRIBUTE))
        return datetime.fromisoformat(value) if column.drawn == "moment" and isinstance(value, str) else value
    match column.name:
        case "time_spent":
            return row.time_spent_seconds
        case "group":
            return row.is_group
    return getattr(row, column.name, None)


@get("/users", guards=[viewer], include_in_schema=False)
async def users(
    request: AnyRequest,
    q: Annotated[str, QueryParameter(max_length=_LONGEST["q"])] = "",
    sort: Annotated[str, QueryParameter(max_length=_LONGEST["sort"])] = "",
    order: Annotated[str, QueryParameter(max_length=_LONGEST["order"])] = "",
    after: Cursor = "",
    before: Cursor = "",
) -> Response[str]:
    """Show the list, or with htmx the part of it that changed."""
    given = {"q": q, "sort": sort, "order": order, "after": after, "before": before}
    async with services(request).pool.connection() as connection:
        context = await _context(request, connection, given)
    if wants_fragment(request):
        # A search replaces the address while it is typed; the links add to the browser's history by themselves.
        typed = request.headers.get("HX-Trigger") == "search"
        headers = {"HX-Replace-Url": context["view"].address()} if typed else {}
        return fragment(request, "users/table.html", headers=headers, **context)
    return page(request, "users/list.html", live="/live?users=list", **context)


@post("/users/columns", guards=[viewer], include_in_schema=False, status_code=200)
async def change_columns(request: AnyRequest, data: Form) -> Response[Any]:
    """Change what the member asking has chosen of the columns, and show the list so."""
    me, problem = principal(request), ""
    async with services(request).pool.connection() as connection:
        there_are = columns.columns_of(await in_use.attributes(connection, me.bot_id))
        what, _, name = data.get("change", "").partition(" ")
        value = data.get("value", "")
        try:
            if me.member_id is not None:
                await columns.change(connection, me.bot_id, me.member_id, there_are, what, name, value)
        except InvalidEdit as error:
            problem = "; ".join(error.errors.values())
        context = await _context(request, connection, data)
    if not wants_fragment(request) and not problem:
        return Redirect(context["view"].address(), status_code=303)
    status = 422 if problem else 200
    template = "users/table.html" if wants_fragment(request) else "users/list.html"
    return page(request, template, status=status, **context | {"columns_problem": problem})


async def _context(request: AnyRequest, connection: AsyncConnection[Any], given: Mapping[str, str]) -> dict[str, Any]:
    me, now = principal(request), services(request).clock()
    attributes = await in_use.attributes(connection, me.bot_id)
    there_are = columns.columns_of(attributes)
    chosen = await columns.chosen(connection, me.bot_id, me.member_id)
    view = _view(given, there_are)
    asked: dict[str, Any] = {
        "now": now,
        "q": view.q or None,
        "sort": view.sort,
        "descending": view.descending,
        "limit": ROWS,
        "attributes": {name: kind for name, (_, kind) in attributes.items()},
    }
    listed = await list_users(connection, me.bot_id, **asked, after=view.after or None, before=view.before or None)
    if view.before and listed.previous_cursor is None:
        # What is before may be less than a page: the first one is shown whole.
        view = replace(view, before="")
        listed = await list_users(connection, me.bot_id, **asked)
    return {
        "view": view,
        "columns": columns.shown(chosen, there_are),
        "there_are": there_are,
        "rows": listed.items,
        "next_page": listed.next_cursor,
        "previous_page": listed.previous_cursor,
        "has_channel": bool(listed.items) or await _has_channel(connection, me.bot_id),
        "value_of": value_of,
        "bulk_menu": words.menu(),
        "columns_problem": "",
        "STEP": columns.STEP,
        "NARROWEST": columns.NARROWEST,
        "WIDEST": columns.WIDEST,
    }


async def _has_channel(connection: AsyncConnection[Any], bot_id: UUID) -> bool:
    cursor = await connection.execute("SELECT EXISTS (SELECT 1 FROM channels WHERE bot_id = %s)", [bot_id])
    row = await cursor.fetchone()
    return bool(row and row[0])


handlers = [users, change_columns]
