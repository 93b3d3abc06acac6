"""Cells that a spreadsheet would run: a text that begins like a formula is given an apostrophe. No storage here.

https://owasp.org/www-community/attacks/CSV_Injection. A plain number, and so a telephone with its plus, runs nothing
and stays as it is; whoever imports the file takes the apostrophe away again.
"""

import re

BEGINNINGS = "=+-@\t\r\n＝＋－＠"
_NUMBER = r"^[+-]?[0-9]+([.,][0-9]+)*$"
_is_number = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)*").fullmatch


def safe(text: str) -> str:
    """Return a text as a cell in which nothing runs."""
    return f"'{text}" if text[:1] and text[0] in BEGINNINGS and not _is_number(text) else text


def safe_sql(value: str) -> str:
    """Return the same rule for the database: an expression over one of a text."""
    codes = ", ".join(str(ord(each)) for each in BEGINNINGS)
    return f"CASE WHEN ascii({value}) IN ({codes}) AND {value} !~ '{_NUMBER}' THEN '''' || {value} ELSE {value} END"
