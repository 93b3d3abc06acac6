"""The page about filters names every column and every way to write a function."""

from pathlib import Path

import pytest

from botfolk.filters.columns import COLUMNS
from botfolk.filters.functions import FUNCTIONS, opposite
from botfolk.filters.words import WRITTEN

PAGE = (Path(__file__).parents[2] / "docs" / "filters.md").read_text()


@pytest.mark.parametrize("column", COLUMNS)
def test_a_column_is_documented(column: str) -> None:
    assert f"`{column}`" in PAGE


@pytest.mark.parametrize("function", sorted({name for functions in FUNCTIONS.values() for name in functions}))
def test_a_function_is_documented_and_can_be_written(function: str) -> None:
    assert any(f"`{WRITTEN[function]}{end}" in PAGE for end in ("`", " ")) or f"{WRITTEN[function]}`" in PAGE


def test_opposites_go_both_ways() -> None:
    for functions in FUNCTIONS.values():
        for function in functions.values():
            other = opposite(function.name)
            assert other is None or opposite(other) == function.name
            assert function.opposite_of is None or (function.opposite_of in functions and not function.sql)
