"""Files of visitors: pictures are drawn anew, everything else is kept as it came and only ever downloaded."""

import asyncio
import hmac
import re
from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.exceptions import ClientException, HTTPException, NotFoundException
from litestar.params import FromPath, QueryParameter
from msgspec import Struct

from botfolk.channels.contract import Channel
from botfolk.channels.events import Media, MessageKind
from botfolk.channels.files import is_proof
from botfolk.channels.webchat.tokens import Visitor
from botfolk.db.pool import Connection
from botfolk.files import of_visitor, plain_name
from botfolk.ids import new_id
from botfolk.pictures import BadPicture, photo
from botfolk.services import services
from botfolk.team.guards import public
from botfolk.webchat.shown import ShownFile, file_path
from botfolk.webchat.visitors import ChatRequest, address_of, channel_of, limits_of, visitor_of

MOST_BYTES = 10 * 1024 * 1024
MOST_FILES = 5
TYPES = ("image/*", "audio/*", "video/*", "application/pdf", "text/plain", "text/csv")
_MOST_NAME = 200
_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]{1,100}")
_SHOWN = frozenset({"image/webp", "image/jpeg"})


class Upload(Struct, frozen=True, kw_only=True):
    """A stored file, not yet said."""

    id: UUID
    name: str
    content_type: str
    size: int
    width: int | None
    height: int | None

    @property
    def message_kind(self) -> MessageKind:
        """What a message of this file is."""
        kinds: dict[str, MessageKind] = {"image": "photo", "audio": "audio", "video": "video"}
        return kinds.get(self.content_type.partition("/")[0], "document")

    def as_media(self) -> Media:
        """Return it as a part of a message."""
        return Media(
            ref=str(self.id),
            media_id=self.id,
            content_type=self.content_type,
            name=self.name,
            size=self.size,
            width=self.width,
            height=self.height,
        )


@post("/chat/{channel_id:uuid}/files", guards=[public], status_code=200)
async def upload(
    request: ChatRequest, channel_id: FromPath[UUID], name: Annotated[str, QueryParameter(max_length=300)] = ""
) -> dict[str, object]:
    """Store a file a visitor is about to send; only they can send it."""
    channel = await channel_of(request, channel_id)
    visitor = visitor_of(request, channel)
    limits_of(request).files.take(visitor.external_id)
    limits_of(request).files_of_address.take(address_of(request))
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not _is_allowed(content_type):
        raise HTTPException(status_code=415, detail="This kind of file cannot be sent here.")
    content = await _read(request)
    stored = await _prepare(content, content_type, plain_name(name)[:_MOST_NAME])
    async with services(request).pool.connection() as connection:
        await connection.execute(
            """INSERT INTO media (bot_id, id, content_type, name, content, width, height, owner)
               VALUES (%s, %s, %s, %s, %s, %s, %s, %s)""",
            [
                channel.bot_id,
                stored[0].id,
                stored[0].content_type,
                stored[0].name,
                stored[1],
                *_sides(stored[0]),
                of_visitor(channel.id, visitor.external_id),
            ],
        )
    file = stored[0]
    shown = ShownFile(
        id=file.id,
        url=file_path(channel, file.id),
        name=file.name,
        type=file.content_type,
        size=file.size,
        width=file.width,
        height=file.height,
    )
    return {
        **{field: getattr(shown, field) for field in shown.__struct_fields__},
        "id": _claim(channel, visitor, file.id),
    }


@get("/chat/{channel_id:uuid}/files/{file_id:uuid}", guards=[public])
async def download(
    request: ChatRequest,
    channel_id: FromPath[UUID],
    file_id: FromPath[UUID],
    proof: Annotated[str, QueryParameter(max_length=64)],
) -> Response[bytes]:
    """Answer with a file to whoever was given its address."""
    channel = await channel_of(request, channel_id)
    if not is_proof(channel, file_id, proof):
        raise NotFoundException("There is no such file.")
    async with services(request).pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT content_type, content FROM media WHERE bot_id = %s AND id = %s", [channel.bot_id, file_id]
        )
        row = await cursor.fetchone()
    if row is None:
        raise NotFoundException("There is no such file.")
    shown = row[0] in _SHOWN
    headers = {
        "Content-Disposition": "inline" if shown else "attachment",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, max-age=31536000, immutable",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return Response(row[1], media_type=row[0] if shown else "application/octet-stream", headers=headers)


async def claimed(connection: Connection, channel: Channel, visitor: Visitor, claims: list[str]) -> list[Upload]:
    """Return the files a visitor says they stored. Raises ClientException for one that is not theirs."""
    ids = []
    for claim in claims:
        file_id, _, _ = claim.partition(".")
        try:
            ids.append(UUID(file_id))
        except ValueError:
            raise ClientException("There is no such file.") from None
        if not hmac.compare_digest(claim.encode(), _claim(channel, visitor, ids[-1]).encode()):
            raise ClientException("There is no such file.")
    cursor = await connection.execute(
        """SELECT id, name, content_type, octet_length(content), width, height FROM media
           WHERE bot_id = %s AND id = ANY(%s)""",
        [channel.bot_id, ids],
    )
    found = {
        row[0]: Upload(id=row[0], name=row[1] or "", content_type=row[2], size=row[3], width=row[4], height=row[5])
        for row in await cursor.fetchall()
    }
    if len(found) != len(set(ids)):
        raise ClientException("There is no such file.")
    return [found[file_id] for file_id in ids]


def _claim(channel: Channel, visitor: Visitor, file_id: UUID) -> str:
    key = channel.secrets["secret"].encode()
    return f"{file_id}.{hmac.new(key, visitor.external_id.encode() + file_id.bytes, 'sha256').hexdigest()[:32]}"


def _is_allowed(content_type: str) -> bool:
    if _TYPE.fullmatch(content_type) is None or content_type == "image/svg+xml":
        return False
    return content_type in TYPES or f"{content_type.partition('/')[0]}/*" in TYPES


async def _read(request: ChatRequest) -> bytes:
    """Read a file, counting while it comes. Raises HTTPException as soon as it is too large."""
    too_large = HTTPException(status_code=413, detail=f"At most {MOST_BYTES // 1024 // 1024} MB.")
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > MOST_BYTES:
        raise too_large
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MOST_BYTES:
            raise too_large
    if not content:
        raise ClientException("The file is empty.")
    return bytes(content)


async def _prepare(content: bytes, content_type: str, name: str) -> tuple[Upload, bytes]:
    width = height = None
    if content_type.startswith("image/"):
        try:
            picture = await asyncio.to_thread(photo, content)
        except BadPicture as error:
            raise HTTPException(status_code=422, detail=f"{str(error)[:1].upper()}{str(error)[1:]}.") from error
        content, content_type, width, height = picture.content, picture.content_type, picture.width, picture.height
    made = Upload(id=new_id(), name=name, content_type=content_type, size=len(content), width=width, height=height)
    return made, content


def _sides(file: Upload) -> tuple[int | None, int | None]:
    return file.width, file.height


handlers = [upload, download]
