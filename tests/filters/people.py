"""Random people in many scripts, random filters about them, and how people get into the database."""

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import strategies as st
from msgspec import Struct, field
from psycopg.types.json import Jsonb

from botfolk.db.pool import Connection
from botfolk.filters import Catalogue, tree
from botfolk.filters.checked import condition
from botfolk.filters.columns import COLUMNS
from botfolk.filters.errors import FilterError
from botfolk.filters.functions import FUNCTIONS
from botfolk.ids import new_id
from botfolk.users.attributes import AttributeType, clean_value

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia")
ATTRIBUTES: dict[str, AttributeType] = {
    "country": "text", "score": "number", "since": "datetime", "paying": "yes_no", "likes": "list", "größe": "text",
    "and": "text", "2024": "number",
}  # fmt: skip
KINDS = ("telegram", "webchat", "whatsapp")
WORDS = (
    "Malaysia", "MALAYSIA", "malay", "straße", "STRASSE", "İstanbul", "istanbul", "ISPARTA", "ısparta", "ΟΔΟΣ", "οδος",
    "οδός", "ДМИТРИЙ", "дмитрий", "Мит", "محمد", "مُحَمَّد", "สมชาย", "ชาย", "e\u0301cole", "École", "ﬁn", "FIN", "日本",
    "한국", "हिन्दी", "ԱՐՄԵՆ", "Արմեն", "50%", "a_b", "a\\b", "O'Brien", '"q"', "x y",
    "𐐀", "𐐨", "ǅ", "ǆ", "ẞ", "ᾳ", "ΑΙ",
)  # fmt: skip

ANCHOR = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)
"""About when clocks change in Berlin."""

texts = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(WORDS).map(str.upper),
    st.text(st.characters(exclude_categories=["Cs", "Cn"], exclude_characters="\x00"), min_size=1, max_size=6),
)
numbers = st.one_of(
    st.integers(-3, 3),
    st.sampled_from([0.1, 0.30000000000000004, 0.3, 1.5, 1e22, 2**53 + 1, -0.0, 1e-7, 123456789012345678]),
)
moments = st.one_of(
    st.sampled_from([timedelta(0), timedelta(days=-1), timedelta(days=-7), timedelta(hours=-1), timedelta(days=-31)]),
    st.timedeltas(timedelta(days=-400), timedelta(days=40)),
    st.integers(-24 * 40, 24 * 3).map(lambda hours: timedelta(hours=hours)),
).map(lambda delta: ANCHOR + delta)


class Someone(Struct, frozen=True, kw_only=True):
    """A person as they are made up. Attributes as they are stored."""

    id: UUID = field(default_factory=new_id)
    first_name: str | None
    last_name: str | None
    email: str | None
    phone: str | None
    group_title: str | None
    status: str
    attributes: dict[str, Any]
    tags: list[str]
    notes: list[str]
    channels: list[str]
    usernames: list[str]
    has_picture: bool
    infinite_session: bool
    messages: int
    clicks: int
    time_spent_us: int
    sentiment: tuple[int, int]
    last_message: str | None
    last_message_at: datetime | None
    created_at: datetime
    paused_until: datetime | None
    waiting_since: datetime | None

    def value(self, column: str, now: datetime) -> Any:
        """Return what the person has in a column of a filter."""
        if column.startswith("attributes."):
            name = column.removeprefix("attributes.")
            value = self.attributes.get(name)
            if ATTRIBUTES[name] == "datetime" and value is not None:
                return datetime.fromisoformat(value)
            return value
        known = self._known(now)
        return known[column] if column in known else getattr(self, column)

    def _known(self, now: datetime) -> dict[str, Any]:
        return {
            "name": self.group_title or " ".join(each for each in (self.first_name, self.last_name) if each),
            "tag": self.tags,
            "note": self.notes,
            "channel": self.channels,
            "channel_name": [f"Our {kind}" for kind in self.channels],
            "username": self.usernames[: len(self.channels)],
            "group": self.group_title is not None,
            "picture": self.has_picture,
            "paused": self.paused_until is not None and self.paused_until > now,
            "waiting": self.waiting_since is not None,
            "scored_messages": self.sentiment[1],
            "time_spent": self.time_spent_us // 1_000_000,
            "average_sentiment": self._mood("average_sentiment"),
            "sentiment": self._mood("sentiment"),
            "last_activity_at": self.last_message_at,
            **dict.fromkeys(("sessions", "unique_clicks"), 0),
            **dict.fromkeys(("timezone", "language")),
        }

    def _mood(self, column: str) -> Decimal | str | None:
        total, scored = self.sentiment
        if not scored:
            return None
        mean = (Decimal(total) / scored / 1000).quantize(Decimal("0.001"), ROUND_HALF_UP)
        if column == "average_sentiment":
            return mean
        return "positive" if mean >= Decimal("0.05") else "negative" if mean <= Decimal("-0.05") else "neutral"


