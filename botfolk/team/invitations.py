"""Invitations to a team: a link that lets one person in, once."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.rows import class_row

from botfolk.ids import new_id
from botfolk.team import accounts
from botfolk.team.credentials import new_token, token_hash
from botfolk.team.principal import Role

Connection = AsyncConnection[Any]

LASTS = timedelta(days=7)


class Invitation(Struct, frozen=True, kw_only=True):
    """An invitation that can still be accepted. `account_id`: the account of that email, where there is one."""

    bot_id: UUID
    id: UUID
    email: str
    role: Role
    bot_name: str
    created_at: datetime
    expires_at: datetime
    account_id: UUID | None


class AlreadyMember(Exception):
    """The person is in the team."""


_OPEN = """
SELECT i.bot_id, i.id, i.email, i.role, b.name AS bot_name, i.created_at, i.expires_at, a.id AS account_id
FROM invitations i
JOIN bots b ON b.bot_id = i.bot_id
LEFT JOIN accounts a ON lower(a.email) = lower(i.email)
LEFT JOIN members m ON m.bot_id = i.bot_id AND m.id = i.invited_by
WHERE i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > %(now)s
  AND (i.invited_by IS NULL OR (m.is_active AND m.role = 'owner'))
"""


async def invite(
    connection: Connection, bot_id: UUID, email: str, role: Role, invited_by: UUID | None, now: datetime
) -> str:
    """Invite somebody and return the token of the link; an earlier invitation of the same email is revoked.

    Raises AlreadyMember.
    """
    cursor = await connection.execute(
        """SELECT 1 FROM members m JOIN accounts a ON a.id = m.account_id
           WHERE m.bot_id = %s AND m.is_active AND lower(a.email) = lower(%s)""",
        [bot_id, email],
    )
    if await cursor.fetchone() is not None:
        raise AlreadyMember(email)
    await connection.execute(
        """UPDATE invitations SET revoked_at = %s
           WHERE bot_id = %s AND lower(email) = lower(%s) AND accepted_at IS NULL AND revoked_at IS NULL""",
        [now, bot_id, email],
    )
    token = new_token()
    await connection.execute(
        """INSERT INTO invitations (bot_id, id, email, role, token_hash, invited_by, created_at, expires_at)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s)""",
        [bot_id, new_id(), email, role, token_hash(token), invited_by, now, now + LASTS],
    )
    return token


async def pending(connection: Connection, bot_id: UUID, now: datetime) -> list[Invitation]:
    """Return what can still be accepted, newest first."""
    async with connection.cursor(row_factory=class_row(Invitation)) as cursor:
        query = _OPEN + " AND i.bot_id = %(bot)s ORDER BY i.created_at DESC, i.id"
        await cursor.execute(query.encode(), {"bot": bot_id, "now": now})
        return await cursor.fetchall()


async def find(connection: Connection, token: str, now: datetime) -> Invitation | None:
    """Return the invitation of a link; None when it is used, revoked or too old."""
    async with connection.cursor(row_factory=class_row(Invitation)) as cursor:
        query = _OPEN + " AND i.token_hash = %(hash)s"
        await cursor.execute(query.encode(), {"hash": token_hash(token), "now": now})
        return await cursor.fetchone()


async def accept(connection: Connection, token: str, name: str, now: datetime) -> tuple[Invitation, UUID] | None:
    """Use an invitation up: its email's account (made under `name` where there is none) is in the team; returns the
    account's id with it. None when the invitation cannot be used any more.

    Who asks must have proved to be the account of that email, where there was one.
    """
    found = await find(connection, token, now)
    if found is None:
        return None
    cursor = await connection.execute(
        "UPDATE invitations SET accepted_at = %s WHERE bot_id = %s AND id = %s AND accepted_at IS NULL",
        [now, found.bot_id, found.id],
    )
    if cursor.rowcount == 0:
        return None
    account_id = await accounts.add_member(connection, found.bot_id, found.email, name, found.role)
    return found, account_id


async def revoke(connection: Connection, bot_id: UUID, invitation_id: UUID, now: datetime) -> bool:
    """Let an invitation be good for nothing any more; return whether there is one."""
    cursor = await connection.execute(
        "UPDATE invitations SET revoked_at = coalesce(revoked_at, %s) WHERE bot_id = %s AND id = %s",
        [now, bot_id, invitation_id],
    )
    return cursor.rowcount > 0
