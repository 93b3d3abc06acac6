"""Filters by the API: how many users are in one, and why one user is or is not."""

from typing import Any, Literal
from uuid import UUID

from litestar import Request, get
from litestar.params import FromPath, FromQuery
from msgspec import Struct

from botfolk.api.shapes import Filter
from botfolk.filters.catalogue import load_catalogue
from botfolk.filters.match import Why, why
from botfolk.filters.parse import parse
from botfolk.filters.person import load_people
from botfolk.filters.write import write
from botfolk.services import services
from botfolk.team.guards import viewer
from botfolk.team.principal import principal
from botfolk.users.edits import UserNotFound
from botfolk.users.how_many import exactly, wanted

AnyRequest = Request[Any, Any, Any]


class Counted(Struct, frozen=True):
    """How many users are in a filter, exactly."""

    count: int


class Answer(Struct, frozen=True):
    """Whether a user is in a filter (as we write it), and why, row by row."""

    filter: str
    holds: bool
    why: Why


@get("/api/v1/users/count", guards=[viewer], tags=["Users"], summary="How many users are in a filter")
async def count_of_users(
    request: AnyRequest,
    filter: Filter = "",
    status: FromQuery[Literal["active", "archived", "blocked", "all"] | None] = None,
) -> Counted:
    """The exact number; 422 when the database takes too long to find it."""
    bot_id, shared = principal(request).bot_id, services(request)
    now = shared.clock()
    async with shared.pool.connection() as connection:
        catalogue = await load_catalogue(connection, bot_id)
        tree = parse(filter, catalogue)
        return Counted(await exactly(connection, shared.memory, bot_id, tree, wanted(status, tree), catalogue, now))


@get("/api/v1/users/{user_id:uuid}/why", guards=[viewer], tags=["Users"], summary="Why a user is in a filter, or not")
async def why_user(request: AnyRequest, user_id: FromPath[UUID], filter: Filter = "") -> Answer:
    """Each condition, whether it holds, and what the user has."""
    bot_id, shared = principal(request).bot_id, services(request)
    async with shared.pool.connection() as connection:
        catalogue = await load_catalogue(connection, bot_id)
        tree = parse(filter, catalogue)
        people = await load_people(connection, bot_id, [user_id])
    if user_id not in people:
        raise UserNotFound(str(user_id))
    answer = why(tree, people[user_id], shared.clock(), catalogue)
    return Answer(write(tree), answer.holds, answer)


handlers = [count_of_users, why_user]
