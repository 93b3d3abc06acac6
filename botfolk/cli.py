"""The command line. Every command works beside a running server, on the same data."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from secrets import token_urlsafe
from typing import Annotated, Any, NoReturn, TypeVar
from uuid import UUID

import msgspec
import psycopg
import typer

from botfolk import __version__, address, listening, logs
from botfolk.database import DatabaseError, open_database
from botfolk.settings import Settings, SettingsError, load

Result = TypeVar("Result")

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="Botfolk: the CRM for the people who talk to a chatbot.",
)
channel_app = typer.Typer(no_args_is_help=True, help="Connect messaging services.")
token_app = typer.Typer(no_args_is_help=True, help="Tokens for the API.")
app.add_typer(channel_app, name="channel")
app.add_typer(token_app, name="token")

DataDir = Annotated[
    str | None, typer.Option("--data-dir", help="Folder of the embedded database (also BOTFOLK_DATA_DIR).")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Bot = Annotated[str | None, typer.Option("--bot", help="The bot's id; needed only where there are several.")]


def main() -> None:
    """Run the command line; errors of the installation are one clear text and status 1."""
    try:
        app()
    except (SettingsError, DatabaseError, listening.CannotListen) as error:
        _fail(str(error))


def _fail(text: str) -> NoReturn:
    typer.echo(f"botfolk: {text}", err=True)
    raise SystemExit(1)


def _settings(**given: str | None) -> Settings:
    """Read the settings of a command beside the server."""
    return address.reached(_own_settings(**given), os.environ)


def _own_settings(**given: str | None) -> Settings:
    settings = load(os.environ, {name: value for name, value in given.items() if value is not None})
    logs.configure(settings.log_level, settings.log_format)
    return settings


def _with_services(settings: Settings, act: Callable[[Any], Awaitable[Result]]) -> Result:
    """Run an action with the open services of this installation."""
    from botfolk.serve import open_services

    async def run(dsn: str) -> Result:
        async with open_services(settings, dsn) as services:
            return await act(services)

    with open_database(settings) as dsn:
        return asyncio.run(run(dsn))


async def _bot_id(services: Any, given: str | None) -> UUID:
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


def _print(values: dict[str, object], as_json: bool) -> None:
    if as_json:
        typer.echo(msgspec.json.encode(values).decode())
    else:
        for name, value in values.items():
            typer.echo(f"{name}: {value}")


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (also BOTFOLK_HOST).")] = None,
    port: Annotated[str | None, typer.Option(help="Port to listen on (also BOTFOLK_PORT).")] = None,
    data_dir: DataDir = None,
) -> None:
    """Run everything in one process: web, ingest, sender and jobs."""
    settings = _own_settings(host=host, port=port, data_dir=data_dir)
    sockets = listening.bind(settings.host, settings.port)
    address.say(settings.data_dir, settings.public_url)
    import uvloop

    from botfolk.serve import serve as run

    try:
        with open_database(settings) as dsn:
            uvloop.run(run(settings, dsn, sockets))
    finally:
        listening.close(sockets)


@app.command()
def migrate(data_dir: DataDir = None) -> None:
    """Bring the database to this version's schema (serve does so too)."""
    with open_database(_settings(data_dir=data_dir)):
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
    settings = _settings(data_dir=data_dir)
    from botfolk.demo.fill import AlreadyThere, fill

    def progress(done: int, of: int) -> None:
        if not as_json and (done % 50 == 0 or done == of):
            typer.echo(f"\r{done} of {of}", nl=done == of)

    with open_database(settings) as dsn:

        async def act() -> dict[str, object]:
            from botfolk.serve import open_services

            async with open_services(settings, dsn) as services:
                bot_id = await _bot_id(services, bot)
                made = await fill(services, dsn, bot_id, people=people, months=months, seed=seed, progress=progress)
            return msgspec.structs.asdict(made)

        try:
            made = asyncio.run(act())
        except AlreadyThere as there:
            state = "is there already" if there.is_whole else "was begun before and stopped half way"
            _print({"demo": f"{state}; nothing was changed"}, as_json)
        else:
            _print(made, as_json)


