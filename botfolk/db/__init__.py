"""The database: engine, embedded server, schema, migrations."""
