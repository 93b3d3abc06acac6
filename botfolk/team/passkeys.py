"""Passkeys: a key pair of a device instead of a password (https://www.w3.org/TR/webauthn-3/).

Every challenge is good once and for five minutes, on whatever node it comes back to.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.rows import class_row

from botfolk.ids import new_id

Connection = AsyncConnection[Any]

CHALLENGE_LASTS = timedelta(minutes=5)
MOST = 20


class BadPasskey(Exception):
    """The answer proves nothing; the text says why in plain words."""


class Party(Struct, frozen=True):
    """Who asks for the proof: the domain a passkey belongs to, and the page's origin."""

    domain: str
    origin: str


class Passkey(Struct, frozen=True, kw_only=True):
    """A passkey of an account."""

    id: UUID
    name: str
    created_at: datetime
    used_at: datetime | None


async def list_passkeys(connection: Connection, account_id: UUID) -> list[Passkey]:
    """Return an account's passkeys, oldest first."""
    async with connection.cursor(row_factory=class_row(Passkey)) as cursor:
        await cursor.execute(
            "SELECT id, name, created_at, used_at FROM passkeys WHERE account_id = %s ORDER BY created_at, id",
            [account_id],
        )
        return await cursor.fetchall()


async def begin_adding(
    connection: Connection, party: Party, account_id: UUID, email: str, name: str, now: datetime
) -> str:
    """Return the options (JSON) by which a browser makes a new passkey. Raises BadPasskey when there are too many."""
    from botfolk.team import ceremonies

    cursor = await connection.execute("SELECT credential_id FROM passkeys WHERE account_id = %s", [account_id])
    known = [bytes(row[0]) for row in await cursor.fetchall()]
    if len(known) >= MOST:
        raise BadPasskey(f"an account has at most {MOST} passkeys: remove one first")
    challenge = await _challenge(connection, account_id, now)
    return ceremonies.ask_for_new(party, account_id, email, name, challenge, known)


async def add(
    connection: Connection, party: Party, account_id: UUID, credential: dict[str, Any], name: str, now: datetime
) -> None:
    """Keep the passkey a browser made. Raises BadPasskey."""
    from botfolk.team import ceremonies

    challenge = await _use_up(connection, credential, account_id, now)
    try:
        made = ceremonies.prove_new(party, credential, challenge)
    except ceremonies.NotProved as error:
        raise BadPasskey("the browser's answer does not fit: try again") from error
    cursor = await connection.execute(
        """INSERT INTO passkeys (id, account_id, credential_id, public_key, sign_count, name, created_at)
           VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (credential_id) DO NOTHING""",
        [
            new_id(),
            account_id,
            made.credential_id,
            made.public_key,
            made.sign_count,
            " ".join(name.replace("\x00", "").split())[:100] or "Passkey",
            now,
        ],
    )
    if cursor.rowcount == 0:
        raise BadPasskey("this passkey is known already")


async def remove(connection: Connection, account_id: UUID, passkey_id: UUID) -> bool:
    """Let a passkey sign in no more; return whether the account has it."""
    cursor = await connection.execute(
        "DELETE FROM passkeys WHERE account_id = %s AND id = %s", [account_id, passkey_id]
    )
    return cursor.rowcount > 0


async def begin_signing_in(connection: Connection, party: Party, now: datetime) -> str:
    """Return the options (JSON) by which a browser offers the passkeys it has for this place."""
    from botfolk.team import ceremonies

    return ceremonies.ask_for_known(party, await _challenge(connection, None, now))


async def account_of(connection: Connection, party: Party, credential: dict[str, Any], now: datetime) -> UUID:
    """Return the account a browser has proved to be; it is in a team. Raises BadPasskey."""
    from botfolk.team import ceremonies

    challenge = await _use_up(connection, credential, None, now)
    try:
        credential_id = ceremonies.id_of(credential)
    except ceremonies.NotProved as error:
        raise BadPasskey("the browser's answer does not fit: try again") from error
    cursor = await connection.execute(
        """SELECT p.id, p.account_id, p.public_key, p.sign_count FROM passkeys p WHERE p.credential_id = %s
             AND EXISTS (SELECT 1 FROM members m WHERE m.account_id = p.account_id AND m.is_active) FOR UPDATE""",
        [credential_id],
    )
    row = await cursor.fetchone()
    if row is None:
        raise BadPasskey("this passkey is not known here (any more)")
    try:
        sign_count = ceremonies.prove_known(party, credential, challenge, bytes(row[2]), row[3])
    except ceremonies.NotProved as error:
        raise BadPasskey("this passkey could not be verified: try again") from error
    await connection.execute(
        "UPDATE passkeys SET sign_count = %s, used_at = %s WHERE id = %s", [sign_count, now, row[0]]
    )
    account_id: UUID = row[1]
    return account_id


async def _challenge(connection: Connection, account_id: UUID | None, now: datetime) -> bytes:
    await connection.execute("DELETE FROM passkey_challenges WHERE expires_at <= %s", [now])
    challenge = secrets.token_bytes(32)
    await connection.execute(
        "INSERT INTO passkey_challenges (challenge, account_id, expires_at) VALUES (%s, %s, %s)",
        [challenge, account_id, now + CHALLENGE_LASTS],
    )
    return challenge


async def _use_up(connection: Connection, credential: dict[str, Any], account_id: UUID | None, now: datetime) -> bytes:
    """Return the challenge an answer is to, which was asked for by the same account and is good no more."""
    from botfolk.team import ceremonies

    try:
        challenge = ceremonies.challenge_of(credential)
    except ceremonies.NotProved as error:
        raise BadPasskey("the browser's answer does not fit: try again") from error
    cursor = await connection.execute(
        """DELETE FROM passkey_challenges
           WHERE challenge = %s AND expires_at > %s AND account_id IS NOT DISTINCT FROM %s RETURNING 1""",
        [challenge, now, account_id],
    )
    if await cursor.fetchone() is None:
        raise BadPasskey("that took too long, or was answered before: try again")
    return challenge
