"""Whom a request of the chat comes from: the channel, the page it stands on, the visitor."""

from typing import Any, cast
from uuid import UUID

from litestar import Request
from litestar.exceptions import NotAuthorizedException, NotFoundException, PermissionDeniedException

from botfolk.channels.contract import Channel
from botfolk.channels.webchat.theme import may_stand_on, theme_of
from botfolk.channels.webchat.tokens import BadToken, Visitor, read_token
from botfolk.db.pool import Connection
from botfolk.ingest.queue import Ingest
from botfolk.services import Services, services
from botfolk.webchat.limits import Limits

ChatRequest = Request[Any, Any, Any]


def ingest_of(request: ChatRequest) -> Ingest:
    """Return the ingest behind a request."""
    return cast(Ingest, request.app.state.ingest)


def limits_of(request: ChatRequest) -> Limits:
    """Return the limits of this process."""
    return cast(Limits, request.app.state.limits)


def address_of(request: ChatRequest) -> str:
    """Return the address a request comes from, as far as it can be told."""
    return request.client.host if request.client else ""


async def channel_of(request: ChatRequest, channel_id: UUID) -> Channel:
    """Return the chat that is asked for. Raises NotFoundException, and PermissionDeniedException for a page on which it
    may not stand."""
    here: Services = services(request)
    channel = await here.channels.get(channel_id)
    if channel is None or channel.kind != "webchat" or not channel.enabled:
        raise NotFoundException("There is no such chat.")
    origin = request.headers.get("origin")
    if origin is not None and not may_stand_on(theme_of(channel.config), origin, here.settings.public_url):
        raise PermissionDeniedException("This chat may not be used on this site.")
    return channel


def visitor_of(request: ChatRequest, channel: Channel, token: str | None = None) -> Visitor:
    """Return who asks, by the token given or that of the request's head (never of its address: addresses are written
    to logs). Raises NotAuthorizedException."""
    if token is None:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        token = token.strip() if kind.lower() == "bearer" else ""
    try:
        return read_token(channel, token)
    except BadToken:
        raise NotAuthorizedException("This visitor's token is not valid (any more): start anew.") from None


async def user_of(connection: Connection, channel: Channel, visitor: Visitor) -> UUID | None:
    """Return the user a visitor is; None before they have said anything."""
    cursor = await connection.execute(
        "SELECT user_id FROM identities WHERE bot_id = %s AND channel_id = %s AND external_id = %s",
        [channel.bot_id, channel.id, visitor.external_id],
    )
    row = await cursor.fetchone()
    return None if row is None else UUID(str(row[0]))
