"""What the rooms of one running Botfolk share."""

from dataclasses import dataclass, field
from typing import Any, cast

from litestar import Request

from botfolk.channels.exchanges import Exchanges
from botfolk.channels.registry import Channels
from botfolk.clock import Clock
from botfolk.counts.contract import Memory, Nothing
from botfolk.db.pool import Pool
from botfolk.db.secrets import SecretBox
from botfolk.http import Http
from botfolk.live.hub import Hub
from botfolk.settings import Settings


@dataclass(frozen=True, slots=True)
class Services:
    """The open resources of a process; pages and API reach them as `request.app.state.services`."""

    settings: Settings
    pool: Pool
    clock: Clock
    http: Http
    channels: Channels
    hub: Hub
    box: SecretBox
    exchanges: Exchanges
    reads: Pool
    """for what is read by its keys, while a page waits (db/pool.py: reading)"""
    memory: Memory = field(default_factory=Nothing)


def services(request: Request[Any, Any, Any]) -> Services:
    """Return the services behind a request."""
    return cast(Services, request.app.state.services)
