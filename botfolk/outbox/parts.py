"""The calls that one message takes: its files, then its text cut to the service's measure, or a template."""

from collections.abc import Callable
from uuid import UUID

from msgspec import Struct

from botfolk.channels.contract import Button, TemplateUse
from botfolk.outbox.claim import Payload


class Part(Struct, frozen=True, kw_only=True):
    """One call: a file, a text (the last one with the buttons), or a template, whose text is only for us to see."""

    text: str = ""
    buttons: tuple[Button, ...] = ()
    file: UUID | None = None
    template: TemplateUse | None = None


def parts_of(content: Payload, split: Callable[[str], list[str]]) -> list[Part]:
    """Return a message's calls in order; never none."""
    if content.template is not None:
        return [Part(text=content.text, template=content.template)]
    files = [Part(file=file) for file in content.files]
    if files and not content.text.strip() and not content.buttons:
        return files
    texts = split(content.text) or [content.text]
    return [*files, *(Part(text=text) for text in texts[:-1]), Part(text=texts[-1], buttons=content.buttons)]
