"""The Users page: a list that is searched, sorted and paged by its address."""

from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get
from litestar.params import Parameter
from msgspec import Struct
from msgspec.structs import replace
from psycopg import AsyncConnection

from botfolk.pages.catalogue import gettext as _
from botfolk.pages.render import AnyRequest, fragment, page, wants_fragment
from botfolk.services import services
from botfolk.team.guards import viewer
from botfolk.team.principal import principal
from botfolk.users.read import list_users

ROWS = 50


class Column(NamedTuple):
    """A column: its class, its heading, and the word it is sorted by."""

    name: str
    label: str
    sort: str | None = None


class ListView(Struct, frozen=True):
    """What of the list is shown: a search, an order, and after which row."""

    q: str = ""
    sort: str = "last_message_at"
    order: str = "desc"
    after: str | None = None

    @property
    def descending(self) -> bool:
        """Say whether the largest or newest comes first."""
        return self.order == "desc"

    def address(self, **changes: str | None) -> str:
        """Return the page's address, with some of it changed; what is as usual is left out."""
        view, usual = replace(self, **changes), ListView()
        named = {name: getattr(view, name) for name in self.__struct_fields__}
        given = {name: value for name, value in named.items() if value and value != getattr(usual, name)}
        return f"/users?{urlencode(given)}" if given else "/users"

    def sorted_by(self, sort: str) -> str:
        """Return the address sorted by a column; by the same one, the other way round."""
        first = "asc" if sort == "name" else "desc"
        turned = "asc" if self.descending else "desc"
        return self.address(sort=sort, order=turned if sort == self.sort else first, after=None)


def columns() -> list[Column]:
    """Return the columns of the list."""
    return [
        Column("name", _("Name"), "name"),
        Column("channel", _("Channel")),
        Column("tags", _("Tags")),
        Column("sentiment", _("Sentiment"), "average_sentiment"),
        Column("messages", _("Messages"), "messages"),
        Column("last", _("Last message")),
        Column("when", _("When"), "last_message_at"),
    ]


@get("/users", guards=[viewer], include_in_schema=False)
async def users(
    request: AnyRequest,
    q: Annotated[str, Parameter(max_length=200)] = "",
    sort: Annotated[str, Parameter(max_length=40)] = "",
    order: Annotated[str, Parameter(max_length=4)] = "",
    after: Annotated[str | None, Parameter(max_length=600)] = None,
) -> Response[str]:
    """Show the list, or with htmx the part of it that changed."""
    view = _view(q, sort, order, after)
    bot_id = principal(request).bot_id
    async with services(request).pool.connection() as connection:
        listed = await list_users(
            connection,
            bot_id,
            now=services(request).clock(),
            q=view.q or None,
            sort=view.sort,
            descending=view.descending,
            after=view.after,
            limit=ROWS,
            status="active",
        )
        has_channel = bool(listed.items) or await _has_channel(connection, bot_id)
    context: dict[str, Any] = {
        "view": view,
        "columns": columns(),
        "rows": listed.items,
        "next_page": listed.next_cursor,
        "has_channel": has_channel,
    }
    if wants_fragment(request):
        # A search replaces the address while it is typed; the links add to the browser's history by themselves.
        typed = request.headers.get("HX-Trigger") == "search"
        headers = {"HX-Replace-Url": view.address()} if typed else {}
        return fragment(request, "users/table.html", headers=headers, **context)
    return page(request, "users/list.html", live="/live?users=list", **context)


def _view(q: str, sort: str, order: str, after: str | None) -> ListView:
    sorts = {column.sort for column in columns() if column.sort}
    usual = ListView()
    return ListView(
        q=" ".join(q.replace("\x00", "").split()),
        sort=sort if sort in sorts else usual.sort,
        order=order if order in ("asc", "desc") else usual.order,
        after=after or None,
    )


async def _has_channel(connection: AsyncConnection[Any], bot_id: UUID) -> bool:
    cursor = await connection.execute("SELECT EXISTS (SELECT 1 FROM channels WHERE bot_id = %s)", [bot_id])
    row = await cursor.fetchone()
    return bool(row and row[0])


handlers = [users]
