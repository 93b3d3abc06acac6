"""A running Botfolk, people who write to its bot, and a browser in front of it."""

import asyncio
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import psycopg
import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from botfolk.db.pool import Pool, make_pool
from botfolk.ids import new_id

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
BUILT = Path(__file__).parents[2] / "botfolk" / "static" / "built" / "manifest.json"
TOKEN = "123456789:a-token-of-no-bot-at-all-but-as-long"
# Two processors, a server, a database, a browser and the other half of the tests: what is to come may take its time.
expect.set_options(timeout=20_000)

_LINK = re.compile(r"Sign in once with (\S+)")
_FAKE = re.compile(r"The fake Bot API is at (\S+)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let a test with a browser have a second try on a loaded machine; the run names at its end whoever needed it."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.flaky(retries=1))


def find_browser() -> str | None:
    """The path of a browser to test with."""
    return os.environ.get("BOTFOLK_TEST_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)


@dataclass
class Site:
    """A running Botfolk with one bot, its owner, and a Telegram bot that a fake of the service stands for."""

    url: str
    link: str
    dsn: str
    bot_id: UUID
    fake: str
    environment: dict[str, str]
    state: dict[str, Any] = field(default_factory=dict)

    def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Ask the database."""
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            return connection.execute(query.encode(), parameters or None).fetchall()

    def told(self, *command: str) -> str:
        """What a command beside the server prints."""
        run = [sys.executable, "-m", "botfolk.cli", *command]
        return subprocess.run(run, env=self.environment, check=True, capture_output=True, text=True).stdout

    def tell_fake(self, what: str, **given: object) -> dict[str, Any]:
        """Ask something of the fake service."""
        address, body = f"{self.fake}/_fake/{what}", json.dumps(given).encode()
        request = urllib.request.Request(address, method="POST", data=body)
        with urllib.request.urlopen(request, timeout=30) as answer:
            told: dict[str, Any] = json.load(answer)
            return told


@pytest.fixture(scope="session")
def site(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Botfolk as a user starts it, on a database of its own, with a Telegram bot."""
    with a_site(server, template, tmp_path_factory.mktemp("site"), ["botfolk.cli", "serve"]) as made:
        yield made


@contextmanager
def a_site(server: str, template: str, folder: Path, serve: list[str]) -> Iterator[Site]:
    """Botfolk started by a module, on a database of its own, with a Telegram bot."""
    if not BUILT.is_file():
        pytest.skip("the pages are not built: run `make pages` first")
    name = f"browser_{new_id().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        names = sql.Identifier(name), sql.Identifier(template)
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
    dsn = make_conninfo(server, dbname=name)
    environment = _environment(dsn, folder)
    with (
        _running(["botfolk.channels.telegram.fake", "--port", "0"], environment, folder, _FAKE) as fake,
        _running(serve, environment, folder, _LINK) as link,
    ):
        command = ["channel", "add", "telegram", "--token", TOKEN, "--api-base", fake]
        subprocess.run([sys.executable, "-m", "botfolk.cli", *command], env=environment, check=True)
        with psycopg.connect(dsn) as connection:
            row = connection.execute("SELECT bot_id FROM bots").fetchone()
        assert row is not None
        yield Site(link.split("/sign-in/")[0], link, dsn, row[0], fake, environment)


@contextmanager
def a_fake(kind: str, environment: dict[str, str], folder: Path) -> Iterator[str]:
    """The fake of a kind's service, beside the site; gives its address."""
    says = re.compile(r"The fake .* is at (\S+)")
    with _running([f"botfolk.channels.{kind}.fake", "--port", "0"], environment, folder, says) as url:
        yield url


@contextmanager
def _running(command: list[str], environment: dict[str, str], folder: Path, says: re.Pattern[str]) -> Iterator[str]:
    """Run a module until the block ends; gives what it says when it is ready."""
    log = folder / f"{command[0]}.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", *command], stdout=subprocess.PIPE, stderr=errors, text=True, env=environment
        )
        try:
            assert process.stdout is not None
            found = None
            while found is None and (line := process.stdout.readline()):
                found = says.search(line)
            if found is None:
                raise RuntimeError(f"{command[0]} did not start: {log.read_text()[-4000:]}")
            yield found[1]
        finally:
            process.terminate()
            process.wait(30)


