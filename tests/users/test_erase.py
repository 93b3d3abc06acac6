"""A person is erased: nothing of them is left, and they do not come back by themselves."""

from uuid import UUID

from botfolk.db.schema import metadata
from botfolk.users import erase_rows
from botfolk.users.erase import Receipt, erase
from tests.telling import BOX, Tale
from tests.users.two import MIA


async def erased(tale: Tale, user_id: UUID) -> Receipt:
    """Erase somebody."""
    async with tale.pool.connection() as connection:
        return await erase(connection, BOX, tale.bot_id, user_id, MIA, now=tale.now)


def test_every_table_of_a_user_is_erased() -> None:
    """A table that is forgotten keeps what is of a person who is gone."""
    owned = {
        table.name
        for table in metadata.tables.values()
        if "user_id" in table.columns
        or any(key.referred_table.name in ("users", "user_stats") for key in table.foreign_key_constraints)
    }
    assert owned == {*erase_rows.OF_USER, *erase_rows.ABOUT_TWO, *erase_rows.KEPT}
