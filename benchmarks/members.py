"""A member who looks: signed in without the sign-in page, over one kept-alive connection."""

import http.client

import psycopg

from benchmarks.stage import Stage
from botfolk.clock import utc_now
from botfolk.ids import new_id
from botfolk.team.credentials import new_token, token_hash
from botfolk.team.principal import COOKIE
from botfolk.team.sign_in import LASTS


def sign_in(stage: Stage) -> str:
    """Make a member of the stage's bot and return the cookie of a sign-in of theirs, as a header's value."""
    account, token, now = new_id(), new_token(), utc_now()
    with psycopg.connect(stage.dsn) as connection:
        connection.execute("INSERT INTO accounts (id, email, name) VALUES (%s, 'bench@example.com', 'B')", [account])
        connection.execute(
            "INSERT INTO members (bot_id, id, account_id, role) VALUES (%s, %s, %s, 'owner')",
            [stage.bot_id, new_id(), account],
        )
        connection.execute(
            "INSERT INTO sign_ins (id, account_id, token_hash, created_at, expires_at) VALUES (%s, %s, %s, %s, %s)",
            [new_id(), account, token_hash(token), now, now + LASTS],
        )
    return f"{COOKIE}={token}"


class Browser:
    """Asks for pages, one after the other."""

    def __init__(self, port: int, cookie: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = {"Cookie": cookie}

    def get(self, path: str, *, part: bool = False) -> bytes:
        """Return a page, or as `part` what htmx would fetch. Raises RuntimeError when it is not answered with 200."""
        headers = {**self._headers, "HX-Request": "true"} if part else self._headers
        self._connection.request("GET", path, headers=headers)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status}")
        return body