def _environment(dsn: str, folder: Path) -> dict[str, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    parts = conninfo_to_dict(dsn)
    who, host = quote(str(parts.get("user", ""))), quote(str(parts["host"]), safe="")
    address = f"postgresql://{who}@/{parts['dbname']}?host={host}"
    ours = {name: value for name, value in os.environ.items() if not name.startswith("BOTFOLK_")}
    return {
        **ours,
        "BOTFOLK_DATABASE_URL": address + (f"&port={parts['port']}" if "port" in parts else ""),
        "BOTFOLK_DATA_DIR": str(folder),
        "BOTFOLK_PORT": str(port),
        "BOTFOLK_STYLEGUIDE": "yes",
    }


@dataclass
class Person:
    """Somebody who writes to the bot on Telegram."""

    site: Site
    chat_id: int
    names: dict[str, str]
    id: UUID = field(default_factory=new_id)

    @property
    def address(self) -> str:
        return f"{self.site.url}/users/{self.id}"

    async def says(self, text: str) -> None:
        """Write something; returns when Botfolk has taken it."""
        told = await asyncio.to_thread(self.site.tell_fake, "say", chat_id=self.chat_id, text=text, **self.names)
        assert told["ok"], told

    def field(self, name: str) -> Any:
        """A column of the profile, as stored."""
        return self.site.rows(f"SELECT {name} FROM users WHERE id = %s", self.id)[0][0]

    def stat(self, name: str) -> Any:
        """A column of the statistics, as stored."""
        return self.site.rows(f"SELECT {name} FROM user_stats WHERE user_id = %s", self.id)[0][0]


class People:
    """Makes people."""

    def __init__(self, site: Site) -> None:
        self.site = site

    async def writes(self, first_name: str, last_name: str, *texts: str) -> Person:
        """A new person who says something."""
        person = Person(self.site, secrets.randbelow(10**9), {"first_name": first_name, "last_name": last_name})
        for text in texts or ("hello",):
            await person.says(text)
        found = self.site.rows("SELECT user_id FROM identities WHERE external_id = %s", str(person.chat_id))
        person.id = found[0][0]
        return person


@pytest.fixture
def people(site: Site) -> People:
    """Whoever writes to the bot."""
    return People(site)


@pytest.fixture
async def pool(site: Site) -> AsyncIterator[Pool]:
    """A pool on the site's database, for who changes things without a browser."""
    async with make_pool(site.dsn, size=2) as opened:
        yield opened


@asynccontextmanager
async def a_browser() -> AsyncIterator[Browser]:
    """A browser, or a skipped test with the reason."""
    path = find_browser()
    if path is None:
        pytest.skip("no Chromium or Chrome on this machine; set BOTFOLK_TEST_BROWSER to the path of one")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            await browser.close()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A browser."""
    async with a_browser() as opened:
        yield opened


WATCH = """
const tell = (event) => console.error(`CSP ${event.violatedDirective} ${event.blockedURI}`);
addEventListener("securitypolicyviolation", tell, true);
"""


class Window:
    """A member's browser window; everything it complains of is kept."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self.context, self.page = context, page
        self.complaints: list[str] = []

    def watch(self) -> None:
        """Keep errors of scripts and of the content security policy."""
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda word: self._heard(word.type, word.text))

    def _heard(self, kind: str, text: str) -> None:
        # An answer of 409 or 422 is what the browser calls a failed load; the rest htmx says of requests it gave up.
        if kind == "error" and not re.search(r"status of (409|422)|^htmx:(afterRequest|sendAbort)", text):
            self.complaints.append(text)


@asynccontextmanager
async def a_window(site: Site, browser: Browser, **options: Any) -> AsyncIterator[Window]:
    """A window signed in as the owner."""
    if not site.state:
        site.state.update(await signed_in(site, browser))
    state: Any = json.loads(json.dumps(site.state))
    context = await browser.new_context(storage_state=state, base_url=site.url, **options)
    await context.add_init_script(WATCH)
    window = Window(context, await context.new_page())
    window.watch()
    try:
        yield window
    finally:
        await context.close()


async def signed_in(site: Site, browser: Browser) -> dict[str, Any]:
    """Sign in by the link that `botfolk serve` printed, and return what the browser keeps."""
    context = await browser.new_context(base_url=site.url)
    page = await context.new_page()
    await sign_in(page, site.link)
    await page.wait_for_url("**/users")
    state = await context.storage_state()
    await context.close()
    return dict(state)


async def sign_in(page: Page, link: str) -> None:
    """Follow a sign-in link, and confirm where the page asks for it."""
    await page.goto(link)
    if "/sign-in/" in page.url:
        await page.get_by_role("button", name="Sign in").click()


@pytest.fixture
async def window(site: Site, browser: Browser) -> AsyncIterator[Window]:
    """A window of the owner, 1280 pixels wide; a complaint of the browser fails the test."""
    async with a_window(site, browser, viewport={"width": 1280, "height": 900}) as opened:
        yield opened
        assert opened.complaints == []


@pytest.fixture
def page(window: Window) -> Page:
    """The page in the owner's window."""
    return window.page
