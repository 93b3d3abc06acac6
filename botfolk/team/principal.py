"""Who asks: a member signed in on the pages, or a token on the API. Found once a request, by one query."""

import hmac
from hashlib import sha256
from typing import Any, Literal, cast
from uuid import UUID

from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException
from msgspec import Struct

from botfolk.pages.catalogue import LOCALE
from botfolk.services import Services
from botfolk.users.edits import Actor

Role = Literal["viewer", "agent", "admin", "owner"]
ROLES: tuple[Role, ...] = ("viewer", "agent", "admin", "owner")
"""Each may do what those before it may."""

COOKIE = "botfolk_sign_in"
STATE = "principal"
AnyConnection = ASGIConnection[Any, Any, Any, Any]


class Principal(Struct, frozen=True, kw_only=True):
    """Who asks, and for which bot. A token has no account; a member no token."""

    bot_id: UUID
    bot_name: str
    name: str
    role: Role
    email: str = ""
    timezone: str = "UTC"
    locale: str = LOCALE
    member_id: UUID | None = None
    account_id: UUID | None = None
    token_id: UUID | None = None
    sign_in_id: UUID | None = None

    def may(self, role: Role) -> bool:
        """Say whether the role is at least this one."""
        return ROLES.index(self.role) >= ROLES.index(role)

    def actor(self) -> Actor:
        """Return who the history names."""
        if self.token_id is not None:
            return Actor("api", self.name, self.token_id)
        return Actor("member", self.name, self.member_id)


def find_principal(request: AnyConnection) -> Principal | None:
    """Return who asks, or None."""
    return cast(Principal | None, request.scope.get("state", {}).get(STATE))


def principal(request: AnyConnection) -> Principal:
    """Return who asks. Raises NotAuthorizedException (401)."""
    found = find_principal(request)
    if found is None:
        raise NotAuthorizedException("Sign in first.")
    return found


def csrf_of(secret_key: str, cookie: str) -> str:
    """Return the token every unsafe request of a sign-in must carry."""
    return hmac.new(secret_key.encode(), b"csrf " + cookie.encode(), sha256).hexdigest()


def csrf_token(request: AnyConnection) -> str:
    """Return the token forms of this sign-in carry; empty for who is not signed in."""
    cookie = request.cookies.get(COOKIE, "")
    services: Services = request.app.state.services
    return csrf_of(services.settings.secret_key, cookie) if cookie and find_principal(request) else ""
