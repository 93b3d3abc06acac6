"""Kill the server, again and again, under load: `python -m benchmarks.torture` (`make torture`).

A ledger of what was answered 2xx is kept outside. At the end every acknowledged message must be in the database exactly
once, no reply may have been taken twice by the fake service, and after each restart the first 2xx must come within
3 seconds. Not covered: a power cut (PostgreSQL itself keeps running), a full disk, several nodes.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import httptools
import psycopg
from msgspec import Struct, field

from benchmarks.stage import ROOT, free_port
from botfolk.db import embedded

PROMISED_RESTART_SECONDS = 3.0
PEOPLE = 40


class Ledger(Struct):
    """What was said and what was acknowledged, by update id; how long each restart took."""

    said: int = 0
    acknowledged: set[int] = field(default_factory=set)
    refused: int = 0
    broken: int = 0
    restarts: list[float] = field(default_factory=list)
    down_since: float | None = None

    def acknowledge(self, update_id: int) -> None:
        """Note a 2xx; the first after a kill ends a restart."""
        self.acknowledged.add(update_id)
        if self.down_since is not None:
            self.restarts.append(time.monotonic() - self.down_since)
            self.down_since = None


class _Answer:
    """Reads one answer's status."""

    def __init__(self) -> None:
        self.done = False

    def on_message_complete(self) -> None:
        """The answer is whole."""
        self.done = True


async def post(port: int, path: str, secret: str, body: bytes) -> int:
    """Post once on a new connection and return the status. Raises OSError when it breaks."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        head = (
            f"POST {path} HTTP/1.1\r\nHost: x\r\nX-Telegram-Bot-Api-Secret-Token: {secret}\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        writer.write(head.encode() + body)
        answer = _Answer()
        parser = httptools.HttpResponseParser(answer)
        while not answer.done:
            data = await reader.read(65536)
            if not data:
                raise ConnectionResetError
            parser.feed_data(data)
        return int(parser.get_status_code())
    finally:
        writer.close()


async def speak(ledger: Ledger, port: int, path: str, secret: str, stop: asyncio.Event, pause: float) -> None:
    """Say one thing after the other, each until it is acknowledged, as a service does."""
    while not stop.is_set():
        ledger.said += 1
        number, chat = ledger.said, 5_000_000 + random.randrange(PEOPLE)
        person = {"id": chat, "is_bot": False, "first_name": "P"}
        message = {"message_id": number, "from": person, "chat": {"id": chat, "first_name": "P", "type": "private"}}
        message |= {"date": int(time.time()), "text": f"message {number}"}
        body = json.dumps({"update_id": number, "message": message}).encode()
        while True:
            try:
                async with asyncio.timeout(20):
                    status = await post(port, path, secret, body)
            except (OSError, TimeoutError, httptools.HttpParserError):
                ledger.broken += 1
                await asyncio.sleep(0.03)
                continue
            if 200 <= status < 300:
                ledger.acknowledge(number)
                break
            ledger.refused += 1
            await asyncio.sleep(0.05)
        await asyncio.sleep(pause)


def start(environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Start the server."""
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "botfolk.cli", "serve"], cwd=ROOT, env=environment, stdout=output, stderr=output
        )


