"""The command line. Every command works beside a running server, on the same data."""

import asyncio
import os
import threading
from importlib import import_module
from typing import Annotated, Any
from uuid import UUID

import msgspec
import psycopg
import typer

from botfolk import __version__, address, listening
from botfolk.commands import channels, exports
from botfolk.commands.common import (
    AsJson,
    Bot,
    DataDir,
    bot_id_of,
    fail,
    own_settings,
    settings_of,
    show,
    with_services,
)
from botfolk.commands.imports import import_users
from botfolk.database import DatabaseError, open_database
from botfolk.settings import SettingsError

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="Botfolk: the CRM for the people who talk to a chatbot.",
)
token_app = typer.Typer(no_args_is_help=True, help="Tokens for the API.")
app.add_typer(channels.app, name="channel")
app.command()(exports.export)
app.add_typer(token_app, name="token")
app.command("import")(import_users)


def main() -> None:
    """Run the command line; errors of the installation are one clear text and status 1."""
    try:
        app()
    except (SettingsError, DatabaseError, listening.CannotListen) as error:
        fail(str(error))


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (also BOTFOLK_HOST).")] = None,
    port: Annotated[str | None, typer.Option(help="Port to listen on (also BOTFOLK_PORT).")] = None,
    data_dir: DataDir = None,
) -> None:
    """Run everything in one process: web, ingest, sender and jobs."""
    settings = own_settings(host=host, port=port, data_dir=data_dir)
    sockets = listening.bind(settings.host, settings.port)
    address.say(settings.data_dir, settings.public_url)
    # Read while the database starts, which waits for a process of its own.
    threading.Thread(target=import_module, args=("botfolk.serve",)).start()
    try:
        with open_database(settings) as dsn:
            import uvloop

            from botfolk.serve import serve as run

            uvloop.run(run(settings, dsn, sockets))
    finally:
        listening.close(sockets)


@app.command()
def migrate(data_dir: DataDir = None) -> None:
    """Bring the database to this version's schema (serve does so too)."""
    with open_database(settings_of(data_dir=data_dir)):
        typer.echo("The database is at this version's schema.")


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


@app.command()
def doctor(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Say what is wrong with this installation; status 1 when something is."""
    from botfolk.doctor import examine

    findings = examine(os.environ, data_dir)
    if as_json:
        typer.echo(msgspec.json.encode({"findings": findings}).decode())
    else:
        for finding in findings:
            typer.echo(f"{'ok  ' if finding.ok else 'BAD '} {finding.what}: {finding.text}")
    raise SystemExit(0 if all(finding.ok for finding in findings) else 1)


@app.command()
def demo(
    people: Annotated[int, typer.Option(min=1, max=2000, help="How many people.")] = 40,
    months: Annotated[int, typer.Option(min=1, max=36, help="How many months of conversation.")] = 4,
    seed: Annotated[int, typer.Option(help="The same number makes the same demo.")] = 1,
    bot: Bot = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Fill a bot with believable people and months of conversation, to look around."""
    settings = settings_of(data_dir=data_dir)
    from botfolk.demo.fill import AlreadyThere, fill

    def progress(done: int, of: int) -> None:
        if not as_json and (done % 50 == 0 or done == of):
            typer.echo(f"\r{done} of {of}", nl=done == of)

    with open_database(settings) as dsn:

        async def act() -> dict[str, object]:
            from botfolk.serve import open_services

            async with open_services(settings, dsn) as services:
                bot_id = await bot_id_of(services, bot)
                made = await fill(services, dsn, bot_id, people=people, months=months, seed=seed, progress=progress)
            return msgspec.structs.asdict(made)

        try:
            made = asyncio.run(act())
        except AlreadyThere as there:
            state = "is there already" if there.is_whole else "was begun before and stopped half way"
            show({"demo": f"{state}; nothing was changed"}, as_json)
        else:
            show(made, as_json)


@token_app.command("create")
def token_create(
    name: Annotated[str, typer.Option(help="What it is for.")] = "API",
    role: Annotated[str, typer.Option(help="viewer, agent, admin or owner.")] = "admin",
    bot: Bot = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make an API token; it is shown this once."""
    settings = settings_of(data_dir=data_dir)
    from botfolk.team import tokens
    from botfolk.team.principal import ROLES

    if role not in ROLES:
        fail(f"there is no role {role!r}; there are: {', '.join(ROLES)}")

    async def act(services: Any) -> dict[str, object]:
        bot_id = await bot_id_of(services, bot)
        async with services.pool.connection() as connection:
            return {"token": await tokens.create(connection, bot_id, name, role, None, services.clock())}

    show(with_services(settings, act), as_json)


@app.command("sign-in-link")
def sign_in_link(
    email: Annotated[str | None, typer.Argument(help="Whose; the first owner's when left out.")] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make a one-time link that signs a member in."""
    settings = settings_of(data_dir=data_dir)
    from botfolk.serve import make_sign_in_link

    async def act(services: Any) -> dict[str, object]:
        await bot_id_of(services, None)
        return {"link": await make_sign_in_link(services, email)}

    try:
        show(with_services(settings, act), as_json)
    except LookupError as error:
        fail(str(error))


@app.command()
def recount(
    check: Annotated[bool, typer.Option("--check", help="Only compare; change nothing.")] = False,
    user: Annotated[UUID | None, typer.Option(help="One user's id; all of them when left out.")] = None,
    bot: Bot = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Recompute sessions and statistics from the raw messages, under the session length of now.

    With --check nothing is changed: what is kept is compared with a recount under the settings of their time, and
    status 1 says that they differ.
    """
    settings = settings_of(data_dir=data_dir)
    from botfolk.conversations import recounting

    async def act(services: Any) -> dict[str, object]:
        bot_id = await bot_id_of(services, bot)
        if check:
            return await recounting.check_all(services, bot_id, lambda line: typer.echo(line, err=True))
        return await recounting.recount_all(services, bot_id, user)

    try:
        done = with_services(settings, act)
    except (LookupError, ValueError, psycopg.Error) as error:
        fail(str(error))
    show(done, as_json)
    raise SystemExit(1 if done.get("differences") else 0)


if __name__ == "__main__":
    main()
