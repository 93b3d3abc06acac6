"""Long work: how far it is, the people it is about, its files."""

from sqlalchemy import Column, LargeBinary, Table
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from botfolk.db.schema.columns import belongs_to, document, metadata, moment, number, of_bot, string, uuid

jobs = Table(
    "jobs",
    metadata,
    uuid("bot_id", key=True),
    uuid("id", key=True),
    # what jobs/kinds.py knows how to do
    string("kind"),
    # waiting, running, done, cancelled, failed
    string("state", "waiting"),
    # what is to be done, as its kind writes it
    document("spec"),
    # null until it is known
    number("total", null=True),
    number("done", 0),
    number("changed", 0),
    number("skipped", 0),
    number("failed", 0),
    # where the next step begins, as its kind writes it
    document("cursor", null=True),
    document("result"),
    string("error", null=True),
    # who asked: source (member, api…), id and name
    string("source"),
    uuid("actor_id", null=True),
    string("actor", null=True),
    moment("created_at"),
    moment("started_at", null=True),
    moment("finished_at", null=True),
    # the job whose changes this one takes back, and the one that takes back this one's
    uuid("undoes", null=True),
    uuid("undone_by", null=True),
    of_bot(),
)

# The people a job has yet to see, fixed when it was asked for: in id order, some hundreds a row, gone as they are done.
job_people = Table(
    "job_people",
    metadata,
    uuid("bot_id", key=True),
    uuid("job_id", key=True),
    number("number", key=True),
    Column("users", ARRAY(UUID()), nullable=False),
    belongs_to("jobs", "job_id", cascade=True),
)

# Files in pieces, so that any process can read what another wrote.
job_files = Table(
    "job_files",
    metadata,
    uuid("bot_id", key=True),
    uuid("job_id", key=True),
    string("name", key=True),
    number("number", key=True),
    Column("content", LargeBinary(), nullable=False),
    moment("at"),
    belongs_to("jobs", "job_id", cascade=True),
)
