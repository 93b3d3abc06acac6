"""What the channels of a user say of them now, against what the profile holds: offered, and taken only as chosen."""

import asyncio
import hmac
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from psycopg import AsyncConnection
from psycopg.rows import class_row

from botfolk import pictures
from botfolk.channels.contract import ChannelError, TryLater
from botfolk.channels.events import Profile
from botfolk.channels.registry import KINDS
from botfolk.files import of_user
from botfolk.pages.formats import channel_name
from botfolk.services import Services
from botfolk.users.apply import apply
from botfolk.users.describe import value_text
from botfolk.users.edits import Actor, Edit, SetAttribute, SetField, SetPicture
from botfolk.users.fields import FIELDS, BadValue, clean
from botfolk.users.plan import may_set
from botfolk.users.read import User

Connection = AsyncConnection[Any]

_MOST_SECONDS = 15.0


class Offered(Struct, frozen=True, kw_only=True):
    """A value that a channel says, beside the one that stands. `name`: a field, "attributes.plan" or "picture" (then
    the values are ids of stored pictures). `source`: who set the one that stands."""

    name: str
    label: str
    old: str | None
    new: str
    source: str | None
    channel_id: UUID
    channel_kind: str

    @property
    def is_channels(self) -> bool:
        """Say whether the channel may set it by itself: nobody else did."""
        # A picture that was taken away stays away.
        is_empty = self.old is None and self.name != "picture"
        return may_set(self.name, is_empty, {self.name: self.source or "channel"}, "channel")


class Heard(Struct, frozen=True, kw_only=True):
    """What came of asking one channel; `problem` says why nothing did."""

    channel: str
    offers: list[Offered]
    problem: str | None = None


class _Asked(Struct, frozen=True, kw_only=True):
    channel_id: UUID
    external_id: str
    said: dict[str, Any] | None


# An identity's other names are the same person at the same service: asking once is enough.
_IDENTITIES = """
SELECT channel_id, external_id, profile AS said FROM identities
WHERE bot_id = %s AND user_id = %s AND alias_of IS NULL ORDER BY id
"""


async def hear(shared: Services, bot_id: UUID, user: User) -> list[Heard]:
    """Ask the channel of each identity what it says of a user now. Never raises for what a service does."""
    async with shared.pool.connection() as connection, connection.cursor(row_factory=class_row(_Asked)) as cursor:
        await cursor.execute(_IDENTITIES, [bot_id, user.id])
        asked = await cursor.fetchall()
    return list(await asyncio.gather(*(_hear(shared, bot_id, user, each) for each in asked)))


async def _hear(shared: Services, bot_id: UUID, user: User, asked: _Asked) -> Heard:
    channel = await shared.channels.get(asked.channel_id)
    if channel is None or channel.kind not in KINDS:
        return Heard(channel="?", offers=[], problem="the channel cannot be read")
    kind, name = KINDS[channel.kind], f"{channel_name(channel.kind)}: {channel.name}"
    if not channel.enabled:
        return Heard(channel=name, offers=[], problem="the channel is switched off")
    said = asked.said or {}
    values: dict[str, Any] = {key: value for key, value in (said.get("fields") or {}).items() if value}
    values |= {f"attributes.{key}": value for key, value in (said.get("attributes") or {}).items()}
    drawn, problem = None, None
    try:
        async with asyncio.timeout(_MOST_SECONDS):
            if not user.group.is_group:
                address = said.get("address") or {}
                values |= _values(await kind.profile(channel, shared.http, asked.external_id, address))
            picture = await kind.picture(
                channel, shared.http, asked.external_id, is_group=user.group.is_group, known_ref=None
            )
            drawn = None if picture is None else await asyncio.to_thread(pictures.avatar, picture.content)
    except (ChannelError, TryLater, pictures.BadPicture) as error:
        problem = str(error)
    except TimeoutError:
        problem = f"{kind.label} did not answer in time"
    offers = list(_news(user, values, channel.id, channel.kind))
    if drawn is not None:
        async with shared.pool.connection() as connection:
            offers += await _picture(connection, bot_id, user, drawn, channel.id, channel.kind, shared.clock())
    return Heard(channel=name, offers=offers, problem=problem)


def _values(profile: Profile | None) -> dict[str, Any]:
    if profile is None:
        return {}
    attributes = {f"attributes.{name}": value for name, value in profile.attributes.items()}
    return {name: value for name, value in profile.fields.items() if value} | attributes


