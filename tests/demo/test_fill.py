"""The demo is made of real messages, and holds together."""

from pathlib import Path

from botfolk.bot import personality
from botfolk.channels.registry import Channels
from botfolk.clock import utc_now
from botfolk.conversations.recount import check
from botfolk.db.pool import Connection, Pool
from botfolk.db.secrets import SecretBox
from botfolk.demo.fill import AlreadyThere, fill
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
    assert acts(3, 12, 2, until) == acts(3, 12, 2, until)
    assert acts(3, 12, 2, until) != acts(4, 12, 2, until)


async def test_people_talk_are_answered_have_pictures_and_the_counts_are_right(
    pool: Pool, conn: Connection, dsn: str, tmp_path: Path
) -> None:
    settings = load({"BOTFOLK_SECRET_KEY": KEY, "BOTFOLK_DATA_DIR": str(tmp_path)})
    box = SecretBox(KEY)
    async with pool.connection() as connection:
        bot_id = await personality.create(connection, "My bot", utc_now())
        await accounts.create_owner(connection, bot_id, "olga@example.com", "Olga")
    async with open_http(allow_private=True) as http:
        services = Services(
            settings=settings, pool=pool, clock=utc_now, http=http, channels=Channels(pool, box), hub=Hub(dsn), box=box
        )
        made = await fill(services, dsn, bot_id, people=6, months=2, seed=1)
        assert made.refused == 0
        assert made.people == 7
        counts = "SELECT status, count(*) FROM messages WHERE direction = 'out' GROUP BY 1"
        assert [row[0] for row in await (await conn.execute(counts)).fetchall()] == ["sent"]
        in_all = "SELECT sum(messages), count(*) FILTER (WHERE u.picture_id IS NOT NULL) FROM user_stats s JOIN users u"
        cursor = await conn.execute(f"{in_all} ON u.id = s.user_id".encode())
        # An edit is no message, a reaction neither.
        messages, pictures = await cursor.fetchone() or (0, 0)
        assert 0 < messages <= made.messages
        assert pictures >= 6
        await conn.commit()
        assert [found async for found in check(conn, bot_id)] == [7]
        try:
            await fill(services, dsn, bot_id, people=6, months=2, seed=1)
        except AlreadyThere:
            pass
        else:
            raise AssertionError("a demo was made twice")
        before = (await services.channels.all())[0].config["api_base"]
        async with stand_in(services):
            channel = (await services.channels.all())[0]
            assert channel.config["api_base"] != before
            assert (
                await http.request("POST", f"{channel.config['api_base']}/bot{channel.secrets['token']}/getMe")
            ).status == 200
