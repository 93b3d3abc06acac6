"""Names a bot has in use: what is suggested while a member types."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import AsyncConnection

from botfolk.db.together import Ask, alone
from botfolk.users.attributes import AttributeType

MOST_SUGGESTED = 500


class Tag(Struct, frozen=True):
    """A tag in use."""

    name: str


class Attribute(Struct, frozen=True):
    """An attribute in use: its name in lower case, as it was first spelled, and its type."""

    name: str
    label: str
    type: AttributeType


def tags_asked(bot_id: UUID) -> Ask[Tag]:
    """Return the question for the bot's tags, by name, as many as are suggested."""
    select = f"SELECT name FROM tags WHERE bot_id = %(bot)s ORDER BY lower(name) LIMIT {MOST_SUGGESTED}"  # noqa: S608
    return Ask(select, {"bot": bot_id}, Tag)


def attributes_asked(bot_id: UUID) -> Ask[Attribute]:
    """Return the question for the bot's attributes, by name."""
    select = "SELECT name, label, type FROM attributes WHERE bot_id = %(bot)s ORDER BY name"
    return Ask(select, {"bot": bot_id}, Attribute)


def by_name(found: Iterable[Attribute]) -> dict[str, tuple[str, AttributeType]]:
    """Return attributes as lower-case name → (spelling, type)."""
    return {each.name: (each.label, each.type) for each in found}


async def tags(connection: AsyncConnection[Any], bot_id: UUID) -> list[str]:
    """Return the bot's tags."""
    return [tag.name for tag in await alone(connection, tags_asked(bot_id))]


async def attributes(connection: AsyncConnection[Any], bot_id: UUID) -> dict[str, tuple[str, AttributeType]]:
    """Return the bot's attributes: lower-case name → (spelling, type)."""
    return by_name(await alone(connection, attributes_asked(bot_id)))
