"""The way out over real HTTP: a service that takes, refuses, drops and disappears."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from botfolk.channels.contract import Channel, Failed, Later, Outcome, Outgoing, Sent
from botfolk.http import Http
from tests.outbox.world import Service, World, until


class HttpService(Service):
    """A kind that posts to a server, and reads its answers as most do; what breaks below it, it does not catch."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address

    async def send(self, channel: Channel, http: Http, outgoing: Outgoing) -> Outcome:
        answer = await http.request(
            "POST", f"{self.address}/send", json={"to": outgoing.external_user_id, "text": outgoing.text}
        )
        if answer.status == 429:
            return Later(reason="Slow down", after=float(answer.headers["retry-after"]), whole_channel=True)
        if answer.status >= 500:
            return Later(reason="The service is down")
        if answer.status >= 400:
            return Failed(reason="Refused")
        return Sent(external_id=json.loads(answer.content)["id"])


class Server:
    """A server that does with each request what the text says, the first time it hears it."""

    def __init__(self) -> None:
        self.took: list[str] = []
        self.heard: list[str] = []

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._answer(reader, writer):
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        text = json.loads(await reader.readexactly(length))["text"]
        first = text not in self.heard
        self.heard.append(text)
        match text if first else "take":
            case "slow down":
                _reply(writer, "429 Too Many Requests", {}, "Retry-After: 1\r\n")
            case "down":
                _reply(writer, "502 Bad Gateway", {})
            case "refuse":
                _reply(writer, "400 Bad Request", {})
            case "take and drop":
                self.took.append(text)
                return False
            case _:
                self.took.append(text)
                _reply(writer, "200 OK", {"id": f"id of {text}"})
        return True


def _reply(writer: asyncio.StreamWriter, status: str, content: dict[str, Any], extra: str = "") -> None:
    body = json.dumps(content).encode()
    writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{extra}\r\n".encode() + body)


@asynccontextmanager
async def serving(port: int = 0) -> AsyncIterator[tuple[Server, int]]:
    server = Server()
    running = await asyncio.start_server(server.talk, "127.0.0.1", port)
    try:
        yield server, running.sockets[0].getsockname()[1]
    finally:
        running.close()


async def test_every_kind_of_answer_ends_as_it_should(world: World) -> None:
    texts = ["hello", "take and drop", "down", "refuse", "slow down", "good bye"]
    said = {text: await world.say(await world.person(text), text) for text in texts}
    async with serving() as (server, port), world.sending(HttpService(f"http://127.0.0.1:{port}")) as sender:
        await world.until(said["take and drop"], "unknown")
        await world.until(said["refuse"], "failed")
        await until(lambda: _heard(server, len(texts)))
        world.clock.pass_(seconds=5)
        sender.wake()
        for text in ("hello", "down", "slow down", "good bye"):
            message = await world.until(said[text], "sent")
            assert message.external_id == f"id of {text}"
        assert sorted(server.took) == sorted(set(texts) - {"refuse"})
        assert server.heard.count("take and drop") == 1


async def test_a_service_that_is_not_there_gets_everything_when_it_returns(world: World) -> None:
    async with serving() as (_, port):
        pass
    ann = await world.person()
    said = [await world.say(ann, f"{number}") for number in range(3)]
    async with world.sending(HttpService(f"http://127.0.0.1:{port}")) as sender:
        await until(lambda: _tried(world))
        assert {(await world.message(message_id)).status for message_id in said} == {"queued"}
        async with serving(port) as (server, _):
            world.clock.pass_(minutes=10)
            sender.wake()
            for message_id in said:
                await world.until(message_id, "sent")
            assert server.took == ["0", "1", "2"]


async def _heard(server: Server, count: int) -> bool:
    return len(server.heard) >= count


async def _tried(world: World) -> bool:
    return bool(await world.one("SELECT true FROM outbox WHERE state = 'queued' AND error IS NOT NULL"))
