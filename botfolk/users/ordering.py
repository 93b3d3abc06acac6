"""What a list of users can be sorted by: an expression, and how its values travel in a cursor."""

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

from botfolk.db.cursors import Moment, Small, Text, Whole
from botfolk.users.attributes import AttributeType

ATTRIBUTE = "attributes."
"""What stands before an attribute's name where standard fields are named too."""


TABLES = {
    "u": "users u",
    "s": "user_stats s",
    "us": "user_stats s JOIN users u ON u.bot_id = s.bot_id AND u.id = s.user_id",
}
"""What a query is from, by the letters that its expressions call tables by."""


class Order(Struct, frozen=True):
    """An order: the expression it is by, its type in a cursor and in the database, and the table whose key breaks ties.

    NULLs come last either way. `attribute`: whose values, where the expression says %(attribute)s. `is_indexed`: its
    head is read without reading everybody. `column`: what must be there too, where the index is of those who have it.
    `several`: of which several of a user it is the first, and `of_all` a query for the id and the value of all who have
    one, asked at once.
    """

    expression: str
    shape: Any
    cast: str
    table: Literal["u", "s"] = "s"
    attribute: str | None = None
    is_indexed: bool = False
    column: str | None = None
    several: Literal["tags", "channels"] | None = None
    of_all: str | None = None

    @property
    def tie(self) -> str:
        """The column that makes the order of equals certain; of the table whose index holds the expression."""
        return "u.id" if self.table == "u" else "s.user_id"

    @property
    def goes_by(self) -> Literal["profile", "statistics", "tags", "channels"]:
        """What of a user moves them in it."""
        return self.several or ("profile" if self.table == "u" else "statistics")


_MOOD = "s.sentiment_sum::float8 / nullif(s.scored_messages, 0)"
_TAGS = "user_tags ut JOIN tags t ON t.bot_id = ut.bot_id AND t.id = ut.tag_id WHERE ut.bot_id = "
_CHANNELS = "identities i JOIN channels c ON c.bot_id = i.bot_id AND c.id = i.channel_id WHERE i.bot_id = "


def _text(column: str) -> Order:
    return Order(f"lower(u.{column})", Text, "text", "u")


def _first_of(what: Literal["tags", "channels"], value: str, tables: str, whose: str) -> Order:
    least = f"SELECT min({value})"
    return Order(
        f"({least} FROM {tables} u.bot_id AND {whose} = u.id)", Text, "text", "u", several=what,
        of_all=f"{least} AS value, {whose} AS id FROM {tables} %(bot)s GROUP BY {whose}",
    )  # fmt: skip


SORTS: dict[str, Order] = {
    "last_message_at": Order("s.last_message_at", Moment, "timestamptz", is_indexed=True),
    "created_at": Order("s.created_at", Moment, "timestamptz"),
    "messages": Order("s.messages", Small, "int"),
    "sessions": Order("s.sessions", Small, "int"),
    "clicks": Order("s.clicks", Small, "int"),
    "time_spent": Order("s.time_spent_us", Whole, "bigint"),
    "average_sentiment": Order(_MOOD, float, "float8"),
    "last_message": Order("lower(s.last_message)", Text, "text"),
    "infinite_session": Order("s.infinite_session", bool, "boolean"),
    # A pause that has ended sorts after those in force, the newest first.
    "pause_bot": Order("s.paused_until", Moment, "timestamptz"),
    "name": Order("u.sorted_as", Text, "text", "u", is_indexed=True),
    "first_name": _text("first_name"),
    "last_name": _text("last_name"),
    "email": Order("lower(u.email)", Text, "text", "u", is_indexed=True, column="u.email"),
    "phone": Order("u.phone", Text, "text", "u", is_indexed=True),
    "timezone": _text("timezone"),
    "language": _text("language"),
    "group": Order("u.is_group", bool, "boolean", "u"),
    "tags": _first_of("tags", "lower(t.name)", _TAGS, "ut.user_id"),
    "channel": _first_of("channels", "c.kind", _CHANNELS, "i.user_id"),
}

_VALUE = "u.attributes->%(attribute)s"
_OF_TYPE: dict[AttributeType, tuple[str, Any, str]] = {
    "text": ("lower(u.attributes->>%(attribute)s)", Text, "text"),
    # As the filters compare it: without the Z it stands in the order of time, with parts of a second too.
    "datetime": (
        f"""(CASE jsonb_typeof({_VALUE}) WHEN 'string' THEN rtrim({_VALUE} #>> '{{}}', 'Z') END
        COLLATE "C")""",
        Text,
        "text",
    ),
    "number": (f"CASE jsonb_typeof({_VALUE}) WHEN 'number' THEN ({_VALUE})::float8 END", float, "float8"),
    "yes_no": (f"CASE jsonb_typeof({_VALUE}) WHEN 'boolean' THEN ({_VALUE})::boolean END", bool, "boolean"),
    "list": (f"lower({_VALUE}->>0)", Text, "text"),
}


def order_of(sort: str, attributes: Mapping[str, AttributeType]) -> Order:
    """Return the order a word asks for; `attributes` are the bot's, by lower-case name. Raises KeyError."""
    if not sort.startswith(ATTRIBUTE):
        return SORTS[sort]
    name = sort.removeprefix(ATTRIBUTE)
    expression, shape, cast = _OF_TYPE[attributes[name]]
    return Order(expression, shape, cast, "u", name)
