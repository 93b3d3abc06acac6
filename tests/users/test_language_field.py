"""A member reads and writes a language by its name; its code stays right."""

import re

import pytest

from botfolk.pages.formats import language, language_code
from tests.telling import full
from tests.web import Web


@pytest.mark.parametrize("code", ["en", "ms", "pt-BR", "zh-Hans", "en-GB"])
def test_what_a_language_is_called_leads_back_to_its_code(code: str) -> None:
    assert language_code(f"  {language(code).upper()} ") == code


async def test_a_name_and_a_code_are_both_taken_and_what_is_neither_stays_to_be_mended(web: Web) -> None:
    await web.tale.says(0, "hello", profile=full("Aisha", "Rahman", language="zh-Hant-TW"))
    user_id, member = await web.tale.user_id(), await web.member()
    path = f"/users/{user_id}/fields/language"
    headers = {**member, "HX-Request": "true"}

    async def save(value: str, expected: str) -> tuple[int, str, str]:
        answer = await web.client.post(path, data={"value": value, "expected": expected}, headers=headers)
        shown = re.search(r'name="value"[^>]* value="([^"]*)"', answer.text)
        kept = re.search(r'name="expected" value="([^"]*)"', answer.text)
        assert shown is not None
        assert kept is not None
        return answer.status_code, shown[1], kept[1]

    called = "Chinese (Traditional, Taiwan)"
    assert await save(called, "zh-Hant-TW") == (200, called, "zh-Hant-TW")
    assert await save("german", "zh-Hant-TW") == (200, "German", "de")
    assert await save("ms", "de") == (200, "Malay", "ms")
    assert await save("Klingonish", "ms") == (422, "Klingonish", "ms")
    assert await save("French", "de") == (409, "French", "ms")
