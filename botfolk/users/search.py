"""Finding users by a part of a name, email, phone number, username or tag."""

import re

from msgspec import Struct

# What is said of one user: asked of the few users at the head of a list.
_IS_MEANT = """(
    u.words LIKE %(like)s OR u.words LIKE %(phone)s
    OR EXISTS (SELECT 1 FROM identities i
               WHERE i.bot_id = u.bot_id AND i.user_id = u.id AND i.words LIKE %(like)s)
    OR EXISTS (SELECT 1 FROM user_tags ut JOIN tags t ON t.bot_id = ut.bot_id AND t.id = ut.tag_id
               WHERE ut.bot_id = u.bot_id AND ut.user_id = u.id AND lower(t.name) LIKE %(like)s))"""

# Everybody who is meant: words and usernames are read through in their narrow indexes, tags by theirs.
_ALL_MEANT = """
    SELECT f.id FROM users f
    WHERE f.bot_id = %(bot)s AND (f.words LIKE %(like)s OR f.words LIKE %(phone)s)
    UNION SELECT i.user_id FROM identities i
    WHERE i.bot_id = %(bot)s AND i.words IS NOT NULL AND i.words LIKE %(like)s
    UNION SELECT ut.user_id FROM user_tags ut JOIN tags t ON t.bot_id = ut.bot_id AND t.id = ut.tag_id
    WHERE ut.bot_id = %(bot)s AND lower(t.name) LIKE %(like)s"""


class Search(Struct, frozen=True):
    """A search: a condition for a few users, and a query for the ids of all it means. Both need the parameter `bot`."""

    is_meant: str
    all_meant: str
    parameters: dict[str, object]


def search_for(q: str) -> Search:
    """Return what a text searches for; case makes no difference."""
    escaped = q.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    like = f"%{escaped}%"
    return Search(_IS_MEANT, _ALL_MEANT, {"like": like, "phone": _phone_part(q) or like})


def _phone_part(q: str) -> str | None:
    """Return the pattern of phone numbers a search may mean: they are kept without what is written between digits, and
    with the country's code for a leading 0."""
    digits = re.sub(r"[\s()./+-]", "", q)
    return f"%{digits.lstrip('0')}%" if re.fullmatch("[0-9]{3,15}", digits) else None
