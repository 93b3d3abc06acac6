"""Every route, who may use it, and a request that does something there: what whole suites are generated from.

A route that is not written down here fails `tests/api/test_matrix.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from litestar import Litestar
from litestar.routes import HTTPRoute
from psycopg.types.json import Jsonb

from botfolk.bot import personality, words
from botfolk.channels import registry
from botfolk.conversations import rescoring
from botfolk.db.schema import metadata
from botfolk.db.secrets import SecretBox
from botfolk.exports import exporting
from botfolk.exports.exporting import Export
from botfolk.ids import new_id
from botfolk.imports import manage
from botfolk.imports import store as imports
from botfolk.imports.delimited import Place
from botfolk.imports.mapping import Plan
from botfolk.jobs import files
from botfolk.outbox.queue import enqueue_message
from botfolk.segments import segments
from botfolk.team import accounts, invitations, tokens
from botfolk.users import edits as e
from botfolk.users.apply import apply
from botfolk.users.erase import erase
from botfolk.users.merge import merge
from tests.telling import BOX, KEY, Tale, full

Route = tuple[str, str]

API_USER = "/api/v1/users/{user_id:uuid}"
USER = "/users/{user_id:uuid}"
API_IMPORT = "/api/v1/imports/{import_id:uuid}"
IMPORT = "/users/imports/{import_id:uuid}"
SEGMENT = "/segments/{segment_id:uuid}"

MATRIX: dict[Route, str] = {
    ("GET", "/"): "public",
    ("GET", "/sign-in"): "public",
    ("POST", "/sign-in"): "public",
    ("GET", "/sign-in/{token:str}"): "public",
    ("POST", "/sign-in/{token:str}"): "public",
    ("POST", "/sign-out"): "public",
    ("GET", "/static/{file_path:path}"): "public",
    ("HEAD", "/static/{file_path:path}"): "public",
    ("POST", "/sign-in/passkey/options"): "public",
    ("POST", "/sign-in/passkey"): "public",
    ("GET", "/invitations/{token:str}"): "public",
    ("POST", "/invitations/{token:str}"): "public",
    ("GET", "/team"): "viewer",
    ("POST", "/team/invitations"): "owner",
    ("POST", "/team/invitations/{invitation_id:uuid}/revoke"): "owner",
    ("POST", "/team/members/{member_id:uuid}/role"): "owner",
    ("POST", "/team/members/{member_id:uuid}/{what:str}"): "owner",
    ("POST", "/team/tokens"): "owner",
    ("POST", "/team/tokens/{token_id:uuid}/revoke"): "owner",
    ("POST", "/account/passkeys/options"): "viewer",
    ("POST", "/account/passkeys"): "viewer",
    ("POST", "/account/passkeys/{passkey_id:uuid}/remove"): "viewer",
    ("GET", "/search"): "viewer",
    ("GET", "/account"): "viewer",
    ("POST", "/account"): "viewer",
    ("GET", "/choices/{what:str}"): "viewer",
    ("GET", "/live"): "viewer",
    ("GET", "/media/{media_id:uuid}"): "viewer",
    ("GET", "/files/{channel_id:uuid}/{file_id:uuid}/{proof:str}"): "public",
    ("GET", "/channels"): "viewer",
    ("GET", "/channels/new/{kind:str}"): "admin",
    ("POST", "/channels/new/{kind:str}"): "admin",
    ("GET", "/channels/{channel_id:uuid}"): "viewer",
    ("GET", "/channels/{channel_id:uuid}/check"): "viewer",
    ("POST", "/channels/{channel_id:uuid}/switch"): "admin",
    ("POST", "/channels/{channel_id:uuid}/rotate"): "admin",
    ("POST", "/channels/{channel_id:uuid}/remove"): "admin",
    ("POST", "/channels/{channel_id:uuid}/quarantine/replay"): "admin",
    ("POST", "/channels/{channel_id:uuid}/quarantine/{payload_id:uuid}/replay"): "admin",
    ("POST", "/channels/{channel_id:uuid}/quarantine/{payload_id:uuid}/forget"): "admin",
    ("GET", "/personality"): "viewer",
    ("POST", "/personality"): "admin",
    ("GET", "/personality/words"): "viewer",
    ("POST", "/personality/words"): "admin",
    ("POST", "/personality/words/remove"): "admin",
    ("GET", "/personality/words/rescoring"): "viewer",
    ("POST", "/personality/words/rescoring"): "admin",
    ("POST", "/personality/words/rescoring/cancel"): "admin",
    ("POST", "/personality/picture"): "admin",
    ("POST", "/personality/picture/remove"): "admin",
    ("GET", "/styleguide"): "viewer",
    ("GET", "/users"): "viewer",
    ("POST", "/users/columns"): "viewer",
    ("GET", "/users/imports"): "viewer",
    ("POST", "/users/imports"): "agent",
    ("GET", IMPORT): "viewer",
    ("GET", f"{IMPORT}/progress"): "viewer",
    ("POST", f"{IMPORT}/mapping"): "agent",
    ("POST", f"{IMPORT}/format"): "agent",
    ("POST", f"{IMPORT}/{{what:str}}"): "agent",
    ("GET", f"{IMPORT}/errors"): "viewer",
    ("GET", f"{IMPORT}/verdicts"): "viewer",
    ("GET", "/users/bulk/count"): "viewer",
    ("POST", "/users/bulk/dialog"): "agent",
    ("POST", "/users/bulk"): "agent",
    ("GET", "/jobs"): "viewer",
    ("GET", "/jobs/now"): "viewer",
    ("POST", "/jobs/{job_id:uuid}/cancel"): "agent",
    ("POST", "/jobs/{job_id:uuid}/resume"): "agent",
    ("POST", "/jobs/{job_id:uuid}/undo"): "agent",
    ("POST", "/users/filter"): "viewer",
    ("GET", "/users/filter/values"): "viewer",
    ("GET", "/users/count"): "viewer",
    ("GET", f"{USER}/why"): "viewer",
    ("GET", "/segments"): "viewer",
    ("GET", "/api"): "viewer",
    ("GET", "/segments/save"): "agent",
    ("POST", "/segments"): "agent",
    ("GET", SEGMENT): "viewer",
    ("POST", SEGMENT): "agent",
    ("POST", f"{SEGMENT}/delete"): "agent",
    ("GET", USER): "viewer",
    ("GET", f"{USER}/profile"): "viewer",
    ("GET", f"{USER}/statistics"): "viewer",
    ("GET", f"{USER}/present"): "viewer",
    ("GET", f"{USER}/counted/{{what:str}}"): "viewer",
    ("POST", f"{USER}/picture"): "agent",
    ("POST", f"{USER}/picture/remove"): "agent",
    ("POST", f"{USER}/refresh"): "agent",
    ("POST", f"{USER}/refresh/take"): "agent",
    ("GET", f"{USER}/conversation"): "viewer",
    ("GET", f"{USER}/conversation/newest"): "viewer",
    ("GET", f"{USER}/composer"): "agent",
    ("POST", f"{USER}/messages"): "agent",
    ("POST", f"{USER}/typing"): "agent",
    ("POST", f"{USER}/files"): "agent",
    ("GET", f"{USER}/templates"): "agent",
    ("POST", f"{USER}/templates"): "agent",
    ("POST", f"{USER}/messages/{{message_id:uuid}}/fetch"): "agent",
    ("POST", f"{USER}/messages/{{message_id:uuid}}/{{what:str}}"): "agent",
    ("GET", f"{USER}/fields/{{name:str}}"): "viewer",
    ("POST", f"{USER}/fields/{{name:str}}"): "agent",
    ("POST", f"{USER}/attributes"): "agent",
    ("GET", f"{USER}/attributes/{{name:str}}"): "viewer",
    ("POST", f"{USER}/attributes/{{name:str}}"): "agent",
    ("POST", f"{USER}/attributes/{{name:str}}/remove"): "agent",
    ("POST", f"{USER}/tags"): "agent",
    ("POST", f"{USER}/tags/remove"): "agent",
    ("POST", f"{USER}/notes"): "agent",
    ("POST", f"{USER}/notes/{{note_id:uuid}}"): "agent",
    ("POST", f"{USER}/pause"): "agent",
    ("POST", f"{USER}/resume"): "agent",
    ("POST", f"{USER}/infinite-session"): "agent",
    ("POST", f"{USER}/status"): "agent",
    ("GET", f"{USER}/history"): "viewer",
    ("GET", f"{USER}/history/{{name:str}}"): "viewer",
    ("POST", f"{USER}/changes/{{change_id:uuid}}/undo"): "agent",
    ("GET", f"{USER}/file"): "agent",
    ("GET", f"{USER}/erase"): "admin",
    ("POST", f"{USER}/erase"): "admin",
    ("GET", "/exports"): "agent",
    ("POST", "/exports"): "agent",
    ("POST", "/exports/selected"): "agent",
    ("POST", "/exports/{export_id:uuid}/end"): "agent",
    ("GET", "/exports/{export_id:uuid}/file"): "agent",
    ("GET", "/erasures"): "admin",
    ("GET", "/erasures/{erasure_id:uuid}"): "admin",
    ("GET", "/erasures/{erasure_id:uuid}/receipt"): "admin",
    ("GET", f"{USER}/merge"): "agent",
    ("POST", f"{USER}/merge"): "agent",
    ("POST", f"{USER}/merges/{{merge_id:uuid}}/undo"): "agent",
    ("POST", f"{USER}/apart"): "agent",
    ("GET", "/api/v1/health"): "public",
    ("GET", "/api/v1/openapi.json"): "public",
    ("GET", "/api/v1/openapi"): "public",
    ("GET", "/api/v1/openapi/{path:str}"): "public",
    ("GET", "/api/v1/openapi/openapi.json"): "public",
    ("GET", "/api/v1/openapi/schema.json"): "public",
    ("GET", "/api/v1/imports"): "viewer",
    ("POST", "/api/v1/imports"): "agent",
    ("GET", API_IMPORT): "viewer",
    ("PATCH", API_IMPORT): "agent",
    ("POST", f"{API_IMPORT}/check"): "agent",
    ("POST", f"{API_IMPORT}/apply"): "agent",
    ("GET", f"{API_IMPORT}/errors"): "viewer",
    ("GET", f"{API_IMPORT}/verdicts"): "viewer",
    ("GET", "/api/v1/users"): "viewer",
    ("GET", API_USER): "viewer",
    ("PATCH", API_USER): "agent",
    ("DELETE", API_USER): "admin",
    ("GET", f"{API_USER}/file"): "agent",
    ("GET", "/api/v1/exports"): "agent",
    ("POST", "/api/v1/exports"): "agent",
    ("GET", "/api/v1/exports/{export_id:uuid}"): "agent",
    ("DELETE", "/api/v1/exports/{export_id:uuid}"): "agent",
    ("GET", "/api/v1/exports/{export_id:uuid}/file"): "agent",
    ("GET", "/api/v1/users/count"): "viewer",
    ("GET", f"{API_USER}/why"): "viewer",
    ("GET", "/api/v1/erasures"): "admin",
    ("GET", "/api/v1/erasures/{erasure_id:uuid}"): "admin",
    ("POST", f"{API_USER}/merge"): "agent",
    ("POST", "/api/v1/jobs"): "agent",
    ("GET", "/api/v1/jobs"): "viewer",
    ("GET", "/api/v1/jobs/{job_id:uuid}"): "viewer",
    ("POST", "/api/v1/jobs/{job_id:uuid}/cancel"): "agent",
    ("POST", "/api/v1/jobs/{job_id:uuid}/resume"): "agent",
    ("POST", "/api/v1/jobs/{job_id:uuid}/undo"): "agent",
    ("POST", "/api/v1/merges/{merge_id:uuid}/undo"): "agent",
    ("GET", "/api/v1/segments"): "viewer",
    ("POST", "/api/v1/segments"): "agent",
    ("GET", f"/api/v1{SEGMENT}"): "viewer",
    ("PATCH", f"/api/v1{SEGMENT}"): "agent",
    ("DELETE", f"/api/v1{SEGMENT}"): "agent",
    ("GET", f"/api/v1{SEGMENT}/users"): "viewer",
    ("GET", f"{API_USER}/messages"): "viewer",
    ("POST", f"{API_USER}/messages"): "agent",
    ("POST", f"{API_USER}/files"): "agent",
    ("GET", f"{API_USER}/sessions"): "viewer",
    ("GET", f"{API_USER}/clicks"): "viewer",
    ("GET", f"{API_USER}/changes"): "viewer",
    ("POST", f"{API_USER}/notes"): "agent",
    ("DELETE", f"{API_USER}/notes/{{note_id:uuid}}"): "agent",
}

OTHER = "another user of the world"
NEW = "a name nobody has"
SAFE = frozenset({"GET", "HEAD"})
NO_FORMS = frozenset(
    {
        f"{USER}/picture",
        f"{USER}/files",
        f"{USER}/templates",
        f"{USER}/refresh",
        f"{USER}/refresh/take",
        f"{USER}/messages/{{message_id:uuid}}/fetch",
        "/users/imports",
        "/personality/picture",
        "/account/passkeys",
        "/account/passkeys/options",
        "/account/passkeys/{passkey_id:uuid}/remove",
    }
)
"""What takes a file, a device's proof or a service that answers: the browser tests send them."""
KEPT_NOWHERE = frozenset(
    {
        f"{USER}/typing",
        "/users/bulk/dialog",
        "/users/filter",
        "/exports/selected",
        "/channels/{channel_id:uuid}/quarantine/replay",
        "/channels/{channel_id:uuid}/quarantine/{payload_id:uuid}/replay",
    }
)
"""What tells those who look, or reads again what still cannot be read, and changes nothing."""
SETTINGS = {
    "name": "Evil", "session_length": "7", "session_length_unit": "minutes", "pause": "7", "pause_unit": "minutes",
    "language": "en", "timezone": "UTC",
}  # fmt: skip
FILES = {
    "/users/imports": b"Email\nevil@example.com\n",
    "/api/v1/imports": b"Email\nevil@example.com\n",
    f"{API_USER}/files": b"evil",
}
"""What takes a file as its body."""
BODIES: dict[str, dict[str, Any]] = {
    f"{IMPORT}/mapping": {"t0": "email", "clear": "evil"},
    f"{IMPORT}/format": {"encoding": "cp1252", "delimiter": ";"},
    API_IMPORT: {"clear": "evil"},
    "/sign-in": {"email": "mia@example.com", "password": "not the password"},
    "/account": {"name": "Evil", "email": "evil@example.com", "timezone": "UTC"},
    "/users/columns": {"change": "hide tags"},
    "/users/bulk": {"action": "add_tag", "tag": "evil", "all": "yes"},
    "/users/bulk/dialog": {"action": "add_tag"},
    "/personality": SETTINGS,
    "/personality/words": {"word": "evil", "score": "7"},
    "/personality/words/remove": {"word": "evil"},
    "/channels/new/{kind:str}": {"title": "Evil"},
    "/channels/{channel_id:uuid}/switch": {"to": "off"},
    "/channels/{channel_id:uuid}/rotate": {"secret": "identity"},
    "/team/invitations": {"email": "evil@example.com", "role": "owner"},
    "/team/members/{member_id:uuid}/role": {"role": "owner"},
    "/team/tokens": {"token_name": "Evil", "role": "owner"},
    "/invitations/{token:str}": {"name": "Evil", "password": "a long enough one"},
    "/segments": {"name": NEW, "filter": "messages > 7"},
    SEGMENT: {"name": NEW},
    "/api/v1/segments": {"name": "Evil by API", "filter": "messages > 7"},
    f"/api/v1{SEGMENT}": {"name": "Evil renamed by API"},
    f"{USER}/messages": {"text": "evil", "then": "once"},
    f"{USER}/fields/{{name:str}}": {"value": "Evil", "expected": "Ash"},
    f"{USER}/attributes": {"name": "evil", "value": "1"},
    f"{USER}/attributes/{{name:str}}": {"value": "evil"},
    f"{USER}/tags": {"name": "evil"},
    f"{USER}/tags/remove": {"name": "vip"},
    f"{USER}/notes": {"text": "evil"},
    f"{USER}/notes/{{note_id:uuid}}": {"text": "evil"},
    f"{USER}/pause": {"seconds": "forever"},
    f"{USER}/infinite-session": {"on": "yes"},
    f"{USER}/status": {"status": "archived"},
    f"{USER}/merge": {"with": OTHER},
    f"{USER}/erase": {"name": "Ash Rahman"},
    f"{USER}/apart": {"with": OTHER},
    f"{API_USER}/merge": {"with": OTHER},
    "/api/v1/jobs": {"action": "add_tag", "tag": "evil"},
    API_USER: {"first_name": "Evil"},
    f"{API_USER}/messages": {"text": "evil"},
    f"{API_USER}/notes": {"text": "evil"},
    "/exports": {"column": "email"},
    "/api/v1/exports": {"columns": ["email"]},
}


