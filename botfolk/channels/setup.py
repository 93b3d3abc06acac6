"""What a member is asked for and shown when a channel is connected, examined or given new secrets."""

from typing import Literal

from msgspec import Struct

# Where the secrets that were replaced are kept while requests signed by them may still be on their way.
_PREVIOUS = "previous "


class SetupField(Struct, frozen=True, kw_only=True):
    """Something a member types to connect a channel. `secret`: kept encrypted and never shown again.

    `name` is the key in the channel's `config` (or `secrets`), and the option of `botfolk channel add` with - for _.
    """

    name: str
    label: str
    help: str = ""
    secret: bool = False
    required: bool = True
    many: bool = False
    """several values may be given: a list in `config`"""
    advanced: bool = False
    """it matters only to a national cloud, an API server of one's own, or a test: pages fold it away"""

    @property
    def option(self) -> str:
        """How it is written on the command line."""
        return "--" + self.name.replace("_", "-")


class Step(Struct, frozen=True, kw_only=True):
    """One step of connecting, in a member's words. `copy` names what is shown to be copied: `hook_url`, or a secret
    that we made."""

    text: str
    copy: str | None = None
    when: Literal["before", "after"] = "before"
    """before: to get what the fields ask for; after: once the channel stands here"""


class Check(Struct, frozen=True, kw_only=True):
    """One thing examined about a channel; `words` say what was found and, when it is wrong, how to mend it."""

    name: str
    ok: bool
    words: str


class Template(Struct, frozen=True, kw_only=True):
    """A message that a service has approved. Placeholders in `body` (and `header`) are `{{1}}`, `{{2}}`, …"""

    name: str
    language: str
    body: str
    header: str = ""
    footer: str = ""
    buttons: tuple[str, ...] = ()
    category: str = ""
    placeholders: int = 0


def accepted(secrets: dict[str, str], name: str) -> list[str]:
    """Return the values of a secret that prove a request: the present one and, during a rotation, the one before."""
    return [value for key in (name, _PREVIOUS + name) if (value := secrets.get(key))]


def rotated(secrets: dict[str, str], name: str, value: str) -> dict[str, str]:
    """Return the secrets with a new value of one; the old one is accepted until `forgotten`."""
    old = secrets.get(name)
    return {**secrets, name: value} | ({_PREVIOUS + name: old} if old and old != value else {})


def forgotten(secrets: dict[str, str]) -> dict[str, str]:
    """Return the secrets without those that were replaced."""
    return {name: value for name, value in secrets.items() if not name.startswith(_PREVIOUS)}
