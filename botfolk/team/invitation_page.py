"""Where an invitation's link leads: into the team."""

import asyncio
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from botfolk.pages.catalogue import gettext as _
from botfolk.pages.render import AnyRequest, page
from botfolk.services import services
from botfolk.team import invitations, sign_in
from botfolk.team.attempts import Attempts
from botfolk.team.guards import public
from botfolk.team.invitations import Invitation
from botfolk.team.pages import Form, signed_in
from botfolk.team.principal import find_principal

_attempts = Attempts()


@get("/invitations/{token:str}", guards=[public], include_in_schema=False)
async def show(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    """Show who invites, and what is needed to join."""
    return await _show(request, token)


async def _show(request: AnyRequest, token: str, *, status: int = 200, **more: object) -> Response[str]:
    shared = services(request)
    async with shared.pool.connection() as connection:
        found = await invitations.find(connection, token, shared.clock())
    context: dict[str, Any] = {
        "token": token,
        "invitation": found,
        "is_me": _is_me(request, found),
        "name": "",
        "error": None,
    }
    return page(request, "team/invitation.html", status=status if found else 410, **(context | more))


def _is_me(request: AnyRequest, invitation: Invitation | None) -> bool:
    me = find_principal(request)
    return invitation is not None and me is not None and me.account_id == invitation.account_id is not None


@post("/invitations/{token:str}", guards=[public], include_in_schema=False, status_code=200)
async def accept(request: AnyRequest, token: FromPath[str], data: Form) -> Response[Any]:
    """Join the team: with a new account, or with the account of that email once it is proved."""
    shared = services(request)
    async with shared.pool.connection() as connection:
        found = await invitations.find(connection, token, shared.clock())
    if found is None:
        return await _show(request, token)
    name, password = " ".join(data.get("name", "").replace("\x00", "").split()), data.get("password", "")
    hashed: str | None = None
    if found.account_id is None:
        if not 1 <= len(name) <= 100:
            return await _show(request, token, status=422, name=name, error=_("A name has 1 to 100 characters."))
        try:
            hashed = await sign_in.hash_password(password)
        except sign_in.BadPassword as error:
            return await _show(
                request, token, status=422, name=name, error=f"{str(error)[:1].upper()}{str(error)[1:]}."
            )
    elif not _is_me(request, found) and not await _proves(request, found, password):
        return await _show(request, token, status=422, error=_("This is not the password of %s.") % found.email)
    agent = request.headers.get("user-agent", "")
    async with shared.pool.connection() as connection:
        joined = await invitations.accept(connection, token, name, shared.clock())
        if joined is None:
            return await _show(request, token)
        if hashed is not None:
            await sign_in.set_password(connection, joined[1], hashed, None)
        cookie = await sign_in.begin(connection, joined[1], shared.clock(), agent)
    return signed_in(request, cookie, "/users")


async def _proves(request: AnyRequest, invitation: Invitation, password: str) -> bool:
    """Say whether a password is that of the invitation's account, which may be in no team at the moment."""
    client = request.client.host if request.client else ""
    if not _attempts.allow(f"{invitation.email.lower()} {client}", asyncio.get_running_loop().time()):
        return False
    return await sign_in.is_password(services(request).pool, invitation.email, password)


handlers = [show, accept]
