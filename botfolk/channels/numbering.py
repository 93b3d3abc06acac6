"""Buttons as numbered lines of a text, for services that have none."""

from collections.abc import Iterable

from botfolk.channels.contract import Button
from botfolk.channels.texts import clean


def numbered(text: str, buttons: Iterable[Button]) -> str:
    """Return a text with a line for each button: its number and title, or its title and address."""
    lines = []
    number = 0
    for button in buttons:
        title = clean(" ".join(button.title.split()), None)
        if button.url:
            lines.append(f"{title}: {button.url}")
        else:
            number += 1
            lines.append(f"{number}. {title}")
    return "\n".join([*([text.rstrip(), ""] if text.strip() else []), *lines]) if lines else text
