"""What columns and functions are called where a filter is built by clicking."""

from collections.abc import Mapping

from botfolk.filters.columns import ATTRIBUTE, COLUMNS, Catalogue, Column
from botfolk.filters.errors import FilterError
from botfolk.filters.functions import FUNCTIONS
from botfolk.pages.catalogue import gettext as _

NOT = "not:"
"""What stands before a function of which a row asks the opposite, where it has none of its own."""


def column_labels(spellings: Mapping[str, str]) -> dict[str, str]:
    """Return every column's name → what it is called; `spellings` are the attributes': lower-case name → as written."""
    labels = _standard()
    taken = {label.casefold() for label in labels.values()} | set(COLUMNS)
    for name, spelling in spellings.items():
        full = ATTRIBUTE + name
        labels[full] = full if spelling.casefold() in taken or name in taken else spelling
    return labels


def _standard() -> dict[str, str]:
    return {
        "name": _("Name"),
        "first_name": _("First name"),
        "last_name": _("Last name"),
        "email": _("Email"),
        "phone": _("Phone"),
        "timezone": _("Timezone"),
        "language": _("Language"),
        "tag": _("Tag"),
        "channel": _("Channel"),
        "channel_name": _("Name of the channel"),
        "username": _("Username"),
        "note": _("Note"),
        "messages": _("Messages"),
        "sessions": _("Sessions"),
        "clicks": _("Clicks"),
        "unique_clicks": _("Links clicked"),
        "scored_messages": _("Scored messages"),
        "time_spent": _("Time spent"),
        "average_sentiment": _("Average sentiment, −1 to 1"),
        "sentiment": _("Sentiment"),
        "last_message": _("Last message"),
        "last_message_at": _("Last message at"),
        "last_activity_at": _("Last activity at"),
        "created_at": _("Created at"),
        "waiting_since": _("Waits for a human since"),
        "waiting": _("Waits for a human"),
        "paused": _("Bot is paused"),
        "infinite_session": _("Infinite session"),
        "group": _("Group chat"),
        "status": _("Status"),
        "picture": _("Picture"),
    }


def named(text: str, labels: Mapping[str, str], catalogue: Catalogue) -> Column | None:
    """Return the column somebody means by its label or its name; None for none."""
    said = " ".join(text.split()).casefold()
    name = next((name for name, label in labels.items() if label.casefold() == said), said)
    try:
        return catalogue.column(name)
    except FilterError:
        return None


def function_labels(column: Column) -> dict[str, str]:
    """Return what can be asked of a column: function (after `NOT`: its opposite) → what it is called."""
    match column.kind:
        case "text" | "texts":
            said = {**_is(), **({} if column.choices else _of_words()), **_of_many()}
        case "number":
            said = _of_numbers()
        case "date":
            said = _of_dates()
        case _:
            said = {"is": _("is"), "is_not": _("is not")}
    asked = {**said, "is_set": _("is set"), "is_not_set": _("is not set")}
    return {name: label for name, label in asked.items() if name.removeprefix(NOT) in FUNCTIONS[column.kind]}


def label_of_function(column: Column, name: str) -> str:
    """Return what a function is called; of one that the builder does not offer too."""
    known = function_labels(column)
    return known.get(name) or _("not: %s") % known.get(name.removeprefix(NOT), name.removeprefix(NOT))


def _is() -> dict[str, str]:
    return {"is": _("is"), "is_not": _("is not")}


def _of_words() -> dict[str, str]:
    return {
        "contains": _("contains"),
        "does_not_contain": _("does not contain"),
        "starts_with": _("starts with"),
        NOT + "starts_with": _("does not start with"),
    }


def _of_many() -> dict[str, str]:
    return {"is_one_of": _("is one of"), NOT + "is_one_of": _("is not one of")}


def _of_numbers() -> dict[str, str]:
    return {
        "is": "=",
        "is_not": "≠",
        "more": ">",
        "at_least": "≥",
        "less": "<",
        "at_most": "≤",
        "between": _("is between"),
        NOT + "between": _("is not between"),
    }


def _of_dates() -> dict[str, str]:
    return {
        "in_the_last": _("in the last"),
        "not_in_the_last": _("not in the last"),
        "is": _("is on"),
        "is_not": _("is not on"),
        "more": _("is after"),
        "at_least": _("is on or after"),
        "less": _("is before"),
        "at_most": _("is on or before"),
        "between": _("is between"),
        NOT + "between": _("is not between"),
    }


def usual_function(column: Column) -> str:
    """Return the function a new row begins with."""
    return next(iter(function_labels(column)))


def value_label(column: Column, value: str) -> str:
    """Return what one of a column's few values is called."""
    return {
        "positive": _("Positive"),
        "neutral": _("Neutral"),
        "negative": _("Negative"),
        "active": _("Active"),
        "archived": _("Archived"),
        "blocked": _("Blocked"),
        "yes": _("Yes"),
        "no": _("No"),
    }.get(value, value)
