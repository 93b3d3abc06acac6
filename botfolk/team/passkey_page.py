"""Passkeys on the pages: made and removed on one's account, used to sign in."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from litestar import MediaType, Response, post
from litestar.exceptions import ClientException, HTTPException, NotFoundException
from litestar.params import FromPath, JSONBody
from litestar.response import Redirect
from msgspec import Struct

from botfolk.pages.render import AnyRequest
from botfolk.services import services
from botfolk.team import passkeys, sign_in
from botfolk.team.guards import public, viewer
from botfolk.team.pages import cookie_of
from botfolk.team.passkeys import BadPasskey, Party
from botfolk.team.principal import principal


class NewPasskey(Struct):
    """What the browser made, and what its owner calls it."""

    credential: dict[str, Any]
    name: str = ""


class Proof(Struct):
    """What the browser signed."""

    credential: dict[str, Any]


def party_of(request: AnyRequest) -> Party | None:
    """Return who asks for proofs at the address the browser is at; None where there can be no passkeys: they belong to
    a name, never to a number. A machine's own Botfolk may be called localhost."""
    public_url = urlsplit(services(request).settings.public_url)
    here = request.url.hostname or ""
    if here == "localhost" and _is_loopback(public_url.hostname or ""):
        return Party("localhost", f"{public_url.scheme}://localhost:{public_url.port or 80}")
    if here != public_url.hostname or _is_number(here):
        return None
    return Party(here, f"{public_url.scheme}://{public_url.netloc}")


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_number(host) and ipaddress.ip_address(host).is_loopback)


def _party(request: AnyRequest) -> Party:
    party = party_of(request)
    if party is None:
        raise ClientException("Passkeys need Botfolk to be at a name, such as https://crm.example.com.")
    return party


def _json(text: str) -> Response[bytes]:
    return Response(text.encode(), media_type=MediaType.JSON)


@post("/account/passkeys/options", guards=[viewer], include_in_schema=False, status_code=200)
async def begin_adding(request: AnyRequest) -> Response[bytes]:
    """Say what a new passkey must be like."""
    me, shared, party = principal(request), services(request), _party(request)
    if me.account_id is None:
        raise ClientException("Only a member has passkeys.")
    try:
        async with shared.pool.connection() as connection:
            options = await passkeys.begin_adding(connection, party, me.account_id, me.email, me.name, shared.clock())
    except BadPasskey as error:
        raise HTTPException(status_code=409, detail=str(error)) from error
    return _json(options)


@post("/account/passkeys", guards=[viewer], include_in_schema=False, status_code=204)
async def add(request: AnyRequest, data: JSONBody[NewPasskey]) -> None:
    """Keep a passkey."""
    me, shared, party = principal(request), services(request), _party(request)
    if me.account_id is None:
        raise ClientException("Only a member has passkeys.")
    try:
        async with shared.pool.connection() as connection:
            await passkeys.add(connection, party, me.account_id, data.credential, data.name, shared.clock())
    except BadPasskey as error:
        raise HTTPException(status_code=422, detail=str(error)) from error


@post("/account/passkeys/{passkey_id:uuid}/remove", guards=[viewer], include_in_schema=False)
async def remove(request: AnyRequest, passkey_id: FromPath[UUID]) -> Redirect:
    """Remove a passkey of one's own."""
    me = principal(request)
    async with services(request).pool.connection() as connection:
        if me.account_id is None or not await passkeys.remove(connection, me.account_id, passkey_id):
            raise NotFoundException("There is no such passkey")
    return Redirect("/account", status_code=303)


@post("/sign-in/passkey/options", guards=[public], include_in_schema=False, status_code=200)
async def begin_signing_in(request: AnyRequest) -> Response[bytes]:
    """Say what is to be signed."""
    shared = services(request)
    async with shared.pool.connection() as connection:
        return _json(await passkeys.begin_signing_in(connection, _party(request), shared.clock()))


@post("/sign-in/passkey", guards=[public], include_in_schema=False, status_code=204)
async def use(request: AnyRequest, data: JSONBody[Proof]) -> Response[None]:
    """Sign in."""
    shared, party = services(request), _party(request)
    try:
        async with shared.pool.connection() as connection:
            account_id = await passkeys.account_of(connection, party, data.credential, shared.clock())
            agent = request.headers.get("user-agent", "")
            token = await sign_in.begin(connection, account_id, shared.clock(), agent)
    except BadPasskey as error:
        raise HTTPException(status_code=422, detail=str(error)) from error
    return Response(None, status_code=204, cookies=[cookie_of(request, token)])


handlers = [begin_adding, add, remove, begin_signing_in, use]
