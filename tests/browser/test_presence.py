"""Who else looks at a user is seen."""

import asyncio
import json
import secrets
import subprocess
import sys

from playwright.async_api import Page, expect

from botfolk.db.pool import make_pool
from botfolk.team import accounts
from tests.browser.conftest import People, Site, sign_in


async def test_who_else_looks_at_the_user_is_shown_while_they_do(page: Page, people: People, site: Site) -> None:
    person = await people.writes("Watched", "Person")
    await page.goto(person.address)
    await expect(page.locator("#present")).to_be_empty()
    email = f"mia-{secrets.token_hex(3)}@example.com"
    made = [sys.executable, "-m", "botfolk.cli", "sign-in-link", "--json"]
    async with make_pool(site.dsn, 1) as pool, pool.connection() as connection:
        await accounts.add_member(connection, site.bot_id, email, "Mia Member", "agent")
    told = await asyncio.to_thread(
        subprocess.run, [*made, email], env=site.environment, check=True, capture_output=True, text=True
    )
    assert page.context.browser is not None
    other = await page.context.browser.new_context(base_url=site.url)
    mia = await other.new_page()
    await sign_in(mia, json.loads(told.stdout)["link"])
    await mia.wait_for_url("**/users")
    await mia.goto(person.address)
    await expect(page.locator("#present")).to_have_text("Mia Member is here too")
    await expect(mia.locator("#present")).to_have_text("Owner is here too")
    await mia.goto("/users")
    await expect(page.locator("#present")).to_be_empty()
    await other.close()
