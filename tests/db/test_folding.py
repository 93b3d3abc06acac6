"""Texts fold to the same in memory and in the database, whatever is written."""

import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from botfolk.db import folding
from botfolk.db.folding import fold
from botfolk.db.pool import Connection

LETTERS = [chr(code) for code in range(1, sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]

ALIKE = [
    ("Malaysia", "MALAYSIA"),
    ("straße", "STRASSE"),
    ("ΟΔΟΣ", "οδος"),
    ("οδός", "ΟΔΌΣ"),
    ("İstanbul", "istanbul"),
    ("İSTANBUL", "ıstanbul"),
    ("ДМИТРИЙ", "дмитрий"),
    ("E\u0301cole", "école"),
    ("ﬁn", "FIN"),
    ("ԱՐՄԵՆ", "Արմեն"),
    ("กรุงเทพ", "กรุงเทพ"),
    ("محمد", "محمد"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_people_take_them_for_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("é", "e"), ("ก", "ข"), ("ñ", "n"), ("ü", "ue")])
def test_other_letters_stay_other(one: str, other: str) -> None:
    assert fold(one) != fold(other)


async def test_every_character_folds_alike_in_the_database(conn: Connection) -> None:
    assert await _differing(conn, "botfolk_fold", LETTERS) == []


async def test_an_older_server_folds_the_same(conn: Connection) -> None:
    for statement in folding.statements(150000, "folded_as_before"):
        await conn.execute(statement.encode())
    assert await _differing(conn, "folded_as_before", LETTERS) == []
    words = [word for pair in ALIKE for word in pair]
    assert await _differing(conn, "folded_as_before", words) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cn"], exclude_characters="\x00")), min_size=30))
async def test_texts_fold_alike_in_the_database(conn: Connection, texts: list[str]) -> None:
    assert await _differing(conn, "botfolk_fold", texts) == []


async def _differing(conn: Connection, function: str, texts: list[str]) -> list[tuple[str, str]]:
    cursor = await conn.execute(f"SELECT x, {function}(x) FROM unnest(%s::text[]) x".encode(), [texts])
    return [(text, folded) for text, folded in await cursor.fetchall() if folded != fold(text)]
