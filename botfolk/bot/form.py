"""The Personality page's form: settings as typed, where a length is a number and a unit."""

from collections.abc import Mapping

from botfolk.bot.personality import Personality
from botfolk.pages.catalogue import gettext as _

_MINUTE = 60
UNITS = {"minutes": _MINUTE, "hours": 60 * _MINUTE, "days": 24 * 60 * _MINUTE}
_TEXTS = ("name", "description", "greeting", "fallback", "language", "timezone")
_LENGTHS = {"session_length_seconds": "session_length", "pause_seconds": "pause"}


def labels() -> dict[str, str]:
    """Return what each setting is called."""
    return {
        "name": _("Name"),
        "description": _("Description"),
        "greeting": _("Greeting"),
        "fallback": _("Fallback"),
        "session_length_seconds": _("Session length"),
        "pause_seconds": _("Pause time"),
        "language": _("Language"),
        "timezone": _("Timezone"),
    }


def named(setting: str) -> tuple[str, ...]:
    """Return the form's fields of a setting, the one with its value first."""
    field = _LENGTHS.get(setting)
    return (field, f"{field}_unit") if field else (setting,)


def amount(seconds: int) -> tuple[str, str]:
    """Return a length as the number and the largest unit that say it exactly, or as minutes."""
    unit = next((unit for unit, size in reversed(UNITS.items()) if seconds % size == 0), "minutes")
    return f"{seconds / UNITS[unit]:.10g}", unit


def form_of(settings: Personality) -> dict[str, str]:
    """Return the form that shows settings, by field."""
    form = {name: getattr(settings, name) for name in _TEXTS}
    for setting, field in _LENGTHS.items():
        form[field], form[f"{field}_unit"] = amount(getattr(settings, setting))
    return form


def read(data: Mapping[str, str], prefix: str = "") -> dict[str, str]:
    """Return the form as typed, by field; what was not sent is empty. `prefix`: of another copy of it."""
    fields = [*_TEXTS, *(part for setting in _LENGTHS for part in named(setting))]
    # A browser sends lines ended by \r\n.
    return {field: data.get(prefix + field, "").replace("\r\n", "\n") for field in fields}


def changes_of(form: Mapping[str, str]) -> dict[str, object]:
    """Return the settings a form asks for, by name."""
    changes: dict[str, object] = {name: form[name] for name in _TEXTS}
    for setting, field in _LENGTHS.items():
        changes[setting] = _seconds(form[field], form[f"{field}_unit"])
    return changes


def _seconds(number: str, unit: str) -> int | str:
    """Return a typed length in seconds; what is no number is left for `change` to refuse."""
    try:
        return round(float(number.replace(",", ".")) * UNITS[unit])
    except (ValueError, OverflowError, KeyError):
        return number
