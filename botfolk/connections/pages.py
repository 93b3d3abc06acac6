"""The Channels page and the page of one channel."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.exceptions import NotFoundException, ServiceUnavailableException
from litestar.params import FromPath
from litestar.response import Redirect

from botfolk.channels import care, registry
from botfolk.channels.connect import connect, sort_out
from botfolk.channels.contract import Channel, ChannelError
from botfolk.channels.registry import KINDS, UnknownChannel
from botfolk.channels.setup import Check
from botfolk.connections import read
from botfolk.connections.replay import forget, replay
from botfolk.ingest.delivery import QueueFull, Unavailable
from botfolk.links.codes import tracks
from botfolk.pages.catalogue import gettext as _
from botfolk.pages.catalogue import ngettext
from botfolk.pages.render import AnyRequest, fragment, page
from botfolk.services import services
from botfolk.team.guards import admin, viewer
from botfolk.team.pages import Form
from botfolk.team.principal import principal


@get("/channels", guards=[viewer], include_in_schema=False)
async def show(request: AnyRequest) -> Response[str]:
    """Show the bot's channels, and what else can be connected."""
    async with services(request).pool.connection() as connection:
        channels = await read.list_channels(connection, principal(request).bot_id)
    return page(request, "connections/channels.html", channels=channels, kinds=KINDS)


@get("/channels/new/{kind:str}", guards=[admin], include_in_schema=False)
async def begin(request: AnyRequest, kind: FromPath[str]) -> Response[str]:
    """Show the steps of connecting a service."""
    return _connecting(request, kind, {})


@post("/channels/new/{kind:str}", guards=[admin], include_in_schema=False, status_code=200)
async def make(request: AnyRequest, kind: FromPath[str], data: Form) -> Response[Any]:
    """Connect a service; what was typed stays when it is refused."""
    shared, bot_id = services(request), principal(request).bot_id
    fields = {field.name for field in KINDS[kind].setup} if kind in KINDS else set()
    typed = {field: value.replace("\x00", "") for field, value in data.items() if field in fields}
    name = " ".join(data.get("name", "").replace("\x00", "").split())[:100]
    given = {field: value.split() if _is_many(kind, field) else [value] for field, value in typed.items()}
    try:
        config, secrets = sort_out(kind, given)
        config = shared.settings.channel_defaults(kind) | config
        channel = await connect(shared, bot_id, kind, name, config, secrets)
    except UnknownChannel as error:
        raise NotFoundException(str(error)) from error
    except ChannelError as error:
        return _connecting(request, kind, {**typed, "name": name}, str(error), status=422)
    return Redirect(f"/channels/{channel.id}?new=1", status_code=303)


def _is_many(kind: str, name: str) -> bool:
    return kind in KINDS and any(field.many and field.name == name for field in KINDS[kind].setup)


def _connecting(
    request: AnyRequest, kind: str, typed: dict[str, str], error: str | None = None, *, status: int = 200
) -> Response[str]:
    if kind not in KINDS:
        raise NotFoundException(_("There is no such service to connect"))
    return page(request, "connections/new.html", status=status, kind=KINDS[kind], typed=typed, error=error)


@get("/channels/{channel_id:uuid}", guards=[viewer], include_in_schema=False)
async def one(request: AnyRequest, channel_id: FromPath[UUID]) -> Response[str]:
    """Show one channel: its state, what is to be copied, what passed lately, what was not understood."""
    return await _one(request, channel_id)


async def _one(
    request: AnyRequest, channel_id: UUID, *, status: int = 200, said: str = "", problem: str = ""
) -> Response[str]:
    shared, me = services(request), principal(request)
    channel = await _known(request, channel_id)
    async with shared.pool.connection() as connection:
        listed = await read.one_channel(connection, me.bot_id, channel_id)
        passed = await read.exchanges(connection, me.bot_id, channel_id)
        aside = await read.kept_aside(connection, me.bot_id, channel_id) if me.may("admin") else []
    if listed is None:
        raise NotFoundException(_("There is no such channel"))
    return page(
        request,
        "connections/channel.html",
        status=status,
        channel=listed,
        kind=KINDS[channel.kind],
        copies=_copies(request, channel) if me.may("admin") else {},
        rotates=[field for field in KINDS[channel.kind].setup if field.secret],
        tracks=tracks(channel.config),
        passed=passed,
        aside=aside,
        said=said,
        problem=problem,
    )


def _copies(request: AnyRequest, channel: Channel) -> dict[str, str]:
    """Return what can be copied into the service's own pages: name → text."""
    kind, public_url = KINDS[channel.kind], services(request).settings.public_url
    made = {name: channel.secrets[name] for name in kind.made if name in channel.secrets}
    return {"hook_url": kind.reached_at(channel, public_url), **made, **kind.to_copy(channel, public_url)}


@get("/channels/{channel_id:uuid}/check", guards=[viewer], include_in_schema=False)
async def check(request: AnyRequest, channel_id: FromPath[UUID]) -> Response[str]:
    """Ask the service whether all is well."""
    try:
        checks = await care.examine(services(request), channel_id, principal(request).bot_id)
    except UnknownChannel as error:
        raise NotFoundException(str(error)) from error
    return fragment(request, "connections/checks.html", checks=_or_nothing(checks))


