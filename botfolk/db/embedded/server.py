"""Start, share and stop the embedded server. All processes on a data folder use the same one; the last one stops it."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import structlog
from psycopg import sql
from psycopg.conninfo import make_conninfo

from botfolk.db.embedded import locks, running
from botfolk.db.embedded.cluster import ROLE, Cluster, prepare
from botfolk.db.embedded.errors import EmbeddedError

DATABASE = "botfolk"
_LOCK, _USERS = "postgres.lock", "postgres.users"
_PAUSE_SECONDS = 0.02
_START_SECONDS = 300.0
"""Recovery after a crash may take minutes."""
_STOP_SECONDS = 60.0
_ORPHANS_SECONDS = 15.0
"""How long processes of a killed server may hold its memory before a new one gives up."""
_LOG_BYTES = 10_000_000

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Embedded:
    """A running server. `dsn` is a conninfo for psycopg; `started_here`: it did not run before this call."""

    dsn: str
    started_here: bool
    data_dir: Path
    _cluster: Cluster
    _use: locks.Use
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def stop(self) -> bool:
        """End the use of the server and stop it when nobody else uses it; return whether it was stopped here.

        Open transactions are rolled back. Raises EmbeddedError when the server does not end.
        """
        with locks.alone(self.data_dir / _LOCK):
            if not self._use.leave():
                return False
            return _halt(self._cluster, self._process)


def start(data_dir: Path, *, fsync: bool = True) -> Embedded:
    """Return the server of `data_dir`, started and made when it must be; its database is there, empty at first.

    Without `fsync` a crash of the machine may destroy the database: for tests alone. Raises EmbeddedError.
    """
    try:
        data_dir.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        with locks.alone(data_dir / _LOCK):
            return _start(data_dir.resolve(), fsync=fsync)
    except OSError as error:
        raise EmbeddedError(f"the data folder {data_dir} cannot be used: {error}") from error


def _start(data_dir: Path, *, fsync: bool) -> Embedded:
    use = locks.Use(data_dir / _USERS)
    try:
        cluster = prepare(data_dir, fsync=fsync)
        process = None if running.is_postgres(cluster) else _launch(cluster)
        if not _await_answer(cluster, process):  # it ran, but was just ending
            process = _launch(cluster)
            _await_answer(cluster, process)
        _make_database(cluster)
    except BaseException:
        use.leave()
        raise
    return Embedded(_conninfo(cluster, DATABASE), process is not None, data_dir, cluster, use, process)


def _conninfo(cluster: Cluster, database: str) -> str:
    return make_conninfo(host=str(cluster.sockets), port=5432, user=ROLE, dbname=database)


def _launch(cluster: Cluster) -> subprocess.Popen[bytes]:
    running.disown_stale_locks(cluster)
    if cluster.log.exists() and cluster.log.stat().st_size > _LOG_BYTES:
        cluster.log.replace(cluster.log.with_suffix(".log.1"))
    give_up = time.monotonic() + _ORPHANS_SECONDS
    while True:
        process = _spawn(cluster)
        while process.poll() is None and running.pid(cluster) != process.pid:
            time.sleep(_PAUSE_SECONDS)
        if process.poll() is None:
            return process
        reason = _last_words(cluster)
        if "still in use" not in reason or time.monotonic() > give_up:
            raise EmbeddedError(f"it ended at once: {reason} (see {cluster.log})")
        time.sleep(_PAUSE_SECONDS)


def _spawn(cluster: Cluster) -> subprocess.Popen[bytes]:
    """Start the process in a session of its own: Ctrl-C in the terminal must not end it before those who use it."""
    descriptor = os.open(cluster.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        cluster.account.own(cluster.log)
        return subprocess.Popen(
            [str(cluster.programs / "postgres"), "-D", str(cluster.data)],
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            cwd="/",
            start_new_session=True,
            umask=0o077,
            **cluster.account.run_as,
        )
    except OSError as error:
        raise EmbeddedError(f"{cluster.programs / 'postgres'} cannot be run: {error.strerror}") from error
    finally:
        os.close(descriptor)


def _await_answer(cluster: Cluster, process: subprocess.Popen[bytes] | None) -> bool:
    """Wait until the server answers, and be sure that it is the one of this folder.

    Return False when a server that ran before (no `process`) ended instead.
    """
    give_up, told = time.monotonic() + _START_SECONDS, False
    while True:
        try:
            with psycopg.connect(_conninfo(cluster, "postgres"), connect_timeout=10) as connection:
                row = connection.execute("SELECT current_setting('data_directory')").fetchone()
        except psycopg.OperationalError as error:
            if process is None and not running.is_postgres(cluster):
                return False
            if process is not None and process.poll() is not None:
                raise EmbeddedError(f"it ended while starting: {_last_words(cluster)} (see {cluster.log})") from error
            if time.monotonic() > give_up:
                raise EmbeddedError(f"it does not answer: {error} (see {cluster.log})") from error
            if not told and time.monotonic() > give_up - _START_SECONDS + 5:
                _log.info("waiting for the embedded PostgreSQL", reason="it may be recovering from a crash")
                told = True
            time.sleep(_PAUSE_SECONDS)
            continue
        if row is None or Path(row[0]).resolve() != cluster.data:
            raise EmbeddedError(f"another server listens in {cluster.sockets}")
        return True


def _make_database(cluster: Cluster) -> None:
    with psycopg.connect(_conninfo(cluster, "postgres"), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def _halt(cluster: Cluster, process: subprocess.Popen[bytes] | None) -> bool:
    pid = running.pid(cluster)
    if pid is None or not running.is_postgres(cluster):
        return False
    os.kill(pid, signal.SIGINT)  # PostgreSQL's fast shutdown
    give_up = time.monotonic() + _STOP_SECONDS
    while cluster.pid_file.exists() and running.is_postgres(cluster):
        if process is not None:
            process.poll()  # a child that ended stays in the list of processes until asked for
        if time.monotonic() > give_up:
            raise EmbeddedError(f"it does not stop within {_STOP_SECONDS:.0f} seconds (see {cluster.log})")
        time.sleep(_PAUSE_SECONDS)
    if process is not None:
        process.wait(timeout=_STOP_SECONDS)
    return True


def _last_words(cluster: Cluster) -> str:
    """Return what the server wrote last that is more than that it ends, or is not ready for who asked too early."""
    lines = cluster.log.read_text(errors="replace").strip().splitlines()[-20:]
    lines = [line for line in lines if "the database system is starting up" not in line]
    telling = [line for line in lines if "FATAL:" in line or "PANIC:" in line] or lines
    return telling[-1] if telling else "no word in its log"
