"""Which encoding a file of text is in, judged by its beginning."""

import codecs

from charset_normalizer import from_bytes

ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16 (little-endian)",
    "utf-16-be": "UTF-16 (big-endian)",
    "cp1252": "Windows-1252 (Western Europe)",
    "cp1250": "Windows-1250 (Central Europe)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1255": "Windows-1255 (Hebrew)",
    "cp1256": "Windows-1256 (Arabic)",
    "cp1258": "Windows-1258 (Vietnamese)",
    "cp874": "Windows-874 (Thai)",
    "gb18030": "GB18030 (Simplified Chinese)",
    "big5hkscs": "Big5 (Traditional Chinese)",
    "cp932": "Shift-JIS (Japanese)",
    "euc_jp": "EUC-JP (Japanese)",
    "cp949": "Windows-949 (Korean)",
    "koi8_r": "KOI8-R (Cyrillic)",
    "mac_roman": "Mac Roman",
}
"""Those a file may be said to be in: Python's name → ours. In all of them but UTF-16 the byte 0A is a line's end and
nothing else, so a file can be read on from any line."""

MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
"""Byte order marks, and what they say."""

_SAME = {
    "ascii": "utf-8",
    "utf_8": "utf-8",
    "latin_1": "cp1252",
    "iso8859_1": "cp1252",
    "iso8859_15": "cp1252",
    "cp1140": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "shift_jis_2004": "cp932",
    "shift_jisx0213": "cp932",
    "euc_jis_2004": "euc_jp",
    "euc_jisx0213": "euc_jp",
    "euc_kr": "cp949",
    "johab": "cp949",
    "tis_620": "cp874",
    "iso8859_11": "cp874",
    "iso8859_2": "cp1250",
    "iso8859_5": "cp1251",
    "iso8859_7": "cp1253",
    "iso8859_9": "cp1254",
    "iso8859_8": "cp1255",
    "iso8859_6": "cp1256",
    "utf_16_le": "utf-16-le",
    "utf_16_be": "utf-16-be",
}
_MOST_JUDGED = 65_536


def mark_of(beginning: bytes) -> tuple[str, int] | None:
    """Return the encoding that a byte order mark names, and the mark's length; None without one."""
    for mark, encoding in MARKS:
        if beginning.startswith(mark):
            return encoding, len(mark)
    return None


def detect(beginning: bytes) -> str:
    """Return the encoding (a key of ENCODINGS) of a file, by its first bytes."""
    marked = mark_of(beginning)
    if marked is not None:
        return marked[0]
    if _is_utf8(beginning):
        return "utf-8"
    if wide := _wide(beginning):
        return wide
    # Only what is no ASCII tells encodings apart: a long file may begin with lines of nothing else.
    telling = b"\n".join(line for line in beginning.splitlines() if not line.isascii())[:_MOST_JUDGED]
    best = from_bytes(telling, cp_isolation=list(ENCODINGS)).best()
    found = "cp1252" if best is None else best.encoding
    found = _SAME.get(found, found)
    return found if found in ENCODINGS else "cp1252"


def _is_utf8(beginning: bytes) -> bool:
    try:
        # The last character may be cut in two.
        codecs.getincrementaldecoder("utf-8")().decode(beginning)
    except UnicodeDecodeError:
        return False
    return b"\x00" not in beginning


def _wide(beginning: bytes) -> str | None:
    """Return the UTF-16 of a text without a mark: every other byte of its separators is 0."""
    sample = beginning[:4096]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if max(even, odd) < max(1, len(sample) // 20):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"
