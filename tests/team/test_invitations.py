"""Invitations and members, in the database."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from botfolk.team import accounts, invitations, members
from tests.web import Web


async def owner_of(web: Web, email: str = "olga@example.com") -> UUID:
    async with web.tale.pool.connection() as connection:
        await accounts.create_owner(connection, web.tale.bot_id, email, "Olga")
    query = "SELECT m.id FROM members m JOIN accounts a ON a.id = account_id WHERE email = %s"
    found: UUID = (await web.tale.rows(query, email))[0][0]
    return found


async def test_a_link_lets_one_person_in_once(web: Web) -> None:
    olga, now = await owner_of(web), web.tale.now
    async with web.tale.pool.connection() as connection:
        token = await invitations.invite(connection, web.tale.bot_id, "ann@example.com", "agent", olga, now)

    async def join() -> bool:
        async with web.tale.pool.connection() as connection:
            return await invitations.accept(connection, token, "Ann", now) is not None

    assert sorted(await asyncio.gather(*(join() for _ in range(3)))) == [False, False, True]
    assert await web.tale.rows("SELECT role FROM members WHERE id <> %s", olga) == [("agent",)]


@pytest.mark.parametrize("what", ["old", "revoked", "again", "inviter gone"])
async def test_a_link_that_is_no_longer_meant_is_good_for_nothing(web: Web, what: str) -> None:
    olga, bot_id, now = await owner_of(web), web.tale.bot_id, web.tale.now
    other = await owner_of(web, "other@example.com")
    async with web.tale.pool.connection() as connection:
        token = await invitations.invite(connection, bot_id, "ann@example.com", "admin", olga, now)
        found = await invitations.find(connection, token, now)
        assert found is not None
        match what:
            case "old":
                now += invitations.LASTS + timedelta(seconds=1)
            case "revoked":
                await invitations.revoke(connection, bot_id, found.id, now)
            case "again":
                await invitations.invite(connection, bot_id, "ANN@example.com", "viewer", other, now)
            case _:
                await members.deactivate(connection, bot_id, olga, now)
        assert await invitations.find(connection, token, now) is None
        assert await invitations.accept(connection, token, "Ann", now) is None


async def test_two_owners_cannot_both_leave_at_the_same_moment(web: Web) -> None:
    one, other = await owner_of(web), await owner_of(web, "other@example.com")

    async def leave(member: UUID) -> bool:
        try:
            async with web.tale.pool.connection() as connection:
                await members.set_role(connection, web.tale.bot_id, member, "viewer")
        except members.LastOwner:
            return False
        return True

    assert sorted(await asyncio.gather(leave(one), leave(other))) == [False, True]


async def test_another_bot_s_members_and_invitations_are_out_of_reach(web: Web) -> None:
    olga = await owner_of(web)
    async with web.tale.pool.connection() as connection:
        stranger = UUID(int=1)
        with pytest.raises(members.NoSuchMember):
            await members.set_role(connection, stranger, olga, "viewer")
        with pytest.raises(members.NoSuchMember):
            await members.deactivate(connection, stranger, olga, web.tale.now)
        assert await members.list_members(connection, stranger) == []
