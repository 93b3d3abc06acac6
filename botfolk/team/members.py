"""Who is in a bot's team, and what they may do. The last owner stays one."""

from datetime import datetime
from typing import Any, get_args
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.rows import class_row

from botfolk.live.notify import announce
from botfolk.team import accounts
from botfolk.team.principal import Role

Connection = AsyncConnection[Any]

ROLES: tuple[Role, ...] = get_args(Role)


class LastOwner(Exception):
    """A bot without an owner could never be given one again."""


class NoSuchMember(Exception):
    """There is no such member."""


class Member(Struct, frozen=True, kw_only=True):
    """A place in a team. `signed_in_at`: the newest sign-in that has not ended."""

    id: UUID
    name: str
    email: str
    role: Role
    is_active: bool
    created_at: datetime
    signed_in_at: datetime | None


async def list_members(connection: Connection, bot_id: UUID) -> list[Member]:
    """Return a bot's team, the active first, by name."""
    async with connection.cursor(row_factory=class_row(Member)) as cursor:
        await cursor.execute(
            """SELECT m.id, a.name, a.email, m.role, m.is_active, m.created_at,
                   (SELECT max(s.created_at) FROM sign_ins s WHERE s.account_id = a.id) AS signed_in_at
               FROM members m JOIN accounts a ON a.id = m.account_id
               WHERE m.bot_id = %s ORDER BY m.is_active DESC, lower(a.name), m.id""",
            [bot_id],
        )
        return await cursor.fetchall()


async def set_role(connection: Connection, bot_id: UUID, member_id: UUID, role: Role) -> None:
    """Let a member be something else, at once. Raises NoSuchMember, LastOwner."""
    if role != "owner":
        await _keep_an_owner(connection, bot_id, member_id)
    cursor = await connection.execute(
        "UPDATE members SET role = %s WHERE bot_id = %s AND id = %s", [role, bot_id, member_id]
    )
    if cursor.rowcount == 0:
        raise NoSuchMember(str(member_id))
    # Their open pages are judged anew.
    await announce(connection, bot_id, "team")


async def deactivate(connection: Connection, bot_id: UUID, member_id: UUID, now: datetime) -> None:
    """Take a member's access away, at once. Raises NoSuchMember, LastOwner."""
    await _keep_an_owner(connection, bot_id, member_id)
    cursor = await connection.execute("SELECT 1 FROM members WHERE bot_id = %s AND id = %s", [bot_id, member_id])
    if await cursor.fetchone() is None:
        raise NoSuchMember(str(member_id))
    await accounts.deactivate(connection, bot_id, member_id, now)


async def reactivate(connection: Connection, bot_id: UUID, member_id: UUID) -> None:
    """Let a member in again, in the role they had. Raises NoSuchMember."""
    cursor = await connection.execute(
        "UPDATE members SET is_active = true WHERE bot_id = %s AND id = %s", [bot_id, member_id]
    )
    if cursor.rowcount == 0:
        raise NoSuchMember(str(member_id))


async def _keep_an_owner(connection: Connection, bot_id: UUID, leaving: UUID) -> None:
    """Raise LastOwner when a member is the only owner; two owners cannot leave at the same moment."""
    cursor = await connection.execute(
        "SELECT id FROM members WHERE bot_id = %s AND role = 'owner' AND is_active ORDER BY id FOR UPDATE", [bot_id]
    )
    owners = {row[0] for row in await cursor.fetchall()}
    if owners == {leaving}:
        raise LastOwner(str(leaving))
