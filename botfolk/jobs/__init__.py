"""Work that runs apart from a request, kept in PostgreSQL."""
