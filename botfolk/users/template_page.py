"""The User page's templates: chosen, filled in with a preview, sent."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.exceptions import NotFoundException
from litestar.params import Body, FromPath, QueryParameter
from msgspec import Struct

from botfolk.channels.contract import Channel, ChannelError, TryLater
from botfolk.channels.registry import KINDS
from botfolk.channels.setup import Template
from botfolk.conversations.reply import say
from botfolk.conversations.templating import BadTemplate, filled, key_of, named, templates_of
from botfolk.conversations.typed import read_id
from botfolk.outbox.queue import CannotSend
from botfolk.pages.catalogue import gettext as _
from botfolk.pages.render import AnyRequest, fragment
from botfolk.services import services
from botfolk.team.guards import agent
from botfolk.team.principal import principal
from botfolk.users.edits import UserNotFound
from botfolk.users.read import check_user

Name = Annotated[str, QueryParameter(max_length=600)]
Channel_ = Annotated[str, QueryParameter(name="channel", max_length=100)]
Anew = Annotated[bool, QueryParameter()]
FormBody = Annotated[dict[str, Any], Body(media_type=RequestEncodingType.URL_ENCODED)]


class Offer(Struct, kw_only=True):
    """What the fragment shows: the templates of a channel, or why there are none."""

    channel_id: UUID
    channel_name: str
    templates: list[Template] = []
    chosen: Template | None = None
    values: dict[str, str] = {}
    problem: str | None = None
    """why they could not be fetched"""
    error: str | None = None
    """why the chosen one is not sent"""

    def key(self, template: Template) -> str:
        """Return what names a template in the form."""
        return key_of(template)


async def _channel(request: AnyRequest, user_id: UUID, channel_id: str) -> Channel:
    """Return a channel of the bot that has templates. Raises NotFoundException, UserNotFound."""
    me, found = principal(request), read_id(channel_id)
    async with services(request).pool.connection() as connection:
        await check_user(connection, me.bot_id, user_id)
    channel = await services(request).channels.get(found) if found else None
    if channel is None or channel.bot_id != me.bot_id or channel.kind not in KINDS:
        raise NotFoundException("There is no such channel")
    if not KINDS[channel.kind].features.templates:
        raise NotFoundException("This channel has no templates")
    return channel


async def _offer(request: AnyRequest, channel: Channel, key: str, *, anew: bool = False) -> Offer:
    offer = Offer(channel_id=channel.id, channel_name=channel.name)
    try:
        offer.templates = await templates_of(channel, services(request).http, anew=anew)
    except (ChannelError, TryLater) as error:
        offer.problem = str(error)
    offer.chosen = named(offer.templates, key)
    if key and offer.chosen is None and offer.problem is None:
        offer.error = _("This template is no longer approved: choose another.")
    return offer


@get("/users/{user_id:uuid}/templates", guards=[agent], include_in_schema=False)
async def templates(
    request: AnyRequest, user_id: FromPath[UUID], channel: Channel_ = "", template: Name = "", anew: Anew = False
) -> Response[str]:
    """Show a channel's templates, and the chosen one to be filled in."""
    offer = await _offer(request, await _channel(request, user_id, channel), template, anew=anew)
    return fragment(request, "conversations/templates.html", user_id=user_id, offer=offer)


@post("/users/{user_id:uuid}/templates", guards=[agent], status_code=200, include_in_schema=False)
async def send_template(request: AnyRequest, user_id: FromPath[UUID], data: FormBody) -> Response[str]:
    """Send a template filled in."""
    me, shared = principal(request), services(request)
    channel = await _channel(request, user_id, str(data.get("channel", "")))
    offer = await _offer(request, channel, str(data.get("template", "")))
    offer.values = {name: str(value) for name, value in data.items() if name.startswith("p")}
    if offer.chosen is None:
        offer.error = offer.error or offer.problem or _("Choose a template first.")
        return fragment(request, "conversations/templates.html", status=422, user_id=user_id, offer=offer)
    try:
        use, text = filled(offer.chosen, data)
        async with shared.pool.connection() as connection:
            await say(
                connection,
                me.bot_id,
                user_id,
                text,
                me.actor(),
                now=shared.clock(),
                pause=data.get("then") != "once",
                channel_id=channel.id,
                template=use,
                # What the service sends is its own text, with its own addresses.
                track_links=False,
            )
    except UserNotFound:
        raise NotFoundException("There is no such user") from None
    except (BadTemplate, CannotSend) as error:
        offer.error = f"{error}."
        return fragment(request, "conversations/templates.html", status=422, user_id=user_id, offer=offer)
    headers = {"HX-Trigger": "message-taken"}
    return fragment(request, "conversations/templates.html", headers=headers, user_id=user_id, offer=None)


handlers = [templates, send_template]
