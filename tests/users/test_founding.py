"""Who is made of what recurs is who each would have been made alone."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from botfolk.users import edits as e
from botfolk.users.founding import Founding, Recurring, Wish
from botfolk.users.plan import Context, Profile, plan

CONTEXT = Context(
    actor=e.Actor("import", "people.csv"),
    now=datetime(2026, 1, 1, tzinfo=UTC),
    attribute_types={"plan": ("Plan", "text"), "score": ("score", "number")},
)
CELLS: list[list[e.Edit]] = [
    [e.SetField("first_name", "Ann")],
    [e.SetField("first_name", None)],
    [e.SetField("email", "ann@example.com"), e.SetField("last_name", "Lee")],
    [e.SetField("email", "nobody")],
    [e.SetAttribute("plan", "gold", "text")],
    [e.SetAttribute("Plan", "free"), e.SetAttribute("score", "7")],
    [e.SetAttribute("score", "many")],
    [e.SetAttribute("Seats", 4)],
    [e.SetAttribute("seats", "four", "text")],
    [e.RemoveAttribute("plan")],
    [e.AddTag("vip"), e.AddTag("New")],
    [e.AddTag("VIP")],
    [e.RemoveTag("vip")],
    [e.SetTags(["old"])],
    [e.SetStatus("archived")],
    [],
]
RECURRING = [Recurring(cell) for cell in CELLS]


def planned(wishes: list[Wish], founding: Founding) -> object:
    try:
        return founding.plan(wishes, CONTEXT)
    except e.InvalidEdit as error:
        return error.errors


def alone(wishes: list[Wish]) -> object:
    try:
        return plan(Profile(), [edit for wish in wishes for edit in wish], CONTEXT)
    except e.InvalidEdit as error:
        return error.errors


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(st.tuples(st.integers(0, len(CELLS) - 1), st.booleans()), max_size=7), min_size=2, max_size=4))
def test_rows_of_recurring_cells_come_out_as_if_decided_alone(rows: list[list[tuple[int, bool]]]) -> None:
    founding = Founding()
    for row in rows:
        wishes = [RECURRING[number] if recurs else tuple(CELLS[number]) for number, recurs in row]
        assert planned(wishes, founding) == alone(wishes)


@pytest.mark.parametrize("row", [[0, 4, 10], [0, 1], [10, 12], [4, 9], [7, 8], [3, 6]])
def test_what_looks_at_what_came_before_does_so(row: list[int]) -> None:
    wishes: list[Wish] = [RECURRING[number] for number in row]
    assert planned(wishes, Founding()) == alone(wishes)
