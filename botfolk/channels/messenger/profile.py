"""What Meta says of a person (https://developers.facebook.com/docs/messenger-platform/identity/user-profile)."""

import hashlib
import math
import re
import time
from typing import Any
from uuid import UUID

from botfolk.channels.contract import Channel, ChannelError, FetchedPicture, TryLater
from botfolk.channels.events import Profile
from botfolk.channels.messenger.platform import Platform
from botfolk.channels.meta.files import download
from botfolk.channels.meta.graph import GraphError, Refused, ask, is_id, is_unauthorised
from botfolk.channels.texts import some
from botfolk.http import Http

_MAX_PICTURE_BYTES = 10_000_000
_ASK_AGAIN_SECONDS = 86_400.0
_LANGUAGE = re.compile(r"[a-z]{2,3}([_-][A-Za-z0-9]{2,8})*")

_NOTHING = frozenset({2018218, 33})
"""Subcodes: there is no profile to be had (made by phone, some in the EU), or nobody of that id"""

_asked_in_vain: dict[tuple[UUID, str, int], float] = {}
"""(channel, field, its token) → when it was refused, by a clock that only counts seconds"""


async def profile(platform: Platform, channel: Channel, http: Http, external_user_id: str) -> Profile | None:
    """Fetch what is said of a person; None when nothing is. Raises ChannelError, TryLater."""
    said = await _ask(channel, http, external_user_id, platform.basic_fields)
    if said is None:
        return None
    for field in platform.optional_fields:
        said |= await _optional(channel, http, external_user_id, field)
    username = said.get("username")
    return Profile(fields=_fields(said), username=some(username) if isinstance(username, str) else None)


async def _ask(channel: Channel, http: Http, person: str, fields: tuple[str, ...]) -> dict[str, Any] | None:
    if not is_id(person):
        raise ChannelError("this is not an id of Meta's")
    try:
        answer = await ask(channel, http, person, {"fields": ",".join(fields)})
    except Refused as refused:
        if _is_nobody(refused.error):
            return None
        raise
    return dict(answer) if isinstance(answer, dict) else None


def _is_nobody(error: GraphError) -> bool:
    # 230 (Instagram): the person has not let the account see who they are.
    return error.error_subcode in _NOTHING or error.code == 230


async def _optional(channel: Channel, http: Http, person: str, field: str) -> dict[str, Any]:
    """Ask for what needs a permission of its own; a refusal is remembered for a day, or until the token changes."""
    key = (channel.id, field, hash(channel.secrets.get("access_token")))
    refused_at = _asked_in_vain.get(key)
    if refused_at is not None and time.monotonic() - refused_at < _ASK_AGAIN_SECONDS:
        return {}
    try:
        said = await _ask(channel, http, person, (field,))
    except Refused as refused:
        if is_unauthorised(refused.error):
            raise
        _asked_in_vain[key] = time.monotonic()
        return {}
    except TryLater:
        return {}
    return {field: said[field]} if said and field in said else {}


def _fields(said: dict[str, Any]) -> dict[str, str | None]:
    """Return the profile's fields; who has but one name has it as the first."""
    text = {name: some(value) for name, value in said.items() if isinstance(value, str)}
    fields: dict[str, str | None] = {"first_name": text.get("first_name"), "last_name": text.get("last_name")}
    if not any(fields.values()):
        fields["first_name"] = text.get("name")
    locale = text.get("locale")
    if locale and _LANGUAGE.fullmatch(locale):
        fields["language"] = locale.replace("_", "-")
    zone = offset(said.get("timezone"))
    if zone:
        fields["timezone"] = zone
    return {name: value for name, value in fields.items() if value}


def offset(hours: object) -> str | None:
    """Return hours from GMT ("5.5" or a number) as "UTC+05:30"; None for what can be none."""
    try:
        number = float(hours) if isinstance(hours, int | float | str) and not isinstance(hours, bool) else math.nan
    except (ValueError, OverflowError):
        return None
    if not -12 <= number <= 14:
        return None
    minutes = round(number * 60)
    return f"UTC{'+' if minutes >= 0 else '-'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


async def picture(channel: Channel, http: Http, external_user_id: str, known_ref: str | None) -> FetchedPicture | None:
    """Fetch a person's picture; None when there is none or it is the one known. Raises ChannelError, TryLater.

    Its address changes by the hour and says nothing of whether the picture does: the bytes do.
    """
    said = await _ask(channel, http, external_user_id, ("profile_pic",))
    address = said.get("profile_pic") if said else None
    if not isinstance(address, str) or not address:
        return None
    content = await download(channel, http, address, _MAX_PICTURE_BYTES)
    ref = hashlib.sha256(content).hexdigest()
    return None if ref == known_ref else FetchedPicture(ref=ref, content=content)
