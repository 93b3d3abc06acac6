"""Every text of the pages is in the catalogue, from which translations are made."""

import re
from pathlib import Path

import pytest

from botfolk.pages import catalogue, formats
from scripts import texts
from tests.pages.test_formats import NOW

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "botfolk").glob("*/templates/**/*.html"))
# The product's name, and what stands on keys.
NO_WORDS = {"Botfolk", "· Botfolk", "Ctrl K", "Enter", "Esc", "Ctrl"}


def test_the_catalogue_holds_the_texts_there_are() -> None:
    assert texts.POT.read_bytes() == texts.collect(), "collect the texts anew: make texts"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "botfolk")))
def test_no_words_stand_in_a_template_but_through_the_catalogue(path: Path) -> None:
    # What `described` writes stands inside of a tag.
    source = re.sub(r"\{% macro described.*?endmacro %\}", "", path.read_text(), flags=re.DOTALL)
    plain = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "\x00", source, flags=re.DOTALL)
    shown = re.sub(r"<(script|style|code)\b.*?</\1>", "", plain, flags=re.DOTALL)
    attributes = re.findall(r'\b(?:title|alt|placeholder|aria-label)="([^"]*)"', shown)
    words = [*re.split(r"<[^>]*>|\x00", shown), *(part for value in attributes for part in value.split("\x00"))]
    found = {" ".join(each.split()) for each in words if re.search(r"[A-Za-z]{2,}", each)}
    assert found - NO_WORDS == set()


def test_a_catalogue_of_a_language_replaces_the_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "de.po").write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
                                    'msgid "Users"\nmsgstr "Nutzer"\n')  # fmt: skip
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    for cached in (catalogue.translations, catalogue._is_translated):
        cached.cache_clear()
    try:
        catalogue.speak("de-CH")
        assert (catalogue.gettext("Users"), catalogue.gettext("Team")) == ("Nutzer", "Team")
        assert (catalogue.language(), catalogue.direction()) == ("de", "ltr")
        catalogue.speak("fr-FR")
        assert (catalogue.gettext("Users"), catalogue.language()) == ("Users", "en")
    finally:
        catalogue.speak(catalogue.LOCALE)
        for cached in (catalogue.translations, catalogue._is_translated):
            cached.cache_clear()


@pytest.mark.parametrize(
    ("tag", "day", "clock", "number"),
    [
        ("en-GB", "2 Mar", "12:00", "12,345.5"),
        ("en-US", "Mar 2", "12:00\u202fPM", "12,345.5"),
        ("de-DE", "2. März", "12:00", "12.345,5"),
        ("nowhere", "2 Mar", "12:00", "12,345.5"),
    ],
)
def test_dates_and_numbers_follow_the_members_locale(tag: str, day: str, clock: str, number: str) -> None:
    try:
        catalogue.speak(tag)
        told = (formats.day(NOW, "UTC", NOW), formats.clock(NOW, "UTC"), formats.number(12345.5))
    finally:
        catalogue.speak(catalogue.LOCALE)
    assert told == (day, clock, number)


def test_every_locale_to_choose_is_known() -> None:
    assert {tag for tag, _name in formats.locales()} == set(catalogue.LOCALES)
    assert all(formats.sample(NOW, "UTC", tag) for tag in catalogue.LOCALES)
