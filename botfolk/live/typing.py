"""Somebody writes right now: told to the other side, on any node, and kept nowhere."""

from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from botfolk.live.hub import Message
from botfolk.live.notify import announce

SHOWN_SECONDS = 6
"""So long it is shown; who goes on writing tells it anew every few seconds."""

_MOST_NAME = 60


async def member_writes(connection: AsyncConnection[Any], bot_id: UUID, user_id: UUID, name: str) -> None:
    """Tell that a member (by first name) writes to a user."""
    await announce(connection, bot_id, f"writes-to {user_id} {name[:_MOST_NAME]}")


async def user_writes(connection: AsyncConnection[Any], bot_id: UUID, user_id: UUID) -> None:
    """Tell that a user writes."""
    await announce(connection, bot_id, f"writes {user_id}")


def who_writes_to(message: Message, user_id: UUID) -> str | None:
    """Return the first name of the member who writes to a user, if that is what is told."""
    start = f"writes-to {user_id} "
    return next((word.removeprefix(start) for word in message.what if word.startswith(start)), None)


def is_writing(message: Message, user_id: UUID) -> bool:
    """Say whether it is told that a user writes."""
    return f"writes {user_id}" in message.what
