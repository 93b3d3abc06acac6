"""An owner lets somebody into the team, and takes the access away."""

import re
import secrets
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Site


@pytest.fixture
async def newcomer(site: Site, browser: Browser) -> AsyncIterator[Page]:
    """The window of somebody who is not signed in."""
    context = await browser.new_context(base_url=site.url)
    yield await context.new_page()
    await context.close()


async def invite(page: Page, email: str, role: str) -> str:
    await page.goto("/team")
    await page.get_by_label("Email").fill(email)
    await page.get_by_label("Role", exact=True).select_option(role)
    await page.get_by_role("button", name="Make a link").click()
    return await page.get_by_label("Link", exact=True).input_value()


async def test_somebody_is_invited_joins_is_limited_and_leaves_at_once(page: Page, newcomer: Page) -> None:
    email = f"vera-{secrets.token_hex(3)}@example.com"
    link = await invite(page, email, "viewer")
    await newcomer.goto(link)
    await expect(newcomer.get_by_role("heading", level=1)).to_have_text("Join the team of My bot")
    await newcomer.get_by_label("Your name").fill("Vera Viewer")
    await newcomer.get_by_label("Choose a password").fill("short")
    await newcomer.get_by_role("button", name="Join").click()
    await expect(newcomer.locator(".error")).to_contain_text("A password has 10 to")
    await expect(newcomer.get_by_label("Your name")).to_have_value("Vera Viewer")
    await newcomer.get_by_label("Choose a password").fill("a long enough one")
    await newcomer.get_by_role("button", name="Join").click()
    await newcomer.wait_for_url("**/users")
    await newcomer.goto("/team")
    await expect(newcomer.get_by_role("button", name="Make a link")).to_have_count(0)
    assert (await newcomer.request.post("/team/invitations")).status == 403

    await newcomer.goto(link)
    await expect(newcomer.get_by_role("heading", level=1)).to_have_text("This invitation is used up")

    await page.goto("/team")
    await page.get_by_label("Role of Vera Viewer").select_option("agent")
    await page.get_by_role("button", name="Save the role of Vera Viewer").click()
    await expect(page.get_by_label("Role of Vera Viewer")).to_have_value("agent")
    await newcomer.goto("/users")
    await page.get_by_role("button", name="Deactivate Vera Viewer").click()
    await expect(page.get_by_role("button", name="Reactivate Vera Viewer")).to_be_visible()
    await newcomer.reload()
    await expect(newcomer).to_have_url(re.compile("/sign-in"))


async def test_an_invitation_can_be_taken_back(page: Page, newcomer: Page) -> None:
    email = f"gone-{secrets.token_hex(3)}@example.com"
    link = await invite(page, email, "agent")
    await page.get_by_role("button", name=f"Revoke the invitation of {email}").click()
    await expect(page.get_by_text(email)).to_have_count(0)
    answer = await newcomer.goto(link)
    assert answer is not None
    assert answer.status == 410


async def test_the_only_owner_stays_one(page: Page, site: Site) -> None:
    await page.goto("/team")
    await page.get_by_role("button", name="Deactivate Owner").click()
    await expect(page.get_by_role("alert")).to_contain_text("This is the only owner")
    await page.get_by_label("Role of Owner").select_option("viewer")
    await page.get_by_role("button", name="Save the role of Owner").click()
    await expect(page.get_by_role("alert")).to_contain_text("This is the only owner")
    assert site.rows("SELECT role, is_active FROM members WHERE role = 'owner'") == [("owner", True)]


async def test_an_email_that_is_none_or_in_the_team_is_refused_and_kept(page: Page) -> None:
    await page.goto("/team")
    await page.get_by_label("Email").fill("owner@localhost")
    await page.get_by_role("button", name="Make a link").click()
    await expect(page.locator(".error")).to_contain_text("is in the team already")
    await expect(page.get_by_label("Email")).to_have_value("owner@localhost")


async def test_a_token_is_made_shown_once_works_and_is_revoked(page: Page, site: Site) -> None:
    name = f"Shop {secrets.token_hex(3)}"
    await page.goto("/team")
    await page.get_by_label("What it is for").fill(name)
    await page.get_by_label("Role of the token").select_option("viewer")
    await page.get_by_role("button", name="Make a token").click()
    token = await page.get_by_label("Token", exact=True).input_value()
    headers = {"Authorization": f"Bearer {token}"}
    assert (await page.request.get("/api/v1/users", headers=headers)).status == 200
    await page.goto("/team")
    await expect(page.get_by_text(token)).to_have_count(0)
    await page.get_by_role("button", name=f"Revoke the token {name}").click()
    await expect(page.get_by_text(name)).to_have_count(0)
    assert (await page.request.get("/api/v1/users", headers=headers)).status == 401
