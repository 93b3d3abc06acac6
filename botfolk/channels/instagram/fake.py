"""A fake of Instagram's part of the Messenger Platform: `python -m botfolk.channels.instagram.fake`.

What it can be told is at the top of `channels/messenger/fake.py`.
"""

from typing import Any

from botfolk.channels.fake_scripts import run_fake
from botfolk.channels.faking import Reply, reply_json
from botfolk.channels.instagram.platform import INSTAGRAM
from botfolk.channels.messenger.fake import FakeMessenger
from botfolk.channels.meta.fake_graph import Call, refuse
from botfolk.http import Http


class FakeInstagram(FakeMessenger):
    """The fake of an Instagram account, by either login."""

    def __init__(self, http: Http | None = None) -> None:
        super().__init__(http, INSTAGRAM)
        self.linked = True

    async def api(self, call: Call) -> Reply:
        """Renew a token, or carry out what both services have."""
        if call.path != "refresh_access_token":
            return await super().api(call)
        if call.query.get("grant_type") != "ig_refresh_token" or call.query.get("access_token") != call.token:
            return refuse(100, "Invalid parameter")
        lasts = {"token_type": "bearer", "expires_in": 60 * 86_400}
        return reply_json({"access_token": f"{call.token}-{self.number()}", **lasts})

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
