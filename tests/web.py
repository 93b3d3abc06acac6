"""The real application over a real database, spoken to in memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from litestar.testing import AsyncTestClient

from botfolk.channels.exchanges import Exchanges
from botfolk.channels.registry import Channels
from botfolk.db.pool import Pool
from botfolk.db.secrets import SecretBox
from botfolk.http import open_http
from botfolk.live.hub import Hub
from botfolk.services import Services
from botfolk.settings import load
from botfolk.team import accounts, sign_in, tokens
from botfolk.team.principal import COOKIE, Role, csrf_of
from botfolk.web import build_litestar
from tests.telling import KEY, Tale

ORIGIN = "http://testserver.local"


@dataclass
class Web:
    """The application, and ways to be somebody."""

    tale: Tale
    client: AsyncTestClient  # type: ignore[type-arg]
    services: Services

    async def token(self, role: Role = "admin", bot_id: UUID | None = None) -> dict[str, str]:
        """Headers of a new API token."""
        async with self.tale.pool.connection() as connection:
            made = await tokens.create(connection, bot_id or self.tale.bot_id, "Shop", role, None, self.tale.now)
        return {"Authorization": f"Bearer {made}"}

    async def member(
        self, role: Role = "owner", email: str = "mia@example.com", bot_id: UUID | None = None
    ) -> dict[str, str]:
        """Headers of a member who has just signed in: cookie and CSRF token."""
        async with self.tale.pool.connection() as connection:
            account_id = await accounts.add_member(connection, bot_id or self.tale.bot_id, email, "Mia", role)
            cookie = await sign_in.begin(connection, account_id, self.tale.now, "test")
        return {"Cookie": f"{COOKIE}={cookie}", "X-CSRF-Token": csrf_of(KEY, cookie)}

    async def link(self, lifetime: timedelta = timedelta(minutes=15)) -> str:
        """A one-time link's path for a new owner."""
        async with self.tale.pool.connection() as connection:
            account_id = await accounts.create_owner(connection, self.tale.bot_id, "olga@example.com", "Olga")
            return f"/sign-in/{await sign_in.new_link(connection, account_id, self.tale.now, lifetime)}"


@asynccontextmanager
async def a_web(tale: Tale, pool: Pool, dsn: str, folder: Path) -> AsyncIterator[Web]:
    """Yield the application on a tale's bot."""
    settings = load({"BOTFOLK_SECRET_KEY": KEY, "BOTFOLK_PUBLIC_URL": ORIGIN, "BOTFOLK_DATA_DIR": str(folder)})
    box = SecretBox(KEY)
    async with open_http(allow_private=True) as http:
        services = Services(
            settings=settings,
            pool=pool,
            clock=tale.clock,
            http=http,
            channels=Channels(pool, box),
            hub=Hub(dsn),
            box=box,
            exchanges=Exchanges(pool, tale.clock),
            reads=pool,
        )
        app = build_litestar(services, tale.ingest)
        async with AsyncTestClient(app, base_url=ORIGIN) as client:
            yield Web(tale, client, services)
