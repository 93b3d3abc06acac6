"""The demo is made of real messages, and holds together."""

from pathlib import Path

import pytest

from botfolk.bot import personality
from botfolk.channels.exchanges import Exchanges
from botfolk.channels.registry import KINDS, Channels
from botfolk.clock import utc_now
from botfolk.conversations.recount import check
from botfolk.db.pool import Connection, Pool
from botfolk.db.secrets import SecretBox
from botfolk.demo.fill import AlreadyThere, fill
from botfolk.demo.kinds import kinds
from botfolk.demo.script import acts
from botfolk.demo.stand_in import stand_in
from botfolk.http import open_http
from botfolk.live.hub import Hub
from botfolk.services import Services
from botfolk.settings import load
from botfolk.team import accounts

KEY = "a key of tests, long enough to be one"


def test_the_same_seed_makes_the_same_demo() -> None:
    until = utc_now()
    shares = {"telegram": 60, "webchat": 40}
    groups = ["telegram"]
    assert acts(3, 12, 2, until, shares, groups) == acts(3, 12, 2, until, shares, groups)
    assert acts(3, 12, 2, until, shares, groups) != acts(4, 12, 2, until, shares, groups)


async def test_people_talk_are_answered_and_the_counts_are_right(
    pool: Pool, conn: Connection, dsn: str, tmp_path: Path
) -> None:
    settings = load({"BOTFOLK_SECRET_KEY": KEY, "BOTFOLK_DATA_DIR": str(tmp_path)})
    box = SecretBox(KEY)
    async with pool.connection() as connection:
        bot_id = await personality.create(connection, "My bot", utc_now())
        await accounts.create_owner(connection, bot_id, "olga@example.com", "Olga")
    async with open_http(allow_private=True) as http:
        services = Services(
            settings=settings,
            pool=pool,
            clock=utc_now,
            http=http,
            channels=Channels(pool, box),
            hub=Hub(dsn),
            box=box,
            exchanges=Exchanges(pool, utc_now),
            reads=pool,
        )
        made = await fill(services, dsn, bot_id, people=16, months=2, seed=22)
        assert made.refused == 0
        assert made.people == 19
        by_kind = "SELECT c.kind, count(*) FROM identities i JOIN channels c ON c.id = i.channel_id GROUP BY 1"
        people: dict[str, int] = dict(await (await conn.execute(by_kind)).fetchall())
        assert people.keys() == {kind.kind for kind in kinds()}
        statuses = "SELECT status, count(*) FROM messages WHERE direction = 'out' GROUP BY 1"
        found: dict[str, int] = dict(await (await conn.execute(statuses)).fetchall())
        assert found.keys() == {"sent", "delivered", "read", "failed", "unknown"}
        assert made.unsent == found.get("failed", 0) + found.get("unknown", 0) > 0
        in_all = "SELECT sum(messages), count(*) FILTER (WHERE u.picture_id IS NOT NULL) FROM user_stats s JOIN users u"
        cursor = await conn.execute(f"{in_all} ON u.id = s.user_id".encode())
        # An edit is no message, a reaction neither.
        messages, pictures = await cursor.fetchone() or (0, 0)
        assert 0 < messages <= made.messages
        assert pictures >= people["telegram"] - 1
        said = "SELECT count(*) FROM users WHERE field_sources ->> 'email' = 'user'"
        assert await (await conn.execute(said)).fetchone() != (0,)
        pages = "SELECT count(*) FROM sessions WHERE context ->> 'page' LIKE 'https://kopi.example/%'"
        assert await (await conn.execute(pages)).fetchone() != (0,)
        clicked = "SELECT count(*) FILTER (WHERE clicks > 1), sum(clicks), sum(unique_clicks) FROM user_stats"
        twice, clicks, unique = await (await conn.execute(clicked)).fetchone() or (0, 0, 0)
        assert twice > 0
        assert clicks > unique > 0
        await services_have_their_own(conn)
        await conn.commit()
        assert [found async for found in check(conn, bot_id)] == [19]
        with pytest.raises(AlreadyThere) as again:
            await fill(services, dsn, bot_id, people=16, months=2, seed=22)
        assert again.value.is_whole
        await is_stood_in_for(services, conn)


