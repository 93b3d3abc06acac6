"""Conversations by the API: messages, sessions; and saying something."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

from litestar import Request, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import UNSET, Struct, UnsetType

from botfolk.api.shapes import TAKES_FILE, Cursor, Limit, Listed
from botfolk.channels.contract import Button, ChannelError, TemplateUse, TryLater
from botfolk.channels.registry import KINDS
from botfolk.conversations import read
from botfolk.conversations.attaching import (
    MOST_BYTES,
    MOST_FILES,
    Attached,
    CannotAttach,
    attach,
    check_attached,
)
from botfolk.conversations.read import Message, Session
from botfolk.conversations.reply import say
from botfolk.conversations.templating import BadTemplate, given, templates_of
from botfolk.outbox.queue import CannotSend
from botfolk.services import services
from botfolk.team.guards import agent, viewer
from botfolk.team.principal import principal
from botfolk.users.edits import InvalidEdit
from botfolk.users.read import check_user

AnyRequest = Request[Any, Any, Any]

MOST_BUTTONS = 20
LONGEST_TITLE = 64
LONGEST_DATA = 1000
LONGEST_URL = 2048
LONGEST_TEXT = 20_000
"""Wide limits for what any service takes; a narrower one of a service is named when it sends."""


def _is_address(url: str) -> bool:
    if len(url) > LONGEST_URL or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


class NewButton(Struct, forbid_unknown_fields=True):
    """A button under a message: `url` opens an address, `ask` asks for the user's location, email or phone (web chat),
    otherwise a tap sends `data` (or the title) back."""

    title: str
    data: str | None = None
    url: str | None = None
    ask: Literal["location", "email", "phone"] | None = None

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield what is wrong, by field."""
        if not 1 <= len(self.title.strip()) <= LONGEST_TITLE or "\x00" in self.title:
            yield "title", f"a title has 1 to {LONGEST_TITLE} characters"
        if self.data is not None and (not 1 <= len(self.data) <= LONGEST_DATA or "\x00" in self.data):
            yield "data", f"what a tap sends back has 1 to {LONGEST_DATA} characters"
        if self.url is not None and not _is_address(self.url):
            yield "url", "give an address that begins with http:// or https://"
        if sum(each is not None for each in (self.data, self.url, self.ask)) > 1:
            name = "url" if self.url is not None else "ask"
            yield name, "a button opens an address, asks for something or sends data back: one of them"


class NewTemplate(Struct, forbid_unknown_fields=True):
    """A template that the service has approved, by name and language; `parameters` fill its placeholders in order."""

    name: str
    language: str
    parameters: list[str] = []


class NewMessage(Struct, forbid_unknown_fields=True):
    """A message to send: a text, files (ids of what was uploaded for the user) or both; or a template. `channel`: a
    channel's id, when the user has several; a template needs it. `pause`: also pause the bot; `track_links`: its links
    become the user's own tracked links, whose openings are clicks."""

    text: str | UnsetType = UNSET
    files: list[UUID] = []
    template: NewTemplate | None = None
    buttons: list[NewButton] = []
    channel: UUID | None = None
    pause: bool = False
    track_links: bool = True

    def checked_buttons(self) -> list[Button]:
        """Return the buttons. Raises InvalidEdit naming what is wrong in which."""
        errors: dict[str, str] = {}
        if len(self.buttons) > MOST_BUTTONS:
            errors["buttons"] = f"at most {MOST_BUTTONS} buttons, these are {len(self.buttons)}"
        if (files := len(set(self.files))) > MOST_FILES:
            errors["files"] = f"at most {MOST_FILES} files, these are {files}"
        for number, button in enumerate(self.buttons[:MOST_BUTTONS]):
            errors |= {f"buttons.{number}.{name}": wrong for name, wrong in button.problems()}
        if self.template is not None:
            errors |= dict(self._beside_a_template())
        elif self.text is UNSET and not self.files:
            errors["text"] = "a message has a text, files or a template"
        elif self.text is not UNSET and len(self.text) > LONGEST_TEXT:
            errors["text"] = f"at most {LONGEST_TEXT} characters, this has {len(self.text)}"
        if errors:
            raise InvalidEdit(errors)
        return [Button(title=each.title.strip(), data=each.data, url=each.url, ask=each.ask) for each in self.buttons]

    def _beside_a_template(self) -> Iterator[tuple[str, str]]:
        if self.text is not UNSET or self.buttons or self.files:
            yield "template", "the service sends its own text and buttons: leave text, buttons and files out"
        if self.channel is None:
            yield "channel", "a template is one channel's: say which"


