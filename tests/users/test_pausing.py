"""What the form for a pause asks for."""

from datetime import UTC, datetime

import pytest

from botfolk.users.edits import InvalidEdit, PauseBot
from botfolk.users.pausing import PauseForm, pause_of

WHERE = "Asia/Kuala_Lumpur"


@pytest.mark.parametrize(
    ("form", "edit"),
    [
        (PauseForm(), PauseBot()),
        (PauseForm(seconds="1800", reason="on the phone"), PauseBot(seconds=1800, reason="on the phone")),
        (PauseForm(seconds="forever"), PauseBot(forever=True)),
        # What stands in the other fields does not matter when an offered length is pressed.
        (PauseForm(seconds="60", length="9", unit="days", until="2027-03-31T18:00"), PauseBot(seconds=60)),
        (PauseForm(seconds="typed", length="45", unit="minutes"), PauseBot(seconds=2700)),
        (PauseForm(seconds="typed", length=" 1,5 ", unit="hours"), PauseBot(seconds=5400)),
        (
            PauseForm(seconds="typed", length="10", unit="minutes", until="2027-03-31T18:00"),
            PauseBot(until=datetime(2027, 3, 31, 10, 0, tzinfo=UTC)),
        ),
    ],
)
def test_a_pause_is_as_long_as_it_was_typed(form: PauseForm, edit: PauseBot) -> None:
    assert pause_of(form, WHERE) == edit


@pytest.mark.parametrize(
    ("form", "why"),
    [
        (PauseForm(seconds="typed", length="a while", unit="minutes"), "as a number"),
        (PauseForm(seconds="typed", length="", unit="minutes"), "as a number"),
        (PauseForm(seconds="typed", length="5", unit="moons"), "as a number"),
        (PauseForm(seconds="soon"), "as a number"),
        (PauseForm(seconds="typed", until="tomorrow"), "a day and a time"),
    ],
)
def test_what_is_no_length_says_so(form: PauseForm, why: str) -> None:
    with pytest.raises(InvalidEdit, match=why):
        pause_of(form, WHERE)
