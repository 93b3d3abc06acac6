"""The Team page: who is in it, who is invited."""

from typing import Any, Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from botfolk.pages.catalogue import gettext as _
from botfolk.pages.render import AnyRequest, page
from botfolk.services import services
from botfolk.team import invitations, members, tokens
from botfolk.team.guards import owner, viewer
from botfolk.team.pages import Form
from botfolk.team.principal import Role, principal


def _roles() -> dict[Role, tuple[str, str]]:
    """Return what each role is called, and what it may do."""
    return {
        "owner": (_("Owner"), _("everything, the team too")),
        "admin": (_("Admin"), _("the bot and its channels too")),
        "agent": (_("Agent"), _("edits users, writes, pauses the bot")),
        "viewer": (_("Viewer"), _("looks")),
    }


async def _show(request: AnyRequest, *, status: int = 200, **more: object) -> Response[str]:
    me, now = principal(request), services(request).clock()
    async with services(request).pool.connection() as connection:
        team = await members.list_members(connection, me.bot_id)
        invited = await invitations.pending(connection, me.bot_id, now) if me.may("owner") else []
        made = await tokens.list_tokens(connection, me.bot_id) if me.may("owner") else []
    context: dict[str, Any] = {
        "team": team,
        "invited": invited,
        "tokens": made,
        "roles": _roles(),
        "link": None,
        "form": {},
        "error": None,
        "token": None,
        "token_form": {},
        "token_error": None,
        "problem": None,
    }
    return page(request, "team/team.html", status=status, **(context | more))


@get("/team", guards=[viewer], include_in_schema=False)
async def show(request: AnyRequest) -> Response[str]:
    """Show the team."""
    return await _show(request)


@post("/team/invitations", guards=[owner], include_in_schema=False, status_code=200)
async def invite(request: AnyRequest, data: Form) -> Response[str]:
    """Invite somebody, and show the link this once."""
    me, email = principal(request), data.get("email", "").replace("\x00", "").strip()
    role = _role(data)
    form = {"email": email, "role": role}
    if not 3 <= len(email) <= 254 or "@" not in email:
        return await _show(request, status=422, form=form, error=_("Give an email, such as name@example.com."))
    shared = services(request)
    try:
        async with shared.pool.connection() as connection:
            token = await invitations.invite(connection, me.bot_id, email, role, me.member_id, shared.clock())
    except invitations.AlreadyMember:
        return await _show(request, status=422, form=form, error=_("%s is in the team already.") % email)
    return await _show(request, link=f"{shared.settings.public_url}/invitations/{token}", invited_email=email)


@post("/team/invitations/{invitation_id:uuid}/revoke", guards=[owner], include_in_schema=False)
async def revoke(request: AnyRequest, invitation_id: FromPath[UUID]) -> Redirect:
    """Take an invitation back."""
    shared = services(request)
    async with shared.pool.connection() as connection:
        if not await invitations.revoke(connection, principal(request).bot_id, invitation_id, shared.clock()):
            raise NotFoundException("There is no such invitation")
    return Redirect("/team", status_code=303)


@post("/team/members/{member_id:uuid}/role", guards=[owner], include_in_schema=False, status_code=200)
async def set_role(request: AnyRequest, member_id: FromPath[UUID], data: Form) -> Response[Any]:
    """Let a member be something else."""
    try:
        async with services(request).pool.connection() as connection:
            await members.set_role(connection, principal(request).bot_id, member_id, _role(data))
    except members.NoSuchMember:
        raise NotFoundException("There is no such member") from None
    except members.LastOwner:
        return await _last_owner(request)
    return Redirect("/team", status_code=303)


@post("/team/members/{member_id:uuid}/{what:str}", guards=[owner], include_in_schema=False, status_code=200)
async def switch(
    request: AnyRequest, member_id: FromPath[UUID], what: FromPath[Literal["deactivate", "reactivate"]]
) -> Response[Any]:
    """Take a member's access away, at once, or give it back."""
    shared, bot_id = services(request), principal(request).bot_id
    try:
        async with shared.pool.connection() as connection:
            if what == "deactivate":
                await members.deactivate(connection, bot_id, member_id, shared.clock())
            else:
                await members.reactivate(connection, bot_id, member_id)
    except members.NoSuchMember:
        raise NotFoundException("There is no such member") from None
    except members.LastOwner:
        return await _last_owner(request)
    return Redirect("/team", status_code=303)


@post("/team/tokens", guards=[owner], include_in_schema=False, status_code=200)
async def make_token(request: AnyRequest, data: Form) -> Response[str]:
    """Make a token for the API, and show it this once."""
    me, shared = principal(request), services(request)
    name, role = " ".join(data.get("token_name", "").replace("\x00", "").split()), _role(data)
    if not 1 <= len(name) <= 100:
        form = {"name": name, "role": role}
        return await _show(request, status=422, token_form=form, token_error=_("A name has 1 to 100 characters."))
    async with shared.pool.connection() as connection:
        token = await tokens.create(connection, me.bot_id, name, role, me.member_id, shared.clock())
    return await _show(request, token=token, token_name=name)


@post("/team/tokens/{token_id:uuid}/revoke", guards=[owner], include_in_schema=False)
async def revoke_token(request: AnyRequest, token_id: FromPath[UUID]) -> Redirect:
    """Let a token open nothing any more."""
    shared = services(request)
    async with shared.pool.connection() as connection:
        if not await tokens.revoke(connection, principal(request).bot_id, token_id, shared.clock()):
            raise NotFoundException("There is no such token")
    return Redirect("/team", status_code=303)


async def _last_owner(request: AnyRequest) -> Response[str]:
    return await _show(
        request,
        status=422,
        problem=_(
            "This is the only owner. Make somebody else an owner first: without one nobody could change the team."
        ),
    )


def _role(data: dict[str, str]) -> Role:
    return next((role for role in members.ROLES if role == data.get("role")), "viewer")


handlers = [show, invite, revoke, set_role, switch, make_token, revoke_token]