@channel_app.command("add")
def channel_add(
    kind: Annotated[str, typer.Argument(help="The service: telegram or webchat.")],
    token: Annotated[str, typer.Option(help="The token the service gave the bot (telegram).")] = "",
    origin: Annotated[
        list[str] | None, typer.Option(help="A site that may show the chat, like https://shop.example (webchat).")
    ] = None,
    title: Annotated[str, typer.Option(help="What stands at the top of the chat (webchat).")] = "",
    color: Annotated[str, typer.Option(help="The chat's colour, like #0b6b5c (webchat).")] = "",
    position: Annotated[str, typer.Option(help="Where the chat's button stands: left or right (webchat).")] = "",
    scheme: Annotated[str, typer.Option(help="auto (as the visitor's system), light or dark (webchat).")] = "",
    greeting: Annotated[str, typer.Option(help="What stands in the empty chat, if not the bot's (webchat).")] = "",
    text: Annotated[
        list[str] | None, typer.Option(help="A text of the chat in other words, like write=Tulis mesej (webchat).")
    ] = None,
    api_base: Annotated[str | None, typer.Option(help="Address of the service's API, if not its own.")] = None,
    name: Annotated[str, typer.Option(help="What the team calls it.")] = "",
    bot: Bot = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Connect a channel and tell the service where to deliver."""
    settings = _settings(data_dir=data_dir)
    from botfolk.channels.address import hook_url
    from botfolk.channels.connect import connect
    from botfolk.channels.contract import ChannelError
    from botfolk.channels.registry import UnknownChannel

    async def act(services: Any) -> dict[str, object]:
        bot_id = await _bot_id(services, bot)
        if kind == "webchat":
            texts = dict(each.partition("=")[::2] for each in text or ())
            chat: dict[str, object] = {
                "origins": origin or [],
                "title": title,
                "color": color,
                "position": position,
                "scheme": scheme,
            }
            chat |= {"greeting": greeting, "texts": texts}
            channel = await connect(services, bot_id, kind, name, chat, {"identity": token_urlsafe(32)})
            script = f'<script src="{settings.public_url}/chat.js" data-channel="{channel.id}" async></script>'
            return {
                "id": channel.id,
                "kind": kind,
                "hook_url": f"{settings.public_url}/chat/{channel.id}",
                "secret": channel.secrets["secret"],
                "identity_secret": channel.secrets["identity"],
                "script": script,
            }
        if not token:
            raise ChannelError("give the bot's token with --token")
        config = {"api_base": (api_base or settings.telegram_api_base).rstrip("/")}
        channel = await connect(services, bot_id, kind, name, config, {"token": token})
        delivers_to = hook_url(settings.public_url, channel.id)
        return {"id": channel.id, "kind": kind, "hook_url": delivers_to, "secret": channel.secrets["secret"]}

    try:
        _print(_with_services(settings, act), as_json)
    except (ChannelError, UnknownChannel) as error:
        _fail(str(error))


@channel_app.command("list")
def channel_list(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List the channels."""
    settings = _settings(data_dir=data_dir)
    from botfolk.channels.address import hook_url

    async def act(services: Any) -> list[dict[str, object]]:
        return [
            {
                "id": channel.id,
                "bot_id": channel.bot_id,
                "kind": channel.kind,
                "name": channel.name,
                "enabled": channel.enabled,
                "hook_url": hook_url(settings.public_url, channel.id),
            }
            for channel in await services.channels.all()
        ]

    channels = _with_services(settings, act)
    if as_json:
        typer.echo(msgspec.json.encode({"channels": channels}).decode())
    for channel in [] if as_json else channels:
        typer.echo(f"{channel['kind']}  {channel['name']}  {channel['hook_url']}")


@token_app.command("create")
def token_create(
    name: Annotated[str, typer.Option(help="What it is for.")] = "API",
    role: Annotated[str, typer.Option(help="viewer, agent, admin or owner.")] = "admin",
    bot: Bot = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make an API token; it is shown this once."""
    settings = _settings(data_dir=data_dir)
    from botfolk.team import tokens
    from botfolk.team.principal import ROLES

    if role not in ROLES:
        _fail(f"there is no role {role!r}; there are: {', '.join(ROLES)}")

    async def act(services: Any) -> dict[str, object]:
        bot_id = await _bot_id(services, bot)
        async with services.pool.connection() as connection:
            return {"token": await tokens.create(connection, bot_id, name, role, None, services.clock())}

    _print(_with_services(settings, act), as_json)


@app.command("sign-in-link")
def sign_in_link(
    email: Annotated[str | None, typer.Argument(help="Whose; the first owner's when left out.")] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make a one-time link that signs a member in."""
    settings = _settings(data_dir=data_dir)
    from botfolk.serve import make_sign_in_link

    async def act(services: Any) -> dict[str, object]:
        await _bot_id(services, None)
        return {"link": await make_sign_in_link(services, email)}

    try:
        _print(_with_services(settings, act), as_json)
    except LookupError as error:
        _fail(str(error))


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
    settings = _settings(data_dir=data_dir)
    from botfolk.conversations import recounting

    async def act(services: Any) -> dict[str, object]:
        bot_id = await _bot_id(services, bot)
        if check:
            return await recounting.check_all(services, bot_id, lambda line: typer.echo(line, err=True))
        return await recounting.recount_all(services, bot_id, user)

    try:
        done = _with_services(settings, act)
    except (LookupError, ValueError, psycopg.Error) as error:
        _fail(str(error))
    _print(done, as_json)
    raise SystemExit(1 if done.get("differences") else 0)


if __name__ == "__main__":
    main()
