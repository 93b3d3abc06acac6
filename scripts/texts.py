"""Collect the texts of the pages in one catalogue, from which translations are made: `make texts`."""

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import write_po

ROOT = Path(__file__).resolve().parents[1]
POT = ROOT / "botfolk" / "pages" / "catalogues" / "botfolk.pot"
# Beside the usual words: the labels of fields and types, and why a value is refused.
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "BadValue": None,
    "Field": (2,),
}


def collect() -> bytes:
    """Return the catalogue of all texts as it belongs in the repository."""
    catalogue = Catalog(project="Botfolk", charset="utf-8", fuzzy=False)
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found = sorted(extract_from_dir(ROOT, methods, options, KEYWORDS), key=lambda each: (each[0], each[1]))
    for place, _line, text, _comments, _context in found:
        # Without lines: a text that only moves changes nothing here.
        catalogue.add(text, locations=[(place, None)])  # type: ignore[list-item]
    written = BytesIO()
    write_po(written, catalogue, width=120, omit_header=True, include_lineno=False, sort_by_file=True)
    header = b'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    return header + written.getvalue()


if __name__ == "__main__":
    POT.parent.mkdir(exist_ok=True)
    POT.write_bytes(collect())
    sys.stdout.write(f"{POT.relative_to(ROOT)}\n")
