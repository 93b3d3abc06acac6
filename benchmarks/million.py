"""A stage with 1,000,000 users, each with eight attributes and three tags: `python -m benchmarks.million` builds it.

It is kept between runs (in .bench/, or where BOTFOLK_BENCH_DIR says). How it is spread: `country` by a steep curve
over 40, `plan` one of four, `score` even over 0 to 999, `visits` mostly small, `signed_up` over three years,
`newsletter` of a third, `interests` two of twelve, `code` of nobody else. Tags: one of ten `group …`, one of two
hundred `topic …`, and `vip` (a hundredth), `customer`, `lead` or `former`.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg

from benchmarks.stage import Stage, staged
from botfolk.ids import new_id

USERS = 1_000_000
ATTRIBUTES = {
    "country": "text",
    "plan": "text",
    "score": "number",
    "visits": "number",
    "signed_up": "datetime",
    "newsletter": "yes_no",
    "interests": "list",
    "code": "text",
}
COUNTRIES = (
    "Malaysia", "Indonesia", "Deutschland", "日本", "España", "Brasil", "भारत", "Türkiye", "Việt Nam", "Ελλάδα",
    "Россия", "مصر", "ไทย", "Polska", "France", "Italia", "Nederland", "Suomi", "Sverige", "Norge", "Danmark", "Ísland",
    "Éire", "Portugal", "Argentina", "Chile", "México", "Perú", "Kenya", "Nigeria", "Ghana", "Österreich", "Schweiz",
    "België", "Česko", "Magyarország", "România", "България", "Україна", "Ireland",
)  # fmt: skip
NAMES = (
    "Aisha",
    "Ben",
    "Chen",
    "Dmitri",
    "Élodie",
    "فاطمة",
    "Günther",
    "Hiro",
    "Íris",
    "José",
    "Kofi",
    "Łukasz",
    "मीरा",
)
INTERESTS = ("music", "books", "sport", "travel", "food", "art", "games", "films", "garden", "science", "news", "cars")

# One pass over the users.
_PROFILES = """
UPDATE users u SET
    first_name = (%(names)s::text[])[1 + n %% cardinality(%(names)s::text[])],
    last_name = 'No ' || n,
    email = 'person' || n || '@example.com',
    phone = CASE WHEN n %% 3 = 0 THEN '+6012' || lpad(n::text, 7, '0') END,
    timezone = CASE n %% 4 WHEN 0 THEN 'Asia/Kuala_Lumpur' WHEN 1 THEN 'Europe/Berlin' END,
    attributes = jsonb_build_object(
        'country', (%(countries)s::text[])[1 + floor(power(random(), 3) * cardinality(%(countries)s::text[]))::int],
        'plan', (ARRAY['free', 'free', 'pro', 'gold'])[1 + n %% 4],
        'score', floor(random() * 1000)::int,
        'visits', floor(power(random(), 4) * 500)::int,
        'signed_up', to_char(timestamptz '2023-01-01Z' + random() * interval '3 years',
                             'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        'newsletter', n %% 3 = 0,
        'interests', jsonb_build_array((%(interests)s::text[])[1 + n %% 12],
                                       (%(interests)s::text[])[1 + (n / 12) %% 12]),
        'code', md5(n::text)),
    field_sources = '{"email": "import", "phone": "import", "first_name": "channel"}'
FROM (SELECT id, ('x' || right(id::text, 8))::bit(32)::int AS n FROM users WHERE bot_id = %(bot)s) numbered
WHERE u.bot_id = %(bot)s AND u.id = numbered.id
"""
_STATISTICS = """
UPDATE user_stats s SET messages = 1 + floor(power(random(), 3) * 200)::int, sessions = 1 + floor(random() * 20)::int,
    clicks = floor(power(random(), 4) * 30)::int, time_spent_us = floor(random() * 7200)::bigint * 1000000,
    scored_messages = CASE WHEN random() < 0.8 THEN 10 ELSE 0 END,
    sentiment_sum = floor((random() - 0.4) * 9000)::bigint, created_at = now() - random() * interval '900 days',
    last_message_at = now() - power(random(), 2) * interval '400 days'
WHERE bot_id = %(bot)s
"""
_TAGS = """
INSERT INTO user_tags (bot_id, user_id, tag_id)
SELECT %(bot)s, u.id, t.id
FROM (SELECT id, ('x' || right(id::text, 8))::bit(32)::int AS n FROM users WHERE bot_id = %(bot)s) u
CROSS JOIN LATERAL (VALUES
    (CASE WHEN n %% 100 = 7 THEN 'vip' ELSE (ARRAY['customer', 'lead', 'former'])[1 + n %% 3] END),
    ('group ' || n %% 10), ('topic ' || (n / 10) %% 200)) AS names (name)
JOIN tags t ON t.bot_id = %(bot)s AND t.name = names.name
ORDER BY u.id, t.id
"""


@contextmanager
def million(users: int = USERS, *, copied: bool = True) -> Iterator[Stage]:
    """Yield a database with so many users; without `copied` it is the kept one itself, only to be read."""
    with staged(f"million_{users}", users, fill, copied=copied) as stage:
        yield stage


def fill(connection: psycopg.Connection[Any], bot_id: UUID, channel_id: UUID) -> None:
    """Give attributes and tags to people who have been seeded."""
    connection.execute("SET LOCAL session_replication_role = replica")
    connection.execute("SELECT setseed(0.5)")
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO attributes (bot_id, id, name, label, type) VALUES (%s, %s, %s, %s, %s)",
            [(bot_id, new_id(), name, name, kind) for name, kind in ATTRIBUTES.items()],
        )
        names = ["vip", "customer", "lead", "former", *(f"group {n}" for n in range(10))]
        cursor.executemany(
            "INSERT INTO tags (bot_id, id, name) VALUES (%s, %s, %s)",
            [(bot_id, new_id(), name) for name in (*names, *(f"topic {n}" for n in range(200)))],
        )
    asked = {"bot": bot_id, "names": list(NAMES), "countries": list(COUNTRIES), "interests": list(INTERESTS)}
    for statement in (_PROFILES, _STATISTICS, _TAGS):
        connection.execute(statement.encode(), asked)


def main() -> None:
    """Build it where it is not there yet."""
    began = time.monotonic()
    with million(copied=False) as stage, psycopg.connect(stage.dsn) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM user_tags),"
            " pg_database_size(current_database())"
        ).fetchone()
    assert row is not None
    print(f"{row[0]:,} users, {row[1]:,} tags on them, {row[2] / 1e9:.1f} GB; {time.monotonic() - began:.0f} s")
    sys.exit(0 if row[0] == USERS else 1)


if __name__ == "__main__":
    main()
