"""`GET /search`: where a few letters lead."""

from typing import Annotated

from litestar import Response, get
from litestar.params import QueryParameter
from msgspec import Struct

from botfolk.pages.catalogue import gettext as _
from botfolk.pages.render import AnyRequest, fragment, rail
from botfolk.services import services
from botfolk.team.guards import viewer
from botfolk.team.principal import Principal, Role, principal
from botfolk.users.listing import list_users

USERS = 8


class Place(Struct, frozen=True):
    """A page, or something to do: its address, what it is called, an icon, and who may."""

    address: str
    label: str
    icon: str
    role: Role = "viewer"


def places() -> list[Place]:
    """Return where one can go besides users."""
    pages = [Place(item.address, item.label, item.icon) for item in rail()]
    return [
        *pages,
        Place("/users?sort=last_message_at", _("See who wrote last"), "clock"),
        Place("/users/imports", _("Import users from a file"), "file", "agent"),
        Place("/personality#greeting", _("Change the greeting"), "edit", "admin"),
        Place("/personality#pause", _("Change how long a pause lasts"), "pause", "admin"),
        Place("/personality#picture-card", _("Change the bot's picture"), "photo", "admin"),
        Place("/personality#session_length", _("Change the session length"), "clock", "admin"),
        Place("/team#email", _("Invite a member"), "plus", "owner"),
        Place("/team#tokens", _("Make an API token"), "key", "owner"),
        Place("/exports", _("Export users"), "file", "agent"),
        Place("/erasures", _("See the receipts of erased people"), "trash", "admin"),
        Place("/account#password", _("Change your password"), "account"),
        Place("/account#passkeys", _("Add a passkey"), "key"),
        Place("/account#timezone", _("Change your timezone"), "clock"),
        Place("/account#locale", _("Change how dates and numbers are written"), "edit"),
    ]


@get("/search", guards=[viewer], include_in_schema=False)
async def search(request: AnyRequest, q: Annotated[str, QueryParameter(max_length=200)] = "") -> Response[str]:
    """Show what the words lead to; without any, who wrote last and every page."""
    me, words = principal(request), " ".join(q.replace("\x00", "").split())
    async with services(request).pool.connection() as connection:
        found = await list_users(
            connection, me.bot_id, now=services(request).clock(), q=words or None, limit=USERS, status=None
        )
    return fragment(request, "search/results.html", q=words, users=found.items, places=_matching(me, words))


def _matching(me: Principal, words: str) -> list[Place]:
    wanted = words.casefold().split()
    return [
        place for place in places() if me.may(place.role) and all(word in place.label.casefold() for word in wanted)
    ]


handlers = [search]