def _news(user: User, values: Mapping[str, Any], channel_id: UUID, kind: str) -> Iterable[Offered]:
    """Yield what a channel says that the profile does not hold."""
    attributes = {name.lower(): value for name, value in user.attributes.items()}
    sources = {name.lower(): source for name, source in user.sources.items()}
    for name, value in values.items():
        if name in FIELDS:
            try:
                new = clean(name, str(value)) or ""
            except BadValue:
                continue
            old, label = getattr(user, name), FIELDS[name].label
        elif name.startswith("attributes."):
            label = name.removeprefix("attributes.")
            known = attributes.get(label.lower())
            old, new = (None if known is None else value_text(known)), value_text(value)
        else:
            continue
        if new and new != old:
            yield Offered(
                name=name,
                label=label,
                old=old,
                new=new,
                source=sources.get(name.lower()),
                channel_id=channel_id,
                channel_kind=kind,
            )


async def _picture(
    connection: Connection,
    bot_id: UUID,
    user: User,
    drawn: pictures.Picture,
    channel_id: UUID,
    kind: str,
    now: datetime,
) -> list[Offered]:
    """Keep a picture to be looked at, unless it is the one that stands."""
    old = None if user.picture_url is None else user.picture_url.rpartition("/")[2]
    if old is not None:
        cursor = await connection.execute(
            "SELECT content = %s FROM media WHERE bot_id = %s AND id = %s", [drawn.content, bot_id, UUID(old)]
        )
        row = await cursor.fetchone()
        if row and row[0]:
            return []
    # Owned until somebody takes it: what nobody decides on goes by itself.
    media_id = await pictures.store(connection, bot_id, drawn, now, owner=of_user(user.id))
    source = user.sources.get("picture")
    return [
        Offered(
            name="picture",
            label="Picture",
            old=old,
            new=str(media_id),
            source=source,
            channel_id=channel_id,
            channel_kind=kind,
        )
    ]


def sealed(offers: Sequence[Offered], user_id: UUID, key: str) -> tuple[str, str]:
    """Return offers as text, and the proof that it was us who made them: what a channel said is not to be typed."""
    text = msgspec.json.encode(offers).decode()
    return text, _proof(text, user_id, key)


def opened(text: str, proof: str, user_id: UUID, key: str) -> list[Offered]:
    """Read `sealed`. Raises ValueError for what was not made by us for this user."""
    if not hmac.compare_digest(_proof(text, user_id, key).encode(), proof.encode()):
        raise ValueError("these offers are not ours")
    return msgspec.json.decode(text, type=list[Offered])


def _proof(text: str, user_id: UUID, key: str) -> str:
    return hmac.new(key.encode(), b"refresh " + user_id.bytes + text.encode(), "sha256").hexdigest()


async def take(
    connection: Connection, bot_id: UUID, user_id: UUID, chosen: Sequence[Offered], member: Actor, *, now: datetime
) -> int:
    """Set what was chosen, in the caller's transaction; return how many values changed.

    What the channel may set stays the channel's; what somebody else had set is the member's word from now on. Raises
    Clash when a value has changed since it was offered, UserNotFound, InvalidEdit.
    """
    changed = 0
    for offer in chosen:
        by_channel = Actor("channel", KINDS[offer.channel_kind].label, offer.channel_id)
        actor = by_channel if offer.is_channels else member
        applied = await apply(connection, bot_id, user_id, [_edit(offer)], actor, now=now)
        changed += len(applied.changes)
        if offer.name == "picture":
            await connection.execute(
                "UPDATE media SET owner = NULL WHERE bot_id = %s AND id = %s", [bot_id, UUID(offer.new)]
            )
    return changed


def _edit(offer: Offered) -> Edit:
    if offer.name == "picture":
        return SetPicture(UUID(offer.new))
    if offer.name.startswith("attributes."):
        return SetAttribute(offer.name.removeprefix("attributes."), offer.new)
    return SetField(offer.name, offer.new, expected=offer.old)


async def drop_pictures(connection: Connection, bot_id: UUID, left: Iterable[Offered]) -> None:
    """Forget pictures that were offered and not taken."""
    ids = [UUID(offer.new) for offer in left if offer.name == "picture"]
    await connection.execute(
        """DELETE FROM media m WHERE m.bot_id = %s AND m.id = ANY(%s)
           AND NOT EXISTS (SELECT 1 FROM users u WHERE u.bot_id = m.bot_id AND u.picture_id = m.id)""",
        [bot_id, ids],
    )
