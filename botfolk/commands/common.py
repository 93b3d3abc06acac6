"""What the commands share: options, settings, an installation opened for a moment, and how they print and fail."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, NoReturn, TypeVar
from uuid import UUID

import msgspec
import typer

from botfolk import address, logs
from botfolk.database import open_database
from botfolk.settings import Settings, SettingsError, load

Result = TypeVar("Result")

DataDir = Annotated[
    str | None, typer.Option("--data-dir", help="Folder of the embedded database (also BOTFOLK_DATA_DIR).")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Bot = Annotated[str | None, typer.Option("--bot", help="The bot's id; needed only where there are several.")]


def fail(text: str) -> NoReturn:
    """End the command with a clear text and status 1."""
    typer.echo(f"botfolk: {text}", err=True)
    raise SystemExit(1)


def settings_of(**given: str | None) -> Settings:
    """Read the settings of a command beside the server; it says itself what it does, and logs only what is wrong."""
    settings = own_settings(**given)
    if settings.log_level == "info":
        logs.configure("warning", settings.log_format)
    return address.reached(settings, os.environ)


def own_settings(**given: str | None) -> Settings:
    """Read the settings of a process of its own. Raises SettingsError."""
    settings = load(os.environ, {name: value for name, value in given.items() if value is not None})
    logs.configure(settings.log_level, settings.log_format)
    return settings


def with_services(settings: Settings, act: Callable[[Any], Awaitable[Result]]) -> Result:
    """Run an action with the open services of this installation."""
    from botfolk.serve import open_services

    async def run(dsn: str) -> Result:
        async with open_services(settings, dsn) as services:
            return await act(services)

    with open_database(settings) as dsn:
        return asyncio.run(run(dsn))


async def bot_id_of(services: Any, given: str | None) -> UUID:
    """Return the bot that is meant: the one there is, or the one named. Raises SettingsError."""
    from botfolk.serve import ensure_first_bot

    async with services.pool.connection() as connection:
        await ensure_first_bot(connection, services.clock())
        cursor = await connection.execute("SELECT bot_id, name FROM bots ORDER BY created_at")
        bots = await cursor.fetchall()
    if given is None and len(bots) == 1:
        found: UUID = bots[0][0]
        return found
    for bot_id, _ in bots:
        if str(bot_id) == given:
            return UUID(str(bot_id))
    choices = ", ".join(f"{bot_id} ({name})" for bot_id, name in bots)
    raise SettingsError(f"name the bot with --bot; there are: {choices}")


def show(values: dict[str, object], as_json: bool) -> None:
    """Print values: a line each, or one JSON object."""
    if as_json:
        typer.echo(msgspec.json.encode(values).decode())
    else:
        for name, value in values.items():
            typer.echo(f"{name}: {value}")
