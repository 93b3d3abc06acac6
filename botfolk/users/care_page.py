"""The User page's tags, notes, toggles and standing."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath
from msgspec import Struct

from botfolk.pages.render import AnyRequest
from botfolk.team.guards import agent
from botfolk.team.principal import principal
from botfolk.users.edit_page import carry_out
from botfolk.users.edits import (
    AddNote,
    AddTag,
    DeleteNote,
    EditNote,
    InvalidEdit,
    RemoveTag,
    ResumeBot,
    SetInfiniteSession,
    SetStatus,
    Status,
)
from botfolk.users.pausing import PauseForm, pause_of
from botfolk.users.user_page import answer


class TagForm(Struct):
    """A tag's name."""

    name: str = ""


class NoteForm(Struct):
    """A note's text; `delete` is "yes" to delete it."""

    text: str = ""
    delete: str = ""


class SwitchForm(Struct):
    """Which way a switch is turned: "yes" or "no"."""

    on: str = ""


class StatusForm(Struct):
    """What a user is to be: active, archived or blocked."""

    status: Status = "active"


TagBody = Annotated[TagForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
NoteBody = Annotated[NoteForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
PauseBody = Annotated[PauseForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
StatusBody = Annotated[StatusForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
SwitchBody = Annotated[SwitchForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


@post("/users/{user_id:uuid}/tags", guards=[agent], status_code=200, include_in_schema=False)
async def add_tag(request: AnyRequest, user_id: FromPath[UUID], data: TagBody) -> Response[Any]:
    """Add a tag."""
    try:
        await carry_out(request, user_id, [AddTag(data.name)])
    except InvalidEdit as problem:
        changed = {"typed_tag": data.name, "tag_error": "; ".join(problem.errors.values())}
        return await answer(request, user_id, "users/tags.html", changed=changed, status=422)
    return await answer(request, user_id, "users/tags.html")


@post("/users/{user_id:uuid}/tags/remove", guards=[agent], status_code=200, include_in_schema=False)
async def remove_tag(request: AnyRequest, user_id: FromPath[UUID], data: TagBody) -> Response[Any]:
    """Remove a tag."""
    await carry_out(request, user_id, [RemoveTag(data.name)])
    return await answer(request, user_id, "users/tags.html")


@post("/users/{user_id:uuid}/notes", guards=[agent], status_code=200, include_in_schema=False)
async def add_note(request: AnyRequest, user_id: FromPath[UUID], data: NoteBody) -> Response[Any]:
    """Write a note."""
    try:
        await carry_out(request, user_id, [AddNote(data.text)])
    except InvalidEdit as problem:
        changed = {"typed_note": data.text, "note_error": "; ".join(problem.errors.values())}
        return await answer(request, user_id, "users/notes.html", changed=changed, status=422)
    return await answer(request, user_id, "users/notes.html")


@post("/users/{user_id:uuid}/notes/{note_id:uuid}", guards=[agent], status_code=200, include_in_schema=False)
async def change_note(
    request: AnyRequest, user_id: FromPath[UUID], note_id: FromPath[UUID], data: NoteBody
) -> Response[Any]:
    """Rewrite or delete a note of one's own."""
    edit = DeleteNote(note_id) if data.delete == "yes" else EditNote(note_id, data.text)
    try:
        await carry_out(request, user_id, [edit])
    except InvalidEdit as problem:
        error = "; ".join(problem.errors.values())
        changed = {"open_note": note_id, "typed_edit": data.text, "edit_error": error}
        return await answer(request, user_id, "users/notes.html", changed=changed, status=422)
    return await answer(request, user_id, "users/notes.html")


@post("/users/{user_id:uuid}/pause", guards=[agent], status_code=200, include_in_schema=False)
async def pause_bot(request: AnyRequest, user_id: FromPath[UUID], data: PauseBody) -> Response[Any]:
    """Pause the bot for a user."""
    try:
        await carry_out(request, user_id, [pause_of(data, principal(request).timezone)])
    except InvalidEdit as problem:
        changed = {"error": "; ".join(problem.errors.values()), "typed_pause": data}
        return await answer(request, user_id, "users/pause.html", changed=changed, status=422)
    return await answer(request, user_id, "users/pause.html")


@post("/users/{user_id:uuid}/resume", guards=[agent], status_code=200, include_in_schema=False)
async def resume_bot(request: AnyRequest, user_id: FromPath[UUID]) -> Response[Any]:
    """Let the bot speak again."""
    await carry_out(request, user_id, [ResumeBot()])
    return await answer(request, user_id, "users/pause.html")


@post("/users/{user_id:uuid}/infinite-session", guards=[agent], status_code=200, include_in_schema=False)
async def infinite_session(request: AnyRequest, user_id: FromPath[UUID], data: SwitchBody) -> Response[Any]:
    """Turn the infinite session on or off."""
    await carry_out(request, user_id, [SetInfiniteSession(data.on == "yes")])
    return await answer(request, user_id, "users/infinite.html")


@post("/users/{user_id:uuid}/status", guards=[agent], status_code=200, include_in_schema=False)
async def set_status(request: AnyRequest, user_id: FromPath[UUID], data: StatusBody) -> Response[Any]:
    """Archive or block a user, or make them active again."""
    await carry_out(request, user_id, [SetStatus(data.status)])
    return await answer(request, user_id, "users/profile.html")


handlers = [
    add_tag,
    remove_tag,
    add_note,
    change_note,
    pause_bot,
    resume_bot,
    infinite_session,
    set_status,
]
