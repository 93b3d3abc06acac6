"""A filter as text, in its one spelling: what `parse` reads back to the same."""

import re

from botfolk.filters.columns import ALIASES, ATTRIBUTE, COLUMNS
from botfolk.filters.tree import All, Condition, Filter, Node, Not
from botfolk.filters.tree import Any as AnyOf
from botfolk.filters.words import JOINERS, WRITTEN

_BARE_NAME = re.compile(r"[^\W\d]\w*")
_BARE_VALUE = re.compile(r"[a-z0-9_]+")
_WITHOUT_QUOTES = re.compile(
    r"-?[0-9.]+(E[+-]?[0-9]+)?|[0-9]+ [a-z]+( ago)?|[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]+(Z|[+-][0-9:]+)?)?"
)
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"})


def write(filter: Filter) -> str:
    """Return a filter as text; "" for everyone."""
    return "" if filter is None else _node(filter, inside=None)


def _node(node: Node, inside: type[Node] | None) -> str:
    match node:
        case Condition():
            return _condition(node)
        case Not():
            written = _node(node.of, inside=Not)
            return f"not {written}"
        case All() | AnyOf():
            word = " and " if isinstance(node, All) else " or "
            written = word.join(_node(each, inside=type(node)) for each in node.of)
            return f"({written})" if inside is Not or (inside is All and isinstance(node, AnyOf)) else written


def _condition(condition: Condition) -> str:
    name, values = column_name(condition.column), [value(each) for each in condition.values]
    match condition.function:
        case "is_set":
            return f"has {name}"
        case "is_not_set":
            return f"not has {name}"
        case "is_one_of":
            return f"{name} {WRITTEN['is_one_of']} ({', '.join(values)})"
    return f"{name} {WRITTEN[condition.function]} {' and '.join(values)}"


def column_name(column: str) -> str:
    """Return how a column is named in text: an attribute by its bare name, where that means nothing else."""
    name = column.removeprefix(ATTRIBUTE)
    is_bare = _BARE_NAME.fullmatch(name) and name not in JOINERS and name not in COLUMNS and name not in ALIASES
    return name if is_bare or name == column else column


def value(kept: str) -> str:
    """Return a value as it is written: without quotes where it is a plain small word, a number or a date."""
    is_plain = (_BARE_VALUE.fullmatch(kept) and kept not in JOINERS) or _WITHOUT_QUOTES.fullmatch(kept)
    return kept if is_plain else f'"{kept.translate(_ESCAPES)}"'
