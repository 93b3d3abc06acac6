"""The Users page: a list that is filtered, searched, sorted and paged by its address, in its member's columns."""

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
from botfolk.counts.asking import naming
from botfolk.counts.contract import Memory
from botfolk.filters import load_catalogue, where
from botfolk.filters.parse import MOST_CHARACTERS
from botfolk.pages.render import AnyRequest, fragment, page, wants_fragment
from botfolk.services import services
from botfolk.team.guards import viewer
from botfolk.team.pages import Form
from botfolk.team.principal import principal
from botfolk.users import columns, in_use
from botfolk.users.attributes import AttributeType
from botfolk.users.columns import Column
from botfolk.users.edits import InvalidEdit
from botfolk.users.filter_bar import Bar, Known, known, of_text
from botfolk.users.how_many import Counted, are_few, at_once, how_many, status_of
from botfolk.users.in_time import TooSlow, in_time
from botfolk.users.listing import Page, UserRow, list_users
from botfolk.users.ordering import ATTRIBUTE

ROWS = 50
MOST_OUTSIDE = 5
_LONGEST = {"filter": MOST_CHARACTERS, "q": 200, "sort": 80, "order": 4, "after": 600, "before": 600}
Cursor = Annotated[str, QueryParameter(max_length=_LONGEST["after"])]
FilterText = Annotated[str, QueryParameter(max_length=_LONGEST["filter"])]


class ListView(Struct, frozen=True):
    """What of the list is shown: a filter as text, a search, an order, and after or before which row."""

    filter: str = ""
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


def view_of(given: Mapping[str, str], there_are: Mapping[str, Column], bar: Bar) -> ListView:
    """Return the view an address or form asks for, with what the bar filters by; what cannot be shown is as usual."""
    usual = ListView()
    sort, order = given.get("sort", ""), given.get("order", "")
    return ListView(
        filter=bar.applied if bar.can_list else bar.text,
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
    filter: FilterText = "",
    q: Annotated[str, QueryParameter(max_length=_LONGEST["q"])] = "",
    sort: Annotated[str, QueryParameter(max_length=_LONGEST["sort"])] = "",
    order: Annotated[str, QueryParameter(max_length=_LONGEST["order"])] = "",
    after: Cursor = "",
    before: Cursor = "",
) -> Response[str]:
    """Show the list, or with htmx the part of it that changed."""
    given = {"filter": filter, "q": q, "sort": sort, "order": order, "after": after, "before": before}
    async with services(request).pool.connection() as connection:
        context = await context_of(request, connection, given)
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
        context = await context_of(request, connection, data)
    if not wants_fragment(request) and not problem:
        return Redirect(context["view"].address(), status_code=303)
    status = 422 if problem else 200
    template = "users/table.html" if wants_fragment(request) else "users/list.html"
    return page(request, template, status=status, **context | {"columns_problem": problem})


async def context_of(
    request: AnyRequest,
    connection: AsyncConnection[Any],
    given: Mapping[str, str],
    there: Known | None = None,
    bar: Bar | None = None,
) -> dict[str, Any]:
    """Return what the page shows of the list an address or form asks for; `bar`: the filter as it is being edited."""
    me, now = principal(request), services(request).clock()
    attributes = await in_use.attributes(connection, me.bot_id)
    there = there or known(await load_catalogue(connection, me.bot_id), attributes)
    bar = bar or of_text(given.get("filter", ""), there)
    there_are = columns.columns_of(attributes)
    chosen = await columns.chosen(connection, me.bot_id, me.member_id)
    view = view_of(given, there_are, bar)
    memory = services(request).memory
    listed, view, too_slow = await _listed(connection, memory, me.bot_id, view, bar, there, now, attributes)
    return {
        "view": view,
        "bar": bar,
        "columns_to_filter": sorted(there.labels.items(), key=lambda each: each[1].casefold()),
        "counted": await _counted(request, connection, view, bar, there, now),
        "columns": columns.shown(chosen, there_are),
        "there_are": there_are,
        "rows": listed.items,
        "next_page": listed.next_cursor,
        "previous_page": listed.previous_cursor,
        "too_slow": too_slow,
        "beside": False,
        "focused": "",
        "outside": await _outside(connection, me.bot_id, view, listed, now),
        "has_channel": bool(listed.items) or await _has_channel(connection, me.bot_id),
        "value_of": value_of,
        "tags_that_fit": columns.tags_that_fit,
        "bulk_menu": words.menu(),
        "columns_problem": "",
        "STEP": columns.STEP,
        "NARROWEST": columns.NARROWEST,
        "WIDEST": columns.WIDEST,
    }


async def _counted(
    request: AnyRequest, connection: AsyncConnection[Any], view: ListView, bar: Bar, there: Known, now: datetime
) -> Counted | None:
    """Return how many the whole page shows; None for a part of it, and where the page had better not wait."""
    if wants_fragment(request):
        return None
    bot_id, memory = principal(request).bot_id, services(request).memory
    if await are_few(connection):
        return await how_many(connection, memory, bot_id, view.q, bar, there, now)
    return await at_once(memory, bot_id, view.q, bar, there, now)


async def _listed(
    connection: AsyncConnection[Any],
    memory: Memory,
    bot_id: UUID,
    view: ListView,
    bar: Bar,
    there: Known,
    now: datetime,
    attributes: Mapping[str, tuple[str, AttributeType]],
) -> tuple[Page, ListView, str]:
    """Return a page of the list, the view it is, and what is wrong. What is before may be less than a page: the first
    one is then shown whole. A filter that takes too long, or cannot be read, has nobody: never everybody."""
    if not bar.can_list:
        return Page([], None, None), view, ""
    asked: dict[str, Any] = {
        "now": now,
        "q": view.q or None,
        "sort": view.sort,
        "descending": view.descending,
        "limit": ROWS,
        "status": status_of(bar.filter),
        "attributes": {name: kind for name, (_, kind) in attributes.items()},
        "filter": where(bar.filter, there.catalogue, now) if bar.filter else None,
        "name": naming(memory, bot_id, bar.filter, status_of(bar.filter), there.catalogue, now),
    }
    try:
        async with connection.transaction(), in_time(connection):
            listed = await list_users(connection, bot_id, **asked, after=view.after or None, before=view.before or None)
            if view.before and listed.previous_cursor is None:
                view = replace(view, before="")
                listed = await list_users(connection, bot_id, **asked)
    except TooSlow as error:
        return Page([], None, None), view, str(error)
    return listed, view, ""


async def _outside(
    connection: AsyncConnection[Any], bot_id: UUID, view: ListView, listed: Page, now: datetime
) -> list[UserRow]:
    """Return some whom the search means and the filter does not, where nobody is listed."""
    if listed.items or not view.q or not view.filter or view.after or view.before:
        return []
    found = await list_users(connection, bot_id, now=now, q=view.q, status=None, limit=MOST_OUTSIDE)
    return found.items


async def _has_channel(connection: AsyncConnection[Any], bot_id: UUID) -> bool:
    cursor = await connection.execute("SELECT EXISTS (SELECT 1 FROM channels WHERE bot_id = %s)", [bot_id])
    row = await cursor.fetchone()
    return bool(row and row[0])


handlers = [users, change_columns]
