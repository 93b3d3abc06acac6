"""The columns of a filter: every standard field, every statistic, and the bot's attributes. A new one is a row here."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

from msgspec import Struct
from msgspec.json import encode

from botfolk.conversations.statistics import thousandths
from botfolk.filters import values
from botfolk.filters.errors import FilterError, nearest, shortened
from botfolk.filters.functions import Kind
from botfolk.filters.person import Person
from botfolk.pages.catalogue import gettext as _
from botfolk.sentiment import label_of
from botfolk.users.attributes import AttributeType

ATTRIBUTE = "attributes."
"""What stands before an attribute's name where standard columns are named too."""


class Column(Struct, frozen=True, kw_only=True):
    """A column: its name and kind, where it stands in the database, and how it is read from a person.

    `sql`: an expression over `u` (users) and `s` (user_stats). Of several texts, a query that says whether there is one
    (`{x}`) for which `{test}` holds. `sql` may ask for %(bot)s, %(f_now)s and, as {name}, for the attribute's name.
    `value`: what a person has; None, "" or nothing at all where it is missing.
    `choices`: the only values it can have. `in_seconds`: a number that may be written as "5 minutes".
    `given`: a last word on how a value to compare with is written, in memory and in the database alike.
    """

    name: str
    kind: Kind
    sql: str
    value: Callable[[Person, datetime], Any]
    element: str = ""
    choices: tuple[str, ...] = ()
    in_seconds: bool = False
    given: Callable[[Any], Any] = lambda value: value
    attribute: str | None = None


class Catalogue(Struct, frozen=True):
    """What a filter can speak of in a bot: attributes (lower-case name → type), timezone, kinds of channel."""

    attributes: Mapping[str, AttributeType] = {}
    timezone: tzinfo = UTC
    channels: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        """Return a column by its name, an attribute's with or without "attributes.". Raises FilterError."""
        word = name.lower()
        standard = COLUMNS.get(ALIASES.get(word, word))
        if standard is not None:
            return standard
        attribute = word.removeprefix(ATTRIBUTE)
        if attribute in self.attributes:
            return attribute_column(attribute, self.attributes[attribute])
        raise FilterError(_("There is no column “%s”.") % shortened(name), hint=self._hint(word))

    def has(self, name: str) -> bool:
        """Say whether there is a column of a lower-case name."""
        return ALIASES.get(name, name) in COLUMNS or name.removeprefix(ATTRIBUTE) in self.attributes

    def _hint(self, word: str) -> str | None:
        known = nearest(word.removeprefix(ATTRIBUTE), (*COLUMNS, *ALIASES, *self.attributes))
        return _("Did you mean “%s”?") % known if known else None

    def choices(self, column: Column) -> tuple[str, ...]:
        """Return the only values a column can have; none where it can have any."""
        return self.channels if column.name == "channel" else column.choices


def _text(name: str) -> Column:
    return Column(name=name, kind="text", sql=f"botfolk_fold(u.{name})", value=lambda p, _now: getattr(p, name))


def _number(name: str) -> Column:
    return Column(name=name, kind="number", sql=f"s.{name}", value=lambda p, _now: getattr(p, name))


def _date(name: str) -> Column:
    return Column(name=name, kind="date", sql=f"s.{name}", value=lambda p, _now: getattr(p, name))


def _several(name: str, element: str, sql: str, of: str) -> Column:
    return Column(name=name, kind="texts", element=element, sql=sql, value=lambda p, _now: getattr(p, of))


def _shown_name(person: Person, _now: datetime) -> str:
    return person.group_title or " ".join(filter(None, (person.first_name, person.last_name)))


_NAME = (
    "botfolk_fold(coalesce(nullif(u.group_title, ''),"
    " concat_ws(' ', nullif(u.first_name, ''), nullif(u.last_name, ''))))"
)
# The mean of the scores in thousandths, halves away from zero: whole numbers all through.
_MEAN = """(CASE WHEN s.scored_messages > 0 THEN
    sign(s.sentiment_sum)::bigint * ((2 * abs(s.sentiment_sum) + s.scored_messages) / (2 * s.scored_messages)) END)"""
_LABEL = f"""(CASE WHEN s.scored_messages = 0 THEN NULL WHEN {_MEAN} >= 50 THEN 'positive'
    WHEN {_MEAN} <= -50 THEN 'negative' ELSE 'neutral' END)"""
# The bot's few tags are looked through first, and once. By a join, the planner takes each tag for an average one,
# and looks a third of all users up one by one.
_TAG = """EXISTS (SELECT 1 FROM user_tags ut WHERE ut.bot_id = u.bot_id AND ut.user_id = u.id AND ut.tag_id = ANY (
    ARRAY(SELECT t.id FROM tags t WHERE t.bot_id = %(bot)s AND {test})))"""
_CHANNEL = """EXISTS (SELECT 1 FROM identities i WHERE i.bot_id = u.bot_id AND i.user_id = u.id AND i.channel_id = ANY (
    ARRAY(SELECT c.id FROM channels c WHERE c.bot_id = %(bot)s AND {test})))"""
_USERNAME = "EXISTS (SELECT 1 FROM identities i WHERE i.bot_id = u.bot_id AND i.user_id = u.id AND {test})"
_NOTE = "EXISTS (SELECT 1 FROM notes n WHERE n.bot_id = u.bot_id AND n.user_id = u.id AND {test})"


