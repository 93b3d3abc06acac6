"""A page with nothing on it yet leads to where something comes from."""

from tests.web import Web


async def test_a_list_of_nobody_leads_to_channels_and_to_an_import(web: Web) -> None:
    owner, viewer = await web.member(), await web.member("viewer", "vi@example.com")
    page = (await web.client.get("/users", headers=owner)).text
    assert "Nobody has written to the bot yet" in page
    assert page.count('href="/users/imports"') > 1
    async with web.tale.pool.connection() as connection:
        await connection.execute("DELETE FROM channels")
    page = (await web.client.get("/users", headers=owner)).text
    assert "No channel is connected yet" in page
    assert '<a class="button button--main" href="/channels">' in page
    page = (await web.client.get("/users", headers=viewer)).text
    assert "Admins and owners connect channels." in page
    assert '<a class="button button--main" href="/channels">' not in page
