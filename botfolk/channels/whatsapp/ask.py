"""Asking the Cloud API what changes nothing."""

from typing import Any

from botfolk.channels.contract import Channel, Later, TryLater
from botfolk.channels.meta import graph
from botfolk.channels.whatsapp.errors import meaning
from botfolk.http import Http

_WAIT_SECONDS = 30.0


async def ask(channel: Channel, http: Http, path: str, query: dict[str, str], *, proof: bool = False) -> Any:
    """GET and return the answer. Raises ChannelError for good, TryLater for now, by WhatsApp's own numbers, too."""
    try:
        return await graph.ask(channel, http, path, query, proof=proof)
    except graph.Refused as error:
        found = meaning(graph.Answer(status=400, error=error.error))
        if isinstance(found, Later):
            raise TryLater(found.reason, found.after or _WAIT_SECONDS) from None
        raise
