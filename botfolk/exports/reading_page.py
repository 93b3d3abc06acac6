"""The page of a person's file that people read: the profile and the conversation, without anything that runs."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any
from uuid import UUID

import msgspec

from botfolk.conversations.read import Message
from botfolk.pages.catalogue import direction, language
from botfolk.pages.catalogue import gettext as _
from botfolk.users.read import User

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;overflow-wrap:anywhere}"
    "table{border-collapse:collapse}th,td{text-align:start;vertical-align:top;padding:.2rem .8rem .2rem 0}"
    "th{white-space:nowrap}td{white-space:pre-line}"
    "article{border-block-start:1px solid #ccc;padding:.5rem 0}small{color:#555}p{margin:.2rem 0;white-space:pre-wrap}"
)


async def written(
    user: User, name: str, now: datetime, messages: AsyncIterator[Sequence[Message]], files: Mapping[UUID, str]
) -> AsyncIterator[bytes]:
    """Give the page, piece by piece; messages are the newest first. `files`: where a stored file is in the archive."""
    title = escape(name)
    head = (
        f'<!doctype html><html lang="{language()}" dir="{direction()}"><head><meta charset="utf-8">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><h1 dir='auto'>{title}</h1>"
        f"<p><small>{escape(_('All that is stored of this person, as of %s UTC.') % _time(now))}</small></p>"
        f"<h2>{escape(_('Profile'))}</h2><table>{_rows(user)}</table>{_notes(user)}"
        f"<h2>{escape(_('Conversation'))}</h2>"
    )
    yield head.encode(errors="replace")
    async for page in messages:
        yield "".join(_message(message, files) for message in page).encode(errors="replace")
    listed = "".join(f'<li><a href="{escape(path)}">{escape(path)}</a></li>' for path in files.values())
    yield (f"<h2>{escape(_('Files'))}</h2><ul>{listed}</ul>" if listed else "").encode(errors="replace")
    yield b"</body></html>\n"


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _rows(user: User) -> str:
    shown: dict[str, Any] = {
        name: value
        for name, value in msgspec.to_builtins(user).items()
        if name not in ("notes", "sources", "attributes")
    }
    shown |= user.attributes
    return "".join(
        f"<tr><th scope='row'>{escape(name)}</th><td dir='auto'>{escape(_text(value))}</td></tr>"
        for name, value in shown.items()
        if value not in (None, "", [], {})
    )


def _text(value: Any) -> str:
    """Return a value as people read it: a line for each of several things, what is named with its names."""
    match value:
        case None:
            return "–"
        case bool():
            return _("Yes") if value else _("No")
        case list():
            return "\n".join(map(_text, value))
        case dict():
            return ", ".join(f"{name}: {_text(each)}" for name, each in value.items() if each not in (None, "", [], {}))
        case _:
            return str(value)


def _notes(user: User) -> str:
    if not user.notes:
        return ""
    notes = "".join(
        f"<article><small>{escape(note.author)}, {_time(note.at)}</small>"
        f"<p dir='auto'>{escape(note.text)}</p></article>"
        for note in user.notes
    )
    return f"<h2>{escape(_('Notes'))}</h2>{notes}"


def _message(message: Message, files: Mapping[UUID, str]) -> str:
    media = message.details.get("media")
    paths = [files.get(_id(file)) for file in media if isinstance(file, dict)] if isinstance(media, list) else []
    links = "".join(f'<p><a href="{escape(path)}">{escape(path)}</a></p>' for path in paths if path)
    who = f"{message.author}, {_time(message.sent_at)}, {message.channel_kind}, {message.kind}, {message.status}"
    return f"<article><small>{escape(who)}</small><p dir='auto'>{escape(message.text or '')}</p>{links}</article>"


def _id(file: Mapping[str, Any]) -> UUID:
    try:
        return UUID(str(file.get("media_id")))
    except ValueError:
        return UUID(int=0)
