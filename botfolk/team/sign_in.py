"""Signing in: by a one-time link or a password; a sign-in is a random token in a cookie."""

import asyncio
import os
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from psycopg import AsyncConnection

from botfolk.db.pool import Pool
from botfolk.ids import new_id
from botfolk.live.notify import announce
from botfolk.team.credentials import new_token, token_hash

Connection = AsyncConnection[Any]

LASTS = timedelta(days=30)
LINK_LASTS = timedelta(minutes=15)
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 1000

Result = TypeVar("Result")

_hasher = PasswordHasher()
_hashing = ThreadPoolExecutor(max_workers=2, thread_name_prefix="hashing")


def _of_nobody() -> str:
    """Return what looks like a password's hash and is none: verified when there is no such account, so that the time of
    an answer says nothing. It is written, not worked out: that would be a sixth of the time a start takes."""
    salt, digest = (b64encode(os.urandom(size)).decode().rstrip("=") for size in (_hasher.salt_len, _hasher.hash_len))
    costs = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    return f"$argon2id$v=19${costs}${salt}${digest}"


_nobody = _of_nobody()


class BadPassword(Exception):
    """A password that cannot be taken; the text says why."""


async def new_link(connection: Connection, account_id: UUID, now: datetime, lifetime: timedelta = LINK_LASTS) -> str:
    """Return the token of a new one-time link."""
    token = new_token()
    await connection.execute(
        "INSERT INTO sign_in_links (id, account_id, token_hash, created_at, expires_at) VALUES (%s, %s, %s, %s, %s)",
        [new_id(), account_id, token_hash(token), now, now + lifetime],
    )
    return token


async def link_is_good(connection: Connection, token: str, now: datetime) -> bool:
    """Say whether a link would sign in, without using it up."""
    cursor = await connection.execute(
        "SELECT 1 FROM sign_in_links l WHERE token_hash = %s AND used_at IS NULL AND expires_at > %s"
        " AND EXISTS (SELECT 1 FROM members m WHERE m.account_id = l.account_id AND m.is_active)",
        [token_hash(token), now],
    )
    return await cursor.fetchone() is not None


async def use_link(connection: Connection, token: str, now: datetime, agent: str) -> str | None:
    """Use a link up and sign in; return the cookie's token, or None when the link is used or too old."""
    cursor = await connection.execute(
        "UPDATE sign_in_links l SET used_at = %(now)s"
        " WHERE token_hash = %(hash)s AND used_at IS NULL AND expires_at > %(now)s"
        " AND EXISTS (SELECT 1 FROM members m WHERE m.account_id = l.account_id AND m.is_active) RETURNING account_id",
        {"now": now, "hash": token_hash(token)},
    )
    row = await cursor.fetchone()
    return None if row is None else await begin(connection, row[0], now, agent)


async def begin(connection: Connection, account_id: UUID, now: datetime, agent: str) -> str:
    """Sign an account in and return the cookie's token."""
    token = new_token()
    await connection.execute("DELETE FROM sign_ins WHERE account_id = %s AND expires_at <= %s", [account_id, now])
    await connection.execute(
        "INSERT INTO sign_ins (id, account_id, token_hash, created_at, expires_at, agent)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        [new_id(), account_id, token_hash(token), now, now + LASTS, agent[:300].replace("\x00", "")],
    )
    return token


async def by_password(pool: Pool, email: str, password: str, now: datetime, agent: str) -> str | None:
    """Sign in by email and password; None when they do not belong together. Takes the same time either way.

    No connection is held while the password is compared.
    """
    async with pool.connection() as connection:
        cursor = await connection.execute(_BY_EMAIL, [email.replace("\x00", "")])
        row = await cursor.fetchone()
    stored = row[1] if row is not None and row[1] else None
    matches = await _slowly(_verify, stored or _nobody, password)
    if row is None or stored is None or not matches:
        return None
    async with pool.connection() as connection:
        # Locked, so that a password changed meanwhile ends this sign-in too.
        cursor = await connection.execute(
            "SELECT 1 FROM accounts WHERE id = %s AND password_hash = %s FOR SHARE", [row[0], stored]
        )
        return await begin(connection, row[0], now, agent) if await cursor.fetchone() else None


_BY_EMAIL = """
SELECT a.id, a.password_hash FROM accounts a WHERE lower(a.email) = lower(%s)
    AND EXISTS (SELECT 1 FROM members m WHERE m.account_id = a.id AND m.is_active)
"""


async def _slowly(work: Callable[[str, str], Result], first: str, second: str) -> Result:
    """Work with hashes beside the loop, a few at a time: each takes a processor and 64 MB."""
    return await asyncio.get_running_loop().run_in_executor(_hashing, work, first, second)


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password[:LONGEST_PASSWORD])
    except (Argon2Error, InvalidHashError):
        return False


async def is_password(pool: Pool, email: str, password: str) -> bool:
    """Say whether a password is that of an account, whatever team it is in."""
    async with pool.connection() as connection:
        cursor = await connection.execute("SELECT password_hash FROM accounts WHERE lower(email) = lower(%s)", [email])
        row = await cursor.fetchone()
    stored = row[0] if row is not None and row[0] else None
    return await _slowly(_verify, stored or _nobody, password) and stored is not None


async def hash_password(password: str) -> str:
    """Return what is stored of a new password. Raises BadPassword."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise BadPassword(f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    return await _slowly(lambda given, _: _hasher.hash(given), password, "")


async def set_password(connection: Connection, account_id: UUID, hashed: str, keep: UUID | None) -> None:
    """Store an account's password (from `hash_password`); every other sign-in (`keep`: the one that asks) and every
    link of it ends, and so do live streams."""
    await connection.execute("UPDATE accounts SET password_hash = %s WHERE id = %s", [hashed, account_id])
    await connection.execute(
        "DELETE FROM sign_ins WHERE account_id = %s AND id IS DISTINCT FROM %s", [account_id, keep]
    )
    await connection.execute("DELETE FROM sign_in_links WHERE account_id = %s", [account_id])
    cursor = await connection.execute("SELECT bot_id FROM members WHERE account_id = %s", [account_id])
    for (bot_id,) in await cursor.fetchall():
        await announce(connection, bot_id, "team")


async def end(connection: Connection, sign_in_id: UUID) -> None:
    """Sign out."""
    await connection.execute("DELETE FROM sign_ins WHERE id = %s", [sign_in_id])
