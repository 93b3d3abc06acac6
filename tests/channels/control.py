"""The control side of a fake of a service, as tests speak to it."""

from typing import Any

import msgspec

from botfolk.http import Http


class Controlled:
    """A fake that runs at an address."""

    def __init__(self, url: str, http: Http, named_by: str = "method") -> None:
        """`named_by`: what its calls are told apart by."""
        self.url, self.http, self._named_by = url, http, named_by

    async def tell(self, what: str, **given: object) -> dict[str, Any]:
        """Ask something of it."""
        answer = await self.http.request("POST", f"{self.url}/_fake/{what}", json=given, trusted_origin=self.url)
        told: dict[str, Any] = msgspec.json.decode(answer.content)
        return told

    async def calls(self, name: str) -> list[dict[str, Any]]:
        """Return what was called."""
        address = f"{self.url}/_fake/calls?{self._named_by}={name}"
        answer = await self.http.request("GET", address, trusted_origin=self.url)
        told: list[dict[str, Any]] = msgspec.json.decode(answer.content)["calls"]
        return told
