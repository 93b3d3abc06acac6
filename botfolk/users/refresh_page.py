"""The User page's "Refresh from channel": old → new for each value, and what of it is taken."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, post
from litestar.enums import RequestEncodingType
from litestar.exceptions import ClientException, NotFoundException
from litestar.params import Body, FromPath

from botfolk.pages.catalogue import gettext as _
from botfolk.pages.render import AnyRequest, fragment
from botfolk.services import services
from botfolk.team.guards import agent
from botfolk.team.principal import principal
from botfolk.users import refresh
from botfolk.users.describe import value_text
from botfolk.users.edits import Clash, InvalidEdit, UserNotFound
from botfolk.users.user_page import find

TakeBody = Annotated[dict[str, Any], Body(media_type=RequestEncodingType.URL_ENCODED)]


@post("/users/{user_id:uuid}/refresh", guards=[agent], status_code=200, include_in_schema=False)
async def ask(request: AnyRequest, user_id: FromPath[UUID]) -> Response[str]:
    """Ask the user's channels what they say now, and offer what is new."""
    return await _offer(request, user_id)


async def _offer(request: AnyRequest, user_id: UUID, *, problem: str | None = None, status: int = 200) -> Response[str]:
    me, shared = principal(request), services(request)
    async with shared.pool.connection() as connection:
        user = await find(connection, me, user_id, shared.clock())
    heard = await refresh.hear(shared, me.bot_id, user)
    offers = [offer for each in heard for offer in each.offers]
    text, proof = refresh.sealed(offers, user_id, shared.settings.secret_key)
    context: dict[str, Any] = {
        "heard": heard,
        "offers": offers,
        "sealed": text,
        "proof": proof,
        "said": None,
        "problem": problem,
    }
    return fragment(request, "users/refreshed.html", status=status, user_id=user_id, **context)


@post("/users/{user_id:uuid}/refresh/take", guards=[agent], status_code=200, include_in_schema=False)
async def take(request: AnyRequest, user_id: FromPath[UUID], data: TakeBody) -> Response[str]:
    """Take what was chosen of the offers; the rest is forgotten."""
    me, shared = principal(request), services(request)
    async with shared.pool.connection() as connection:
        await find(connection, me, user_id, shared.clock())
    ticked = [] if data.get("leave") else data.get("take") or []
    wanted = {ticked} if isinstance(ticked, str) else set(ticked)
    try:
        key = shared.settings.secret_key
        offers = refresh.opened(str(data.get("offers", "")), str(data.get("proof", "")), user_id, key)
    except ValueError:
        raise ClientException(_("Refresh again: what was offered can no longer be read.")) from None
    chosen = [offer for number, offer in enumerate(offers) if str(number) in wanted]
    left = [offer for number, offer in enumerate(offers) if str(number) not in wanted]
    try:
        async with shared.pool.connection() as connection:
            changed = await refresh.take(connection, me.bot_id, user_id, chosen, me.actor(), now=shared.clock())
            await refresh.drop_pictures(connection, me.bot_id, left)
    except UserNotFound:
        raise NotFoundException("There is no such user") from None
    except Clash as clash:
        now = "; ".join(f"{name}: {value_text(each[0])}" for name, each in clash.fields.items())
        problem = _("Somebody changed this meanwhile: %s. Nothing was taken; look again.") % now
        return await _offer(request, user_id, problem=problem, status=409)
    except InvalidEdit as error:
        return await _offer(request, user_id, problem="; ".join(error.errors.values()), status=422)
    said = _("Taken: %s.") % changed if changed else _("Nothing was taken.")
    return fragment(request, "users/refreshed.html", user_id=user_id, said=said)


handlers = [ask, take]
