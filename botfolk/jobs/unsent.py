"""Files that were stored to be sent, or to be looked at, and never were: they go by themselves.

A file has an owner from the moment it is stored (`files.py`). A week later it is either part of a message, and needs
its owner no longer, or nobody has done anything with it. Each is looked at once.
"""

from datetime import datetime, timedelta
from typing import Any

from psycopg import AsyncConnection

KEPT = timedelta(days=7)
"""Until then, what a browser without a connection has kept may still be said."""

_BATCH = 200

# What we sent is found by messages_media_out; what a visitor said by their identity and messages_user, since a file is
# part of their message soon after it was stored. A picture that a member has taken has no owner any more.
_SETTLE = """
WITH old AS MATERIALIZED (
    SELECT bot_id, id, owner, created_at FROM media WHERE owner IS NOT NULL AND created_at < %(before)s
    LIMIT %(most)s FOR UPDATE SKIP LOCKED
), used AS MATERIALIZED (
    SELECT o.bot_id, o.id FROM old o WHERE EXISTS (
        SELECT 1 FROM messages x WHERE x.bot_id = o.bot_id AND x.direction = 'out' AND x.details ? 'media'
            AND x.details -> 'media' @> jsonb_build_array(jsonb_build_object('media_id', o.id))
    ) OR EXISTS (
        SELECT 1 FROM identities i JOIN messages x ON x.bot_id = i.bot_id AND x.user_id = i.user_id
        WHERE o.owner LIKE 'visitor:%%' AND i.bot_id = o.bot_id AND i.channel_id::text = split_part(o.owner, ':', 2)
            AND i.external_id = substr(o.owner, length('visitor:') + 38)
            AND x.direction = 'in' AND x.details ? 'media'
            AND x.details -> 'media' @> jsonb_build_array(jsonb_build_object('media_id', o.id))
    ) OR EXISTS (SELECT 1 FROM users u WHERE u.bot_id = o.bot_id AND u.picture_id = o.id)
), kept AS (
    UPDATE media m SET owner = NULL FROM used WHERE m.bot_id = used.bot_id AND m.id = used.id
), gone AS (
    DELETE FROM media m USING old o WHERE m.bot_id = o.bot_id AND m.id = o.id
        AND (o.bot_id, o.id) NOT IN (SELECT bot_id, id FROM used)
    RETURNING 1
)
SELECT (SELECT count(*) FROM old), (SELECT count(*) FROM gone)
"""


async def forget_unsent(connection: AsyncConnection[Any], now: datetime) -> int:
    """Remove the files of all bots that were stored a week ago and never used; return how many went.

    Commits after each batch: no file is locked for long.
    """
    gone = 0
    while True:
        cursor = await connection.execute(_SETTLE, {"before": now - KEPT, "most": _BATCH})
        row = await cursor.fetchone()
        await connection.commit()
        if row is None or row[0] == 0:
            return gone
        gone += row[1]
