"""What a service asks of a hook's address, and what it is answered."""

from collections.abc import Mapping

from msgspec import Struct

Headers = Mapping[str, str]
"""Header names in lower case."""


class Request(Struct, frozen=True, kw_only=True):
    """One request to a channel's hook. `url` is the public address it was made to, as the service knows it: from the
    settings, not from a header that anybody can write; with the query as it was sent."""

    method: str
    url: str
    headers: Headers
    body: bytes
    query: Mapping[str, str] = {}


class Answer(Struct, frozen=True, kw_only=True):
    """What the service is answered."""

    status: int = 200
    text: str = ""
    content_type: str = "text/plain; charset=utf-8"
