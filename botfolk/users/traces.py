"""How a person is named in what was kept as it came: unread bodies, the log of exchanges. No storage here."""

import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

_SHORTEST = 4
"""A shorter name is a number like any other; the services' own are longer."""


class Traces:
    """The names of a person, and the ways in which they are written."""

    def __init__(self, names: Iterable[str]) -> None:
        self.spellings = sorted({spelled for name in names if len(name) >= _SHORTEST for spelled in _spellings(name)})
        # A number within a longer one is somebody else's.
        written = b"(?<![0-9A-Za-z])(?:%s)(?![0-9A-Za-z])" % b"|".join(map(re.escape, self.spellings))
        self._found = re.compile(written) if self.spellings else None

    def found_in(self, text: bytes | str | None) -> bool:
        """Say whether a text names the person."""
        if text is None or self._found is None:
            return False
        return self._found.search(text.encode() if isinstance(text, str) else text) is not None


def _spellings(name: str) -> set[bytes]:
    """Return a name as it stands in JSON, in a form and in an address; a telephone number also without its plus."""
    forms = {name, name.removeprefix("+")} if name[1:].isdigit() else {name}
    spelled = {write(form) for form in forms for write in (str, _in_json, _in_address, quote_plus)}
    return {each.encode(errors="replace") for each in spelled}


def _in_json(name: str) -> str:
    return json.dumps(name)[1:-1]


def _in_address(name: str) -> str:
    return quote(name, safe="")
