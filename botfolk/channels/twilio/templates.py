"""The templates that WhatsApp approved: https://www.twilio.com/docs/content/content-api-resources"""

import re
from typing import Any

from msgspec import Struct

from botfolk.channels.contract import Channel
from botfolk.channels.setup import Template
from botfolk.channels.texts import clean
from botfolk.channels.twilio.api import CONTENT_BASE, ask, base
from botfolk.http import Http

_PLACEHOLDER = re.compile(r"\{\{(\d{1,3})\}\}")
_MOST = 500


class _Approval(Struct, frozen=True):
    status: str = ""
    category: str = ""


class _Content(Struct, frozen=True):
    sid: str
    friendly_name: str = ""
    language: str = ""
    types: dict[str, Any] = {}
    approval_requests: _Approval | None = None


class _Contents(Struct, frozen=True):
    contents: list[_Content] = []


async def templates(channel: Channel, http: Http) -> list[Template]:
    """Fetch the approved templates, at most the newest 500; the name holds the SID, by which it is sent.

    Raises ChannelError, TryLater.
    """
    url = f"{base(channel, 'content_base', CONTENT_BASE)}/v1/ContentAndApprovals?PageSize={_MOST}"
    found = (await ask(channel, http, "GET", url, _Contents)).contents
    approved = (each for each in found if each.approval_requests and each.approval_requests.status == "approved")
    return [made for each in approved if (made := _template(each)) is not None]


def _template(content: _Content) -> Template | None:
    kinds = [kind for kind in content.types.values() if isinstance(kind, dict)]
    body = next((kind["body"] for kind in kinds if isinstance(kind.get("body"), str)), None)
    if body is None:
        return None
    actions: list[Any] = next((kind["actions"] for kind in kinds if isinstance(kind.get("actions"), list)), [])
    titles = (each.get("title") for each in actions if isinstance(each, dict))
    numbers = [int(number) for number in _PLACEHOLDER.findall(body)]
    return Template(
        name=clean(f"{content.friendly_name or 'template'} ({content.sid})"),
        language=clean(content.language),
        body=clean(body, None),
        buttons=tuple(clean(title) for title in titles if isinstance(title, str)),
        category=clean(content.approval_requests.category if content.approval_requests else ""),
        placeholders=max(numbers, default=0),
    )
