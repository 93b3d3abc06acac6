"""A fake of Instagram's part of the Messenger Platform: `python -m botfolk.channels.instagram.fake`.

What it can be told is at the top of `channels/messenger/fake.py`.
"""

from typing import Any

from botfolk.channels.fake_scripts import run_fake
from botfolk.channels.instagram.platform import INSTAGRAM
from botfolk.channels.messenger.fake import FakeMessenger
from botfolk.http import Http


class FakeInstagram(FakeMessenger):
    """The fake of an Instagram account, by either login."""

    def __init__(self, http: Http | None = None) -> None:
        super().__init__(http, INSTAGRAM)
        self.linked = True

    def me(self, fields: str) -> dict[str, Any]:
        """Return the account (Instagram's login), or the page it is linked to."""
        account = {"username": "fake_shop", "name": self.account.name}
        if "user_id" in fields:
            return {"user_id": self.account.id, **account}
        page: dict[str, Any] = {"id": "500000000000001"}
        if self.linked and "instagram_business_account" in fields:
            page["instagram_business_account"] = {"id": self.account.id, **account}
        return page


if __name__ == "__main__":
    run_fake("Instagram API", lambda http: FakeInstagram(http).handle, port=8083)
