"""`GET /styleguide`: every token and component of the pages on one page, for who works on them."""

import re
from datetime import timedelta
from functools import cache

from litestar import Response, get
from litestar.exceptions import NotFoundException

from botfolk.pages.assets import BASE, BUILT, asset
from botfolk.pages.formats import CHANNEL_NAMES, TINTS
from botfolk.pages.render import AnyRequest, page
from botfolk.services import services
from botfolk.team.guards import viewer

COLOURS = (
    "page", "surface", "sunken", "hover", "line", "line-strong", "ink", "ink-soft", "accent", "accent-hover",
    "on-accent", "accent-wash", "accent-ink", "good", "good-wash", "bad", "bad-wash", "warn", "warn-wash",
)  # fmt: skip
SPACES = range(1, 8)
SIZES = ("xs", "s", "m", "l", "xl", "xxl")


@cache
def drawings(file: str) -> list[str]:
    """Return the names of all drawings, as built."""
    return re.findall(r'<symbol id="([\w-]+)"', (BUILT / file).read_text())


@get("/styleguide", guards=[viewer], include_in_schema=False)
async def show(request: AnyRequest) -> Response[str]:
    """Show the components, where the setting allows it."""
    shared = services(request)
    if not shared.settings.styleguide:
        raise NotFoundException("There is no such page")
    now = shared.clock()
    return page(
        request,
        "styleguide.html",
        colours=COLOURS,
        tints=range(TINTS),
        spaces=SPACES,
        sizes=SIZES,
        drawings=drawings(asset("icons.svg").removeprefix(BASE)),
        channels=CHANNEL_NAMES,
        moments=[now - timedelta(minutes=5), now - timedelta(days=40), now - timedelta(days=400)],
        long_name="Wolfeschlegelsteinhausenbergerdorff " * 3,
        right_to_left="محمد عبد الرحمن الحسيني",
    )


handlers = [show]
