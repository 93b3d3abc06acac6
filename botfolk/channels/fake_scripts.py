"""Mischief on demand, for the fakes of services: how some next calls go, in the words of no service in particular."""

import argparse
import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Literal

from msgspec import Struct, field

from botfolk.channels.faking import FakeServer, Handler, Reply
from botfolk.http import Http, open_http


class Script(Struct, kw_only=True):
    """How some next calls of a method go; `method` "*" is any.

    `delay` answers late, `reset` breaks the connection before the call is taken, `drop` after; `429`, `5xx` and
    `refuse` (with the given status code and error) answer as the service words it.
    """

    method: str = "*"
    behaviour: Literal["delay", "429", "5xx", "reset", "drop", "refuse"]
    times: int = 1
    seconds: float = 1.0
    retry_after: int = 1
    code: int = 400
    """the status of a refusal"""
    description: str = "Bad Request"
    error: int = 0
    """the service's own number of the error, where it has one"""
    parameters: dict[str, Any] | None = None
    chat_id: int | str | None = None
    """Only calls about this person; None: any."""

    def covers(self, method: str, about: object) -> bool:
        """Say whether a call goes by this script."""
        meant = self.chat_id is None or str(self.chat_id) == str(about)
        return self.times > 0 and meant and self.method.lower() in ("*", method.lower())


class Scripts(Struct):
    """The scripts that wait for their calls."""

    waiting: deque[Script] = field(default_factory=deque)

    def add(self, script: Script) -> None:
        """Let a script wait for its calls."""
        self.waiting.append(script)

    def clear(self) -> None:
        """Forget all."""
        self.waiting.clear()

    def take(self, method: str, about: object = None) -> Script | None:
        """Take the script by which a call goes, if there is one."""
        found = next((script for script in self.waiting if script.covers(method, about)), None)
        if found is not None:
            found.times -= 1
        return found

    async def play(
        self,
        method: str,
        about: object,
        carry_out: Callable[[], Awaitable[Reply]],
        refuse: Callable[[Script], Reply],
    ) -> Reply:
        """Carry a call out as its script says. `refuse` words a refusal (429, 5xx or refuse) as the service does."""
        script = self.take(method, about)
        if script is None:
            return await carry_out()
        match script.behaviour:
            case "delay":
                await asyncio.sleep(script.seconds)
            case "reset":
                return Reply(close=True)
            case "429" | "5xx" | "refuse":
                return refuse(script)
        reply = await carry_out()
        return Reply(close=True) if script.behaviour == "drop" else reply


def run_fake(name: str, make: Callable[[Http], Handler], *, port: int) -> None:
    """Serve a fake from the command line (`--host`, `--port`), until stopped."""
    parser = argparse.ArgumentParser(description=f"A fake of {name}.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=port)
    given = parser.parse_args()

    async def serve() -> None:
        async with open_http(allow_private=True) as http, FakeServer(make(http), given.host, given.port) as server:
            print(f"The fake {name} is at {server.url}", flush=True)  # noqa: T201
            await asyncio.Event().wait()

    asyncio.run(serve())