_OF_TYPE: dict[AttributeType, st.SearchStrategy[Any]] = {
    "text": texts,
    "number": numbers,
    "datetime": moments.map(lambda moment: moment.isoformat()),
    "yes_no": st.booleans(),
    "list": st.lists(texts, max_size=3, unique=True),
}


def _stored(kind: AttributeType) -> st.SearchStrategy[Any]:
    return _OF_TYPE[kind].map(lambda value: clean_value(value, kind))


_attributes = st.fixed_dictionaries({}, optional={name: _stored(kind) for name, kind in ATTRIBUTES.items()})
_maybe = st.one_of(st.none(), texts)
people = st.builds(
    Someone,
    first_name=_maybe, last_name=_maybe, email=_maybe, group_title=st.one_of(st.none(), st.none(), texts),
    phone=st.sampled_from([None, "+60123456789", "+60123456780", "+49301234"]),
    status=st.sampled_from(["active", "archived", "blocked"]), attributes=_attributes,
    tags=st.lists(st.sampled_from(WORDS), max_size=3, unique_by=str.lower), notes=st.lists(texts, max_size=2),
    channels=st.lists(st.sampled_from(KINDS), max_size=2, unique=True), usernames=st.lists(texts, max_size=2),
    has_picture=st.booleans(), infinite_session=st.booleans(),
    messages=st.integers(0, 5), clicks=st.integers(0, 3), time_spent_us=st.integers(0, 400_000_000),
    sentiment=st.tuples(st.integers(-3000, 3000), st.integers(0, 7)), last_message=_maybe,
    last_message_at=st.one_of(st.none(), moments), created_at=moments, paused_until=st.one_of(st.none(), moments),
    waiting_since=st.one_of(st.none(), moments),
)  # fmt: skip

_lengths = st.builds(
    "{} {}".format, st.integers(1, 40), st.sampled_from(["minutes", "hours", "days", "weeks", "months"])
)
_dates = st.one_of(
    moments.map(lambda moment: moment.date().isoformat()),
    moments.map(lambda moment: moment.strftime("%Y-%m-%dT%H:%M")),
    moments.map(lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ")),
    moments.map(lambda moment: moment.isoformat()),
    _lengths.map("{} ago".format),
    st.sampled_from(["today", "yesterday"]),
)


@st.composite
def _conditions(draw: st.DrawFn, catalogue: Catalogue) -> tree.Condition:
    names = st.one_of(st.sampled_from(sorted(COLUMNS)), st.sampled_from([f"attributes.{a}" for a in ATTRIBUTES]))
    column = catalogue.column(draw(names))
    function = draw(st.sampled_from(list(FUNCTIONS[column.kind].values())))
    value: st.SearchStrategy[str]
    match column.kind:
        case "number":
            near = st.integers(-1000, 1000).map(lambda n: str(Decimal(n) / 1000))
            value = st.one_of(numbers.map(str), near, st.integers(0, 400).map(str))
        case "date":
            value = _lengths if function.takes == "length" else _dates
        case "yes_no":
            value = st.sampled_from(["yes", "no"])
        case _:
            phone = st.sampled_from(["+60 12-345 6789", "345", "+49"])
            value = phone if column.name == "phone" else texts
            choices = catalogue.choices(column)
            value = st.sampled_from(choices) if choices else value
    number = {"nothing": 0, "one": 1, "two": 2, "length": 1, "many": draw(st.integers(1, 4))}[function.takes]
    given = [draw(value) for _ in range(number)]
    try:
        return condition(catalogue, column, function.name, given)
    except FilterError:  # between 5 and 1, = 3 hours ago
        return condition(catalogue, column, "is_set", [])


def filters(catalogue: Catalogue) -> st.SearchStrategy[tree.Node]:
    """Return random filters, nested."""
    return st.recursive(
        _conditions(catalogue),
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=3).map(tree.all_of),
            st.lists(inner, min_size=1, max_size=3).map(tree.any_of),
            inner.map(tree.negated),
        ),
        max_leaves=6,
    )


