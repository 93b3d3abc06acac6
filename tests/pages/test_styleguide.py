"""The page of all components shows them all, where it is wanted."""

import re
from dataclasses import replace
from pathlib import Path

from msgspec import structs

from botfolk.channels.registry import KINDS
from botfolk.pages.assets import BUILT
from botfolk.pages.formats import CHANNEL_NAMES
from botfolk.pages.styleguide import COLOURS
from tests.web import Web

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "botfolk" / "pages" / "templates"


def test_every_component_is_on_the_page() -> None:
    macros = {
        name
        for path in (TEMPLATES / "components").glob("*.html")
        for name in re.findall(r"\{% (?:macro|set) (\w+)", path.read_text())
    }
    shown = set(re.findall(r"\b(\w+)\(", (TEMPLATES / "styleguide.html").read_text()))
    assert macros - shown == set()


def test_every_colour_is_on_the_page() -> None:
    css = (ROOT / "web" / "src" / "styles" / "tokens.css").read_text()
    named = set(re.findall(r"--([\w-]+): #", css))
    assert {name for name in named if not name.startswith("tint-")} == set(COLOURS)


def test_every_kind_of_channel_has_a_drawing_and_a_name() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "web" / "src" / "icons.svg").read_text()))
    kinds = {"webchat", "telegram", "messenger", "instagram", "whatsapp", "botframework", "twilio", *KINDS}
    assert kinds <= drawn
    assert kinds <= set(CHANNEL_NAMES)


async def test_it_is_there_only_where_the_setting_says_so(web: Web) -> None:
    member = await web.member("viewer")
    assert (await web.client.get("/styleguide", headers=member)).status_code == 404
    state = web.client.app.state
    state.services = replace(web.services, settings=structs.replace(web.services.settings, styleguide=True))
    if BUILT.joinpath("manifest.json").is_file():
        assert (await web.client.get("/styleguide", headers=member)).status_code == 200
