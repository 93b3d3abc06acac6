"""How much of a user's tags a cell of the list shows."""

import pytest

from botfolk.users.columns import tags_that_fit

WIDTH = 160


@pytest.mark.parametrize(
    ("tags", "shown"),
    [
        ([], 0),
        (["vip"], 1),
        (["vip", "new"], 2),
        (["vip", "new", "beans"], 2),
        (["complaint", "shipping", "refund"], 1),
        (["subscription", "keen"], 1),
        (["a name that is far too long for any cell", "vip"], 1),
        (["特别重要客户", "投诉"], 1),
        (["重要", "投诉"], 2),
    ],
)
def test_as_many_tags_are_shown_as_can_be_read(tags: list[str], shown: int) -> None:
    assert tags_that_fit(tags, WIDTH) == shown


def test_a_wider_column_shows_more() -> None:
    tags = ["complaint", "shipping", "refund"]
    assert [tags_that_fit(tags, width) for width in (64, 160, 240, 400)] == [1, 1, 2, 3]
