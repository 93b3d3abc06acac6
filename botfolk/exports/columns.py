"""What of users can be exported: each column's name, what it is called, its type, and the expression for its value."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection

from botfolk.pages.catalogue import gettext as _
from botfolk.users.attributes import AttributeType
from botfolk.users.edits import InvalidEdit
from botfolk.users.fields import FIELDS
from botfolk.users.ordering import ATTRIBUTE

Kind = Literal["text", "number", "moment", "yes_no", "list"]
Types = Mapping[str, tuple[str, AttributeType]]
"""The bot's attributes: lower-case name → (spelling, type)."""

MOST = 1_100
"""More columns than a user has attributes and fields; a row of a table holds no more than 1,600."""


class Column(Struct, frozen=True, kw_only=True):
    """A column. Over `u` (users) and `s` (user_stats), `sql` is its value as JSON has it, `text` as a cell has it
    (where that is something else). `attribute`: whose name the expressions take as {name}. `rows`: where the value is
    of several rows of a user, which; the expressions then bring them together."""

    name: str
    label: str
    kind: Kind
    sql: str
    text: str = ""
    attribute: str | None = None
    rows: str = ""

    @property
    def cell(self) -> str:
        """The expression of its cell."""
        return self.text or self.sql


# Of all users of a portion (%(ids)s) at once: asked for one by one it takes ten times as long. Names are put in order
# once, not for each user.
_TAGS = """user_tags r JOIN (
    SELECT id, name, row_number() OVER (ORDER BY lower(name)) AS place FROM tags WHERE bot_id = %(bot)s OFFSET 0) t
    ON t.id = r.tag_id"""
_IDENTITIES = "identities r JOIN channels c ON c.bot_id = r.bot_id AND c.id = r.channel_id AND r.alias_of IS NULL"
_MOMENT = "date_trunc('second', {} AT TIME ZONE 'UTC')"


def _list(name: str, label: str, rows: str, value: str, by: str) -> Column:
    as_json, as_text = f"jsonb_agg({value} ORDER BY {by})", f"string_agg({value}, ', ' ORDER BY {by})"
    return Column(name=name, label=label, kind="list", sql=as_json, text=as_text, rows=rows)


def _moment(name: str, label: str, sql: str) -> Column:
    return Column(name=name, label=label, kind="moment", sql=sql, text=_MOMENT.format(sql))


def _yes_no(name: str, label: str, sql: str) -> Column:
    return Column(name=name, label=label, kind="yes_no", sql=sql, text=f"({sql})::text")


def standard() -> list[Column]:
    """Return the columns every bot has."""

    def column(name: str, label: str, kind: Kind, sql: str) -> Column:
        return Column(name=name, label=label, kind=kind, sql=sql)

    return [
        column("id", _("Id"), "text", "u.id::text"),
        *(column(name, _(field.label), "text", f"u.{name}") for name, field in FIELDS.items()),
        _yes_no("group", _("Group"), "u.is_group"),
        column("group_title", _("Title of the group"), "text", "u.group_title"),
        column("status", _("Status"), "text", "u.status"),
        _list("channels", _("Channels"), _IDENTITIES, "DISTINCT c.kind", "c.kind"),
        _list("identities", _("Identities"), _IDENTITIES, "c.kind || ':' || r.external_id", "r.id"),
        _list("tags", _("Tags"), _TAGS, "t.name", "t.place"),
        _moment("created_at", _("Created at"), "s.created_at"),
        column("messages", _("Messages"), "number", "s.messages"),
        column("sessions", _("Sessions"), "number", "s.sessions"),
        column("clicks", _("Clicks"), "number", "s.clicks"),
        column("unique_clicks", _("Unique clicks"), "number", "s.unique_clicks"),
        column("time_spent", _("Time spent (seconds)"), "number", "s.time_spent_us / 1000000"),
        column("average_sentiment", _("Sentiment"), "number",
               "round(s.sentiment_sum::numeric / nullif(s.scored_messages, 0) / 1000, 3)"),
        column("last_message", _("Last message"), "text", "s.last_message"),
        _moment("last_message_at", _("Last message at"), "s.last_message_at"),
        _yes_no("infinite_session", _("Infinite session"), "s.infinite_session"),
        _yes_no("paused", _("Pause bot"), "(s.paused_until IS NOT NULL AND s.paused_until > %(now)s)"),
    ]  # fmt: skip


_OF_TYPE: dict[AttributeType, Kind] = {
    "text": "text",
    "number": "number",
    "datetime": "moment",
    "yes_no": "yes_no",
    "list": "list",
}
_TEXT = "u.attributes ->> {name}"
# A list whose texts need no escaping is cut out of its JSON: taking it apart is ten times the work.
_LIST = "u.attributes -> {name}"
_JOINED = f"""CASE WHEN left(({_LIST})::text, 2) = '["' AND strpos(({_LIST})::text, chr(92)) = 0
    THEN replace(substr(({_LIST})::text, 3, length(({_LIST})::text) - 4), '", "', ', ')
    WHEN jsonb_typeof({_LIST}) = 'array'
    THEN (SELECT string_agg(value, ', ') FROM jsonb_array_elements_text({_LIST}) value) ELSE {_TEXT} END"""  # noqa: S608


def _attribute(name: str, label: str, kind: Kind) -> Column:
    return Column(
        name=f"{ATTRIBUTE}{name}",
        label=label,
        kind=kind,
        sql="u.attributes -> {name}",
        text=_JOINED if kind == "list" else _TEXT,
        attribute=name,
    )


def columns_of(types: Types) -> dict[str, Column]:
    """Return every column there is, by name ("email", "attributes.plan")."""
    found = [*standard(), *(_attribute(name, label, _OF_TYPE[kind]) for name, (label, kind) in types.items())]
    return {column.name: column for column in found}


async def types_of(connection: AsyncConnection[Any], bot_id: UUID) -> Types:
    """Return the bot's attributes."""
    cursor = await connection.execute(
        "SELECT name, label, type FROM attributes WHERE bot_id = %s ORDER BY name", [bot_id]
    )
    return {name: (label, kind) for name, label, kind in await cursor.fetchall()}


def chosen(names: Sequence[str] | None, there_are: Mapping[str, Column]) -> list[Column]:
    """Return the columns that were asked for, in that order; all for None. Raises InvalidEdit."""
    if names is None:
        return list(there_are.values())
    keys = [name.strip().lower() for name in names]
    for given, key in zip(names, keys, strict=True):
        if key not in there_are:
            raise InvalidEdit({"columns": _unknown(given, key, there_are)})
    if not keys:
        raise InvalidEdit({"columns": _("choose at least one column")})
    if len(keys) > MOST:
        said = {"most": f"{MOST:,}", "count": f"{len(keys):,}"}
        raise InvalidEdit({"columns": _("at most %(most)s columns, these are %(count)s") % said})
    return [there_are[key] for key in dict.fromkeys(keys)]


def _unknown(given: str, key: str, there_are: Mapping[str, Column]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(key, there_are, 1, 0.5) or get_close_matches(f"{ATTRIBUTE}{key}", there_are, 1, 0.6)
    hint = _("; did you mean %s?") % near[0] if near else ""
    return _("there is no column “%s”") % given[:80] + hint
