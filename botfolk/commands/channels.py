"""`botfolk channel …`: connect, list, examine and care for channels."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
import typer

from botfolk.commands.common import AsJson, Bot, DataDir, bot_id_of, fail, settings_of, show, with_services

app = typer.Typer(no_args_is_help=True, help="Connect messaging services.")

Which = Annotated[UUID, typer.Argument(help="The channel's id.")]


@app.command("add", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def add(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(help="The service; `botfolk channel kinds` lists them.")],
    name: Annotated[str, typer.Option(help="What the team calls it.")] = "",
    bot: Bot = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Connect a channel and tell the service where to deliver.

    Each kind has options of its own, like --token for telegram: `botfolk channel kinds` names them.
    """
    settings = settings_of(data_dir=data_dir)
    from botfolk.channels.connect import connect, described, sort_out
    from botfolk.channels.contract import ChannelError
    from botfolk.channels.registry import UnknownChannel

    async def act(services: Any) -> dict[str, object]:
        bot_id = await bot_id_of(services, bot)
        config, secrets = sort_out(kind, _options(context.args))
        config = services.settings.channel_defaults(kind) | config
        channel = await connect(services, bot_id, kind, name, config, secrets)
        return described(channel, services.settings.public_url)

    try:
        show(with_services(settings, act), as_json)
    except (ChannelError, UnknownChannel) as error:
        fail(str(error))


def _options(arguments: list[str]) -> dict[str, list[str]]:
    """Read `--some-name value` and `--some-name=value`; a name may come more than once."""
    given: dict[str, list[str]] = {}
    rest = list(arguments)
    while rest:
        option = rest.pop(0)
        if not option.startswith("--") or len(option) < 3:
            fail(f"what is {option}? Options are written --name value")
        name, is_joined, value = option[2:].partition("=")
        if not is_joined:
            if not rest:
                fail(f"--{name} needs a value")
            value = rest.pop(0)
        given.setdefault(name.replace("-", "_"), []).append(value)
    return given


@app.command("kinds")
def kinds(as_json: AsJson = False) -> None:
    """List the kinds of channel and the options each takes."""
    from botfolk.channels.registry import KINDS

    if as_json:
        listed = {kind: [field.option for field in KINDS[kind].setup] for kind in KINDS}
        typer.echo(msgspec.json.encode(listed).decode())
        return
    for kind in KINDS:
        typer.echo(f"{kind}: {KINDS[kind].label}")
        for field in KINDS[kind].setup:
            needed = "" if field.required else " (optional)"
            typer.echo(f"  {field.option}{needed}  {field.label}. {field.help}".rstrip())


@app.command("list")
def listing(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List the channels."""
    settings = settings_of(data_dir=data_dir)
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

    channels = with_services(settings, act)
    if as_json:
        typer.echo(msgspec.json.encode({"channels": channels}).decode())
    for channel in [] if as_json else channels:
        state = "" if channel["enabled"] else "  (switched off)"
        typer.echo(f"{channel['id']}  {channel['kind']}  {channel['name']}  {channel['hook_url']}{state}")


@app.command("check")
def check(channel_id: Which, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Ask the service whether the credentials work and where it delivers; status 1 when something is wrong."""
    settings = settings_of(data_dir=data_dir)
    from botfolk.channels.care import examine
    from botfolk.channels.registry import UnknownChannel
    from botfolk.channels.setup import Check

    async def act(services: Any) -> list[Check]:
        return await examine(services, channel_id)

    try:
        checks = with_services(settings, act)
    except UnknownChannel as error:
        fail(str(error))
    if as_json:
        typer.echo(msgspec.json.encode({"checks": checks}).decode())
    for found in [] if as_json else checks:
        typer.echo(f"{'ok  ' if found.ok else 'BAD '} {found.name}: {found.words}")
    raise SystemExit(0 if all(found.ok for found in checks) else 1)


@app.command("rotate")
def rotate(
    channel_id: Which,
    secret: Annotated[str, typer.Argument(help="Which secret; the webhook's own when left out.")] = "secret",  # noqa: S107 - a name
    value: Annotated[str, typer.Option(help="The new one, where the service makes it.")] = "",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Replace a secret; for a day the old one is accepted too, so that nothing on its way is lost."""
    settings = settings_of(data_dir=data_dir)
    from botfolk.channels.care import rotate as replace
    from botfolk.channels.contract import ChannelError
    from botfolk.channels.registry import UnknownChannel

    async def act(services: Any) -> dict[str, object]:
        channel = await replace(services, channel_id, secret, value or None)
        return {"id": channel.id, "kind": channel.kind, "rotated": secret} | (
            {"secret": channel.secrets[secret]} if not value else {}
        )

    try:
        show(with_services(settings, act), as_json)
    except (ChannelError, UnknownChannel) as error:
        fail(str(error))


@app.command("links")
def links(
    channel_id: Which,
    tracked: Annotated[str, typer.Argument(help="on, or off to send addresses as they are.")],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Track the links that are sent on a channel, or not."""
    if tracked not in ("on", "off"):
        fail(f"links are tracked or not: say on or off, not {tracked}")
    settings = settings_of(data_dir=data_dir)
    from botfolk.channels.care import track_links
    from botfolk.channels.registry import UnknownChannel

    async def act(services: Any) -> dict[str, object]:
        channel = await track_links(services, channel_id, tracked == "on")
        return {"id": channel.id, "kind": channel.kind, "track_links": tracked == "on"}

    try:
        show(with_services(settings, act), as_json)
    except UnknownChannel as error:
        fail(str(error))
