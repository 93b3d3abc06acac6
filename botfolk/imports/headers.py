"""What a column is called in several languages, and what that suggests it becomes."""

import re
import unicodedata
from pathlib import Path


def _read() -> dict[str, str]:
    """Read which word names which target."""
    found: dict[str, str] = {}
    target = ""
    for line in (Path(__file__).parent / "headers.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            target = line.strip("[]")
        elif line and not line.startswith("#"):
            words = unicodedata.normalize("NFKC", line).split(";")
            found |= {word.strip(): target for word in words if word.strip()}
    return found


_LOOKUP = _read()
_NOT_A_WORD = re.compile(r"[\W_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def plain(header: str) -> str:
    """Return a header in small letters with single spaces and nothing else: "E-Mail_Address" → "e mail address"."""
    text = _CAMEL.sub(" ", unicodedata.normalize("NFKC", header))
    return " ".join(_NOT_A_WORD.sub(" ", _keep_marks(text)).split()).lower()


def _keep_marks(text: str) -> str:
    """Put vowel signs, which are no letters to a pattern, together with their letter where Unicode can."""
    return unicodedata.normalize("NFC", text)


def known(header: str) -> str | None:
    """Return the target that a header names; None when it names none."""
    return _LOOKUP.get(plain(header)) or _LOOKUP.get(unicodedata.normalize("NFKC", header).strip().lower())


def attribute_name(header: str) -> str:
    """Return a name for an attribute after a header: "Lifecycle Stage" → "lifecycle_stage"; or nothing."""
    words = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", header).strip().lower())
    return words.strip("_")[:64].strip("_")
