"""Imports: the file, how its columns are mapped, the mappings remembered, and whom a rehearsal has met."""

from sqlalchemy import Index, Table

from botfolk.db.schema.columns import belongs_to, document, metadata, moment, number, of_bot, string, uuid, yes_no

# The id is that of the job which holds the file in `job_files`.
imports = Table(
    "imports",
    metadata,
    uuid("bot_id", key=True),
    uuid("id", key=True),
    # what it was called where it came from
    string("name"),
    number("size", big=True),
    # a workbook's first sheet has been written out as text
    yes_no("is_workbook", False),
    string("encoding"),
    string("delimiter"),
    # names of the columns, the first rows, and where the first row after the names begins
    document("columns", default="[]"),
    document("samples", default="[]"),
    document("starts"),
    # what was suggested: a service's name, "remembered", or nothing
    string("known_as", ""),
    document("mapping"),
    # the jobs of the newest rehearsal, and of carrying it out
    uuid("check_id", null=True),
    uuid("apply_id", null=True),
    belongs_to("jobs", "id", cascade=True),
)

import_mappings = Table(
    "import_mappings",
    metadata,
    uuid("bot_id", key=True),
    # of the names of the columns
    string("signature", key=True),
    document("mapping"),
    moment("used_at"),
    of_bot(),
)

# By what the rows of a rehearsal name people: who comes again is recognised. Gone when it ends, and with its job, which
# is checked a statement at a time (`db/referring.py`).
import_keys = Table(
    "import_keys",
    metadata,
    uuid("bot_id", key=True),
    uuid("job_id", key=True),
    # a digest of the key
    uuid("digest", key=True),
    number("line"),
)
Index("imports_jobs", imports.c.bot_id, imports.c.apply_id, postgresql_where=imports.c.apply_id.isnot(None))
