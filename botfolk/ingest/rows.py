"""Rows of one batch, as they are handed to PostgreSQL: one JSON document a table, `json_populate_recordset` on the
other side. Field names are column names."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

Json = dict[str, Any]


class UserRow(Struct, kw_only=True):
    """users"""

    bot_id: UUID
    id: UUID
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    timezone: str | None = None
    language: str | None = None
    is_group: bool = False
    group_title: str | None = None
    status: str = "active"
    attributes: Json = {}
    field_sources: dict[str, str] = {}
    version: int = 1
    added_at: datetime


class IdentityRow(Struct, kw_only=True):
    """identities"""

    bot_id: UUID
    id: UUID
    user_id: UUID
    channel_id: UUID
    external_id: str
    username: str | None = None
    profile: Json | None = None
    state: str = "active"
    state_reason: str | None = None
    state_at: datetime | None = None
    erased_at: datetime | None = None
    created_at: datetime


class ChangeRow(Struct, kw_only=True):
    """changes"""

    bot_id: UUID
    id: UUID
    user_id: UUID
    at: datetime
    source: str
    actor_id: UUID | None
    actor: str
    field: str
    old: object = None
    new: object = None


class SessionRow(Struct, kw_only=True):
    """sessions: absolute values of a new or rebuilt session, or what to add to one that goes on."""

    bot_id: UUID
    id: UUID
    user_id: UUID
    started_at: datetime
    last_activity_at: datetime
    activities: int
    messages: int
    time_spent_us: int
    context: Json = {}


class MessageRow(Struct, kw_only=True):
    """messages"""

    bot_id: UUID
    id: UUID
    user_id: UUID
    channel_id: UUID
    identity_id: UUID | None
    session_id: UUID | None = None
    dedupe_key: str | None = None
    external_id: str | None = None
    direction: str
    author: str
    member_id: UUID | None = None
    kind: str
    text: str | None
    details: Json | None = None
    sent_at: datetime
    received_at: datetime
    sequence: int = 0
    status: str
    sentiment: int | None = None
    sentiment_words: list[tuple[str, float]] | None = None
    edited_at: datetime | None = None
    waiting: bool = False


class EventRow(Struct, kw_only=True):
    """conversation_events"""

    bot_id: UUID
    id: UUID
    user_id: UUID
    channel_id: UUID
    identity_id: UUID
    dedupe_key: str
    kind: str
    external_id: str | None = None
    at: datetime
    details: Json = {}


class OutboxRow(Struct, kw_only=True):
    """outbox"""

    bot_id: UUID
    id: UUID
    channel_id: UUID
    user_id: UUID
    identity_id: UUID
    message_id: UUID | None = None
    kind: str
    payload: Json
    next_at: datetime
    created_at: datetime


class LinkRow(Struct, kw_only=True):
    """links"""

    bot_id: UUID
    id: UUID
    user_id: UUID
    message_id: UUID
    code: str
    url: str
    created_at: datetime


def insert_of(table: str, row: type[Struct], *, name: str | None = None) -> str:
    """Return the INSERT of a JSON document of rows into a table, naming exactly the row's columns.

    The document is the parameter `name`, which is the table's name when it is not given.
    """
    columns = ", ".join(row.__struct_fields__)
    return (
        f"INSERT INTO {table} ({columns})"  # noqa: S608 - names are ours
        f" SELECT {columns} FROM json_populate_recordset(NULL::{table}, %({name or table})s::json)"
    )
