"""Cells of a worksheet as its XML has them: rules of ECMA-376 part 1, 18.3. No storage here."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape
from typing import Any

from botfolk.exports.columns import Column

LONGEST = 32_767
"""Characters Excel shows of a cell."""

# What XML 1.0 cannot hold.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TO_WRITE_OTHERWISE = re.compile(f"[&<>{_UNWRITABLE.pattern[1:]}")
_NOTHING = timedelta(0)
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet knows no zones: what stands in it is UTC
_EMPTY = "<c/>"

HEAD = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews>'
    '<sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    "</sheetView>"
    '</sheetViews><sheetFormatPr defaultRowHeight="15"/><cols><col min="1" max="{columns}" width="20" customWidth="1"/>'
    "</cols><sheetData>"
)
FOOT = "</sheetData></worksheet>"


def heading(columns: Sequence[Column]) -> str:
    """Return the row of headings, in bold."""
    return "<row>" + "".join(text(column.label, ' s="2"') for column in columns) + "</row>"


def text(value: str, style: str = "") -> str:
    """Return a cell with a text, which never is a formula."""
    if len(value) > LONGEST:
        value = value[: LONGEST - 1] + "…"
    if _TO_WRITE_OTHERWISE.search(value):
        value = escape(_UNWRITABLE.sub("", value), quote=False)
    return f'<c{style} t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'


def cell(value: Any) -> str:
    """Return the cell of a value as JSON has it."""
    if isinstance(value, str):
        return text(value)
    if value is None:
        return _EMPTY
    if isinstance(value, bool):
        return f'<c t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f"<c><v>{value!r}</v></c>"
    return text(", ".join(map(str, value)) if isinstance(value, list) else str(value))


def moment(value: Any) -> str:
    """Return the cell of a time, in UTC; what is none stays what it is."""
    if not isinstance(value, str):
        return cell(value)
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return text(value)
    away = at.utcoffset()
    past = at.replace(tzinfo=None) - (away if away else _NOTHING) - _EPOCH
    days = past.days + (past.seconds + past.microseconds / 1_000_000) / 86_400
    return f'<c s="1"><v>{days:.8f}</v></c>' if days >= 1 else text(value)


def rows(values: Sequence[Sequence[Any]], columns: Sequence[Column]) -> str:
    """Return rows of cells."""
    writers = [moment if column.kind == "moment" else cell for column in columns]
    written = [
        f"<row>{''.join([write(value) for write, value in zip(writers, row, strict=True)])}</row>" for row in values
    ]
    return "".join(written)
