"""Connect a channel: store it, tell the service where to deliver, keep what it answered."""

import secrets as random_secrets
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from botfolk.channels import registry
from botfolk.channels.address import hook_url
from botfolk.channels.contract import Channel, ChannelError
from botfolk.channels.registry import KINDS, UnknownChannel
from botfolk.services import Services


async def connect(
    services: Services, bot_id: UUID, kind: str, name: str, config: dict[str, Any], secrets: dict[str, str]
) -> Channel:
    """Connect a channel and return it. Raises UnknownChannel, and ChannelError when the service refuses: then nothing
    is kept.

    The row stands before the service is told, so that its first delivery finds the channel.
    """
    made = {name: random_secrets.token_urlsafe(32) for name in KINDS[kind].made} if kind in KINDS else {}
    secrets = made | secrets
    async with services.pool.connection() as connection:
        channel = await registry.add(connection, services.box, bot_id, kind, name, config, secrets)
    address = hook_url(services.settings.public_url, channel.id)
    try:
        remembered = await KINDS[kind].connect(channel, services.http, address)
    except ChannelError:
        async with services.pool.connection() as connection:
            await registry.remove(connection, bot_id, channel.id)
        raise
    shown = name or str(remembered.get("username") or remembered.get("name") or KINDS[kind].label)
    async with services.pool.connection() as connection:
        return await registry.update(
            connection, services.box, bot_id, channel.id, name=shown, config={**channel.config, **remembered}
        )


def sort_out(kind: str, given: Mapping[str, Sequence[str]]) -> tuple[dict[str, Any], dict[str, str]]:
    """Sort what was typed for a kind into config and secrets. Raises UnknownChannel, and ChannelError for what is
    missing or unknown, naming what there is."""
    if kind not in KINDS:
        raise UnknownChannel(f"there is no kind of channel named {kind}; there are: {', '.join(KINDS)}")
    fields = {field.name: field for field in KINDS[kind].setup}
    config: dict[str, Any] = {}
    secrets: dict[str, str] = {}
    for name, values in given.items():
        typed = [value.strip() for value in values if value.strip()]
        if name not in fields:
            options = ", ".join(field.option for field in fields.values())
            raise ChannelError(f"{KINDS[kind].label} takes no --{name.replace('_', '-')}; it takes: {options}")
        if not typed:
            continue
        field = fields[name]
        if field.secret:
            secrets[name] = typed[-1]
        else:
            config[name] = typed if field.many else typed[-1]
    typed_names = {*config, *secrets}
    missing = next((field for field in fields.values() if field.required and field.name not in typed_names), None)
    if missing is not None:
        raise ChannelError(f"{missing.label} is missing: give it with {missing.option}. {missing.help}".rstrip())
    return config, secrets


def described(channel: Channel, public_url: str) -> dict[str, object]:
    """Return what whoever connected a channel is told once: its id, where it is reached, and the secrets we made."""
    kind = KINDS[channel.kind]
    address = kind.reached_at(channel, public_url)
    shown: dict[str, object] = {"id": channel.id, "kind": channel.kind, "hook_url": address}
    for name in kind.made:
        shown[name if name in ("secret", "verify_token") else f"{name}_secret"] = channel.secrets[name]
    return shown | kind.to_copy(channel, public_url)
