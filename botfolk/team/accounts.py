"""Accounts of people who sign in, and their places in a bot's team."""

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from botfolk.ids import new_id
from botfolk.live.notify import announce
from botfolk.team.principal import Role

Connection = AsyncConnection[Any]


async def create_owner(connection: Connection, bot_id: UUID, email: str, name: str) -> UUID:
    """Make an account (or take the one of that email) and make it an owner of the bot; return its id."""
    return await add_member(connection, bot_id, email, name, "owner")


async def add_member(connection: Connection, bot_id: UUID, email: str, name: str, role: Role) -> UUID:
    """Make an account (or take the one of that email) a member of the bot; return the account's id."""
    cursor = await connection.execute(
        "INSERT INTO accounts (id, email, name) VALUES (%s, %s, %s)"
        " ON CONFLICT (lower(email)) DO UPDATE SET email = accounts.email RETURNING id",
        [new_id(), email, name],
    )
    row = await cursor.fetchone()
    if row is None:
        raise RuntimeError("the account was not stored")
    account_id: UUID = row[0]
    await connection.execute(
        "INSERT INTO members (bot_id, id, account_id, role) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (bot_id, account_id) DO UPDATE SET role = excluded.role, is_active = true",
        [bot_id, new_id(), account_id, role],
    )
    return account_id


async def deactivate(connection: Connection, bot_id: UUID, member_id: UUID, now: datetime) -> None:
    """Take a member's access away, at once: every request asks whether they are active, and their tokens die with them.

    Sign-ins and links of who is in no team any more are gone for good; open live streams are told to end.
    """
    await connection.execute("UPDATE members SET is_active = false WHERE bot_id = %s AND id = %s", [bot_id, member_id])
    await connection.execute(
        "UPDATE api_tokens SET revoked_at = coalesce(revoked_at, %s) WHERE bot_id = %s AND member_id = %s",
        [now, bot_id, member_id],
    )
    for table in ("sign_ins", "sign_in_links"):
        await connection.execute(
            f"DELETE FROM {table} s USING members m WHERE m.bot_id = %s AND m.id = %s"  # noqa: S608 - both are ours
            " AND s.account_id = m.account_id"
            " AND NOT EXISTS (SELECT 1 FROM members o WHERE o.account_id = m.account_id AND o.is_active)".encode(),
            [bot_id, member_id],
        )
    await announce(connection, bot_id, "team")


class EmailTaken(Exception):
    """Another account has this email."""


async def describe(connection: Connection, account_id: UUID, name: str, email: str, timezone: str, locale: str) -> None:
    """Change what an account's owner is called, signs in with, where they are and how they write. Raises EmailTaken."""
    cursor = await connection.execute(
        "SELECT 1 FROM accounts WHERE lower(email) = lower(%s) AND id <> %s", [email, account_id]
    )
    if await cursor.fetchone() is not None:
        raise EmailTaken(email)
    await connection.execute(
        "UPDATE accounts SET name = %s, email = %s, timezone = %s, locale = %s WHERE id = %s",
        [name, email, timezone, locale, account_id],
    )
