"""The texts of the pages. They stand in English where they are shown; a catalogue of another language replaces them.

`make texts` collects them in catalogues/botfolk.pot; a translation is a <language>.po beside it. Which locale holds
depends on who asks: `speak` sets it for the request.
"""

import gettext as _gettext
from contextvars import ContextVar
from functools import cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent / "catalogues"
LANGUAGE = "en"
"""The language the texts are written in."""

LOCALE = "en-GB"
"""How dates and numbers are written for who has chosen nothing."""

LOCALES = (
    "ar-EG", "bg-BG", "bn-BD", "ca-ES", "cs-CZ", "da-DK", "de-AT", "de-CH", "de-DE", "el-GR", "en-AU", "en-CA", "en-GB",
    "en-IE", "en-IN", "en-MY", "en-NZ", "en-SG", "en-US", "en-ZA", "es-AR", "es-ES", "es-MX", "et-EE", "fa-IR", "fi-FI",
    "fil-PH", "fr-BE", "fr-CA", "fr-CH", "fr-FR", "he-IL", "hi-IN", "hr-HR", "hu-HU", "id-ID", "it-IT", "ja-JP",
    "ko-KR", "lt-LT", "lv-LV", "ms-MY", "nb-NO", "nl-BE", "nl-NL", "pl-PL", "pt-BR", "pt-PT", "ro-RO", "ru-RU",
    "sk-SK", "sl-SI", "sr-RS", "sv-SE", "sw-KE", "ta-IN", "th-TH", "tr-TR", "uk-UA", "ur-PK", "vi-VN", "zh-CN", "zh-TW",
)  # fmt: skip
"""What a member can choose."""

_spoken: ContextVar[str] = ContextVar("locale", default=LOCALE)


def speak(tag: str) -> None:
    """Let what is written from here on, in this request, be in a locale ("de-CH"); the usual one for an unknown."""
    _spoken.set(tag if tag in LOCALES else LOCALE)


def spoken() -> str:
    """Return the tag of the locale that holds."""
    return _spoken.get()


def locale() -> Locale:
    """Return the locale that holds, for dates and numbers."""
    return parsed(_spoken.get())


@cache
def parsed(tag: str) -> Locale:
    """Return the locale of a tag ("de-CH")."""
    return Locale.parse(tag, sep="-")


def language() -> str:
    """Return the language of the texts shown: the locale's where there is a catalogue of it, else English."""
    wanted = _spoken.get().partition("-")[0]
    return wanted if _is_translated(wanted) else LANGUAGE


@cache
def _is_translated(language: str) -> bool:
    return (FOLDER / f"{language}.po").is_file()


def direction() -> str:
    """Return which way the texts shown are written: "ltr" or "rtl"."""
    return parsed(language()).text_direction


@cache
def translations(language: str = LANGUAGE) -> _gettext.NullTranslations:
    """Return the texts in a language: from catalogues/<language>.po, or as they stand in the code."""
    path = FOLDER / f"{language}.po"
    if not path.is_file():
        return _gettext.NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return _gettext.GNUTranslations(compiled)


def gettext(text: str) -> str:
    """Return a text of the pages in the language shown."""
    return translations(language()).gettext(text)


def ngettext(one: str, many: str, number: int) -> str:
    """Return the form of a text that fits a number."""
    return translations(language()).ngettext(one, many, number)
