"""Erasing people, and the receipts, by the API."""

from typing import Any
from uuid import UUID

from litestar import Request, delete, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from botfolk.api.shapes import Cursor, Limit, Listed
from botfolk.services import services
from botfolk.team.guards import admin
from botfolk.team.principal import principal
from botfolk.users.edits import UserNotFound
from botfolk.users.erase import erase
from botfolk.users.erasures import Receipt, receipt, receipt_of, receipts

AnyRequest = Request[Any, Any, Any]


@delete("/api/v1/users/{user_id:uuid}", guards=[admin], tags=["Users"], summary="Erase a user", status_code=200)
async def erase_user(request: AnyRequest, user_id: FromPath[UUID]) -> Receipt:
    """Erase everything of a person for ever, and return the receipt; asked again, the same one."""
    me, shared = principal(request), services(request)
    await shared.exchanges.flush()
    async with shared.pool.connection() as connection:
        try:
            return await erase(connection, shared.box, me.bot_id, user_id, me.actor(), now=shared.clock())
        except UserNotFound:
            found = await receipt_of(connection, me.bot_id, user_id)
            if found is None:
                raise
            return found


@get("/api/v1/erasures", guards=[admin], tags=["Users"], summary="Receipts of erased users, newest first")
async def list_receipts(request: AnyRequest, cursor: Cursor = None, limit: Limit = 50) -> Listed[Receipt]:
    """Who was erased when, and by whom; without the people."""
    async with services(request).pool.connection() as connection:
        return Listed(*await receipts(connection, principal(request).bot_id, after=cursor, limit=limit))


@get("/api/v1/erasures/{erasure_id:uuid}", guards=[admin], tags=["Users"], summary="One receipt")
async def one_receipt(request: AnyRequest, erasure_id: FromPath[UUID]) -> Receipt:
    """A receipt."""
    async with services(request).pool.connection() as connection:
        found = await receipt(connection, principal(request).bot_id, erasure_id)
    if found is None:
        raise NotFoundException("There is no such receipt.")
    return found


handlers = [erase_user, list_receipts, one_receipt]
