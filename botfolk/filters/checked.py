"""A condition made of what somebody wrote: the column is there, the function fits it, the values can be read."""

from collections.abc import Sequence

from botfolk.filters import moments, values
from botfolk.filters.columns import Catalogue, Column
from botfolk.filters.errors import FilterError, nearest, shortened
from botfolk.filters.functions import FUNCTIONS, Function, Kind, Takes
from botfolk.filters.tree import Condition
from botfolk.pages.catalogue import gettext as _
from botfolk.pages.formats import language_code
from botfolk.users.fields import BadValue, clean_language

MOST_VALUES = 1000
_WHOLE = ("is", "is_not", "is_one_of")
"""What is asked of a text as a whole."""


def function_of(column: Column, name: str) -> Function:
    """Return a column's function by name. Raises FilterError."""
    functions = FUNCTIONS[column.kind]
    if name not in functions:
        known = nearest(name, functions)
        raise FilterError(
            _("“%(function)s” cannot be asked of “%(column)s”.")
            % {"function": shortened(name.replace("_", " ")), "column": column.name},
            hint=_("Did you mean “%s”?") % known.replace("_", " ") if known else hint_of(column.kind),
        )
    return functions[name]


def hint_of(kind: Kind) -> str:
    """Return what can be asked of a kind of column, for an error's hint."""
    match kind:
        case "text" | "texts":
            return _("It is a text: =, !=, contains, does not contain, starts with, is one of, is set, is not set.")
        case "number":
            return _("It is a number: =, !=, >, >=, <, <=, between, is set, is not set.")
        case "date":
            return _("It is a date: =, !=, >, >=, <, <=, between, in the last, not in the last, is set, is not set.")
        case "yes_no":
            return _("It is yes or no: = yes, = no, is set, is not set.")
        case "there":
            return _("It is there or not: is set, is not set.")


def condition(catalogue: Catalogue, column: Column, name: str, given: Sequence[str]) -> Condition:
    """Return a condition whose values are as they are kept. Raises FilterError."""
    function = function_of(column, name)
    _check_number(function.takes, len(given))
    kept = tuple(dict.fromkeys(kept_value(catalogue, column, function, value) for value in given))
    if function.takes == "two":
        kept = _from_to(column.kind, (kept * 2)[:2])
    elif column.kind == "date" and function.name in ("is", "is_not"):
        moments.check_day(kept[0])
    return Condition(column.name, function.name, kept)


def _from_to(kind: Kind, kept: tuple[str, ...]) -> tuple[str, ...]:
    if kind == "number" and values.decimal(kept[0]) > values.decimal(kept[1]):
        raise FilterError(
            _("Nothing is between %(from)s and %(to)s.") % {"from": kept[0], "to": kept[1]},
            hint=_("Write the smaller number first."),
        )
    return kept


def _check_number(takes: Takes, number: int) -> None:
    if takes == "many":
        if not 0 < number <= MOST_VALUES:
            raise FilterError(_("Give one value or more, at most %s.") % MOST_VALUES)
    elif number != (wanted := {"nothing": 0, "one": 1, "length": 1, "two": 2}[takes]):
        message = (_("This takes no value."), _("This takes one value."), _("This takes two values."))[wanted]
        raise FilterError(message)


def kept_value(catalogue: Catalogue, column: Column, function: Function, value: str) -> str:
    """Return a value as it is kept. Raises FilterError."""
    if function.takes == "length":
        return moments.length(value)
    match column.kind:
        case "number":
            return values.number(value, in_seconds=column.in_seconds)
        case "date":
            return moments.written(value)
        case "yes_no":
            return values.yes_no(value)
    kept = values.text(value)
    choices = catalogue.choices(column)
    if choices and function.name in _WHOLE and kept.lower() not in choices:
        known = nearest(kept, choices)
        raise FilterError(
            _("“%(value)s” is nothing “%(column)s” can be.") % {"value": shortened(kept), "column": column.name},
            hint=_("Did you mean “%s”?") % known if known else _("It is one of: %s.") % ", ".join(choices),
        )
    if column.name == "language" and function.name in _WHOLE:
        return _language(kept)
    return kept.lower() if choices else kept


def _language(said: str) -> str:
    """Return the code of a language that is said by its name, as pages show it; what is none stays as it is."""
    try:
        clean_language(said)
    except BadValue:
        return language_code(said) or said
    return said
