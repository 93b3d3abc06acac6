"""The pictures that the fake of the Bot API serves."""

import io
import re

from PIL import Image, ImageDraw


def portrait(name: str) -> bytes:
    """Draw a JPEG for a file: the same name, the same face. A name that ends in a number of pixels has that side."""
    found = re.fullmatch(r"(.*?)-(160|320|640)", name)
    whose, side = (found[1], int(found[2])) if found else (name, 640)
    seed = sum(ord(letter) * (index + 1) * 31 for index, letter in enumerate(whose))
    colour = (80 + seed % 130, 80 + seed // 7 % 130, 80 + seed // 49 % 130)
    light = tuple(min(255, part + 70) for part in colour)
    image = Image.new("RGB", (640, 640), colour)
    draw = ImageDraw.Draw(image)
    draw.ellipse((210, 130, 430, 370), fill=light)
    draw.ellipse((120, 400, 520, 860), fill=light)
    drawn = io.BytesIO()
    image.resize((side, side)).save(drawn, "JPEG", quality=88)
    return drawn.getvalue()