def _mean(person: Person, _now: datetime) -> int | None:
    return thousandths(person.sentiment_sum, person.scored_messages)


def _label(person: Person, now: datetime) -> str | None:
    mean = _mean(person, now)
    return None if mean is None else label_of(mean / 1000)


def _digits(text: str) -> str:
    """Return a telephone number without what people write between the digits, as numbers are stored."""
    return re.sub(r"[\s()./-]", "", text) or text


COLUMNS: dict[str, Column] = {
    column.name: column
    for column in (
        Column(name="name", kind="text", sql=_NAME, value=_shown_name),
        *map(_text, ("first_name", "last_name", "email")),
        Column(name="phone", kind="text", sql="botfolk_fold(u.phone)", value=lambda p, _now: p.phone, given=_digits),
        *map(_text, ("timezone", "language")),
        _several("tag", "botfolk_fold(t.name)", _TAG, "tags"),
        _several("channel", "botfolk_fold(c.kind)", _CHANNEL, "channels"),
        _several("channel_name", "botfolk_fold(c.name)", _CHANNEL, "channel_names"),
        _several("username", "botfolk_fold(i.username)", _USERNAME, "usernames"),
        _several("note", "botfolk_fold(n.text)", _NOTE, "notes"),
        *map(_number, ("messages", "sessions", "clicks", "unique_clicks", "scored_messages")),
        Column(
            name="time_spent", kind="number", sql="(s.time_spent_us / 1000000)", in_seconds=True,
            value=lambda p, _now: p.time_spent_us // 1_000_000,
        ),
        Column(name="average_sentiment", kind="number", sql=_MEAN, value=_mean, given=lambda value: value * 1000),
        Column(
            name="sentiment", kind="text", sql=_LABEL, value=_label, choices=("positive", "neutral", "negative")
        ),
        Column(
            name="last_message", kind="text", sql="botfolk_fold(s.last_message)", value=lambda p, _now: p.last_message
        ),
        *map(_date, ("last_message_at", "last_activity_at", "created_at", "waiting_since")),
        Column(
            name="waiting", kind="yes_no", sql="(s.waiting_since IS NOT NULL)",
            value=lambda p, _now: p.waiting_since is not None,
        ),
        Column(
            name="paused", kind="yes_no", sql="coalesce(s.paused_until > %(f_now)s, false)",
            value=lambda p, now: p.paused_until is not None and p.paused_until > now,
        ),
        Column(
            name="infinite_session", kind="yes_no", sql="s.infinite_session", value=lambda p, _now: p.infinite_session
        ),
        Column(name="group", kind="yes_no", sql="u.is_group", value=lambda p, _now: p.is_group),
        Column(
            name="status", kind="text", sql="u.status", value=lambda p, _now: p.status,
            choices=("active", "archived", "blocked"),
        ),
        Column(name="picture", kind="there", sql="(u.picture_id IS NOT NULL)", value=lambda p, _now: p.has_picture),
    )
}  # fmt: skip

ALIASES = {
    "tags": "tag", "channels": "channel", "usernames": "username", "notes": "note", "pause_bot": "paused",
    "time_spent_seconds": "time_spent", "sentiment_label": "sentiment", "is_group": "group", "picture_url": "picture",
}  # fmt: skip
"""Other names people know columns by: several of a kind, and what the API calls them."""

_OF_TYPE: dict[AttributeType, tuple[Kind, str]] = {
    "text": ("text", "botfolk_fold(u.attributes ->> {{name}})"),
    "number": ("number", "(CASE jsonb_typeof({v}) WHEN 'number' THEN ({v})::numeric END)"),
    "yes_no": ("yes_no", "(CASE jsonb_typeof({v}) WHEN 'boolean' THEN ({v})::boolean END)"),
    # Kept as 2026-01-31T14:30:00.5Z: without the Z they stand in the order of time.
    "datetime": ("date", "(CASE jsonb_typeof({v}) WHEN 'string' THEN rtrim({v} #>> '{{}}', 'Z') END COLLATE \"C\")"),
    "list": (
        "texts",
        """EXISTS (SELECT 1 FROM jsonb_array_elements_text(
            CASE jsonb_typeof({v}) WHEN 'array' THEN {v} ELSE '[]' END) e(v) WHERE {{test}})""",
    ),
}
_STORED: dict[AttributeType, Callable[[Any], Any]] = {
    "text": lambda value: value if isinstance(value, str) or value is None else encode(value).decode(),
    "number": lambda value: (
        values.exact(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
    ),
    "yes_no": lambda value: value if isinstance(value, bool) else None,
    "datetime": lambda value: value.rstrip("Z") if isinstance(value, str) else None,
    "list": lambda value: value if isinstance(value, list) else (),
}


def _iso(moment: datetime) -> str:
    """Return a moment as attributes keep one, without the Z."""
    return moment.astimezone(UTC).isoformat().removesuffix("+00:00")


def attribute_column(name: str, of_type: AttributeType) -> Column:
    """Return the column of an attribute, by its lower-case name."""
    kind, sql = _OF_TYPE[of_type]
    stored = _STORED[of_type]
    return Column(
        name=ATTRIBUTE + name,
        kind=kind,
        sql=sql.format(v="(u.attributes -> {name})"),
        element="botfolk_fold(e.v)" if kind == "texts" else "",
        value=lambda p, _now: stored(p.attributes.get(name)),
        given=_iso if kind == "date" else lambda value: value,
        attribute=name,
    )
