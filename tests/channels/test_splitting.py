"""Long texts in parts: nothing lost, nothing broken that a reader sees as one."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botfolk.channels.splitting import split, utf16

FAMILY = "👨‍👩‍👧‍👦"
SPANISH = "🇪🇸"

PIECES = st.sampled_from(
    ["a", "é", "e\u0301", " ", "\n", "\n\n", ". ", "😀", FAMILY, SPANISH, "👍🏽", "한", "ก็", "\u200b"]
)
TEXTS = st.lists(PIECES | st.characters(codec="utf-8"), max_size=200).map("".join)


def _solid(text: str) -> str:
    return re.sub(r"\s", "", text)


@given(TEXTS, st.integers(min_value=2, max_value=60))
def test_nothing_but_blanks_is_lost_and_every_part_fits(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert _solid("".join(parts)) == _solid(text)
    for part in parts:
        assert part == part.strip() != ""
        assert utf16(part) <= limit
        assert not any(unicodedata.category(letter) == "Cs" for letter in part)


@given(st.lists(st.sampled_from([FAMILY, SPANISH, "e\u0301", "👍🏽", "word", " "])).map("".join))
def test_no_character_is_broken_when_each_of_them_fits(text: str) -> None:
    for part in split(text, 12):
        assert not part.startswith(("\u200d", "\u0301", "🏽"))
        assert not part.endswith("\u200d")
        assert len(re.findall("[\U0001f1e6-\U0001f1ff]", part)) % 2 == 0


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        ("", 10, []),
        (" \n ", 10, []),
        ("short", 10, ["short"]),
        ("exactly 10", 10, ["exactly 10"]),
        ("One par.\n\nTwo par.", 14, ["One par.", "Two par."]),
        ("A line\nand more of it", 12, ["A line", "and more of", "it"]),
        ("Hello there. How are you?", 16, ["Hello there.", "How are you?"]),
        ("some words here", 11, ["some words", "here"]),
        ("abcdefghijkl", 5, ["abcde", "fghij", "kl"]),
        ("😀😀😀", 4, ["😀😀", "😀"]),
        ("😀😀😀", 5, ["😀😀", "😀"]),
    ],
)
def test_it_is_cut_where_a_reader_would(text: str, limit: int, parts: list[str]) -> None:
    assert split(text, limit) == parts


def test_a_link_that_fits_stays_whole_even_at_the_price_of_a_short_part() -> None:
    link = "https://example.com/a-long-path-of-35"
    assert split(f"See ({link}) now", 40) == ["See (", f"{link})", "now"]
    assert split(f"See {link} now", 37) == ["See", link, "now"]


def test_a_link_that_fits_nowhere_is_cut_like_a_word() -> None:
    assert split("https://example.com", 10) == ["https://ex", "ample.com"]


def test_one_character_longer_than_the_limit_is_cut_rather_than_lost() -> None:
    parts = split("e" + "\u0301" * 20, 6)
    assert "".join(parts) == "e" + "\u0301" * 20
    assert max(map(utf16, parts)) <= 6


def test_a_service_may_count_in_its_own_way() -> None:
    assert split("éééé", 4, lambda part: len(part.encode())) == ["éé", "éé"]