async def services_have_their_own(conn: Connection) -> None:
    """What only some services have is there: statuses, refusals, an opt-out, referrals, groups, one person twice."""

    async def kinds_where(condition: str) -> set[str]:
        cursor = await conn.execute(
            f"""SELECT DISTINCT c.kind FROM channels c
                JOIN identities i ON i.channel_id = c.id JOIN users u ON u.id = i.user_id
                LEFT JOIN messages m ON m.channel_id = c.id AND m.user_id = u.id WHERE {condition}""".encode()
        )
        return {kind for (kind,) in await cursor.fetchall()}

    served = {"whatsapp", "messenger", "instagram", "botframework", "twilio"}
    assert await kinds_where("m.kind = 'photo' AND m.details #>> '{media,0,media_id}' IS NOT NULL") >= served
    assert await kinds_where("m.kind IN ('voice', 'audio')") >= {"whatsapp", "messenger", "instagram"}
    assert await kinds_where("m.kind = 'button'") >= served - {"twilio"}
    assert await kinds_where("m.status = 'read'") == served - {"twilio"}
    assert "twilio" in await kinds_where("m.status = 'delivered'")
    assert await kinds_where("i.state = 'opted_out'") == {"twilio"}
    assert await kinds_where("i.state = 'blocked'") >= {"messenger", "instagram", "botframework"}
    assert await kinds_where("m.status = 'failed'") >= served - {"twilio"}
    assert await kinds_where("u.group_title IS NOT NULL") == {"telegram", "whatsapp", "botframework"}
    assert "botframework" in await kinds_where("u.timezone IS NOT NULL AND u.email IS NOT NULL")
    came = "SELECT DISTINCT c.kind FROM conversation_events e JOIN channels c ON c.id = e.channel_id"
    cursor = await conn.execute(f"{came} WHERE e.kind = 'referral'".encode())
    assert set(await cursor.fetchall()) >= {("whatsapp",), ("messenger",), ("instagram",)}
    twice = "SELECT count(*) FROM (SELECT {0} FROM users WHERE {0} IS NOT NULL GROUP BY 1 HAVING count(*) > 1) AS of"
    for field in ("phone", "email"):
        assert await (await conn.execute(twice.format(field).encode())).fetchone() == (1,)
    assert await (await conn.execute("SELECT count(*) FROM quarantine")).fetchone() == (0,)


async def is_stood_in_for(services: Services, conn: Connection) -> None:
    """A server beside the demo answers for the services that nobody is behind."""
    before = {channel.kind: channel.config for channel in await services.channels.all()}
    async with stand_in(services):
        now = {channel.kind: channel for channel in await services.channels.all()}
        assert now["webchat"].config == before["webchat"]
        telegram = now["telegram"]
        assert telegram.config["api_base"] != before["telegram"]["api_base"]
        address = f"{telegram.config['api_base']}/bot{telegram.secrets['token']}/getMe"
        assert (await services.http.request("POST", address)).status == 200
        teams = now["botframework"]
        told = "SELECT DISTINCT profile #>> '{address,service_url}' FROM identities WHERE channel_id = %s"
        cursor = await conn.execute(told, [teams.id])
        assert await cursor.fetchall() == [(f"{teams.config['service_hosts'][0]}/amer/",)]


def test_every_kind_of_the_demo_is_a_kind_of_channel() -> None:
    made = kinds()
    assert len({kind.kind for kind in made}) == len(made)
    assert all(kind.kind in KINDS and kind.share > 0 for kind in made)
    assert any(kind.groups for kind in made)
