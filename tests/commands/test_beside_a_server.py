"""Commands beside a running server, on the same data folder."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks.stage import free_port
from botfolk.channels.faking import FakeServer
from botfolk.channels.telegram.fake import FakeTelegram


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("BOTFOLK_")}


def command(*words: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a user would."""
    return subprocess.run(
        [sys.executable, "-m", "botfolk.cli", *words], env=environment(), capture_output=True, text=True, check=False
    )


@contextmanager
def served(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """A server of a data folder, from when it says where it is."""
    process = subprocess.Popen(
        [sys.executable, "-m", "botfolk.cli", "serve", "--data-dir", str(folder), "--port", str(port)],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == f"Botfolk is at http://127.0.0.1:{port}"
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder that PostgreSQL's own user may pass into."""
    with tempfile.TemporaryDirectory(prefix="botfolk-test-", ignore_cleanup_errors=True) as name:
        yield Path(name)


async def test_a_channel_and_a_token_beside_a_running_server(folder: Path) -> None:
    port = free_port()
    fake = FakeTelegram()
    async with FakeServer(fake.handle) as telegram:
        import asyncio

        with served(folder, port) as server:
            words = ["channel", "add", "telegram", "--token", "5:abc", "--api-base", telegram.url]
            added = await asyncio.to_thread(command, *words, "--data-dir", str(folder), "--json")
            channel = json.loads(added.stdout)
            assert set(channel) == {"id", "kind", "hook_url", "secret"}
            assert channel["hook_url"] == f"http://127.0.0.1:{port}/hooks/{channel['id']}"
            made = await asyncio.to_thread(command, "token", "create", "--data-dir", str(folder), "--json")
            token = json.loads(made.stdout)["token"]
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}/api/v1/users", headers={"Authorization": f"Bearer {token}"}
            )
            answer = await asyncio.to_thread(lambda: urllib.request.urlopen(request, timeout=10).read())
            assert json.loads(answer) == {"items": [], "next_cursor": None}
            checked = await asyncio.to_thread(command, "recount", "--check", "--data-dir", str(folder), "--json")
            assert json.loads(checked.stdout) == {"users": 0, "differences": 0}
            assert checked.stderr == ""
            server.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(server.wait, 30) == 0
    assert not (folder / "postgres" / "data" / "postmaster.pid").exists()


def test_a_wrong_setting_is_one_clear_text() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "botfolk.cli", "serve"],
        env=environment() | {"BOTFOLK_PORT": "many", "BOTFOLK_COLOUR": "red"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert "BOTFOLK_PORT" in told.stderr
    assert "BOTFOLK_COLOUR is not a setting" in told.stderr
    assert "Traceback" not in told.stderr


def test_a_port_in_use_is_one_clear_text_and_nothing_is_started(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        told = command("serve", "--data-dir", str(folder), "--port", str(other.getsockname()[1]))
    assert told.returncode == 1
    assert "in use" in told.stderr
    assert "Traceback" not in told.stderr
    assert not (folder / "postgres").exists()
    assert not (folder / "server.url").exists()


def test_an_unknown_kind_of_channel_is_refused(folder: Path) -> None:
    told = command("channel", "add", "smoke", "--token", "x", "--data-dir", str(folder))
    assert (told.returncode, "telegram" in told.stderr) == (1, True)


def test_a_server_is_where_the_last_one_said(folder: Path) -> None:
    port = free_port()
    with served(folder, port):
        time.sleep(0)
    link = json.loads(command("sign-in-link", "--data-dir", str(folder), "--json").stdout)["link"]
    assert link.startswith(f"http://127.0.0.1:{port}/sign-in/")