@dataclass
class World:
    """Somebody with one of everything, of one bot."""

    bot_id: UUID
    ids: dict[str, UUID] = field(default_factory=dict)

    def address(self, path: str) -> str:
        """A route's address, with this world's ids for its parameters."""
        names = {"name": "first_name" if "/fields/" in path else "plan", "what": "retry", "token": "x" * 43}
        if path.startswith("/choices"):
            names["what"] = "timezones"
        if "/counted/" in path:
            names["what"] = "sessions"
        if path.startswith("/users/imports"):
            names["what"] = "apply"
        if path.startswith("/team/members"):
            names["what"] = "deactivate"
        names |= {"file_path": "nothing.css", "path": "schema.json", "proof": "0" * 32, "kind": "webchat"}
        names |= {"file_id": str(new_id())}
        names |= {name: str(value) for name, value in self.ids.items()}
        if path.endswith(("/cancel", "/resume")):
            names["job_id"] = names["open_job_id" if path.endswith("/cancel") else "failed_job_id"]
        parts = [part[1:-1].split(":")[0] if part.startswith("{") else None for part in path.split("/")]
        filled = [names[name] if name else part for name, part in zip(parts, path.split("/"), strict=True)]
        # An endless stream ends at once where its question is a wrong one.
        asked = dict.fromkeys(FILES, "?name=evil.csv")
        asked |= {"/live": "?users=nobody", f"{USER}/merge": f"?with={self.ids.get('other_id')}"}
        return "/".join(filled) + asked.get(path, "")


