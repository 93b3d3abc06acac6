"""How times, lengths, numbers and people are written on the pages, in the locale of who looks."""

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import cache, lru_cache
from hashlib import blake2s
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_skeleton, format_time, get_datetime_format
from babel.numbers import format_decimal

from botfolk.pages.catalogue import LOCALE, LOCALES, locale, parsed, spoken
from botfolk.pages.catalogue import gettext as _

TINTS = 8
"""How many classes .tint-N the styles have."""


@lru_cache(2048)
def find_zone(name: str) -> tzinfo | None:
    """Return a timezone by name ("Asia/Kuala_Lumpur") or offset ("UTC+03:00"); None when it is unknown."""
    if name.startswith(("UTC+", "UTC-")):
        try:
            hours, minutes = int(name[3:6]), int(name[7:9])
        except ValueError:
            return None
        return timezone(timedelta(hours=hours, minutes=-minutes if name[3] == "-" else minutes))
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return None


def zone(name: str | None) -> tzinfo:
    """Return a member's timezone; UTC when the name is empty or unknown to this machine."""
    return find_zone(name or "UTC") or UTC


def exact(moment: datetime, where: str) -> str:
    """Write a moment in full in a timezone: "3 Nov 2025, 14:05:09 (Asia/Kuala_Lumpur)"."""
    local, tag = moment.astimezone(zone(where)), spoken()
    pieces = _time(local.time().replace(microsecond=0), "medium", tag), _date(local.date(), "medium", tag)
    return f"{_date_and_time(tag).format(*pieces)} ({where.replace('_', ' ')})"


@cache
def _date_and_time(tag: str) -> str:
    return str(get_datetime_format("medium", locale=parsed(tag))).replace("'", "")


def clock(moment: datetime, where: str) -> str:
    """Write the hour and minute of a moment: "14:05", "2:05 PM"."""
    return _time(moment.astimezone(zone(where)).time().replace(second=0, microsecond=0), "short", spoken())


def day(moment: datetime, where: str, now: datetime) -> str:
    """Write the day of a moment, without its year when that is this year's: "3 Nov"."""
    local = moment.astimezone(zone(where))
    is_this_year = local.year == now.astimezone(zone(where)).year
    return _date(local.date(), "MMMd" if is_this_year else "medium", spoken())


def date_of(day: date) -> str:
    """Write a day of a calendar, in no timezone: "3 Nov 2025"."""
    return _date(day, "medium", spoken())


@lru_cache(4096)
def _date(day: date, how: str, tag: str) -> str:
    """A page names few days many times, and reading a pattern takes longer than all else of a line."""
    where = parsed(tag)
    return format_skeleton(how, day, locale=where) if how == "MMMd" else format_date(day, how, locale=where)


@lru_cache(8192)
def _time(of_day: time, how: Literal["short", "medium"], tag: str) -> str:
    return format_time(of_day, how, locale=parsed(tag))


def just_now() -> str:
    """Return what `relative` writes of the last minute."""
    return _("just now")


def some_time_ago() -> str:
    """Return what `relative` writes of the last week, with %s for how long ago."""
    return _("%s ago")


def relative(moment: datetime, where: str, now: datetime) -> str:
    """Write how long ago a moment was ("5 min ago"), or its day when that was a week or more ago.

    web/src/times.ts keeps what it says true while a page stays open.
    """
    seconds = (now - moment).total_seconds()
    if abs(seconds) < 60:
        return just_now()
    if not is_recent(moment, now):
        return day(moment, where, now)
    unit, size = next((unit, size) for unit, size in _units() if abs(seconds) >= size)
    count = f"{int(abs(seconds) // size)} {unit}"
    return some_time_ago() % count if seconds > 0 else _("in %s") % count


def _units() -> tuple[tuple[str, int], ...]:
    """Return the units of lengths with their seconds, the largest first."""
    return (_("d"), 86_400), (_("h"), 3600), (_("min"), 60), (_("s"), 1)


def unit_words() -> str:
    """Return the units that `relative` and `length` write, for the script that keeps them true."""
    return " ".join(unit for unit, _size in _units())


def is_recent(moment: datetime, now: datetime) -> bool:
    """Say whether `relative` tells how long ago a moment was, rather than its day."""
    return abs((now - moment).total_seconds()) < 7 * 86_400


def length(seconds: float) -> str:
    """Write a length with its two largest units: "2 h 5 min", "40 s"."""
    rest = round(seconds)
    if rest <= 0:
        return f"{number(0)} {_units()[-1][0]}"
    parts: list[str] = []
    for unit, size in _units():
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{number(count)} {unit}")
        elif parts:
            break
        if len(parts) == 2:
            break
    return " ".join(parts)


def number(value: float) -> str:
    """Write a number with its separators: "12,345"."""
    return _decimal(value, spoken())


@lru_cache(4096)
def _decimal(value: float, tag: str) -> str:
    return format_decimal(value, locale=parsed(tag))


def size(count: int) -> str:
    """Write a number of bytes: "340 kB", "2.5 MB"."""
    if count >= 1_000_000:
        return f"{number(round(count / 1_000_000, 1))} MB"
    return f"{number(max(1, round(count / 1000)))} kB"