@contextmanager
def _refused_as(field: str) -> Iterator[None]:
    """Answer with what is wrong with a file, by the field that named it."""
    try:
        yield
    except CannotAttach as error:
        raise InvalidEdit({field: str(error)}) from None


@get("/api/v1/users/{user_id:uuid}/messages", guards=[viewer], tags=["Conversations"], summary="Messages, newest first")
async def messages(
    request: AnyRequest, user_id: FromPath[UUID], cursor: Cursor = None, limit: Limit = 50
) -> Listed[Message]:
    """What was said, by both sides."""
    bot_id = principal(request).bot_id
    async with services(request).pool.connection() as connection:
        await check_user(connection, bot_id, user_id)
        return Listed(*await read.list_messages(connection, bot_id, user_id, after=cursor, limit=limit))


@get("/api/v1/users/{user_id:uuid}/sessions", guards=[viewer], tags=["Conversations"], summary="Sessions, newest first")
async def sessions(
    request: AnyRequest, user_id: FromPath[UUID], cursor: Cursor = None, limit: Limit = 50
) -> Listed[Session]:
    """Runs of the user's activity."""
    bot_id = principal(request).bot_id
    async with services(request).pool.connection() as connection:
        await check_user(connection, bot_id, user_id)
        return Listed(*await read.list_sessions(connection, bot_id, user_id, after=cursor, limit=limit))


@post(
    "/api/v1/users/{user_id:uuid}/files",
    guards=[agent],
    tags=["Conversations"],
    summary="Upload a file to be sent",
    status_code=201,
    opt=TAKES_FILE,
    # What is a little larger is told so in words.
    request_max_body_size=2 * MOST_BYTES,
)
async def upload_file(
    request: AnyRequest,
    user_id: FromPath[UUID],
    name: Annotated[str, QueryParameter(min_length=1, max_length=300, description="What the file is called.")],
) -> Attached:
    """The body is the file itself, of up to 25 MB, its type the Content-Type. Pictures are drawn anew. Its id goes into
    `files` of a message to this user within a week; what is not sent by then is removed."""
    me, shared = principal(request), services(request)
    content, kind = await request.body(), request.headers.get("content-type", "")
    async with shared.pool.connection() as connection:
        await check_user(connection, me.bot_id, user_id)
        with _refused_as("file"):
            return await attach(connection, me.bot_id, user_id, name, kind, content, now=shared.clock())


@post(
    "/api/v1/users/{user_id:uuid}/messages",
    guards=[agent],
    tags=["Conversations"],
    summary="Send a message",
    status_code=202,
)
async def send(request: AnyRequest, user_id: FromPath[UUID], data: JSONBody[NewMessage]) -> Message:
    """Queue a message; it leaves through the outbox, and its status follows. While the bot is paused, the pause is
    prolonged. 409 says why nothing can be sent."""
    me, shared = principal(request), services(request)
    buttons = data.checked_buttons()
    text = "" if data.text is UNSET else data.text
    use = None
    if data.template is not None and data.channel is not None:
        use, text = await _template(request, data.channel, data.template)
    async with shared.pool.connection() as connection:
        await check_user(connection, me.bot_id, user_id)
        with _refused_as("files"):
            await check_attached(connection, me.bot_id, user_id, data.files)
        message_id = await say(
            connection,
            me.bot_id,
            user_id,
            text,
            me.actor(),
            now=shared.clock(),
            buttons=buttons,
            files=list(dict.fromkeys(data.files)),
            channel_id=data.channel,
            pause=data.pause,
            # What the service sends of a template is its own text, with its own addresses.
            track_links=data.track_links and use is None,
            template=use,
        )
        return await read.get_message(connection, me.bot_id, user_id, message_id)


async def _template(request: AnyRequest, channel_id: UUID, asked: NewTemplate) -> tuple[TemplateUse, str]:
    """Return a template as it was filled in, and how it reads. Raises CannotSend."""
    shared = services(request)
    channel = await shared.channels.get(channel_id)
    if channel is None or channel.bot_id != principal(request).bot_id or channel.kind not in KINDS:
        raise CannotSend("This user has no address on that channel")
    if not KINDS[channel.kind].features.templates:
        raise CannotSend(f"{channel.name} has no templates")
    try:
        found = await templates_of(channel, shared.http)
    except (ChannelError, TryLater) as error:
        raise CannotSend(f"The templates could not be fetched: {error}") from None
    template = next((each for each in found if (each.name, each.language) == (asked.name, asked.language)), None)
    if template is None:
        raise CannotSend(f"{channel.name} has no approved template {asked.name} in {asked.language}")
    try:
        return given(template, asked.parameters)
    except BadTemplate as error:
        raise CannotSend(str(error)) from None


handlers = [messages, sessions, upload_file, send]
