"""Tokens for the API: made once, shown once, stored as a hash."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.rows import class_row

from botfolk.ids import new_id
from botfolk.team.credentials import new_token, token_hash

Connection = AsyncConnection[Any]


class Token(Struct, frozen=True, kw_only=True):
    """A token that works. `made_by`: the member it dies with; None for one of the command line."""

    id: UUID
    name: str
    role: str
    made_by: str | None
    created_at: datetime


async def list_tokens(connection: Connection, bot_id: UUID) -> list[Token]:
    """Return the tokens that work, newest first."""
    async with connection.cursor(row_factory=class_row(Token)) as cursor:
        await cursor.execute(
            """SELECT t.id, t.name, t.role, a.name AS made_by, t.created_at FROM api_tokens t
               LEFT JOIN members m ON m.bot_id = t.bot_id AND m.id = t.member_id
               LEFT JOIN accounts a ON a.id = m.account_id
               WHERE t.bot_id = %s AND t.revoked_at IS NULL AND (t.member_id IS NULL OR m.is_active)
               ORDER BY t.created_at DESC, t.id""",
            [bot_id],
        )
        return await cursor.fetchall()


async def create(
    connection: Connection, bot_id: UUID, name: str, role: str, member_id: UUID | None, now: datetime
) -> str:
    """Make a token of a role; with a member it dies when they are deactivated. Returns it, this once."""
    token = new_token("bf_")
    await connection.execute(
        "INSERT INTO api_tokens (bot_id, id, name, role, token_hash, member_id, created_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        [bot_id, new_id(), name, role, token_hash(token), member_id, now],
    )
    return token


async def revoke(connection: Connection, bot_id: UUID, token_id: UUID, now: datetime) -> bool:
    """Revoke a token, at once; return whether there is one."""
    cursor = await connection.execute(
        "UPDATE api_tokens SET revoked_at = coalesce(revoked_at, %s) WHERE bot_id = %s AND id = %s",
        [now, bot_id, token_id],
    )
    return cursor.rowcount > 0