def score(sentiment: float | None) -> str:
    """Write a sentiment of −1…1 as −100…+100, with its sign."""
    value = round((sentiment or 0.0) * 100)
    return f"+{value}" if value > 0 else str(value).replace("-", "−")


def weight(value: float) -> str:
    """Write the weight of a word: "+2.0", "−1.3"."""
    return f"{value:+.1f}".replace("-", "−")


def initials(name: str) -> str:
    """Return up to two initials of a name; a question mark when it has no letter or digit."""
    words = [word for word in name.split() if word[0].isalnum()]
    chosen = [words[0], words[-1]] if len(words) > 1 else words
    # Kept apart, as letters of a joined script would run into a word.
    return "\u200c".join(word[0].upper()[:1] for word in chosen) or "?"


def tint(subject: UUID | str) -> int:
    """Return the number of the colour a person or tag always has."""
    return blake2s(str(subject).encode("utf-8", "replace"), digest_size=2).digest()[0] % TINTS


def local_time(name: str | None, now: datetime) -> str | None:
    """Write what the clock shows in a user's timezone ("Tue 14:05"); None when it is unknown."""
    found = find_zone(name) if name else None
    if not found:
        return None
    local = now.astimezone(found)
    return f"{format_skeleton('E', local, locale=locale())} {format_time(local, 'short', locale=locale())}"


def language(code: str) -> str:
    """Write a language: "Malay" for ms; the code itself when it is unknown."""
    try:
        return Locale.parse(code, sep="-").get_display_name(locale()) or code
    except (UnknownLocaleError, ValueError):
        return code


def language_code(name: str) -> str | None:
    """Return the code of a language by what it is called in the locale of who looks, or in English: "ms" for Malay,
    "pt-BR" for Portuguese (Brazil); None when nothing is called so."""
    for tag in (spoken(), LOCALE):
        codes, kinds = _codes(tag)
        called = " ".join(name.split()).casefold()
        if called in codes:
            return codes[called]
        language, _, kind = called.removesuffix(")").partition(" (")
        if language in codes and kind in kinds:
            return f"{codes[language]}-{kinds[kind]}"
    return None


@cache
def _codes(tag: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the codes of languages, and of territories and scripts, by their names in a locale, without regard to
    case."""
    where = parsed(tag)
    languages = {str(name).casefold(): code.replace("_", "-") for code, name in where.languages.items()}
    kinds = {**where.scripts, **where.territories}
    return languages, {str(name).casefold(): code for code, name in kinds.items()}


@cache
def locales() -> list[tuple[str, str]]:
    """Return the locales to choose from, each with its name in its own language, by name."""
    named = [(tag, Locale.parse(tag, sep="-").get_display_name() or tag) for tag in LOCALES]
    return sorted(((tag, name[:1].upper() + name[1:]) for tag, name in named), key=lambda each: each[1])


def sample(moment: datetime, where: str, tag: str) -> str:
    """Write a moment and a number in a locale, as an example of it."""
    chosen = Locale.parse(tag if tag in LOCALES else LOCALE, sep="-")
    local = moment.astimezone(zone(where))
    return f"{format_datetime(local, 'short', locale=chosen)} · {format_decimal(1234.5, locale=chosen)}"


def offset_minutes(name: str | None, now: datetime) -> int:
    """Return how far a timezone is from UTC now, in minutes; web/src/times.ts keeps its clock running by that."""
    shift = now.astimezone(zone(name)).utcoffset() or timedelta()
    return int(shift.total_seconds() // 60)


def mood(label: str) -> str:
    """Return the word for a face."""
    return {"positive": _("Positive"), "negative": _("Negative")}.get(label, _("Neutral"))


CHANNEL_NAMES = {
    "webchat": "Web chat",
    "telegram": "Telegram",
    "messenger": "Messenger",
    "instagram": "Instagram",
    "whatsapp": "WhatsApp",
    "botframework": "Skype and Teams",
    "twilio": "SMS",
}


def channel_name(kind: str) -> str:
    """Return what people call a kind of channel."""
    return CHANNEL_NAMES.get(kind, kind.capitalize())


def reachable(state: str) -> str:
    """Say whether somebody can be reached on a channel."""
    return {
        "active": _("Can be reached"),
        "blocked": _("Has blocked the bot"),
        "opted_out": _("Said stop: nothing is sent until they say start"),
    }.get(state, _("Cannot be reached any more"))


def reachable_word(state: str) -> str:
    """Return the word for somebody who cannot be reached on a channel."""
    return {"blocked": _("Blocked the bot"), "opted_out": _("Opted out")}.get(state, _("Gone"))


def short_address(url: str) -> str:
    """Return a page's address as it is read: host and path, at most 60 characters."""
    text = url.partition("://")[2].partition("?")[0].partition("#")[0].rstrip("/")
    return text if len(text) <= 60 else f"{text[:59]}…"


def anchor(text: str) -> str:
    """Return a name for an element's id that stands for any text."""
    return blake2s(text.encode("utf-8", "replace"), digest_size=6).hexdigest()
