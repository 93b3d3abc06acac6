"""Files and templates on their way into a reply."""

from io import BytesIO

import pytest
from PIL import Image

from botfolk.channels.setup import Template
from botfolk.conversations.attaching import CannotAttach, attach, attached, clean_name, is_page
from botfolk.conversations.templating import BadTemplate, filled
from botfolk.conversations.typed import typed
from botfolk.ids import new_id
from botfolk.users.edits import InvalidEdit
from tests.telling import Tale

ORDER = Template(
    name="order", language="en", header="Order {{1}}", body="Dear {{2}}, {{1}} is here. {{3}}", footer="Shop",
    buttons=("Track (https://x/{{1}})",), placeholders=3,
)  # fmt: skip


def a_picture(form: str, mode: str = "RGB") -> bytes:
    """A small picture."""
    drawn = BytesIO()
    Image.new(mode, (40, 20)).save(drawn, form)
    return drawn.getvalue()


def test_a_template_reads_as_it_was_filled_in() -> None:
    use, text = filled(ORDER, {"p1": " 77 ", "p2": "Ana {{3}}", "p3": "Bye"})
    assert use.parameters == ("77", "Ana {{3}}", "Bye")
    assert text == "Order 77\n\nDear Ana {{3}}, 77 is here. Bye\n\nShop\n\n[Track (https://x/77)]"


def test_a_template_is_sent_whole_or_not_at_all() -> None:
    with pytest.raises(BadTemplate, match="placeholder 2"):
        filled(ORDER, {"p1": "77", "p2": "  ", "p3": "x"})


@pytest.mark.parametrize(
    ("name", "content_type", "content"),
    [
        ("a.svg", "image/png", b"x"),
        ("a.png", "image/svg+xml", b"x"),
        ("a.txt", "text/html; charset=utf-8", b"x"),
        ("a.pdf", "application/pdf", b"  \n<!DOCTYPE html><script>"),
        ("a", "", b"\xef\xbb\xbf<?xml version='1.0'?><svg onload=x>"),
        ("a.bin", "", b"\xff\xfe<\x00h\x00t\x00m\x00l\x00>\x00"),
    ],
)
def test_what_a_browser_would_run_is_no_file_to_send(name: str, content_type: str, content: bytes) -> None:
    assert is_page(name, content_type, content)


def test_a_plain_file_is_none_of_these() -> None:
    assert not is_page("a.txt", "text/plain", b"1 < 2 and <html> is a word")
    assert not is_page("a.xml", "application/xml", b"<?xml version='1.0'?><order/>")


@pytest.mark.parametrize(("form", "mode"), [("PNG", "RGBA"), ("JPEG", "RGB"), ("WEBP", "RGB"), ("GIF", "P")])
async def test_a_picture_is_drawn_anew_for_every_service(tale: Tale, form: str, mode: str) -> None:
    async with tale.pool.connection() as connection:
        found = await attach(
            connection, tale.bot_id, new_id(), f"C:\\me\\cat.{form}", "", a_picture(form, mode), now=tale.now
        )
        again = await attached(connection, tale.bot_id, [found.id, new_id()])
    assert (found.name, found.is_picture, again) == ("cat.jpg", True, [found])
    assert await tale.rows("SELECT content_type, width FROM media WHERE id = %s", found.id) == [("image/jpeg", 40)]


async def test_other_files_are_kept_as_they_are(tale: Tale) -> None:
    async with tale.pool.connection() as connection:
        found = await attach(connection, tale.bot_id, new_id(), "a.pdf", "application/pdf", b"%PDF-1.7", now=tale.now)
        odd = await attach(connection, tale.bot_id, new_id(), "a.tiff", "image/tiff", b"II*\x00", now=tale.now)
    assert not found.is_picture
    rows = await tale.rows("SELECT content_type, content FROM media WHERE id = %s", found.id)
    assert rows == [("application/pdf", b"%PDF-1.7")]
    assert await tale.rows("SELECT content_type FROM media WHERE id = %s", odd.id) == [("application/octet-stream",)]


@pytest.mark.parametrize(
    ("content", "why"), [(b"", "empty"), (b"\x89PNG\r\n\x1a\n", "damaged"), (b"<svg ", "programs")]
)
async def test_what_cannot_be_sent_says_why(tale: Tale, content: bytes, why: str) -> None:
    async with tale.pool.connection() as connection:
        with pytest.raises(CannotAttach, match=why):
            await attach(connection, tale.bot_id, new_id(), "a", "", content, now=tale.now)


def test_a_name_has_no_folders_and_nothing_unprintable() -> None:
    assert clean_name("../../etc/pass\u202ewd\n.txt") == "passwd.txt"
    assert clean_name("") == "file"


def test_what_is_typed_is_read_with_its_buttons_and_files() -> None:
    file, channel = new_id(), new_id()
    reply = typed(
        {"text": "Hi\r\nyou", "then": "once", "channel": str(channel), "file": [str(file), "nothing"],
         "title_1": "Yes", "title_3": "More", "url_3": "https://example.com"}
    )  # fmt: skip
    assert (reply.text, reply.then, reply.channel, reply.files) == ("Hi\nyou", "once", channel, [file])
    assert [(button.title, button.url) for button in reply.buttons()] == [
        ("Yes", None), ("More", "https://example.com")
    ]  # fmt: skip
    with pytest.raises(InvalidEdit, match="Button 2"):
        typed({"title_2": "Bad", "url_2": "javascript:x"}).buttons()