async def torture(kills: int, rate: float, folder: Path) -> bool:
    """Run; print what came of it; return whether every promise was kept."""
    port, fake_port = free_port(), free_port()
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BOTFOLK_")}
    environment = clean | {"BOTFOLK_DATA_DIR": str(folder), "BOTFOLK_PORT": str(port), "BOTFOLK_LOG_LEVEL": "warning"}
    fake = subprocess.Popen(
        [sys.executable, "-m", "botfolk.channels.telegram.fake", "--port", str(fake_port)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    log = folder / "server.log"
    server = start(environment, log)
    ledger, stop = Ledger(), asyncio.Event()
    try:
        await asyncio.sleep(3)
        add = ["channel", "add", "telegram", "--token", "7:torture", "--json"]
        added = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "botfolk.cli", *add, "--api-base", f"http://127.0.0.1:{fake_port}"],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        channel = json.loads(added.stdout)
        path = re.sub(r"^https?://[^/]+", "", channel["hook_url"])
        speakers = 16
        tasks = [
            asyncio.create_task(speak(ledger, port, path, channel["secret"], stop, speakers / rate))
            for _ in range(speakers)
        ]
        for number in range(kills):
            await asyncio.sleep(random.uniform(0.4, 1.6))
            server.send_signal(signal.SIGKILL)
            server.wait()
            ledger.down_since = time.monotonic()
            server = start(environment, log)
            while ledger.down_since is not None and time.monotonic() - ledger.down_since < 20:
                await asyncio.sleep(0.01)
            if ledger.down_since is not None:
                print(f"the server did not come back after kill {number + 1}; see {log}")
                return False
        stop.set()
        await asyncio.gather(*tasks)
        taken = await asyncio.to_thread(_taken, fake_port)
        return judge(ledger, folder, taken, kills)
    finally:
        for process in (server, fake):
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)


def _taken(port: int) -> Counter[int]:
    """What the fake service took, by chat: each reply to a message is one sendMessage."""
    import urllib.request

    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_fake/calls?method=sendMessage") as answer:
        calls = json.load(answer)["calls"]
    return Counter(call["arguments"]["chat_id"] for call in calls if call["taken"])


def judge(ledger: Ledger, folder: Path, taken: Counter[int], kills: int) -> bool:
    """Compare the ledger with the database."""
    running = embedded.start(folder)
    try:
        with psycopg.connect(running.dsn) as connection:
            rows = connection.execute("SELECT dedupe_key, count(*) FROM messages WHERE direction = 'in' GROUP BY 1")
            stored = {int(key): count for key, count in rows}
            states: dict[str, int] = dict(
                connection.execute("SELECT state, count(*) FROM outbox GROUP BY 1").fetchall()
            )
            queued = connection.execute("SELECT count(*) FROM messages WHERE direction = 'out'").fetchone()
            counted = connection.execute("SELECT sum(messages) FROM user_stats").fetchone()
            sent = connection.execute(
                "SELECT i.external_id::bigint, count(*) FILTER (WHERE o.state IN ('sent', 'unknown')) FROM outbox o"
                " JOIN identities i ON i.bot_id = o.bot_id AND i.id = o.identity_id GROUP BY 1"
            ).fetchall()
    finally:
        running.stop()
    lost = ledger.acknowledged - stored.keys()
    doubled = [key for key, count in stored.items() if count > 1]
    # More than one taken call for a sent or unknown row would be a second sending of the same reply.
    owed: dict[int, int] = dict(sent)
    twice = {chat: count for chat, count in taken.items() if count > owed.get(chat, 0) + states.get("sending", 0)}
    slowest = max(ledger.restarts, default=0.0)
    print(
        f"kill -9: {kills}, acknowledged: {len(ledger.acknowledged):,}, refused: {ledger.refused}, "
        f"connections broken: {ledger.broken}"
    )
    print(f"stored: {len(stored):,}, lost: {len(lost)}, doubled: {len(doubled)}, replies queued: {queued}, {states}")
    print(f"counted in statistics: {counted}, replies taken: {sum(taken.values())}, twice: {len(twice)}")
    print(f"first 2xx after a kill: slowest {slowest:.2f} s (promised {PROMISED_RESTART_SECONDS})")
    same = counted is not None and counted[0] == len(stored)
    return not lost and not doubled and not twice and same and slowest <= PROMISED_RESTART_SECONDS


def main() -> None:
    """Run from the command line; exits with 1 when a promise was broken."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--rate", type=float, default=500.0, help="messages a second at most")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="botfolk-torture-"))
    kept = asyncio.run(torture(arguments.kills, arguments.rate, folder))
    print("all promises kept" if kept else f"A PROMISE WAS BROKEN; the data is in {folder}")
    if kept:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    main()
