"""Arrays as the database reads them from a text: one parameter, however many."""

from collections.abc import Iterable
from uuid import UUID

import msgspec


def ids_text(ids: Iterable[UUID]) -> str:
    """Return ids as the text of an array of them."""
    return "{" + msgspec.json.encode(list(ids)).decode()[1:-1] + "}"
