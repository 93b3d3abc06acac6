"""What is given with a call to the fakes: JSON, a form, or a form with a file."""

from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from botfolk.channels.faking import Request


def form(request: Request) -> tuple[dict[str, Any], int]:
    """Return a call's fields, those that hold JSON read, and the bytes of the file that came with it.

    Raises msgspec.DecodeError.
    """
    kind = request.headers.get("content-type", "")
    if not request.body:
        return {}, 0
    if kind.startswith("application/json"):
        given = msgspec.json.decode(request.body)
        return (given if isinstance(given, dict) else {}), 0
    if kind.startswith("multipart/form-data"):
        return _multipart(kind, request.body)
    return {name: _read(value) for name, value in parse_qsl(request.body.decode())}, 0


def _multipart(kind: str, body: bytes) -> tuple[dict[str, Any], int]:
    # By this policy names of files may be in any script, as browsers write them.
    parsed = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    fields: dict[str, Any] = {}
    size = 0
    for part in parsed.walk():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes):
            continue
        if part.get_filename() is not None:
            size += len(content)
            fields[name] = {"filename": part.get_filename(), "content_type": part.get_content_type()}
        else:
            fields[name] = _read(content.decode())
    return fields, size


def _read(value: str) -> Any:
    if value[:1] in "{[":
        return msgspec.json.decode(value.encode())
    return value
