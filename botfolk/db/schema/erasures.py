"""People who were erased: a receipt each, without the person, and what keeps them from coming back."""

from sqlalchemy import Column, Index, LargeBinary, Table, text

from botfolk.db.schema.columns import document, metadata, moment, of_bot, string, uuid

erasures = Table(
    "erasures",
    metadata,
    uuid("bot_id", key=True),
    uuid("id", key=True),
    # names nobody any more
    uuid("user_id"),
    moment("at"),
    # api, member; and whose
    string("source"),
    uuid("actor_id", null=True),
    string("actor", null=True),
    # {what: how many were removed}
    document("counts"),
    of_bot(),
)
Index("erasures_user", erasures.c.bot_id, erasures.c.user_id)

# Of each identity, email and telephone of theirs, and of each delivery a service may repeat, a hash with the
# installation's secret (users/tombstones.py).
tombstones = Table(
    "tombstones",
    metadata,
    uuid("bot_id", key=True),
    Column("digest", LargeBinary(), primary_key=True),
    # identity, email, phone, delivery
    string("kind"),
    moment("at"),
    of_bot(),
)
# What no service repeats any more is forgotten.
Index("tombstones_deliveries", tombstones.c.bot_id, tombstones.c.at, postgresql_where=text("kind = 'delivery'"))
