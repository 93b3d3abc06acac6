"""Every route names exactly one of these; a test fails for one without.

They are coroutines because the framework runs plain functions in a thread, each time.
"""

from litestar.exceptions import PermissionDeniedException
from litestar.handlers import BaseRouteHandler

from botfolk.team.principal import AnyConnection, Role, principal


def _need(connection: AnyConnection, role: Role) -> None:
    if not principal(connection).may(role):
        raise PermissionDeniedException(f"This needs the role {role} or a higher one.")


async def public(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """Open to all."""


async def viewer(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """May look."""
    _need(connection, "viewer")


async def agent(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """May edit users, send and pause."""
    _need(connection, "agent")


async def admin(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """May change the bot."""
    _need(connection, "admin")


async def owner(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """May change the team."""
    _need(connection, "owner")


GUARDS = (public, viewer, agent, admin, owner)
