"""The tables of procrastinate, from its own SQL."""

from importlib.util import find_spec
from pathlib import Path

AS_OF = "03.04.00_50_post_add_retry_failed_job_procedure"
"""The newest of procrastinate's migrations that its whole schema holds; a newer one needs a migration of ours."""


def sql_folder() -> Path:
    """Return where procrastinate keeps its SQL, without importing it."""
    spec = find_spec("procrastinate")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("procrastinate is not installed")
    return Path(spec.submodule_search_locations[0]) / "sql"


def whole_schema() -> str:
    """Return the SQL that makes all of it in an empty database."""
    return (sql_folder() / "schema.sql").read_text(encoding="utf-8")


REMOVE = """
DO $$
DECLARE
    found record;
BEGIN
    FOR found IN SELECT oid::regclass AS name FROM pg_class
        WHERE relname LIKE 'procrastinate\\_%' AND relkind = 'r' AND relnamespace = 'public'::regnamespace
    LOOP
        EXECUTE format('DROP TABLE IF EXISTS %s CASCADE', found.name);
    END LOOP;
    FOR found IN SELECT oid::regprocedure AS name FROM pg_proc
        WHERE proname LIKE 'procrastinate\\_%' AND pronamespace = 'public'::regnamespace
    LOOP
        EXECUTE format('DROP FUNCTION IF EXISTS %s CASCADE', found.name);
    END LOOP;
    FOR found IN SELECT oid::regtype AS name FROM pg_type
        WHERE typname LIKE 'procrastinate\\_%' AND typtype IN ('e', 'c') AND typnamespace = 'public'::regnamespace
    LOOP
        EXECUTE format('DROP TYPE IF EXISTS %s CASCADE', found.name);
    END LOOP;
END $$
"""
"""Takes all of it away."""
