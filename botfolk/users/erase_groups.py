"""What a person who is erased said and did in groups: it is counted on, and no longer theirs or anybody's."""

from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from botfolk.conversations.recount import recount_as_of
from botfolk.users.erase_find import Known

Connection = AsyncConnection[Any]

# As a message is kept that its author took back: it still counts, and says nothing.
_SAID = """
UPDATE messages m SET text = NULL, details = '{"deleted": true}', sentiment = NULL, sentiment_words = NULL
FROM (SELECT id, details FROM messages WHERE bot_id = %(bot)s AND user_id = %(group)s) old
WHERE m.bot_id = %(bot)s AND m.id = old.id AND m.channel_id = ANY(%(channels)s) AND m.details ? 'sender'
    AND m.details -> 'sender' ->> 'id' = ANY(%(names)s)
RETURNING m.channel_id, m.external_id, old.details -> 'media'
"""

_REWRITTEN = """
DELETE FROM conversation_events e USING unnest(%(of)s::uuid[], %(about)s::text[]) AS a (channel_id, external_id)
WHERE e.bot_id = %(bot)s AND e.user_id = %(group)s AND e.kind IN ('edited', 'deleted')
    AND e.channel_id = a.channel_id AND e.external_id = a.external_id
"""

# Their reactions, and that they came or went, with the key of a delivery that may name them.
_DID = """
DELETE FROM conversation_events WHERE bot_id = %(bot)s AND user_id = %(group)s AND channel_id = ANY(%(channels)s)
    AND (details ? 'sender' OR details ? 'people' OR details ? 'members')
    AND (details -> 'sender' ->> 'id' = ANY(%(names)s) OR details -> 'people' <@ to_jsonb(%(names)s::text[])
         OR (details ? 'members' AND NOT jsonb_path_exists(details, '$.members[*].id ? (!(@ == $names[*]))', %(vars)s)))
"""

# Of several who came or went, the others stay told of.
_AMONG_OTHERS = """
UPDATE conversation_events SET dedupe_key = 'erased ' || id, details = details
    || CASE WHEN details ? 'people' THEN jsonb_build_object('people', (details -> 'people') - %(names)s::text[])
       ELSE '{}' END
    || CASE WHEN details ? 'members' THEN jsonb_build_object('members',
           jsonb_path_query_array(details, '$.members[*] ? (!(@.id == $names[*]))', %(vars)s)) ELSE '{}' END
WHERE bot_id = %(bot)s AND user_id = %(group)s AND channel_id = ANY(%(channels)s)
    AND (details ? 'people' OR details ? 'members')
    AND (details -> 'people' ?| %(names)s OR jsonb_path_exists(details, '$.members[*].id ? (@ == $names[*])', %(vars)s))
"""


async def silence(connection: Connection, bot_id: UUID, group: UUID, known: Known) -> tuple[int, set[UUID]]:
    """Take out of a group, which is locked, what a person said and did there; return how much that was, and the files
    they sent."""
    asked = {"bot": bot_id, "group": group, "channels": known.channels, "names": known.names}
    asked["vars"] = Jsonb({"names": known.names})
    cursor = await connection.execute(_SAID, asked)
    said = await cursor.fetchall()
    about = {"of": [row[0] for row in said], "about": [row[1] for row in said]}
    await connection.execute(_REWRITTEN, {**asked, **about})
    did = await connection.execute(_DID, asked)
    among = await connection.execute(_AMONG_OTHERS, asked)
    if said:
        cursor = await connection.execute(
            "SELECT recounted_at FROM user_stats WHERE bot_id = %s AND user_id = %s", [bot_id, group]
        )
        row = await cursor.fetchone()
        await recount_as_of(connection, bot_id, group, row[0] if row else None)
    files = {UUID(file["media_id"]) for row in said for file in row[2] or () if file.get("media_id")}
    return len(said) + did.rowcount + among.rowcount, files
