"""What the filter of the Users page asks for: itself after an edit, values to choose from, how many match, and why."""

from typing import Annotated, Any
from urllib.parse import parse_qsl
from uuid import UUID

from litestar import MediaType, Response, get, post
from litestar.exceptions import ClientException
from litestar.params import FromPath, QueryParameter
from markupsafe import Markup
from psycopg import AsyncConnection

from botfolk.filters import FilterError, load_catalogue, load_people, parse, why
from botfolk.filters.draft import changed, read
from botfolk.filters.functions import FUNCTIONS
from botfolk.filters.labels import NOT
from botfolk.pages.headers import HTML_HEADERS
from botfolk.pages.render import AnyRequest, fragment, page, wants_fragment
from botfolk.services import services
from botfolk.team.guards import viewer
from botfolk.team.principal import principal
from botfolk.users import filter_bar, in_use
from botfolk.users.edits import UserNotFound
from botfolk.users.filter_bar import Bar, Known
from botfolk.users.how_many import PATIENT, QUICK, how_many, status_of
from botfolk.users.list_page import FilterText, context_of, view_of
from botfolk.users.names import shown_name
from botfolk.users.suggested import suggest

_MOST_FIELDS = 4000
_BUTTONS = ("add", "nest", "remove", "clear")

Connection = AsyncConnection[Any]
Typed = Annotated[str, QueryParameter(max_length=200)]


async def known_to(connection: Connection, bot_id: UUID) -> Known:
    """Return what can be filtered by in a bot."""
    return filter_bar.known(await load_catalogue(connection, bot_id), await in_use.attributes(connection, bot_id))


@post("/users/filter", guards=[viewer], include_in_schema=False, status_code=200)
async def edit(request: AnyRequest) -> Response[Any]:
    """Take the filter as it was typed or clicked, and show it both ways with the list it makes."""
    try:
        fields = parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except (UnicodeDecodeError, ValueError):
        raise ClientException("This form cannot be read.") from None
    given = {name: value.replace("\x00", "") for name, value in fields}
    async with services(request).pool.connection() as connection:
        there = await known_to(connection, principal(request).bot_id)
        bar, at = _edited(fields, given, there)
        context = await context_of(request, connection, given | {"filter": bar.applied}, there, bar)
    if not wants_fragment(request):
        return page(request, "users/list.html", live="/live?users=list", **context)
    context |= {"beside": bar.is_right, "focused": at}
    headers = {"HX-Replace-Url": context["view"].address()} if bar.is_right else {}
    return fragment(request, "users/filtered.html", headers=headers, **context)


def _edited(fields: list[tuple[str, str]], given: dict[str, str], there: Known) -> tuple[Bar, str]:
    """Return the bar after an edit, and the id of what has the focus then ("" for what has it now)."""
    applied = given.get("applied", "")
    if given.get("from") == "text":
        return filter_bar.of_text(given.get("filter", ""), there, applied), ""
    what, _space, place = given.get("do", "").partition(" ")
    try:
        path = tuple(int(number) for number in place.split()[:40])
        draft = read(fields, there.labels, there.catalogue)
    except FilterError as error:
        return filter_bar.too_deep(error, there, applied), ""
    except ValueError:
        raise ClientException("This form cannot be read.") from None
    if what in _BUTTONS:
        draft = changed(draft, what, path)
    bar = filter_bar.of_rows(draft, there, applied)
    return bar, filter_bar.focus(bar.rows, what, path)


@get("/users/filter/values", guards=[viewer], include_in_schema=False, media_type=MediaType.HTML)
async def values(
    request: AnyRequest,
    column: Annotated[str, QueryParameter(max_length=100)] = "",
    function: Annotated[str, QueryParameter(max_length=40)] = "",
    q: Typed = "",
) -> Response[str]:
    """Answer with what is suggested for a value, as options."""
    me, shared = principal(request), services(request)
    async with shared.pool.connection() as connection:
        catalogue = await load_catalogue(connection, me.bot_id)
        try:
            of = catalogue.column(column)
        except FilterError:
            found = []
        else:
            asked = FUNCTIONS[of.kind].get(function.removeprefix(NOT))
            is_length = asked is not None and asked.takes == "length"
            typed = q.replace("\x00", "")
            found = await suggest(
                connection, me.bot_id, catalogue, of, length=is_length, typed=typed, now=shared.clock()
            )
    options = (Markup('<option value="{}">{}</option>').format(value, about) for value, about in found)
    return Response("".join(options), headers=HTML_HEADERS, media_type=MediaType.HTML)


@get("/users/count", guards=[viewer], include_in_schema=False)
async def count(
    request: AnyRequest,
    q: Typed = "",
    filter: FilterText = "",
    quick: Typed = "",
) -> Response[str]:
    """Show how many users the list has: exactly if the database can tell in some seconds, or (`quick`) at once."""
    bot_id, shared = principal(request).bot_id, services(request)
    now = shared.clock()
    async with shared.pool.connection() as connection:
        there = await known_to(connection, bot_id)
        bar = filter_bar.of_text(filter, there)
        view = view_of({"q": q}, {}, bar)
        seconds = QUICK if quick else PATIENT
        counted = await how_many(connection, shared.memory, bot_id, view.q, bar, there, now, seconds=seconds)
    return fragment(request, "users/count.html", counted=counted, view=view, bar=bar)


@get("/users/{user_id:uuid}/why", guards=[viewer], include_in_schema=False)
async def why_user(
    request: AnyRequest,
    user_id: FromPath[UUID],
    filter: FilterText = "",
) -> Response[str]:
    """Show why a user is in the list, or not, row by row."""
    me, shared = principal(request), services(request)
    async with shared.pool.connection() as connection:
        catalogue = await load_catalogue(connection, me.bot_id)
        person = (await load_people(connection, me.bot_id, [user_id])).get(user_id)
    if person is None:
        raise UserNotFound(str(user_id))
    try:
        tree = parse(filter, catalogue)
        verdict = why(tree, person, shared.clock(), catalogue)
    except FilterError as error:
        raise ClientException(str(error)) from error
    kind = person.channels[0] if person.channels else None
    name = shown_name(user_id, person.first_name, person.last_name, group_title=person.group_title, kind=kind)
    hidden = status_of(tree) is not None and person.status != "active"
    return fragment(request, "users/why.html", verdict=verdict, name=name, person=person, hidden=hidden)


handlers = [edit, values, count, why_user]
