"""What Teams says of a person when asked, and the files they send."""

from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import Struct

from botfolk.channels.botframework.api import after, call, problem
from botfolk.channels.botframework.hosts import NotAllowed, file_url, is_service
from botfolk.channels.botframework.sealing import is_sealed, unseal
from botfolk.channels.botframework.tokens import TokenLater, TokenRefused, Tokens
from botfolk.channels.contract import Channel, ChannelError, TryLater
from botfolk.channels.downloading import content, download
from botfolk.channels.events import Profile
from botfolk.channels.names import names
from botfolk.channels.texts import some
from botfolk.http import Broken, Http, NotSent


class Member(Struct, frozen=True, rename="camel"):
    """https://learn.microsoft.com/microsoftteams/platform/bots/how-to/get-teams-context#get-single-member-details"""

    name: str | None = None
    given_name: str | None = None
    surname: str | None = None
    email: str | None = None
    user_principal_name: str | None = None


async def profile(
    channel: Channel, http: Http, tokens: Tokens, external_user_id: str, address: dict[str, Any]
) -> Profile | None:
    """Ask the roster of a person's own conversation; None where there is none, or they are not in it.

    Raises ChannelError, TryLater.
    """
    if address.get("channel_id") != "msteams" or external_user_id == address.get("conversation_id"):
        return None
    path = f"/members/{quote(external_user_id, safe='')}"
    try:
        response = await call(channel, http, tokens, "GET", address, path)
    except (NotAllowed, TokenRefused) as error:
        raise ChannelError(str(error)) from None
    except (TokenLater, NotSent, Broken) as error:
        raise TryLater(str(error)) from None
    if response.status == 200:
        return _of(response.content)
    if response.status in (403, 404):
        return None
    if response.status in (408, 412, 429) or response.status >= 500:
        raise TryLater(f"Teams cannot answer now ({response.status})", after(response) or 30.0)
    said = problem(response)
    raise ChannelError(f"Teams does not say who this is: {said.message or said.code or response.status}"[:300])


def _of(found: bytes) -> Profile:
    try:
        member = msgspec.json.decode(found, type=Member)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ChannelError(f"Teams gave an answer that cannot be read: {error}"[:300]) from None
    # A guest or a person without a mailbox has only a display name.
    of_name = names(member.name)
    said = {
        "first_name": some(member.given_name) or of_name.get("first_name"),
        "last_name": some(member.surname) or of_name.get("last_name"),
        "email": some(member.email),
    }
    if some(member.given_name) and not some(member.surname):
        del said["last_name"]
    fields: dict[str, str | None] = {name: value for name, value in said.items() if value}
    return Profile(fields=fields, username=some(member.user_principal_name))


async def media(channel: Channel, http: Http, tokens: Tokens, ref: str) -> bytes:
    """Fetch the file of a message: the service's own with our token, others without. Raises ChannelError, TryLater."""

    def trusted(url: str) -> str | None:
        try:
            return file_url(channel, url)
        except NotAllowed as error:
            raise ChannelError(str(error)) from None

    if is_sealed(ref):
        return content(await download(http, unseal(channel, ref), headers={}, trusted=trusted))
    if not is_service(channel, ref):
        return content(await download(http, ref, headers={}, trusted=trusted))
    for _ in range(2):
        try:
            token = await tokens.get(channel, http)
        except TokenRefused as error:
            raise ChannelError(str(error)) from None
        except TokenLater as error:
            raise TryLater(str(error)) from None
        response = await download(http, ref, headers={"authorization": f"Bearer {token}"}, trusted=trusted)
        if response.status != 401:
            break
        tokens.forget(channel, token)
    return content(response)
