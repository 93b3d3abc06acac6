"""Stored pictures go to the bot's own members and tokens, and never run as anything."""

from uuid import UUID

from botfolk.bot import personality
from botfolk.ids import new_id
from botfolk.users.apply import apply
from botfolk.users.edits import Actor, SetPicture
from tests.telling import at
from tests.web import ORIGIN, Web


async def _stored(web: Web, content_type: str, content: bytes) -> UUID:
    media_id = new_id()
    async with web.tale.pool.connection() as connection:
        await connection.execute(
            "INSERT INTO media (bot_id, id, content_type, content) VALUES (%s, %s, %s, %s)",
            [web.tale.bot_id, media_id, content_type, content],
        )
    return media_id


async def test_the_address_of_a_users_picture_opens_with_the_same_token(web: Web) -> None:
    await web.tale.says(0)
    media_id, user_id = await _stored(web, "image/webp", b"drawn"), await web.tale.user_id()
    async with web.tale.pool.connection() as connection:
        await apply(
            connection, web.tale.bot_id, user_id, [SetPicture(media_id)], Actor("channel", "Telegram"), now=at(1)
        )
    token = await web.token("viewer")
    address = (await web.client.get(f"/api/v1/users/{user_id}", headers=token)).json()["picture_url"]
    assert address == f"{ORIGIN}/media/{media_id}"
    for headers in (token, await web.member("viewer")):
        answer = await web.client.get(address, headers=headers)
        assert (answer.status_code, answer.content) == (200, b"drawn")
        assert answer.headers["content-type"] == "image/webp"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-disposition"] == "inline"
        assert "sandbox" in answer.headers["content-security-policy"]
        assert {"private", "immutable"} <= set(answer.headers["cache-control"].split(", "))


async def test_what_is_no_picture_is_never_shown_in_place(web: Web) -> None:
    token = await web.token("viewer")
    for content_type in ("text/html", "image/svg+xml", "application/pdf"):
        media_id = await _stored(web, content_type, b"<script>alert(1)</script>")
        answer = await web.client.get(f"/media/{media_id}", headers=token)
        assert answer.headers["content-type"] == "application/octet-stream", content_type
        assert answer.headers["content-disposition"] == "attachment"


async def test_nobody_else_sees_a_picture(web: Web) -> None:
    address = f"/media/{await _stored(web, 'image/webp', b'drawn')}"
    assert (await web.client.get(address, follow_redirects=False)).status_code == 303
    revoked = {"Authorization": "Bearer bf_nobody"}
    assert (await web.client.get(address, headers=revoked, follow_redirects=False)).status_code == 303
    async with web.tale.pool.connection() as connection:
        other = await personality.create(connection, "Other", web.tale.now)
    assert (await web.client.get(address, headers=await web.token("owner", other))).status_code == 404
    assert (await web.client.get(f"/media/{UUID(int=1)}", headers=await web.token())).status_code == 404
