"""The functions of a filter, by the kind of a column: one row each, for the database and for memory alike.

In `sql`, `{x}` stands for the column and `{0}`, `{1}`… for the arguments; `test` gets the same values. A date's
argument is a stretch of time, and so two: {0} its first moment, {1} the first after it. Texts come folded.
Nobody's missing value meets a function. The opposite of a function is met by exactly those who do not meet it, and so
by who has no value.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal

from msgspec import Struct

Kind = Literal["text", "texts", "number", "date", "yes_no", "there"]
"""`texts`: several of them, such as tags; a function is met when one of them meets it. `there`: set or not, no more."""

Takes = Literal["nothing", "one", "two", "many", "length"]
"""What values a function takes. `length`: a length of time, "7 days"."""


class Function(Struct, frozen=True):
    """A function of a kind of column. `opposite_of`: it is met where that one is not."""

    name: str
    takes: Takes
    sql: str = ""
    test: Callable[[Any, Sequence[Any]], bool] = lambda x, a: False
    opposite_of: str | None = None


_TEXT = (
    Function("is", "one", "{x} = {0}", lambda x, a: bool(x == a[0])),
    Function("is_not", "one", opposite_of="is"),
    Function("contains", "one", "strpos({x}, {0}) > 0", lambda x, a: a[0] in x),
    Function("does_not_contain", "one", opposite_of="contains"),
    Function("starts_with", "one", "starts_with({x}, {0})", lambda x, a: bool(x.startswith(a[0]))),
    Function("is_set", "nothing", "{x} <> ''", lambda x, a: x != ""),
    Function("is_not_set", "nothing", opposite_of="is_set"),
    Function("is_one_of", "many", "{x} = ANY({0})", lambda x, a: x in a[0]),
)
_NUMBER = (
    Function("is", "one", "{x} = {0}", lambda x, a: bool(x == a[0])),
    Function("is_not", "one", opposite_of="is"),
    Function("more", "one", "{x} > {0}", lambda x, a: bool(x > a[0])),
    Function("at_least", "one", "{x} >= {0}", lambda x, a: bool(x >= a[0])),
    Function("less", "one", "{x} < {0}", lambda x, a: bool(x < a[0])),
    Function("at_most", "one", "{x} <= {0}", lambda x, a: bool(x <= a[0])),
    Function("between", "two", "{x} >= {0} AND {x} <= {1}", lambda x, a: bool(a[0] <= x <= a[1])),
    Function("is_set", "nothing", "{x} IS NOT NULL", lambda x, a: True),
    Function("is_not_set", "nothing", opposite_of="is_set"),
)
_DATE = (
    Function("is", "one", "{x} >= {0} AND {x} < {1}", lambda x, a: bool(a[0] <= x < a[1])),
    Function("is_not", "one", opposite_of="is"),
    Function("more", "one", "{x} >= {1}", lambda x, a: bool(x >= a[1])),
    Function("at_least", "one", "{x} >= {0}", lambda x, a: bool(x >= a[0])),
    Function("less", "one", "{x} < {0}", lambda x, a: bool(x < a[0])),
    Function("at_most", "one", "{x} < {1}", lambda x, a: bool(x < a[1])),
    Function("between", "two", "{x} >= {0} AND {x} < {3}", lambda x, a: bool(a[0] <= x < a[3])),
    Function("in_the_last", "length", "{x} >= {0} AND {x} <= {1}", lambda x, a: bool(a[0] <= x <= a[1])),
    Function("not_in_the_last", "length", opposite_of="in_the_last"),
    Function("is_set", "nothing", "{x} IS NOT NULL", lambda x, a: True),
    Function("is_not_set", "nothing", opposite_of="is_set"),
)
_YES_NO = (
    Function("is", "one", "{x} = {0}", lambda x, a: bool(x == a[0])),
    Function("is_not", "one", opposite_of="is"),
    Function("is_set", "nothing", "{x} IS NOT NULL", lambda x, a: True),
    Function("is_not_set", "nothing", opposite_of="is_set"),
)
_THERE = (
    Function("is_set", "nothing", "{x}", lambda x, a: bool(x)),
    Function("is_not_set", "nothing", opposite_of="is_set"),
)


def _named(functions: Sequence[Function]) -> dict[str, Function]:
    return {function.name: function for function in functions}


FUNCTIONS: dict[Kind, dict[str, Function]] = {
    "text": _named(_TEXT),
    "texts": _named(_TEXT),
    "number": _named(_NUMBER),
    "date": _named(_DATE),
    "yes_no": _named(_YES_NO),
    "there": _named(_THERE),
}

_OPPOSITES = {
    function.name: function.opposite_of
    for functions in FUNCTIONS.values()
    for function in functions.values()
    if function.opposite_of
}
_OPPOSITES |= {positive: negative for negative, positive in _OPPOSITES.items()}


def opposite(name: str) -> str | None:
    """Return the function that is met where this one is not; None where there is none."""
    return _OPPOSITES.get(name)
