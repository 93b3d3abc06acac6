"""Whether a request comes from Twilio: https://www.twilio.com/docs/usage/security#validating-requests"""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from botfolk.channels.contract import Channel
from botfolk.channels.requests import Request
from botfolk.channels.setup import accepted

HEADER = "x-twilio-signature"
_BODY_HASH = "bodySHA256"
_MOST_FIELDS = 1000
_USUAL_PORTS = {"https": 443, "http": 80}


def verify(channel: Channel, request: Request) -> bool:
    """Compare the signature by each of the account's tokens, in constant time; without a token nothing is genuine.

    A form is signed with all its fields; of any other body the address names the hash.
    """
    given = request.headers.get(HEADER, "").encode("utf-8", "surrogatepass")
    fields: list[tuple[str, str]] = []
    body_hash = request.query.get(_BODY_HASH)
    if body_hash is not None:
        hashed = hashlib.sha256(request.body).hexdigest()
        if not hmac.compare_digest(hashed.encode(), body_hash.lower().encode("utf-8", "surrogatepass")):
            return False
    elif request.method == "POST":
        try:
            fields = form(request.body)
        except ValueError:
            return False
    tokens = accepted(channel.secrets, "auth_token")
    # Every one is computed, whichever fits.
    expected = [sign(token, url, fields) for token in tokens for url in _spellings(request.url)]
    return sum(hmac.compare_digest(each.encode(), given) for each in expected) > 0


def sign(token: str, url: str, fields: Iterable[tuple[str, str]]) -> str:
    """Return the signature of an address and a form: each name once for each of its values, all in order."""
    signed = url + "".join(name + value for name, value in sorted(set(fields)))
    digest = hmac.new(token.encode(), signed.encode("utf-8", "surrogateescape"), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def form(body: bytes) -> list[tuple[str, str]]:
    """Return the fields of a form, the empty ones too. Raises ValueError when there are far too many, or it is none."""
    text = body.decode("ascii")
    return parse_qsl(text, keep_blank_values=True, errors="surrogateescape", max_num_fields=_MOST_FIELDS)


def _spellings(url: str) -> list[str]:
    """Return an address as it is, with its port named, and without: Twilio has signed it in each of these ways."""
    try:
        parts = urlsplit(url)
        port = parts.port or _USUAL_PORTS.get(parts.scheme)
    except ValueError:
        return [url]
    host = parts.netloc.rpartition("@")[2]
    bare = host if parts.port is None else host.rpartition(":")[0]
    found = [url, *(urlunsplit(parts._replace(netloc=netloc)) for netloc in (bare, f"{bare}:{port}"))]
    return list(dict.fromkeys(found))
