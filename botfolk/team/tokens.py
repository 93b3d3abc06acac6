"""Tokens for the API: made once, shown once, stored as a hash."""

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from botfolk.ids import new_id
from botfolk.team.credentials import new_token, token_hash

Connection = AsyncConnection[Any]


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


async def revoke(connection: Connection, bot_id: UUID, token_id: UUID, now: datetime) -> None:
    """Revoke a token, at once."""
    await connection.execute(
        "UPDATE api_tokens SET revoked_at = coalesce(revoked_at, %s) WHERE bot_id = %s AND id = %s",
        [now, bot_id, token_id],
    )
