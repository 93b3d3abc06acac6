"""Many values as one parameter, a text that the database reads."""

from collections.abc import Iterable
from uuid import UUID

import msgspec


def ids_text(ids: Iterable[UUID | str]) -> str:
    """Return ids as the text of an array of them."""
    return "{" + json_text(list(ids))[1:-1] + "}"


def json_text(value: object) -> str:
    """Return a document, as of a table's rows, as JSON text."""
    return msgspec.json.encode(value).decode()
