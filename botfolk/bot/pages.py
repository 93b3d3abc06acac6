"""The Personality page: the bot's settings."""

from collections.abc import Mapping
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect
from msgspec import Struct, structs

from botfolk.bot import personality
from botfolk.bot.personality import Personality
from botfolk.pages.catalogue import gettext as _
from botfolk.pages.render import AnyRequest, page
from botfolk.services import services
from botfolk.team.guards import admin, viewer
from botfolk.team.principal import principal
from botfolk.users.edits import InvalidEdit

_MINUTE = 60
UNITS = {"minutes": _MINUTE, "hours": 60 * _MINUTE, "days": 24 * 60 * _MINUTE}


class PersonalityForm(Struct, kw_only=True):
    """The settings as typed; a length is a number and a unit."""

    name: str = ""
    description: str = ""
    greeting: str = ""
    fallback: str = ""
    session_length: str = ""
    session_length_unit: str = "minutes"
    pause: str = ""
    pause_unit: str = "minutes"
    language: str = ""
    timezone: str = ""


PersonalityBody = Annotated[PersonalityForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


def amount(seconds: int) -> tuple[str, str]:
    """Return a length as the number and the largest unit that say it exactly, or as minutes."""
    unit = next((unit for unit, size in reversed(UNITS.items()) if seconds % size == 0), "minutes")
    return f"{seconds / UNITS[unit]:.10g}", unit


def form_of(settings: Personality) -> PersonalityForm:
    """Return the form that shows settings."""
    session_length, session_length_unit = amount(settings.session_length_seconds)
    pause, pause_unit = amount(settings.pause_seconds)
    return PersonalityForm(
        name=settings.name,
        description=settings.description,
        greeting=settings.greeting,
        fallback=settings.fallback,
        session_length=session_length,
        session_length_unit=session_length_unit,
        pause=pause,
        pause_unit=pause_unit,
        language=settings.language,
        timezone=settings.timezone,
    )


def _seconds(number: str, unit: str) -> int | str:
    """Return a typed length in seconds; what is no number is left for `change` to refuse."""
    try:
        return round(float(number.replace(",", ".")) * UNITS[unit])
    except (ValueError, OverflowError, KeyError):
        return number


def changes_of(form: PersonalityForm) -> dict[str, object]:
    """Return the settings a form asks for."""
    return {
        "name": form.name,
        "description": form.description,
        "greeting": form.greeting,
        "fallback": form.fallback,
        "session_length_seconds": _seconds(form.session_length, form.session_length_unit),
        "pause_seconds": _seconds(form.pause, form.pause_unit),
        "language": form.language,
        "timezone": form.timezone,
    }


def _shown(
    request: AnyRequest, form: PersonalityForm, *, errors: Mapping[str, str], saved: bool = False
) -> Response[str]:
    may_change = principal(request).role in ("owner", "admin")
    return page(
        request,
        "bot/personality.html",
        status=422 if errors else 200,
        form=structs.asdict(form),
        errors=errors,
        saved=saved,
        units={"minutes": _("minutes"), "hours": _("hours"), "days": _("days")},
        may_change=may_change,
    )


@get("/personality", guards=[viewer], include_in_schema=False)
async def show(request: AnyRequest, saved: bool = False) -> Response[str]:
    """Show the settings."""
    async with services(request).pool.connection() as connection:
        settings = await personality.get(connection, principal(request).bot_id)
    return _shown(request, form_of(settings), errors={}, saved=saved)


@post("/personality", guards=[admin], status_code=200, include_in_schema=False)
async def save(request: AnyRequest, data: PersonalityBody) -> Response[Any]:
    """Save the settings, all or none."""
    me = principal(request)
    try:
        async with services(request).pool.connection() as connection:
            now = services(request).clock()
            await personality.change(connection, me.bot_id, changes_of(data), me.member_id, now)
    except InvalidEdit as problem:
        return _shown(request, data, errors=problem.errors)
    return Redirect("/personality?saved=true", status_code=303)


handlers = [show, save]
