"""Templates to answers: one environment over the templates of all rooms."""

from collections.abc import Mapping
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from litestar import MediaType, Request, Response
from markupsafe import Markup
from msgspec import json

from botfolk.pages import formats
from botfolk.pages.assets import asset, built_at
from botfolk.pages.catalogue import direction, language, ngettext, spoken, translations
from botfolk.pages.catalogue import gettext as _
from botfolk.pages.drawing import draw_ago, draw_clock, draw_face, draw_stamp
from botfolk.pages.folding import FoldingEnvironment
from botfolk.pages.headers import HTML_HEADERS
from botfolk.pages.icons import draw_icon
from botfolk.services import services
from botfolk.team.principal import csrf_token, find_principal

AnyRequest = Request[Any, Any, Any]

_ROOMS = Path(__file__).parent.parent

_HTMX = {
    "allowEval": False,
    # What is written on a part of a page holds for it, not for what stands in it.
    "disableInheritance": True,
    "includeIndicatorStyles": False,
    # What is put in hears of changes in the same moment: between its coming and its settling they would be missed.
    "defaultSettleDelay": 0,
    "attributesToSettle": [],
    "selfRequestsOnly": True,
    "allowScriptTags": False,
    "timeout": 20_000,
    # Snapshots of pages with people in them do not stay in the browser's storage.
    "historyCacheSize": 0,
    "refreshOnHistoryMiss": True,
    "scrollIntoViewOnBoost": False,
    "responseHandling": [
        {"code": "204", "swap": False},
        {"code": "[23]..", "swap": True},
        # What was asked for could not be done: the answer shows what was typed and why.
        {"code": "409", "swap": True},
        {"code": "422", "swap": True},
        {"code": "[45]..", "swap": False, "error": True},
    ],
}


class RailItem(NamedTuple):
    """A page in the left rail; the last ones stand at its foot."""

    address: str
    label: str
    icon: str
    last: bool = False
    also: tuple[str, ...] = ()
    """where its further pages begin"""

    def is_here(self, path: str) -> bool:
        """Say whether an address is one of its pages."""
        return path.startswith((self.address, *self.also))


def rail() -> list[RailItem]:
    """Return the pages there are."""
    return _rail(language())


@cache
def _rail(_shown: str) -> list[RailItem]:
    return [
        RailItem("/users", _("Users"), "users", also=("/jobs", "/exports", "/erasures")),
        RailItem("/segments", _("Segments"), "segment"),
        RailItem("/channels", _("Channels"), "plug"),
        RailItem("/personality", _("Personality"), "personality"),
        RailItem("/team", _("Team"), "team"),
        RailItem("/account", _("Account"), "account", last=True),
    ]


_TEXTS = 8000
"""More than there are, in some languages."""


def _text(shown: str, message: str, /, **values: object) -> Markup:
    """Return a text of the pages in a language, with values put in for `%(name)s`; only the values are escaped."""
    return _text_of(shown, message) % values


@lru_cache(_TEXTS)
def _text_of(shown: str, message: str) -> Markup:
    return Markup(translations(shown).gettext(message))  # noqa: S704 - the texts are ours


_KEPT = 8
"""Languages whose templates are kept ready."""


def environment() -> Environment:
    """Return the template environment of the language shown: "users/list.html" stands in users/templates/, "layout/…"
    in pages/templates/."""
    return _environment(language(), built_at())


@lru_cache(_KEPT)
def _environment(shown: str, _built_at: int) -> Environment:
    """Made anew when the pages are: the addresses of what was built stand in the templates as they are compiled."""
    rooms = {folder.parent.name: FileSystemLoader(folder) for folder in sorted(_ROOMS.glob("*/templates"))}
    text = partial(_text, shown)
    made = FoldingEnvironment(
        known={"_": text, "icon": draw_icon, "asset": asset},
        loader=ChoiceLoader([rooms.get("pages", FileSystemLoader(_ROOMS)), PrefixLoader(rooms)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Asking the disk for each part of a page, whether it has changed, took a third of the time.
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_callables(_, ngettext, newstyle=True)  # type: ignore[attr-defined]
    # The extension's own `_` looks its function up in the context at every text, of which a page has hundreds.
    made.globals["_"] = text
    made.globals.update(
        asset=asset,
        draw_icon=draw_icon,
        draw_ago=draw_ago,
        draw_clock=draw_clock,
        draw_stamp=draw_stamp,
        draw_face=draw_face,
        htmx_config=json.encode(_HTMX).decode(),
        rail=rail,
        formats=formats,
    )
    made.globals.update(language=language, direction=direction, spoken=spoken)
    return made


def html(template: str, context: Mapping[str, object]) -> str:
    """Return a template's text."""
    return environment().get_template(template).render(context)


def page(
    request: AnyRequest,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **context: object,
) -> Response[str]:
    """Answer with a page. Every template sees `me` (the Principal, or None), `now`, `path` and `csrf_token`."""
    given = {
        "me": find_principal(request),
        "csrf_token": csrf_token(request),
        "now": services(request).clock(),
        "path": request.url.path,
    }
    all_headers = {**HTML_HEADERS, **(headers or {})}
    return Response(
        html(template, {**given, **context}), status_code=status, headers=all_headers, media_type=MediaType.HTML
    )


fragment = page
"""A part of a page for htmx to put in its place; it is answered just as a page is."""


def wants_fragment(request: AnyRequest) -> bool:
    """Say whether htmx asks for a part of the page at this address, and not for the page anew."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-History-Restore-Request") != "true"
