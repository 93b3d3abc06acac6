"""The SQL of the hot path, in one place. A batch runs each at most once for a bot, in a few round trips."""

from botfolk.conversations.statistics import Statistics
from botfolk.ingest import rows
from botfolk.live.notify import NOTIFY

# By the unique index on identities, then the primary key of user_stats. Rows are locked in user id order, which is how
# every writer locks; what the locks wait for is seen, since FOR UPDATE re-reads the rows it locks. One document, since
# msgspec reads many columns several times as fast as the driver does.
PEOPLE = """
SELECT json_agg(p)::text FROM (
    SELECT i.channel_id, i.external_id, p.id AS identity_id, p.profile AS said, p.state, p.state_at, p.erased_at,
           s AS stats, i.alias_of IS NULL AND NOT EXISTS (
               SELECT 1 FROM identities a WHERE a.bot_id = i.bot_id AND a.alias_of = i.id) AS one_name
    FROM json_to_recordset(%(people)s::json) AS k (channel_id uuid, external_id text)
    JOIN identities i ON i.bot_id = %(bot)s AND i.channel_id = k.channel_id AND i.external_id = k.external_id
    JOIN identities p ON p.bot_id = i.bot_id AND p.id = coalesce(i.alias_of, i.id)
    JOIN user_stats s ON s.bot_id = i.bot_id AND s.user_id = i.user_id
    ORDER BY s.user_id
    FOR UPDATE OF s
) p
"""

# Asked under the users' locks, which the statement before takes: a delivery of the same event elsewhere has been
# committed, or will find ours. "whose": the users of the identities by now, since these may have been moved while the
# locks were waited for. "seen": what was stored before, by the two unique indexes. "early_edits": an edit may come
# before what it edits.
KNOWN = """
WITH who AS MATERIALIZED (
    SELECT DISTINCT coalesce(i.alias_of, i.id) AS identity_id, i.user_id AS id
    FROM json_to_recordset(%(people)s::json) AS k (channel_id uuid, external_id text)
    JOIN identities i ON i.bot_id = %(bot)s AND i.channel_id = k.channel_id AND i.external_id = k.external_id)
SELECT json_build_object(
    'whose', (SELECT json_agg(json_build_array(who.identity_id, u.id, u.status))
              FROM who JOIN users u ON u.bot_id = %(bot)s AND u.id = who.id),
    'toggles', (SELECT json_agg(json_build_array(t.user_id, t.effective_at, t.is_on) ORDER BY t.effective_at)
                FROM infinite_toggles t WHERE t.bot_id = %(bot)s AND t.user_id IN (SELECT id FROM who)),
    'lengths', (SELECT json_agg(json_build_array(effective_at, seconds) ORDER BY effective_at)
                FROM session_lengths WHERE bot_id = %(bot)s),
    'has_erased', EXISTS (SELECT 1 FROM tombstones WHERE bot_id = %(bot)s),
    'personality', (SELECT to_json(b) FROM bots b WHERE bot_id = %(bot)s),
    'words', (SELECT json_object_agg(word, score ORDER BY word) FROM sentiment_words WHERE bot_id = %(bot)s),
    'seen', (SELECT json_agg(json_build_array(s.channel_id, s.dedupe_key)) FROM (
        SELECT k.channel_id, k.dedupe_key
        FROM json_to_recordset(%(keys)s::json) AS k (channel_id uuid, dedupe_key text)
        JOIN messages m ON m.bot_id = %(bot)s AND m.channel_id = k.channel_id AND m.dedupe_key = k.dedupe_key
        UNION ALL
        SELECT k.channel_id, k.dedupe_key
        FROM json_to_recordset(%(keys)s::json) AS k (channel_id uuid, dedupe_key text)
        JOIN conversation_events c
            ON c.bot_id = %(bot)s AND c.channel_id = k.channel_id AND c.dedupe_key = k.dedupe_key) s),
    'early_edits', (SELECT json_agg(e) FROM (
        SELECT DISTINCT ON (c.channel_id, c.external_id)
               c.channel_id, c.external_id, c.at, c.details ->> 'text' AS text, c.kind = 'deleted' AS deleted
        FROM conversation_events c
        WHERE c.bot_id = %(bot)s AND c.channel_id = ANY(%(channels)s) AND c.external_id = ANY(%(external)s)
              AND c.kind IN ('edited', 'deleted')
        ORDER BY c.channel_id, c.external_id, c.at DESC) e)
)::text
"""

