"""Which parts of an open page a change concerns."""

from uuid import UUID

from botfolk.live.hub import Message
from botfolk.live.typing import is_writing


def words(message: Message, user_id: UUID | None) -> str | None:
    """Say which parts of a page must be fetched anew: of the page of a user, or (None) of the list. None: no part."""
    found = sorted(message.what & {"jobs", "personality", "segments", "words"})
    if user_id is None and message.users:
        found.append("users")
    elif user_id in message.users:
        found.append("user")
    if user_id is not None and is_writing(message, user_id):
        found.append("writes")
    if user_id is not None and f"present {user_id}" in message.what:
        found.append("present")
    return " ".join(found) or None