def catalogue(zone: str = "UTC") -> Catalogue:
    """Return what filters can speak of here."""
    return Catalogue(ATTRIBUTES, ZoneInfo(zone), KINDS)


async def a_bot(conn: Connection, zone: str) -> UUID:
    """Make a bot with its attributes and a channel of each kind."""
    bot_id = new_id()
    await conn.execute("INSERT INTO bots (bot_id, name, timezone) VALUES (%s, 'b', %s)", [bot_id, zone])
    for name, kind in ATTRIBUTES.items():
        await conn.execute(
            "INSERT INTO attributes (bot_id, id, name, label, type) VALUES (%s, gen_random_uuid(), %s, %s, %s)",
            [bot_id, name, name, kind],
        )
    for channel in KINDS:
        await conn.execute(
            "INSERT INTO channels (bot_id, id, kind, name, secrets) VALUES (%s, gen_random_uuid(), %s, %s, '')",
            [bot_id, channel, f"Our {channel}"],
        )
    return bot_id


_INSERT = """
WITH given AS (SELECT * FROM jsonb_to_recordset(%(people)s) g(id uuid, first_name text, last_name text, email text,
         phone text, group_title text, status text, attributes jsonb, tags text[], notes text[], channels text[],
         usernames text[], has_picture boolean, infinite_session boolean, messages int, clicks int,
         time_spent_us bigint, sentiment bigint[], last_message text, last_message_at timestamptz,
         created_at timestamptz, paused_until timestamptz, waiting_since timestamptz)),
pictures AS (INSERT INTO media (bot_id, id, content_type, content)
    SELECT %(bot)s, id, 'image/png', '' FROM given WHERE has_picture),
profiles AS (INSERT INTO users (bot_id, id, first_name, last_name, email, phone, is_group, group_title, status,
        attributes, picture_id)
    SELECT %(bot)s, id, first_name, last_name, email, phone, group_title IS NOT NULL, group_title, status, attributes,
        CASE WHEN has_picture THEN id END FROM given),
stats AS (INSERT INTO user_stats (bot_id, user_id, created_at, messages, clicks, time_spent_us, sentiment_sum,
        scored_messages, last_message, last_message_at, last_activity_at, infinite_session, paused_until, waiting_since)
    SELECT %(bot)s, id, created_at, messages, clicks, time_spent_us, sentiment[1], sentiment[2], last_message,
        last_message_at, last_message_at, infinite_session, paused_until, waiting_since FROM given),
new_tags AS (INSERT INTO tags (bot_id, id, name)
    SELECT DISTINCT ON (lower(tag)) %(bot)s::uuid, gen_random_uuid(), tag FROM given, unnest(tags) tag
    ON CONFLICT (bot_id, lower(name)) DO UPDATE SET name = tags.name RETURNING id, name),
tagged AS (INSERT INTO user_tags (bot_id, user_id, tag_id)
    SELECT DISTINCT %(bot)s::uuid, g.id, t.id FROM given g, unnest(g.tags) tag
    JOIN new_tags t ON lower(t.name) = lower(tag)),
noted AS (INSERT INTO notes (bot_id, id, user_id, text, author)
    SELECT %(bot)s, gen_random_uuid(), id, note, 'n' FROM given, unnest(notes) note)
INSERT INTO identities (bot_id, id, user_id, channel_id, external_id, username)
SELECT %(bot)s, gen_random_uuid(), g.id, c.id, g.id::text, g.usernames[k.place]
FROM given g, unnest(g.channels) WITH ORDINALITY k(kind, place)
JOIN channels c ON c.bot_id = %(bot)s AND c.kind = k.kind
"""


async def settle(conn: Connection, bot_id: UUID, crowd: list[Someone]) -> None:
    """Put people into the database."""
    await conn.execute(_INSERT, {"bot": bot_id, "people": Jsonb(msgspec.to_builtins(crowd))})
