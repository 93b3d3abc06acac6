"""Bodies that are not JSON: HTML forms, with and without files."""

import secrets
from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from msgspec import Struct

from botfolk.http import Body


class File(Struct, frozen=True, kw_only=True):
    """A file in a form."""

    name: str
    content_type: str
    content: bytes


def urlencoded(fields: Mapping[str, str] | Iterable[tuple[str, str]]) -> Body:
    """Return fields as application/x-www-form-urlencoded; a name may come more than once."""
    pairs = fields.items() if isinstance(fields, Mapping) else fields
    return Body(content_type="application/x-www-form-urlencoded", content=urlencode(list(pairs)).encode())


def multipart(fields: Mapping[str, str], files: Mapping[str, File]) -> Body:
    """Return fields and files as multipart/form-data (https://www.rfc-editor.org/rfc/rfc7578)."""
    boundary = secrets.token_hex(16)
    parts = []
    for name, value in fields.items():
        parts.append(f'Content-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n'.encode() + value.encode())
    for name, file in files.items():
        head = (
            f'Content-Disposition: form-data; name="{_quoted(name)}"; filename="{_quoted(file.name)}"\r\n'
            f"Content-Type: {_one_line(file.content_type)}\r\n\r\n"
        )
        parts.append(head.encode() + file.content)
    lines = b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    return Body(
        content_type=f"multipart/form-data; boundary={boundary}",
        content=lines + b"--" + boundary.encode() + b"--\r\n",
    )


def _quoted(name: str) -> str:
    # As browsers write them: https://html.spec.whatwg.org/#multipart-form-data
    return name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")


def _one_line(value: str) -> str:
    return value.replace("\r", " ").replace("\n", " ")
