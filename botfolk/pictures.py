"""Pictures from outside are decoded and drawn anew: nothing of the bytes that came is stored or served."""

import struct
from datetime import datetime
from io import BytesIO
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct
from PIL import Image, ImageOps, UnidentifiedImageError
from psycopg import AsyncConnection

from botfolk.ids import new_id

LARGEST_BYTES = 20_000_000
MOST_PIXELS = 50_000_000
AVATAR_SIDE = 512
PHOTO_SIDE = 1600

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_DAMAGED = (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, struct.error)


class BadPicture(Exception):
    """This is no picture that can be shown; the text says why."""


class Picture(Struct, frozen=True, kw_only=True):
    """A picture drawn by us. `width` and `height` in pixels."""

    content_type: str
    content: bytes
    width: int
    height: int


def avatar(content: bytes) -> Picture:
    """Return a picture's square centre, at most 512 pixels a side. Raises BadPicture. Takes CPU: use a thread."""
    image = _decode(content, AVATAR_SIDE)
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return _encode(image.crop((left, top, left + side, top + side)), AVATAR_SIDE)


def photo(content: bytes) -> Picture:
    """Return a picture whole, at most 1600 pixels a side. Raises BadPicture. Takes CPU: use a thread."""
    return _encode(_decode(content, PHOTO_SIDE), PHOTO_SIDE)


def to_send(content: bytes) -> Picture:
    """Return a picture as a photo drawn anew in JPEG, which every service takes; what is transparent becomes white.
    Raises BadPicture. Takes CPU: use a thread."""
    image = _decode(content, PHOTO_SIDE)
    if image.mode == "RGBA":
        ground = Image.new("RGB", image.size, "white")
        ground.paste(image, mask=image.getchannel("A"))
        image = ground
    return _encode(image, PHOTO_SIDE, "JPEG")


def _decode(content: bytes, side: int) -> Image.Image:
    """Decode the (first) image, upright, in a plain colour mode."""
    if len(content) > LARGEST_BYTES:
        raise BadPicture(f"the picture is larger than {LARGEST_BYTES // 1_000_000} MB")
    try:
        with Image.open(BytesIO(content), formats=_FORMATS) as image:
            # Known from the head of the file, before anything is unpacked.
            if image.width * image.height > MOST_PIXELS:
                raise BadPicture(f"the picture has more than {MOST_PIXELS // 1_000_000} million pixels")
            # A JPEG can be unpacked at an eighth, a quarter or half of its size.
            image.draft("RGB", (2 * side, 2 * side))
            image.load()
            upright = ImageOps.exif_transpose(image)
            return upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    except (Image.DecompressionBombError, MemoryError) as error:
        raise BadPicture(f"the picture has more than {MOST_PIXELS // 1_000_000} million pixels") from error
    except _DAMAGED as error:
        raise BadPicture("this is not a JPEG, PNG, WebP or GIF picture, or it is damaged") from error


def _encode(image: Image.Image, side: int, form: Literal["WEBP", "JPEG"] = "WEBP") -> Picture:
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    # Pillow would copy colour profile, place and camera from here.
    image.info = {}
    drawn = BytesIO()
    if form == "JPEG":
        image.save(drawn, form, quality=86, optimize=True)
    else:
        image.save(drawn, form, quality=82, method=4, exif=b"", icc_profile=b"", xmp=b"")
    content_type = f"image/{form.lower()}"
    return Picture(content_type=content_type, content=drawn.getvalue(), width=image.width, height=image.height)


async def store(
    connection: AsyncConnection[Any],
    bot_id: UUID,
    picture: Picture,
    now: datetime,
    *,
    name: str | None = None,
    owner: str | None = None,
) -> UUID:
    """Store a picture drawn by us and return its id; `name` as its sender called it, `owner` as in `files.py`."""
    media_id = new_id()
    await connection.execute(
        """INSERT INTO media (bot_id, id, content_type, name, content, width, height, created_at, owner)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        [bot_id, media_id, picture.content_type, name, picture.content, picture.width, picture.height, now, owner],
    )
    return media_id
