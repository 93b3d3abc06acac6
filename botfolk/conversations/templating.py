"""Templates of a service in the composer: fetched, kept for a while, and filled in."""

import re
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any
from uuid import UUID

from botfolk.channels.contract import Channel, TemplateUse
from botfolk.channels.registry import KINDS
from botfolk.channels.setup import Template
from botfolk.http import Http

KEPT_SECONDS = 600.0
_MOST_KEPT = 200

_HOLDER = re.compile(r"\{\{(\d+)\}\}")

_kept: dict[UUID, tuple[float, list[Template]]] = {}
"""by channel: when they were fetched, and they; each process has its own"""


class BadTemplate(Exception):
    """A template cannot be sent as it was filled in; the text says why."""


async def templates_of(channel: Channel, http: Http, *, anew: bool = False) -> list[Template]:
    """Return a channel's templates by name, asking the service when what is known is old, or `anew`.

    Raises ChannelError for good, TryLater for now.
    """
    known = _kept.get(channel.id)
    if known is not None and not anew and monotonic() - known[0] < KEPT_SECONDS:
        return known[1]
    found = sorted(await KINDS[channel.kind].templates(channel, http), key=lambda each: (each.name, each.language))
    if len(_kept) >= _MOST_KEPT:
        _kept.clear()
    _kept[channel.id] = (monotonic(), found)
    return found


def named(templates: Sequence[Template], key: str) -> Template | None:
    """Return the template of a key; None when there is none (any more)."""
    return next((each for each in templates if key_of(each) == key), None)


def key_of(template: Template) -> str:
    """Return what names a template in a form: its name and language."""
    return f"{template.name}|{template.language}"


def filled(template: Template, form: Mapping[str, Any]) -> tuple[TemplateUse, str]:
    """Return a template filled in from a form's p1, p2, …, and how it reads. Raises BadTemplate."""
    values = [str(form.get(f"p{number}") or "").strip() for number in range(1, template.placeholders + 1)]
    empty = next((number for number, value in enumerate(values, 1) if not value), None)
    if empty is not None:
        raise BadTemplate(f"Fill in placeholder {empty}: a template is sent whole or not at all")
    use = TemplateUse(name=template.name, language=template.language, parameters=tuple(values))
    return use, reads(template, values)


def given(template: Template, parameters: Sequence[str]) -> tuple[TemplateUse, str]:
    """Return a template filled in from values in order, and how it reads. Raises BadTemplate."""
    if len(parameters) != template.placeholders:
        raise BadTemplate(f"This template has {template.placeholders} placeholders, and {len(parameters)} are given")
    return filled(template, {f"p{number}": value for number, value in enumerate(parameters, 1)})


def reads(template: Template, values: Sequence[str]) -> str:
    """Return a template's text with its placeholders filled in."""

    def value(found: re.Match[str]) -> str:
        number = int(found[1])
        return values[number - 1] if 0 < number <= len(values) else found[0]

    parts = [template.header, template.body, template.footer, *(f"[{button}]" for button in template.buttons)]
    return "\n\n".join(_HOLDER.sub(value, part) for part in parts if part)
