"""What keeps a person who was erased from coming back by itself: of each of their names a hash, which without the
installation's secret tells nobody who it was."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from psycopg import AsyncConnection

from botfolk.db.secrets import SecretBox

Connection = AsyncConnection[Any]
Kind = Literal["identity", "email", "phone", "delivery"]
Name = tuple[Kind, str, str]
"""("identity", kind of channel, the channel's id) · ("email", "", address) · ("phone", "", E.164) ·
("delivery", the channel, its key)"""

REPEATED = timedelta(days=8)
"""No service tries a delivery again after this long: https://developers.facebook.com/docs/graph-api/webhooks"""

_KEPT = timedelta(days=30)


def identity(kind: str, external_id: str) -> Name:
    """Return the name of a person on a kind of channel: another channel of that kind knows them by it, too."""
    return ("identity", kind, external_id)


def email(address: str) -> Name:
    """Return an email as a name."""
    return ("email", "", address.strip().lower())


def phone(number: str) -> Name:
    """Return a telephone number (E.164) as a name."""
    return ("phone", "", number.strip())


def delivery(channel_id: UUID, dedupe_key: str) -> Name:
    """Return what a service sent, as a name."""
    return ("delivery", str(channel_id), dedupe_key)


async def bury(connection: Connection, box: SecretBox, bot_id: UUID, names: Iterable[Name], now: datetime) -> None:
    """Remember names of a person who is erased now, in the caller's transaction. Deliveries are forgotten after 30
    days."""
    rows = {box.digests(str(bot_id), *name)[0]: name[0] for name in names}
    await connection.execute(
        "INSERT INTO tombstones (bot_id, digest, kind, at)"
        " SELECT %s, t.digest, t.kind, %s FROM unnest(%s::bytea[], %s::text[]) AS t (digest, kind)"
        " ON CONFLICT (bot_id, digest) DO UPDATE SET at = greatest(tombstones.at, excluded.at)",
        [bot_id, now, list(rows), list(rows.values())],
    )
    await connection.execute(
        "DELETE FROM tombstones WHERE bot_id = %s AND kind = 'delivery' AND at < %s", [bot_id, now - _KEPT]
    )


async def buried(
    connection: Connection, box: SecretBox, bot_id: UUID, names: Sequence[Name]
) -> Mapping[Name, datetime]:
    """Return those of the names that belong to somebody who was erased, and when that was."""
    name_of = {digest: name for name in names for digest in box.digests(str(bot_id), *name)}
    if not name_of:
        return {}
    cursor = await connection.execute(
        "SELECT digest, at FROM tombstones WHERE bot_id = %s AND digest = ANY(%s)", [bot_id, list(name_of)]
    )
    return {name_of[bytes(digest)]: at for digest, at in await cursor.fetchall()}
