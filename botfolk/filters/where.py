"""A filter for the database: a boolean expression in which every value, and every attribute's name, is a parameter."""

import re
from datetime import datetime
from typing import Any

from msgspec import Struct

from botfolk.filters.columns import Catalogue, Column
from botfolk.filters.compared import arguments, read
from botfolk.filters.functions import Function
from botfolk.filters.tree import All, Condition, Filter, Node, Not
from botfolk.filters.tree import Any as AnyOf

_CASTS = {"text": "text", "texts": "text", "yes_no": "boolean", "number": "", "date": "timestamptz", "there": ""}


class Where(Struct, frozen=True):
    """An expression over `u` (users) and `s` (user_stats), and its parameters, all named `f_…`; the caller gives
    %(bot)s. It may be null where it does not hold."""

    sql: str
    parameters: dict[str, Any]

    @property
    def tables(self) -> frozenset[str]:
        """Return which of `u` and `s` it asks."""
        return frozenset(re.findall(r"\b([us])\.", self.sql))


def where(filter: Filter, catalogue: Catalogue, now: datetime) -> Where:
    """Return the expression of a filter, of everyone for None. Raises FilterError."""
    if filter is None:
        return Where("true", {})
    writing = _Writing(catalogue, now)
    return Where(writing.node(filter), writing.parameters)


class _Writing:
    """An expression as it is written, with its parameters so far."""

    def __init__(self, catalogue: Catalogue, now: datetime) -> None:
        self._catalogue = catalogue
        self._now = now
        self.parameters: dict[str, Any] = {}

    def node(self, node: Node) -> str:
        match node:
            case Condition():
                return self._condition(node)
            case Not():
                return f"({self.node(node.of)}) IS NOT TRUE"
            case All() | AnyOf():
                return f" {'AND' if isinstance(node, All) else 'OR'} ".join(f"({self.node(each)})" for each in node.of)

    def _condition(self, condition: Condition) -> str:
        column, function, opposite = read(condition, self._catalogue)
        given = arguments(condition, column, function, self._catalogue, self._now)
        sql = self._column(column, function, [self._parameter(value, column, function) for value in given])
        return f"({sql}) IS NOT TRUE" if opposite else sql

    def _column(self, column: Column, function: Function, places: list[str]) -> str:
        names = {} if column.attribute is None else {"name": self._place(column.attribute, "text")}
        if column.kind == "texts":
            test = function.sql.format(*places, x=column.element)
            return column.sql.replace("{name}", names.get("name", "")).replace("{test}", test)
        expression = column.sql.replace("{name}", names.get("name", ""))
        if "%(f_now)s" in expression:
            self.parameters["f_now"] = self._now
        return function.sql.format(*places, x=expression)

    def _parameter(self, value: Any, column: Column, function: Function) -> str:
        cast = "text" if isinstance(value, str) else _CASTS[column.kind]
        return self._place(value, cast + "[]" if function.takes == "many" else cast)

    def _place(self, value: Any, cast: str) -> str:
        name = f"f_{len(self.parameters)}"
        self.parameters[name] = value
        return f"%({name})s::{cast}" if cast else f"%({name})s"
