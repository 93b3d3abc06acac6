"""Identifiers: UUIDv7, ordered by time and safe in a URL."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """Return a new UUIDv7 (RFC 9562); later ids of one process sort after earlier ones."""
    return uuid7()