def is_api(path: str) -> bool:
    """Whether a route is of the API."""
    return path.startswith("/api/")


def body(route: Route, world: World) -> dict[str, Any]:
    """The arguments of a request with what the route takes: JSON for the API, a form for the pages."""
    method, path = route
    if method in SAFE or method == "DELETE":
        return {}
    if path in FILES:
        return {"content": FILES[path]}
    meant = {OTHER: str(world.ids["other_id"]), NEW: f"Evil {new_id()}"}
    given = {
        name: meant.get(value, value) if isinstance(value, str) else value
        for name, value in BODIES.get(path, {}).items()
    }
    return {"json" if is_api(path) else "data": given}


def routes_of(app: Litestar) -> Iterator[Route]:
    """The routes an application really has."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                yield from ((method, route.path) for method in handler.http_methods if method != "OPTIONS")


async def a_world(tale: Tale, author: e.Actor, who: str = "1") -> World:
    """Make a person of the tale's bot who has one of everything; the note is the author's."""
    await tale.says(0, "hello", who=who, profile=full("Aisha", "Rahman"))
    user_id = await tale.user_id(who)
    media_id, now = new_id(), tale.now
    async with tale.pool.connection() as connection:
        await connection.execute(
            "INSERT INTO media (bot_id, id, content_type, content) VALUES (%s, %s, 'image/png', '\\x89504e47')",
            [tale.bot_id, media_id],
        )
        edits: list[e.Edit] = [
            e.SetField("first_name", "Ash"), e.SetAttribute("plan", "gold"), e.AddTag("vip"), e.AddNote("a note"),
            e.PauseBot(seconds=600), e.SetPicture(media_id),
        ]  # fmt: skip
        await apply(connection, tale.bot_id, user_id, edits, author, now=now)
        message_id = await enqueue_message(connection, tale.bot_id, user_id, "hi", author="member", now=now)
        for table, key in (("outbox", "message_id"), ("messages", "id")):
            column = "state" if table == "outbox" else "status"
            await connection.execute(
                f"UPDATE {table} SET {column} = 'failed' WHERE bot_id = %s AND {key} = %s".encode(),
                [tale.bot_id, message_id],
            )
        await words.put(connection, tale.bot_id, "evil", 1, None, now)
        secrets = {"secret": "s" * 32, "identity": "i" * 32}
        channel = await registry.add(connection, SecretBox(KEY), tale.bot_id, "webchat", "chat", {}, secrets)
        segment_id = await segments.create(connection, tale.bot_id, f"Segment {who}", "messages > 0", author, now)
        payload_id = new_id()
        await connection.execute(
            "INSERT INTO quarantine (bot_id, id, channel_id, received_at, reason, body, digest)"
            " VALUES (%s, %s, %s, %s, 'strange', '{}', '')",
            [tale.bot_id, payload_id, channel.id, now],
        )
    found = await tale.rows(
        "SELECT (SELECT id FROM notes WHERE user_id = %s), (SELECT id FROM changes WHERE user_id = %s AND"
        " field = 'first_name' AND source <> 'channel')",
        user_id,
        user_id,
    )
    names = ("note_id", "change_id")
    ids = dict(zip(names, found[0], strict=True)) | await _a_team(tale)
    ids |= await _jobs(tale, user_id)
    ids |= {"channel_id": channel.id, "payload_id": payload_id, "segment_id": segment_id}
    ids |= await _alike(tale, user_id, who, author)
    ids["import_id"] = await _an_import(tale, author)
    return World(tale.bot_id, {"user_id": user_id, "media_id": media_id, "message_id": message_id, **ids})


async def _jobs(tale: Tale, user_id: UUID) -> dict[str, UUID]:
    """A job that tagged them, one that is under way, one that failed; and history that is being rescored."""
    ids = {"job_id": new_id(), "open_job_id": new_id(), "failed_job_id": new_id()}
    spec = Jsonb({"action": {"action": "add_tag", "tag": "vip"}})
    async with tale.pool.connection() as connection:
        for job_id, state in zip(ids.values(), ("done", "running", "failed"), strict=True):
            await connection.execute(
                "INSERT INTO jobs (bot_id, id, kind, state, spec, total, done, changed, source, created_at)"
                " VALUES (%s, %s, 'bulk', %s, %s, 1, 1, 1, 'member', %s)",
                [tale.bot_id, job_id, state, spec, tale.now],
            )
        await connection.execute(
            "UPDATE changes SET job_id = %s WHERE user_id = %s AND field = 'tags'", [ids["job_id"], user_id]
        )
        await rescoring.start(connection, tale.bot_id, e.Actor("member", "Mia"), tale.now)
    return ids


async def _alike(tale: Tale, user_id: UUID, who: str, author: e.Actor) -> dict[str, UUID]:
    """Another user, one who has been merged into the first, and one who has been erased."""
    for name in ("other", "gone", "erased"):
        await tale.says(0, who=f"{who} {name}")
    async with tale.pool.connection() as connection:
        merge_id = await merge(
            connection, tale.bot_id, await tale.user_id(f"{who} gone"), user_id, author, now=tale.now
        )
        receipt = await erase(connection, BOX, tale.bot_id, await tale.user_id(f"{who} erased"), author, now=tale.now)
        export_id = await exporting.start(connection, tale.bot_id, Export(columns=["email"]), author, tale.now)
    ids = {"merge_id": merge_id, "erasure_id": receipt.id, "export_id": export_id}
    return {"other_id": await tale.user_id(f"{who} other"), **ids}


async def _an_import(tale: Tale, author: e.Actor) -> UUID:
    """A file of one person that has been checked."""
    content, now = b"Email\nnew@example.com\n", tale.now
    async with tale.pool.connection() as connection:
        import_id = await imports.add_holder(connection, tale.bot_id, "people.csv", author, now)
        await files.append(connection, tale.bot_id, import_id, imports.FILE, content, now)
        new = imports.Import(
            id=import_id, name="people.csv", size=len(content), is_workbook=False, encoding="utf-8", delimiter=",",
            columns=["Email"], samples=[["new@example.com"]], starts=Place(6, 2, 1), known_as="",
            mapping=Plan(columns=["email"]), check_id=None, apply_id=None, created_at=now, actor=None,
        )  # fmt: skip
        await imports.add(connection, tale.bot_id, new)
        job_id = await manage.start(connection, tale.bot_id, import_id, "check", author, now)
        await connection.execute("UPDATE jobs SET state = 'done' WHERE id = %s", [job_id])
    return import_id


async def _a_team(tale: Tale) -> dict[str, UUID]:
    """A member, an invitation and a passkey of that member."""
    email = f"{new_id().hex}@example.com"
    async with tale.pool.connection() as connection:
        account_id = await accounts.add_member(connection, tale.bot_id, email, "Extra", "viewer")
        await invitations.invite(connection, tale.bot_id, f"x{email}", "viewer", None, tale.now)
        await tokens.create(connection, tale.bot_id, email, "viewer", None, tale.now)
        await connection.execute(
            "INSERT INTO passkeys (id, account_id, credential_id, public_key) VALUES (%s, %s, %s, '')",
            [new_id(), account_id, new_id().bytes],
        )
    rows = await tale.rows(
        "SELECT (SELECT id FROM members WHERE account_id = %s), (SELECT id FROM invitations WHERE email = %s),"
        " (SELECT id FROM passkeys WHERE account_id = %s), (SELECT id FROM api_tokens WHERE name = %s)",
        account_id,
        f"x{email}",
        account_id,
        email,
    )
    return dict(zip(("member_id", "invitation_id", "passkey_id", "token_id"), rows[0], strict=True))


async def another_bot(tale: Tale) -> UUID:
    """A bot beside the tale's."""
    async with tale.pool.connection() as connection:
        return await personality.create(connection, "Other", tale.now)


async def stored(tale: Tale, bot_id: UUID | None = None) -> dict[str, str]:
    """A fingerprint of each table: of a bot's rows, or of all there are. Jobs of the queue are not among them."""
    of_bot = f" WHERE bot_id = '{bot_id}'" if bot_id else ""
    parts = [
        f"SELECT '{table}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {table} t"
        + (of_bot if "bot_id" in table.columns else "")
        for table in metadata.sorted_tables
    ]
    return dict(await tale.rows(" UNION ALL ".join(parts)))
