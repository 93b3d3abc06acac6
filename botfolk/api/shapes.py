"""Shapes and parameters all lists of the API share."""

from typing import Annotated, Generic, TypeVar

from litestar.params import QueryParameter
from msgspec import Struct

Item = TypeVar("Item")

Limit = Annotated[int, QueryParameter(ge=1, le=200, description="How many at most.")]
Cursor = Annotated[str | None, QueryParameter(max_length=1000, description="`next_cursor` of the page before.")]

Filter = Annotated[
    str, QueryParameter(description='Who: `country = "Malaysia" and messages > 10 and not has plan`. Empty: everyone.')
]


TAKES_FILE = {"takes_file": True}
"""Options of a route whose body is a file as it is."""


class Listed(Struct, Generic[Item], frozen=True):
    """A page of a list; `next_cursor` is null at the end."""

    items: list[Item]
    next_cursor: str | None
