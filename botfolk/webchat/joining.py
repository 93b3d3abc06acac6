"""A visitor turns out to be somebody the host page knows."""

import hashlib
from datetime import datetime
from uuid import UUID

import msgspec
from psycopg.errors import UniqueViolation

from botfolk.channels.contract import Channel
from botfolk.channels.events import Introduced, Profile
from botfolk.channels.registry import KINDS
from botfolk.channels.webchat.tokens import Identity, Visitor
from botfolk.db.pool import Connection
from botfolk.users.edits import Actor, UserNotFound
from botfolk.users.merge import merge
from botfolk.webchat.say import browser_fields


def introduce(visitor: Visitor, identity: Identity, now: datetime) -> Introduced:
    """Return the event by which what the host page vouches for reaches the profile."""
    profile = Profile(fields={**browser_fields(visitor), **identity.fields}, attributes=identity.attributes)
    # The same word twice is once; another word of the same person is another.
    digest = hashlib.sha256(msgspec.json.encode(profile)).hexdigest()[:32]
    return Introduced(
        dedupe_key=f"introduced:{visitor.external_id}:{digest}",
        external_user_id=visitor.external_id,
        at=now,
        profile=profile,
    )


async def join(connection: Connection, channel: Channel, guest: str, known: str, now: datetime) -> None:
    """Let a guest be a known person from now on, in the caller's transaction: what they said as a guest is theirs.

    Only the host page's signed word leads here; what a visitor claims of themselves joins nobody. Two pages of the
    same browser may ask at once: who comes second finds it done.
    """
    try:
        async with connection.transaction():
            await _join(connection, channel, guest, known, now)
    except (UniqueViolation, UserNotFound):
        await _join(connection, channel, guest, known, now)


async def _join(connection: Connection, channel: Channel, guest: str, known: str, now: datetime) -> None:
    found = await _users(connection, channel, [guest, known])
    if guest not in found:
        return
    if known not in found:
        await connection.execute(
            "UPDATE identities SET external_id = %s WHERE bot_id = %s AND channel_id = %s AND external_id = %s",
            [known, channel.bot_id, channel.id, guest],
        )
    elif found[guest] != found[known]:
        actor = Actor("channel", KINDS[channel.kind].label, channel.id)
        await merge(connection, channel.bot_id, found[guest], found[known], actor, now=now)


async def _users(connection: Connection, channel: Channel, external_ids: list[str]) -> dict[str, UUID]:
    cursor = await connection.execute(
        "SELECT external_id, user_id FROM identities WHERE bot_id = %s AND channel_id = %s AND external_id = ANY(%s)",
        [channel.bot_id, channel.id, external_ids],
    )
    return {row[0]: row[1] for row in await cursor.fetchall()}
