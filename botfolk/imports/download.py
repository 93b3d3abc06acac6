"""The files an import's jobs leave: which rows were not taken and why, and what became of each."""

from collections.abc import AsyncIterator
from typing import Any, Literal
from urllib.parse import quote
from uuid import UUID

from litestar import Request
from litestar.exceptions import NotFoundException
from litestar.response import Stream

from botfolk.imports import store
from botfolk.imports.verdicts import ERRORS, VERDICTS
from botfolk.jobs import files
from botfolk.services import services
from botfolk.team.principal import principal


async def download(request: Request[Any, Any, Any], import_id: UUID, what: Literal["errors", "verdicts"]) -> Stream:
    """Answer with a file of an import's newest run, piece by piece. Raises NotFoundException."""
    bot_id, pool = principal(request).bot_id, services(request).pool
    name = ERRORS if what == "errors" else VERDICTS
    try:
        async with pool.connection() as connection:
            found = await store.get(connection, bot_id, import_id)
            job_id = found.apply_id or found.check_id
            if job_id is None or await files.size(connection, bot_id, job_id, name) is None:
                raise NotFoundException("There is no such file, or no longer: files are kept for a week.")
    except store.NoSuchImport:
        raise NotFoundException("There is no such import.") from None
    stem = found.name.rsplit(".", 1)[0]
    return Stream(
        _marked(files.read(pool, bot_id, job_id, name)),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(f'{stem} {what}.csv')}",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )


async def _marked(content: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Put a byte order mark before, by which spreadsheets know UTF-8."""
    yield b"\xef\xbb\xbf"
    async for piece in content:
        yield piece
