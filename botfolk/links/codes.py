"""The short codes of tracked links, and who is given which."""

import secrets
import string
from collections.abc import Mapping, Sequence
from typing import Any

from botfolk.channels.contract import Button, TemplateUse
from botfolk.links.find import address, to_track, tracked

LENGTH = 12
"""71 bits: nobody guesses one, and no two are ever alike."""

_LETTERS = string.digits + string.ascii_letters


def new_code() -> str:
    """Return a code that nobody can guess."""
    number, code = secrets.randbelow(len(_LETTERS) ** LENGTH), []
    for _ in range(LENGTH):
        number, letter = divmod(number, len(_LETTERS))
        code.append(_LETTERS[letter])
    return "".join(code)


def codes_for(text: str, buttons: Sequence[Button] = (), template: TemplateUse | None = None) -> dict[str, str]:
    """Return a new code for each address in what a message says, by the address.

    Of a template only what fills its placeholders is ours to change.
    """
    texts = [text] if template is None else list(template.parameters)
    return {url: new_code() for url in to_track(texts, [button.url for button in buttons])}


def with_codes(
    text: str, buttons: Sequence[Button], template: TemplateUse | None, codes: Mapping[str, str], at: str
) -> tuple[str, tuple[Button, ...], TemplateUse | None]:
    """Return what a message says with its tracked links in place; `at` is where links lead to us."""
    if not codes:
        return text, tuple(buttons), template
    if template is not None:
        filled = tuple(tracked(each, codes, at) for each in template.parameters)
        template = TemplateUse(name=template.name, language=template.language, parameters=filled)
    return tracked(text, codes, at), tuple(_button(button, codes, at) for button in buttons), template


def _button(button: Button, codes: Mapping[str, str], at: str) -> Button:
    if button.url is None or button.url not in codes:
        return button
    return Button(title=button.title, data=button.data, url=address(at, codes[button.url]), ask=button.ask)


def tracks(config: Mapping[str, Any]) -> bool:
    """Say whether a channel's links are tracked, by its config: they are unless it says no."""
    return config.get("track_links", True) is not False
