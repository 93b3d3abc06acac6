"""The word list for sentiment on the Personality page, and the rescoring of history."""

from typing import Any

from litestar import Response, get, post
from psycopg import AsyncConnection

from botfolk.bot import words
from botfolk.conversations import rescoring
from botfolk.pages.render import AnyRequest, fragment
from botfolk.services import services
from botfolk.team.guards import admin, viewer
from botfolk.team.pages import Form
from botfolk.team.principal import principal
from botfolk.users.edits import InvalidEdit


async def _shown(request: AnyRequest, *, status: int = 200, **more: Any) -> Response[str]:
    """Show the list, with what was typed and what is wrong with it."""
    me = principal(request)
    async with services(request).pool.connection() as connection:
        context: dict[str, Any] = {
            "words": await words.get(connection, me.bot_id),
            "job": await rescoring.newest(connection, me.bot_id),
            "typed": {"word": "", "score": ""},
            "errors": {},
            "most": words.MOST_SCORE,
            "longest": words.LONGEST_WORD,
            "may_change": me.may("admin"),
        }
    return fragment(request, "bot/words.html", status=status, **(context | more))


@get("/personality/words", guards=[viewer], include_in_schema=False)
async def show(request: AnyRequest) -> Response[str]:
    """Show the list."""
    return await _shown(request)


@post("/personality/words", guards=[admin], status_code=200, include_in_schema=False)
async def put(request: AnyRequest, data: Form) -> Response[str]:
    """Add a word, or change what is said of it."""
    me, shared = principal(request), services(request)
    word, score = data.get("word", ""), "0" if data.get("ignore") else data.get("score", "")
    try:
        async with shared.pool.connection() as connection:
            await words.put(connection, me.bot_id, word, score, me.member_id, shared.clock())
    except InvalidEdit as problem:
        return await _shown(request, status=422, errors=problem.errors, typed={"word": word, "score": score})
    return await _shown(request)


@post("/personality/words/remove", guards=[admin], status_code=200, include_in_schema=False)
async def remove(request: AnyRequest, data: Form) -> Response[str]:
    """Take a word off the list."""
    async with services(request).pool.connection() as connection:
        await words.remove(connection, principal(request).bot_id, data.get("word", ""))
    return await _shown(request)


async def _rescoring(request: AnyRequest, connection: AsyncConnection[Any]) -> Response[str]:
    me = principal(request)
    job = await rescoring.newest(connection, me.bot_id)
    return fragment(request, "bot/rescoring.html", job=job, may_change=me.may("admin"))


@get("/personality/words/rescoring", guards=[viewer], include_in_schema=False)
async def show_rescoring(request: AnyRequest) -> Response[str]:
    """Show how far the rescoring of history is."""
    async with services(request).pool.connection() as connection:
        return await _rescoring(request, connection)


@post("/personality/words/rescoring", guards=[admin], status_code=200, include_in_schema=False)
async def rescore(request: AnyRequest) -> Response[str]:
    """Score all history anew, from the start."""
    me, shared = principal(request), services(request)
    async with shared.pool.connection() as connection:
        await rescoring.start(connection, me.bot_id, me.actor(), shared.clock())
        return await _rescoring(request, connection)


@post("/personality/words/rescoring/cancel", guards=[admin], status_code=200, include_in_schema=False)
async def cancel_rescoring(request: AnyRequest) -> Response[str]:
    """Let the rescoring that is under way end."""
    async with services(request).pool.connection() as connection:
        await rescoring.cancel(connection, principal(request).bot_id, services(request).clock())
        return await _rescoring(request, connection)


handlers = [show, put, remove, show_rescoring, rescore, cancel_rescoring]
