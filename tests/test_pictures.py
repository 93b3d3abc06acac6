"""Pictures from outside are drawn anew, or refused with a reason."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from botfolk import pictures
from botfolk.pictures import BadPicture, avatar, photo


def drawn(size: tuple[int, int], kind: str = "JPEG", **more: object) -> bytes:
    """Draw a picture that is red on its left half and blue on its right."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    content = BytesIO()
    image.save(content, kind, **more)
    return content.getvalue()


def opened(picture: pictures.Picture) -> Image.Image:
    assert picture.content_type == "image/webp"
    image = Image.open(BytesIO(picture.content), formats=["WEBP"])
    assert image.size == (picture.width, picture.height)
    return image


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_an_avatar_is_the_square_middle(kind: str) -> None:
    image = opened(avatar(drawn((900, 300), kind))).convert("RGB")
    assert image.size == (300, 300)
    red, blue = image.getpixel((5, 150)), image.getpixel((295, 150))
    assert isinstance(red, tuple)
    assert isinstance(blue, tuple)
    assert red[0] > 200 > 60 > red[2]
    assert blue[2] > 200 > 60 > blue[0]


def test_a_large_avatar_shrinks_and_a_small_one_stays() -> None:
    assert opened(avatar(drawn((2000, 1500)))).size == (512, 512)
    assert opened(avatar(drawn((40, 60)))).size == (40, 40)


def test_a_photo_is_kept_whole_and_shrinks() -> None:
    assert opened(photo(drawn((3200, 1000)))).size == (1600, 500)
    assert opened(photo(drawn((100, 50)))).size == (100, 50)


def test_a_picture_taken_sideways_is_turned_upright_and_tells_nothing_of_its_camera() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "SECRET CAMERA"
    picture = photo(drawn((200, 100), exif=exif, comment=b"SECRET COMMENT", icc_profile=b"SECRET PROFILE"))
    assert opened(picture).size == (100, 200)
    assert b"SECRET" not in picture.content
    assert not opened(picture).getexif()


def test_transparency_is_kept() -> None:
    content = BytesIO()
    Image.new("RGBA", (10, 10), (255, 0, 0, 0)).save(content, "PNG")
    assert opened(avatar(content.getvalue())).mode == "RGBA"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html></html>",
        drawn((100, 100))[:400],
        drawn((100, 100), "PNG")[:60],
        drawn((20, 20), "BMP"),
        drawn((20, 20), "TIFF"),
        drawn((20, 20), "PDF"),
    ],
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(BadPicture, match="not a JPEG"):
        avatar(content)


def test_a_picture_of_too_many_bytes_is_refused() -> None:
    with pytest.raises(BadPicture, match="20 MB"):
        avatar(drawn((10, 10)) + bytes(pictures.LARGEST_BYTES))


@pytest.mark.parametrize("side", [7_100, 60_000])
def test_a_picture_that_would_unpack_to_too_many_pixels_is_refused_before_it_is(side: int) -> None:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    with pytest.raises(BadPicture, match="50 million pixels"):
        avatar(bomb)
