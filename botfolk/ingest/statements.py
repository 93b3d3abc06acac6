"""The SQL of the hot path, in one place. A batch runs each at most once for a bot, in a few round trips."""

from botfolk.conversations.statistics import Statistics
from botfolk.ingest import rows

# By the unique index on identities, then the primary key of user_stats. Rows are locked in user id order, which is how
# every writer locks; what the locks wait for is seen, since FOR UPDATE re-reads the rows it locks.
PEOPLE = """
SELECT i.channel_id, i.external_id, i.id, i.profile, i.state, i.state_at,
       s.user_id, s.created_at, s.sessions, s.messages, s.clicks, s.time_spent_us, s.sentiment_sum, s.scored_messages,
       s.last_message, s.last_message_kind, s.last_message_at, s.last_message_id, s.last_message_sequence,
       s.last_activity_at, s.last_session_id, s.last_received_at, s.recounted_at, s.infinite_session, s.paused_until,
       s.waiting_since
FROM json_to_recordset(%s::json) AS k (channel_id uuid, external_id text)
JOIN identities i ON i.bot_id = %s AND i.channel_id = k.channel_id AND i.external_id = k.external_id
JOIN user_stats s ON s.bot_id = i.bot_id AND s.user_id = i.user_id
ORDER BY s.user_id
FOR UPDATE OF s
"""

STATUSES = "SELECT id, status FROM users WHERE bot_id = %s AND id = ANY(%s)"

LENGTHS = "SELECT effective_at, seconds FROM session_lengths WHERE bot_id = %s ORDER BY effective_at"

TOGGLES = """
SELECT user_id, effective_at, is_on FROM infinite_toggles WHERE bot_id = %s AND user_id = ANY(%s) ORDER BY effective_at
"""

# By the two unique indexes. Asked under the users' locks, so a delivery of the same event elsewhere has been committed
# or will find ours.
SEEN = """
SELECT k.channel_id, k.dedupe_key
FROM json_to_recordset(%(keys)s::json) AS k (channel_id uuid, dedupe_key text)
JOIN messages m ON m.bot_id = %(bot)s AND m.channel_id = k.channel_id AND m.dedupe_key = k.dedupe_key
UNION ALL
SELECT k.channel_id, k.dedupe_key
FROM json_to_recordset(%(keys)s::json) AS k (channel_id uuid, dedupe_key text)
JOIN conversation_events c ON c.bot_id = %(bot)s AND c.channel_id = k.channel_id AND c.dedupe_key = k.dedupe_key
"""

# An edit may come before what it edits.
EARLY_EDITS = """
SELECT DISTINCT ON (c.channel_id, c.external_id) c.channel_id, c.external_id, c.at, c.details ->> 'text'
FROM conversation_events c
WHERE c.bot_id = %s AND c.channel_id = ANY(%s) AND c.external_id = ANY(%s) AND c.kind = 'edited'
ORDER BY c.channel_id, c.external_id, c.at DESC
"""

EDITED = """
SELECT id, user_id, kind, text, sentiment, edited_at FROM messages
WHERE bot_id = %s AND channel_id = %s AND external_id = %s AND direction = 'in'
"""

EDIT = """
UPDATE messages SET text = %s, sentiment = %s, sentiment_words = %s::jsonb, edited_at = %s WHERE bot_id = %s AND id = %s
"""

INSERT_USERS = rows.insert_of("users", rows.UserRow)
INSERT_IDENTITIES = rows.insert_of("identities", rows.IdentityRow)
INSERT_CHANGES = rows.insert_of("changes", rows.ChangeRow)
INSERT_SESSIONS = rows.insert_of("sessions", rows.SessionRow)
INSERT_MESSAGES = rows.insert_of("messages", rows.MessageRow)
INSERT_EVENTS = rows.insert_of("conversation_events", rows.EventRow)
INSERT_OUTBOX = rows.insert_of("outbox", rows.OutboxRow)

EXTEND_SESSIONS = """
UPDATE sessions s SET last_activity_at = r.last_activity_at, activities = s.activities + r.activities,
       messages = s.messages + r.messages, time_spent_us = s.time_spent_us + r.time_spent_us
FROM json_populate_recordset(NULL::sessions, %s::json) r WHERE s.bot_id = r.bot_id AND s.id = r.id
"""

INSERT_STATS = """
INSERT INTO user_stats (bot_id, user_id, created_at)
SELECT %s, user_id, created_at FROM json_populate_recordset(NULL::user_stats, %s::json)
"""

_STATS = [name for name in Statistics.__struct_fields__ if name not in ("user_id", "infinite_session", "paused_until")]
_ASSIGNMENTS = ", ".join(f"{name} = r.{name}" for name in _STATS)

# The rows are locked since they were read, so values are absolute.
UPDATE_STATS = f"""
UPDATE user_stats s SET {_ASSIGNMENTS}
FROM json_populate_recordset(NULL::user_stats, %s::json) r WHERE s.bot_id = %s AND s.user_id = r.user_id
"""  # noqa: S608 - names are ours

IDENTITY_SAID = """
UPDATE identities SET profile = %s::jsonb, username = coalesce(%s, username) WHERE bot_id = %s AND id = %s
"""

IDENTITY_STATE = """
UPDATE identities SET state = %s, state_reason = %s, state_at = %s
WHERE bot_id = %s AND id = %s AND (state_at IS NULL OR state_at <= %s)
"""

IDENTITY_MOVED = """
UPDATE identities i SET external_id = %(new)s
WHERE i.bot_id = %(bot)s AND i.channel_id = %(channel)s AND i.external_id = %(old)s AND NOT EXISTS (
    SELECT 1 FROM identities o WHERE o.bot_id = %(bot)s AND o.channel_id = %(channel)s AND o.external_id = %(new)s)
"""

QUARANTINE = """
INSERT INTO quarantine (bot_id, id, channel_id, received_at, reason, body, digest)
VALUES (%s, %s, %s, %s, %s, %s, sha256(%s)) ON CONFLICT (bot_id, channel_id, digest) DO NOTHING
"""

# How many rows the planner believes the hottest table to have; -1 when it has never looked.
ROWS_KNOWN = "SELECT reltuples FROM pg_class WHERE oid = 'messages'::regclass"

CHANNELS_HEARD = "UPDATE channels SET last_event_at = %s WHERE bot_id = %s AND id = ANY(%s)"
