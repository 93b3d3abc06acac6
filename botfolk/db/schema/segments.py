"""Segments: saved filters, who is in each, who entered and left, and how many there were on each day."""

from sqlalchemy import Column, Date, Index, Table, text

from botfolk.db.schema.columns import (
    belongs_to,
    belongs_to_user,
    metadata,
    moment,
    number,
    of_bot,
    string,
    uuid,
    yes_no,
)

segments = Table(
    "segments",
    metadata,
    uuid("bot_id", key=True),
    uuid("id", key=True),
    string("name"),
    # in its one spelling
    string("filter"),
    yes_no("shared", True),
    # the member whose it is; null for one made by the API
    uuid("owner_id", null=True),
    string("owner", null=True),
    moment("created_at", now=True),
    moment("updated_at", now=True),
    string("updated_by", null=True),
    # how many rows of segment_users it has, as of when
    number("users", 0),
    moment("counted_at", null=True),
    # the filter is new: who is in it is found anew, and nobody has entered or left
    yes_no("is_new", True),
    # why the filter cannot be read any more
    string("problem", null=True),
    of_bot(),
)
Index(
    "segments_shared_name",
    segments.c.bot_id,
    text("lower(name)"),
    unique=True,
    postgresql_where=segments.c.shared,
)
Index(
    "segments_private_name",
    segments.c.bot_id,
    segments.c.owner_id,
    text("lower(name)"),
    unique=True,
    postgresql_where=~segments.c.shared,
)

# Who is in a segment. Without a reference to the user, whose check would lock the row of every user a segment takes in:
# who is gone is taken out as who no longer matches is.
segment_users = Table(
    "segment_users",
    metadata,
    uuid("bot_id", key=True),
    uuid("segment_id", key=True),
    uuid("user_id", key=True),
    moment("since"),
    belongs_to("segments", "segment_id", cascade=True),
)
Index("segment_users_user", segment_users.c.bot_id, segment_users.c.user_id)

# What people's conversations tell; it outlives the segment, whose name it had then is kept.
segment_events = Table(
    "segment_events",
    metadata,
    uuid("bot_id", key=True),
    uuid("id", key=True),
    uuid("user_id"),
    uuid("segment_id"),
    string("name"),
    # entered, left
    string("kind"),
    moment("at"),
    belongs_to_user(),
)
Index("segment_events_user", segment_events.c.bot_id, segment_events.c.user_id, segment_events.c.at)
Index("segment_events_segment", segment_events.c.bot_id, segment_events.c.segment_id, segment_events.c.at)

segment_days = Table(
    "segment_days",
    metadata,
    uuid("bot_id", key=True),
    uuid("segment_id", key=True),
    # of the bot's timezone
    Column("day", Date(), primary_key=True),
    number("users", 0),
    number("entered", 0),
    number("left", 0),
    belongs_to("segments", "segment_id", cascade=True),
)
