"""What a field suggests while a member types: timezones and languages."""

from functools import cache
from typing import Literal
from zoneinfo import available_timezones

from litestar import MediaType, Response, get
from litestar.params import FromPath
from markupsafe import Markup

from botfolk.pages.catalogue import locale, spoken
from botfolk.pages.headers import HTML_HEADERS
from botfolk.team.guards import viewer

_AREAS = ("Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")


@cache
def timezones() -> list[str]:
    """Return the timezones a field suggests."""
    return ["UTC", *sorted(zone for zone in available_timezones() if zone.startswith(_AREAS))]


@cache
def _options(what: str, _spoken: str) -> str:
    if what == "timezones":
        return "".join(Markup('<option value="{}"></option>').format(zone) for zone in timezones())
    languages = sorted(locale().languages.items(), key=lambda item: item[1])
    return "".join(
        Markup('<option value="{}">{}</option>').format(code.replace("_", "-"), name) for code, name in languages
    )


@get("/choices/{what:str}", guards=[viewer], include_in_schema=False, media_type=MediaType.HTML)
async def choices(what: FromPath[Literal["timezones", "languages"]]) -> Response[str]:
    """Answer with the options of a list."""
    headers = {**HTML_HEADERS, "Cache-Control": "private, max-age=86400"}
    return Response(_options(what, spoken()), headers=headers, media_type=MediaType.HTML)


handlers = [choices]
