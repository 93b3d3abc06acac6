"""Rows while somebody builds them: read from a form, changed by buttons, with rows that are not finished."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from botfolk.filters import Catalogue, FilterError, from_rows, parse, to_rows, write
from botfolk.filters.columns import COLUMNS
from botfolk.filters.draft import changed, finished, read
from botfolk.filters.functions import FUNCTIONS
from botfolk.filters.labels import NOT, column_labels, function_labels
from botfolk.filters.rows import Group, Row
from botfolk.filters.shown import ShownGroup, ShownRow, show
from botfolk.users.filter_bar import known, of_rows, of_text

CATALOGUE = Catalogue(attributes={"country": "text", "plan": "list", "renews": "datetime"}, channels=("telegram",))
ATTRIBUTES: Any = {"country": ("Country", "text"), "plan": ("plan", "list"), "renews": ("renews", "datetime")}
LABELS = column_labels({name: label for name, (label, _) in ATTRIBUTES.items()})
THERE = known(CATALOGUE, ATTRIBUTES)
MANY = (
    'country = "Malaysia" and (messages > 10 or tag = vip or not (last_message_at < 7 days ago and has plan))'
    " and status is one of (active, blocked) and not name starts with an and messages between 1 and 5"
)


def fields_of(shown: ShownGroup) -> list[tuple[str, str]]:
    """What a browser sends of rows as they are shown."""
    sent = [("group", shown.match)]
    for row in shown.rows:
        if isinstance(row, ShownGroup):
            sent += fields_of(row)
        else:
            sent += [("was", f"{row.column} {row.function}"), ("column", row.label), ("function", row.function)]
            sent += [("value", value) for value in row.values]
    return [*sent, ("end", "")]


def typed(*rows: tuple[str, ...], match: str = "all") -> Group:
    """The draft of rows of a column (and what it was before), a function and values."""
    sent = [("group", match)]
    for was, column, function, *values in rows:
        sent += [("was", was), ("column", column), ("function", function), *(("value", value) for value in values)]
    return read([*sent, ("end", "")], LABELS, CATALOGUE)


@pytest.mark.parametrize(
    "text", ["", "messages > 10", "messages > 1 or tag = vip", "not (messages > 1 or tag = vip)", MANY]
)
def test_what_is_shown_and_sent_back_is_the_same_filter(text: str) -> None:
    filter = parse(text, CATALOGUE)
    bar = of_text(text, THERE)
    sent = parse_qsl(urlencode(fields_of(bar.rows)), keep_blank_values=True)
    again = of_rows(read(sent, LABELS, CATALOGUE), THERE, "")
    assert (again.text, again.filter) == (write(filter), filter)
    assert again.rows == bar.rows


def test_a_column_is_found_by_its_label_or_name_in_any_case() -> None:
    draft = typed(
        ("", "LAST MESSAGE AT", ""), ("", "country", ""), ("", "attributes.country", ""), ("", "unheard of", "")
    )
    assert [row.column for row in draft.rows if isinstance(row, Row)] == [
        "last_message_at", "attributes.country", "attributes.country", "unheard of",
    ]  # fmt: skip


def test_another_column_begins_with_its_own_function_and_no_value() -> None:
    was = "messages more"
    assert typed((was, "Country", "more", "10")).rows == [Row("attributes.country", "is")]
    assert typed((was, "Sessions", "more", "10")).rows == [Row("sessions", "more")]
    assert typed((was, "Messages", "at_most", "10")).rows == [Row("messages", "at_most", ["10"])]


def test_a_length_of_time_is_no_date() -> None:
    assert typed(("created_at in_the_last", "Created at", "is", "7 days")).rows == [Row("created_at", "is")]


def test_rows_that_are_not_finished_do_not_count_and_are_not_lost() -> None:
    draft = typed(("", "Messages", "more", ""), ("messages more", "Messages", "more", "3"), ("", "", "", "x"))
    bar = of_rows(draft, THERE, "")
    assert bar.text == "messages > 3"
    rows = [row for row in bar.rows.rows if isinstance(row, ShownRow)]
    assert [row.is_finished for row in rows] == [False, True, False]
    assert not bar.has_row_problem


def test_what_is_wrong_is_said_at_its_row_and_the_list_stays() -> None:
    draft = Group("all", [Row("messages", "more", [""]), Group("any", [Row("messages", "more", ["many"])])])
    bar = of_rows(draft, THERE, "tag = vip")
    inner = bar.rows.rows[1]
    assert isinstance(inner, ShownGroup)
    assert "is not a number" in inner.rows[0].problem
    assert inner.rows[0].problem
    assert not bar.rows.rows[0].problem
    assert (bar.applied, bar.is_right) == ("tag = vip", False)
    row = inner.rows[0]
    assert isinstance(row, ShownRow)
    assert row.values == ["many"]


def test_buttons_add_nest_and_remove() -> None:
    draft = changed(typed(("", "Messages", "more", "3")), "nest", ())
    draft = changed(draft, "add", (1,))
    assert [len(row.rows) for row in draft.rows if isinstance(row, Group)] == [3]
    draft = changed(draft, "remove", (0,))
    assert len(draft.rows) == 1
    for _ in range(3):
        draft = changed(draft, "remove", (0, 0))
    assert draft.rows == []
    assert changed(draft, "remove", (5, 5)) == draft
    assert changed(typed(("", "Messages", "more", "3")), "clear", ()) == Group("all")


def test_too_deep_a_nest_is_refused() -> None:
    with pytest.raises(FilterError, match="nested too deeply"):
        read([("group", "all")] * 60, LABELS, CATALOGUE)


def test_a_path_leads_back_from_what_is_finished() -> None:
    draft = Group(
        "all", [Row("", ""), Group("any", [Row("", "")]), Group("any", [Row("", ""), Row("tag", "is", ["a"])])]
    )
    done = finished(draft, CATALOGUE)
    assert done.places[0, 0] == (2, 1)
    assert write(from_rows(to_rows(parse("tag = a", CATALOGUE)), CATALOGUE)) == "tag = a"


def test_every_column_and_function_is_called_something() -> None:
    assert set(column_labels({})) == set(COLUMNS)
    for column in COLUMNS.values():
        offered = {name.removeprefix(NOT) for name in function_labels(column)}
        few = {"contains", "does_not_contain", "starts_with"} if column.choices else set()
        assert offered == set(FUNCTIONS[column.kind]) - few


@pytest.mark.parametrize("name", sorted(LABELS))
def test_every_column_has_a_label_functions_and_fields(name: str) -> None:
    column = CATALOGUE.column(name)
    for function in function_labels(column):
        shown = show(typed((f"{name} {function}", LABELS[name], function)), CATALOGUE, LABELS)
        [row] = shown.rows
        assert isinstance(row, ShownRow)
        assert (row.column, row.function) == (column.name, function)
        assert function in dict(row.functions)


def test_a_text_that_cannot_be_read_says_where_and_keeps_what_was_applied() -> None:
    text = 'messages > 10 and cuntry = "x"'
    bar = of_text(text, THERE, "tag = vip")
    assert bar.text == text
    assert bar.problem is not None
    assert (bar.problem.before, bar.problem.marked) == ("messages > 10 and ", "cuntry")
    assert "country" in bar.problem.hint
    assert (bar.applied, bar.can_list, bar.is_right) == ("tag = vip", True, False)


def test_a_text_that_cannot_be_read_and_never_was_lists_nobody() -> None:
    assert not of_text("nonsense", THERE).can_list