def _or_nothing(checks: list[Check]) -> list[Check]:
    nothing = _("This service has nothing more to ask.")
    return checks if len(checks) > 1 else [*checks, Check(name=_("Service"), ok=True, words=nothing)]


@post("/channels/{channel_id:uuid}/switch", guards=[admin], include_in_schema=False)
async def switch(request: AnyRequest, channel_id: FromPath[UUID], data: Form) -> Redirect:
    """Switch a channel on or off, give it another name, or track its links or not."""
    shared, channel = services(request), await _known(request, channel_id)
    enabled = {"on": True, "off": False}.get(data.get("to", ""))
    name = " ".join(data.get("name", "").replace("\x00", "").split())[:100] or None
    track = {"on": True, "off": False}.get(data.get("links", ""))
    config = None if track is None else {**channel.config, "track_links": track}
    async with shared.pool.connection() as connection:
        await registry.update(
            connection, shared.box, channel.bot_id, channel.id, enabled=enabled, name=name, config=config
        )
    return Redirect(f"/channels/{channel_id}", status_code=303)


@post("/channels/{channel_id:uuid}/rotate", guards=[admin], include_in_schema=False, status_code=200)
async def rotate(request: AnyRequest, channel_id: FromPath[UUID], data: Form) -> Response[str]:
    """Replace a secret; the one before is accepted for a day."""
    name, value = data.get("secret", "secret"), data.get("value", "").replace("\x00", "").strip()
    try:
        await care.rotate(services(request), channel_id, name, value or None, principal(request).bot_id)
    except UnknownChannel as error:
        raise NotFoundException(str(error)) from error
    except ChannelError as error:
        return await _one(request, channel_id, status=422, problem=str(error))
    return await _one(request, channel_id, said=_("The secret is replaced. The old one is accepted for one more day."))


@post("/channels/{channel_id:uuid}/remove", guards=[admin], include_in_schema=False, status_code=200)
async def remove(request: AnyRequest, channel_id: FromPath[UUID]) -> Response[Any]:
    """Take a channel away on which nobody has written yet."""
    channel, shared = await _known(request, channel_id), services(request)
    async with shared.pool.connection() as connection:
        listed = await read.one_channel(connection, channel.bot_id, channel_id)
        if listed is None or listed.people == 0:
            await registry.remove(connection, channel.bot_id, channel_id)
            return Redirect("/channels", status_code=303)
    words = _("People have written on this channel: it can be switched off, but not removed.")
    return await _one(request, channel_id, status=422, problem=words)


@post("/channels/{channel_id:uuid}/quarantine/replay", guards=[admin], include_in_schema=False, status_code=200)
async def replay_all(request: AnyRequest, channel_id: FromPath[UUID]) -> Response[str]:
    """Read again all that was not understood."""
    return await _replay(request, channel_id, None)


@post(
    "/channels/{channel_id:uuid}/quarantine/{payload_id:uuid}/replay",
    guards=[admin],
    include_in_schema=False,
    status_code=200,
)
async def replay_one(request: AnyRequest, channel_id: FromPath[UUID], payload_id: FromPath[UUID]) -> Response[str]:
    """Read again one payload that was not understood."""
    return await _replay(request, channel_id, payload_id)


async def _replay(request: AnyRequest, channel_id: UUID, payload_id: UUID | None) -> Response[str]:
    shared, bot_id = services(request), principal(request).bot_id
    try:
        done = await replay(shared, request.app.state.ingest, bot_id, channel_id, payload_id)
    except UnknownChannel as error:
        raise NotFoundException(_("There is no such channel")) from error
    except LookupError as error:
        raise NotFoundException(_("There is no such payload")) from error
    except (QueueFull, Unavailable) as error:
        raise ServiceUnavailableException(headers={"Retry-After": str(error.retry_after)}) from error
    understood = ngettext("%(num)d payload is understood now", "%(num)d payloads are understood now", done.understood)
    kept = ngettext("%(num)d still is not", "%(num)d still are not", done.kept)
    said = f"{understood % {'num': done.understood}}; {kept % {'num': done.kept}}."
    return await _one(request, channel_id, said=said)


@post("/channels/{channel_id:uuid}/quarantine/{payload_id:uuid}/forget", guards=[admin], include_in_schema=False)
async def forget_one(request: AnyRequest, channel_id: FromPath[UUID], payload_id: FromPath[UUID]) -> Redirect:
    """Throw a payload away."""
    async with services(request).pool.connection() as connection:
        if not await forget(connection, principal(request).bot_id, channel_id, payload_id):
            raise NotFoundException(_("There is no such payload"))
    return Redirect(f"/channels/{channel_id}#aside", status_code=303)


async def _known(request: AnyRequest, channel_id: UUID) -> Channel:
    try:
        return await care.known(services(request), channel_id, principal(request).bot_id)
    except UnknownChannel as error:
        raise NotFoundException(_("There is no such channel")) from error


handlers = [show, begin, make, one, check, switch, rotate, remove, replay_all, replay_one, forget_one]
