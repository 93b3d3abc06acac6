"""Say what is wrong with an installation, in words that say how to mend it."""

import os
import shutil
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import cast

import psycopg
from msgspec import Struct

from botfolk import sentiment
from botfolk.address import reached
from botfolk.channels.registry import KINDS
from botfolk.database import DatabaseError, open_database
from botfolk.db import migrate
from botfolk.db.secrets import SecretBox, SecretError
from botfolk.settings import Settings, SettingsError, load

_LOW_DISK_BYTES = 1_000_000_000
_OLD_QUEUE_SECONDS = 300


class Finding(Struct, frozen=True):
    """One thing looked at: whether it is well, and what there is to say of it."""

    what: str
    ok: bool
    text: str


def examine(env: Mapping[str, str], data_dir: str | None) -> list[Finding]:
    """Look at settings, files, database, channels and queues."""
    try:
        settings = load(env, {"data_dir": data_dir} if data_dir else None)
    except SettingsError as error:
        return [Finding("settings", False, str(error))]
    settings = reached(settings, env)
    findings = [Finding("settings", True, f"read; people reach this at {settings.public_url}")]
    findings += _files(settings)
    findings.append(_scorer(settings))
    try:
        # As it is: looking changes nothing.
        with open_database(settings, upgrade=False) as dsn, psycopg.connect(dsn) as connection:
            findings += _database(connection)
            schema = _schema(dsn)
            findings.append(schema)
            if migrate.current(dsn) == migrate.head():
                findings += _channels(settings, connection)
                findings += _queues(connection)
    except (DatabaseError, psycopg.Error) as error:
        findings.append(Finding("database", False, str(error).strip()))
    return findings


def _scorer(settings: Settings) -> Finding:
    try:
        sentiment.use(settings.sentiment_scorer)
    except sentiment.ScorerError as error:
        return Finding("scorer", False, f"BOTFOLK_SENTIMENT_SCORER: {error}")
    return Finding("scorer", True, f"{settings.sentiment_scorer} scores texts")


def _files(settings: Settings) -> Iterator[Finding]:
    built = files("botfolk") / "static" / "built" / "manifest.json"
    there = built.is_file()
    yield Finding("pages", there, "built" if there else "not built: run `make pages`")
    if settings.database_url is None:
        writable = os.access(settings.data_dir, os.W_OK)
        yield Finding("data folder", writable, f"{settings.data_dir} " + ("is writable" if writable else "is not"))
        free = shutil.disk_usage(settings.data_dir).free
        text = f"{free / 1e9:.1f} GB free" + ("" if free > _LOW_DISK_BYTES else ": the database needs room to grow")
        yield Finding("disk", free > _LOW_DISK_BYTES, text)
    if settings.public_url.startswith("http://") and not _is_local(settings.public_url):
        yield Finding("public address", False, "BOTFOLK_PUBLIC_URL is not https: services deliver only to https")


def _is_local(address: str) -> bool:
    return any(f"//{host}" in address for host in ("127.", "localhost", "[::1]"))


def _schema(dsn: str) -> Finding:
    at, ours = migrate.current(dsn), migrate.head()
    if at is not None and at not in migrate.revisions():
        text = f"at revision {at}, which is newer than this version's {ours}: upgrade Botfolk"
        return Finding("schema", False, text)
    if at is None:
        return Finding("schema", True, "none yet: the first `botfolk serve` makes it")
    if at != ours:
        text = f"at revision {at}, this version's is {ours}: `botfolk serve` or `botfolk migrate` brings it there"
        return Finding("schema", False, text)
    return Finding("schema", True, f"at this version's revision, {ours}")


def _database(connection: psycopg.Connection[tuple[object, ...]]) -> Iterator[Finding]:
    version = connection.info.server_version
    yield Finding("database", True, f"PostgreSQL {version // 10_000}.{version % 10_000}")
    row = connection.execute("SHOW fsync").fetchone()
    durable = row is not None and row[0] == "on"
    yield Finding("durability", durable, "fsync is on" if durable else "fsync is off: a power cut loses messages")


def _channels(settings: Settings, connection: psycopg.Connection[tuple[object, ...]]) -> Iterator[Finding]:
    box = SecretBox(settings.secret_key)
    rows = connection.execute("SELECT kind, name, secrets, enabled, last_error FROM channels ORDER BY bot_id, id")
    count = 0
    for kind, name, sealed, enabled, error in rows:
        count += 1
        what = f"channel {name} ({kind})"
        if kind not in KINDS:
            yield Finding(what, False, "this version does not know this kind of channel")
            continue
        try:
            box.open(cast(bytes, sealed))
        except SecretError as problem:
            yield Finding(what, False, str(problem))
            continue
        if error is not None:
            yield Finding(what, False, f"the service last said: {error}")
        else:
            yield Finding(what, True, "switched on" if enabled else "switched off")
    if not count:
        yield Finding("channels", True, "none yet: `botfolk channel add telegram --token …` connects one")


def _queues(connection: psycopg.Connection[tuple[object, ...]]) -> Iterator[Finding]:
    row = connection.execute(
        "SELECT count(*), coalesce(extract(epoch FROM now() - min(next_at)), 0)::int FROM outbox"
        " WHERE state = 'queued' AND next_at < now()"
    ).fetchone()
    waiting, oldest = (int(str(value)) for value in row or (0, 0))
    yield Finding("outbox", oldest < _OLD_QUEUE_SECONDS, f"{waiting} due, the oldest for {oldest} s")
    row = connection.execute("SELECT count(*) FROM outbox WHERE state = 'unknown'").fetchone()
    unknown = int(str(row[0])) if row else 0
    text = f"{unknown} sends with an unknown outcome" + (": members decide on the users' pages" if unknown else "")
    yield Finding("unknown sends", True, text)
    row = connection.execute("SELECT count(*) FROM quarantine").fetchone()
    kept = int(str(row[0])) if row else 0
    yield Finding("quarantine", True, f"{kept} payloads that were not understood are kept")
