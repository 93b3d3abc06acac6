"""A member signs in with a device instead of a password."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, CDPSession, Page, expect

from tests.browser.conftest import Site, sign_in


@pytest.fixture
async def named(site: Site, browser: Browser) -> AsyncIterator[Page]:
    """A member's window at a name: passkeys belong to names. The machine's own device is a virtual one."""
    command = [sys.executable, "-m", "botfolk.cli", "sign-in-link", "--json"]
    made = await asyncio.to_thread(
        subprocess.run, command, env=site.environment, check=True, capture_output=True, text=True
    )
    # A sign-in of its own: the tests end it.
    link = json.loads(made.stdout)["link"].replace("127.0.0.1", "localhost")
    context = await browser.new_context(base_url=link.split("/sign-in/")[0])
    page = await context.new_page()
    await with_device(await context.new_cdp_session(page))
    await sign_in(page, link)
    await page.wait_for_url("**/users")
    yield page
    await context.close()


async def with_device(session: CDPSession) -> None:
    await session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


async def test_a_passkey_is_made_signs_in_and_is_removed(named: Page, site: Site) -> None:
    await named.goto("/account")
    await named.get_by_label("Name of the new passkey").fill("My laptop")
    await named.get_by_role("button", name="Add a passkey").click()
    await expect(named.locator("#passkeys")).to_contain_text("My laptop")
    await named.get_by_role("button", name="Sign out").click()
    await expect(named.get_by_role("heading", level=1)).to_have_text("Sign in")
    await named.get_by_role("button", name="Sign in with a passkey").click()
    await named.wait_for_url("**/users")
    await named.goto("/account")
    await expect(named.locator("#passkeys")).to_contain_text("used")
    assert site.rows("SELECT count(*) FROM passkey_challenges") == [(0,)]

    await named.get_by_role("button", name="Remove My laptop").click()
    await expect(named.locator("#passkeys li")).to_have_count(0)
    await named.get_by_role("button", name="Sign out").click()
    await named.get_by_role("button", name="Sign in with a passkey").click()
    await expect(named.get_by_role("alert")).to_have_text("this passkey is not known here (any more)")


async def test_a_number_for_an_address_says_why_there_are_no_passkeys(page: Page) -> None:
    await page.goto("/account")
    await expect(page.get_by_role("button", name="Add a passkey")).to_be_hidden()
    await expect(page.locator("#passkeys")).to_contain_text("Botfolk at a name such as")


async def test_an_answer_is_good_once(named: Page) -> None:
    await named.goto("/account")
    posted: list[str] = []
    named.on(
        "request",
        lambda request: posted.append(request.post_data or "") if "/account/passkeys" in request.url else None,
    )
    await named.get_by_role("button", name="Add a passkey").click()
    await expect(named.locator("#passkeys li")).to_have_count(1)
    token = await named.locator("form[data-passkey]").get_attribute("data-csrf")
    headers = {"Content-Type": "application/json", "Accept": "application/json", "X-CSRF-Token": token or ""}
    again = await named.request.post("/account/passkeys", data=posted[-1], headers=headers)
    assert again.status == 422
    assert "answered before" in (await again.json())["detail"]
    await named.get_by_role("button", name="Remove Passkey").click()
    await expect(named.locator("#passkeys li")).to_have_count(0)
