"""The texts of the pages. They stand in English where they are shown; a catalogue of another language replaces them."""

import gettext as _gettext
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent / "catalogues"
LANGUAGE = "en"


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
    return translations().gettext(text)


def ngettext(one: str, many: str, number: int) -> str:
    """Return the form of a text that fits a number."""
    return translations().ngettext(one, many, number)
