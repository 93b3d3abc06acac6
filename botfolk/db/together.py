"""Several questions to the database in one statement: each is little work, and most of its time is on the way."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct, json
from psycopg import AsyncConnection

Row = TypeVar("Row")


class Ask(Struct, Generic[Row], frozen=True, eq=False):
    """A question whose rows come as documents: a SELECT, the values of its %(name)s, and what a row becomes: its
    columns are named as the fields of `row`, and are of types that JSON has words for."""

    select: str
    values: Mapping[str, object]
    row: type[Row]


class Answers:
    """The rows of each question, in their order."""

    def __init__(self, asks: tuple[Ask[Any], ...], rows: Struct) -> None:
        self._rows = {id(ask): found for ask, found in zip(asks, msgspec.structs.astuple(rows), strict=True)}

    def __getitem__(self, ask: Ask[Row]) -> list[Row]:
        """Return the rows of one question."""
        found: list[Row] = self._rows[id(ask)]
        return found


async def together(connection: AsyncConnection[Any], *asks: Ask[Any]) -> Answers:
    """Ask all at once. Values of the same name must be the same."""
    values: dict[str, object] = {}
    for ask in asks:
        if any(values.get(name, value) != value for name, value in ask.values.items()):
            raise ValueError(f"two questions give different values by one name: {ask.select}")
        values.update(ask.values)
    cursor = await connection.execute(_statement(tuple(ask.select for ask in asks)), values)
    ((document,),) = await cursor.fetchall()
    return Answers(asks, _decoder(tuple(ask.row for ask in asks)).decode(document))


async def alone(connection: AsyncConnection[Any], ask: Ask[Row]) -> list[Row]:
    """Ask one question."""
    return (await together(connection, ask))[ask]


@lru_cache(256)
def _statement(selects: tuple[str, ...]) -> bytes:
    parts = (
        f"'a{number}', (SELECT coalesce(json_agg(answered), '[]') FROM ({select}) answered)"  # noqa: S608 - written by us
        for number, select in enumerate(selects)
    )
    return f"SELECT json_build_object({', '.join(parts)})::text".encode()


@lru_cache(256)
def _decoder(rows: tuple[type[Any], ...]) -> json.Decoder[Struct]:
    names = [(f"a{number}", list[row]) for number, row in enumerate(rows)]  # type: ignore[valid-type]
    return json.Decoder(msgspec.defstruct("Rows", names))
