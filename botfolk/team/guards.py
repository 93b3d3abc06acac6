"""Every route names exactly one of these; a test fails for one without."""

from litestar.exceptions import PermissionDeniedException
from litestar.handlers import BaseRouteHandler

from botfolk.team.principal import AnyConnection, Role, principal


def _need(connection: AnyConnection, role: Role) -> None:
    if not principal(connection).may(role):
        raise PermissionDeniedException(f"This needs the role {role} or a higher one.")


def public(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """Open to all."""


def viewer(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """May look."""
    _need(connection, "viewer")


def agent(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """May edit users, send and pause."""
    _need(connection, "agent")


def admin(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """May change the bot."""
    _need(connection, "admin")


def owner(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """May change the team."""
    _need(connection, "owner")


GUARDS = (public, viewer, agent, admin, owner)
