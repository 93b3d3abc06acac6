"""What has to be fetched from a service: the pictures of people, and the files they send."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from botfolk import pictures
from botfolk.channels.contract import Channel, ChannelError, ChannelKind
from botfolk.channels.registry import Channels
from botfolk.clock import Clock
from botfolk.db.pool import Pool
from botfolk.files import RawFile, store_raw
from botfolk.http import Http
from botfolk.live.notify import users_changed
from botfolk.users.apply import apply
from botfolk.users.edits import Actor, SetPicture
from botfolk.users.said import edits_of

_log = structlog.get_logger(__name__)


class Reach(Struct, frozen=True, kw_only=True):
    """What a job needs of the process."""

    pool: Pool
    http: Http
    channels: Channels
    kinds: Mapping[str, ChannelKind]
    clock: Clock

    async def channel(self, channel_id: UUID) -> tuple[Channel, ChannelKind] | None:
        """Return a channel that is switched on, and its kind; else None."""
        channel = await self.channels.get(channel_id)
        kind = None if channel is None else self.kinds.get(channel.kind)
        if channel is None or kind is None or not channel.enabled:
            return None
        return channel, kind


class _Person(Struct, frozen=True, kw_only=True):
    user_id: UUID
    channel_id: UUID
    external_id: str
    picture_ref: str | None
    is_group: bool
    address: dict[str, Any] | None


async def _person(reach: Reach, bot_id: UUID, identity_id: UUID) -> _Person | None:
    async with reach.pool.connection() as connection, connection.cursor(row_factory=class_row(_Person)) as cursor:
        await cursor.execute(
            """SELECT i.user_id, i.channel_id, i.external_id, i.picture_ref, u.is_group,
                   i.profile -> 'address' AS address
               FROM identities i JOIN users u ON u.bot_id = i.bot_id AND u.id = i.user_id
               WHERE i.bot_id = %s AND i.id = %s AND u.status <> 'blocked'""",
            [bot_id, identity_id],
        )
        return await cursor.fetchone()


async def fetch_profile(reach: Reach, bot_id: UUID, identity_id: UUID, job_id: UUID | None = None) -> None:
    """Ask a person's channel who they are, and fill what it may fill. `job_id`: the job of many users that this is of.
    Raises TryLater."""
    person = await _person(reach, bot_id, identity_id)
    found = None if person is None else await reach.channel(person.channel_id)
    if person is None or found is None or person.is_group:
        return
    channel, kind = found
    try:
        profile = await kind.profile(channel, reach.http, person.external_id, person.address or {})
    except ChannelError as error:
        _log.info("profiles.none", channel=str(channel.id), why=str(error))
        return
    if profile is None:
        return
    async with reach.pool.connection() as connection:
        edits = edits_of(profile)
        said_by = Actor("channel", kind.label, channel.id)
        await apply(connection, bot_id, person.user_id, edits, said_by, now=reach.clock(), job_id=job_id)
        if profile.username:
            await connection.execute(
                "UPDATE identities SET username = %s WHERE bot_id = %s AND id = %s",
                [profile.username, bot_id, identity_id],
            )


async def fetch_picture(reach: Reach, bot_id: UUID, identity_id: UUID, job_id: UUID | None = None) -> None:
    """Fetch a person's picture from their channel and give it to their user, if the channel may. `job_id`: the job of
    many users that this is of. Raises TryLater."""
    person = await _person(reach, bot_id, identity_id)
    found = None if person is None else await reach.channel(person.channel_id)
    if person is None or found is None:
        return
    channel, kind = found
    picture, ref = None, person.picture_ref
    try:
        fetched = await kind.picture(
            channel, reach.http, person.external_id, is_group=person.is_group, known_ref=person.picture_ref
        )
        if fetched is not None:
            ref = fetched.ref
            picture = await asyncio.to_thread(pictures.avatar, fetched.content)
    except (ChannelError, pictures.BadPicture) as error:
        _log.info("pictures.none", channel=str(channel.id), why=str(error))
    async with reach.pool.connection() as connection:
        if picture is not None:
            said_by = Actor("channel", reach.kinds[channel.kind].label, channel.id)
            await _give_picture(connection, bot_id, person.user_id, picture, said_by, reach.clock(), job_id)
        await connection.execute(
            "UPDATE identities SET picture_ref = %s, picture_checked_at = %s WHERE bot_id = %s AND id = %s",
            [ref, reach.clock(), bot_id, identity_id],
        )


async def _give_picture(
    connection: AsyncConnection[Any],
    bot_id: UUID,
    user_id: UUID,
    picture: pictures.Picture,
    actor: Actor,
    now: datetime,
    job_id: UUID | None,
) -> None:
    media_id = await pictures.store(connection, bot_id, picture, now)
    applied = await apply(connection, bot_id, user_id, [SetPicture(media_id)], actor, now=now, job_id=job_id)
    if not applied.changes:
        # A later source chose the picture: the channel's is not kept.
        await connection.execute("DELETE FROM media WHERE bot_id = %s AND id = %s", [bot_id, media_id])


async def fetch_media(reach: Reach, bot_id: UUID, message_id: UUID) -> None:
    """Fetch a message's files and note in its details where they are (`media_id`), or why not. Raises TryLater.

    Photos and stickers are drawn anew; everything else is kept as it came (`raw`) and only ever downloaded.
    """
    async with reach.pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT channel_id, kind, details->'media' FROM messages WHERE bot_id = %s AND id = %s",
            [bot_id, message_id],
        )
        row = await cursor.fetchone()
    found = None if row is None else await reach.channel(row[0])
    if row is None or found is None:
        return
    channel, kind = found
    for index, media in enumerate(row[2] or []):
        if "media_id" in media or "ref" not in media:
            continue
        try:
            content = await kind.media(channel, reach.http, media["ref"])
            file = await _file(row[1], media, content)
        except (ChannelError, pictures.BadPicture) as error:
            await _note(reach, bot_id, message_id, index, {"error": str(error)})
        else:
            await _note(reach, bot_id, message_id, index, {}, file)


async def _file(kind: str, media: Mapping[str, Any], content: bytes) -> pictures.Picture | RawFile:
    """Return a file as it is kept. Raises BadPicture for a photo that is none."""
    declared = str(media.get("content_type") or "")
    if kind == "photo" and (not declared or declared.startswith("image/")):
        return await asyncio.to_thread(pictures.photo, content)
    if kind == "sticker":
        with suppress(pictures.BadPicture):
            return await asyncio.to_thread(pictures.photo, content)
    return RawFile(name=media.get("name"), content=content)


async def _note(
    reach: Reach,
    bot_id: UUID,
    message_id: UUID,
    index: int,
    noted: dict[str, Any],
    file: pictures.Picture | RawFile | None = None,
) -> None:
    """Write what became of one file of a message, in one transaction with the file itself."""
    async with reach.pool.connection() as connection:
        match file:
            case pictures.Picture():
                media_id = await pictures.store(connection, bot_id, file, reach.clock())
                noted = {"media_id": str(media_id), "width": file.width, "height": file.height}
            case RawFile():
                media_id = await store_raw(connection, bot_id, file, reach.clock())
                noted = {"media_id": str(media_id), "size": len(file.content), "raw": True}
        cursor = await connection.execute(
            """UPDATE messages SET details = jsonb_set(details, ARRAY['media', %s],
                   (details->'media'->%s) - 'error' || %s)
               WHERE bot_id = %s AND id = %s AND details->'media'->%s IS NOT NULL RETURNING user_id""",
            [str(index), index, Jsonb(noted), bot_id, message_id, index],
        )
        row = await cursor.fetchone()
        if row is not None:
            await users_changed(connection, bot_id, [row[0]])
        elif "media_id" in noted:
            # The person was erased while their file was on its way.
            await connection.execute("DELETE FROM media WHERE bot_id = %s AND id = %s", [bot_id, noted["media_id"]])