EDITED = """
SELECT id, user_id, kind, text, details, sentiment, edited_at FROM messages
WHERE bot_id = %s AND channel_id = %s AND external_id = %s AND direction = 'in'
"""

EDIT = """
UPDATE messages SET text = %s, details = %s::jsonb, sentiment = %s, sentiment_words = %s::jsonb, edited_at = %s
WHERE bot_id = %s AND id = %s
"""

INSERT_USERS = rows.insert_of("users", rows.UserRow)
INSERT_IDENTITIES = rows.insert_of("identities", rows.IdentityRow)
INSERT_LINKS = rows.insert_of("links", rows.LinkRow)
INSERT_CHANGES = rows.insert_of("changes", rows.ChangeRow)
INSERT_STATS = """
INSERT INTO user_stats (bot_id, user_id, created_at)
SELECT %s, user_id, created_at FROM json_populate_recordset(NULL::user_stats, %s::json)
"""

_STATS = [name for name in Statistics.__struct_fields__ if name not in ("user_id", "infinite_session", "paused_until")]
_ASSIGNMENTS = ", ".join(f"{name} = r.{name}" for name in _STATS)

# What nearly every batch writes, in one round trip. The statistics' rows are locked since they were read, so their
# values are absolute; sessions that go on are added to.
WRITE = f"""
WITH opened AS ({rows.insert_of("sessions", rows.SessionRow, name="opened")}),
extended AS (
    UPDATE sessions s SET last_activity_at = r.last_activity_at, activities = s.activities + r.activities,
           messages = s.messages + r.messages, time_spent_us = s.time_spent_us + r.time_spent_us
    FROM json_populate_recordset(NULL::sessions, %(extended)s::json) r WHERE s.bot_id = r.bot_id AND s.id = r.id),
said AS ({rows.insert_of("messages", rows.MessageRow)}),
happened AS ({rows.insert_of("conversation_events", rows.EventRow)}),
counted AS (
    UPDATE user_stats s SET {_ASSIGNMENTS}
    FROM json_populate_recordset(NULL::user_stats, %(user_stats)s::json) r
    WHERE s.bot_id = %(bot)s AND s.user_id = r.user_id),
queued AS ({rows.insert_of("outbox", rows.OutboxRow)})
{NOTIFY}
"""  # noqa: S608 - names are ours

IDENTITY_SAID = """
UPDATE identities SET profile = %s::jsonb, username = coalesce(%s, username) WHERE bot_id = %s AND id = %s
"""

IDENTITY_STATE = """
UPDATE identities SET state = %s, state_reason = %s, state_at = %s
WHERE bot_id = %s AND id = %s AND (state_at IS NULL OR state_at <= %s)
"""

# Whoever has the name keeps it.
ALIAS = """
INSERT INTO identities (bot_id, id, user_id, channel_id, external_id, alias_of, created_at)
SELECT i.bot_id, %(id)s, i.user_id, i.channel_id, %(alias)s, i.id, %(now)s
FROM identities i WHERE i.bot_id = %(bot)s AND i.id = %(identity)s
ON CONFLICT (bot_id, channel_id, external_id) DO NOTHING
"""

MARKETING = """
UPDATE identities SET marketing_stopped_at = %s WHERE bot_id = %s AND id = %s
"""

QUARANTINE = """
INSERT INTO quarantine (bot_id, id, channel_id, received_at, reason, body, digest)
VALUES (%s, %s, %s, %s, %s, %s, sha256(%s)) ON CONFLICT (bot_id, channel_id, digest) DO NOTHING
"""

# How many rows the planner believes the hottest table to have; -1 when it has never looked.
ROWS_KNOWN = "SELECT reltuples FROM pg_class WHERE oid = 'messages'::regclass"

CHANNELS_HEARD = "UPDATE channels SET last_event_at = %s WHERE bot_id = %s AND id = ANY(%s)"
