"""The files of the embedded server: made once, checked at each start."""

import os
import shutil
import stat
import subprocess
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import gettempdir

from botfolk.db.embedded import binaries, configuration
from botfolk.db.embedded.account import Account, choose
from botfolk.db.embedded.errors import EmbeddedError

ROLE = "botfolk"
"""The role that owns everything; whoever may enter the socket's folder is it."""

_LONGEST_SOCKET = 100
"""Bytes of a socket's path: `sun_path` holds 108 on Linux, 104 on macOS, its end included."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """The folders of one server and the user they belong to."""

    home: Path
    account: Account
    programs: Path

    @property
    def data(self) -> Path:
        """The folder PostgreSQL calls its data directory."""
        return self.home / "data"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.home / "postgres.log"

    @property
    def pid_file(self) -> Path:
        """The lock file of a running server."""
        return self.data / "postmaster.pid"

    @property
    def sockets(self) -> Path:
        """The folder of the server's socket, open to its owner only."""
        inside = self.home / "run"
        if len(os.fsencode(inside / ".s.PGSQL.5432")) <= _LONGEST_SOCKET:
            return inside
        name = sha256(os.fsencode(self.home)).hexdigest()[:16]
        return Path(gettempdir()) / f"botfolk-{self.account.uid}-{name}"


def prepare(data_dir: Path, *, fsync: bool) -> Cluster:
    """Return the cluster under `data_dir`, made when it is not there yet, configured. Raises EmbeddedError."""
    home = data_dir.resolve() / "postgres"
    cluster = Cluster(home, choose(home), binaries.folder())
    cluster.account.let_through(home)
    cluster.account.let_through(cluster.programs / "postgres")
    for folder in (home, cluster.sockets):
        _private_folder(folder, cluster.account)
    if not (cluster.data / "PG_VERSION").exists():
        _initialise(cluster, fsync=fsync)
    version = (cluster.data / "PG_VERSION").read_text().strip()
    if version != binaries.MAJOR:
        raise EmbeddedError(
            f"{cluster.data} was made by PostgreSQL {version}, and this version of Botfolk brings {binaries.MAJOR}:"
            " make a dump with the version of Botfolk that wrote it, and load that into an empty data folder"
        )
    _write(cluster, configuration.FILE, configuration.text(cluster.sockets, fsync=fsync))
    return cluster


def _private_folder(folder: Path, account: Account) -> None:
    """Make a folder only `account` may enter; one there already must be just that, or another user could listen in."""
    try:
        folder.mkdir(mode=0o700)
        account.own(folder)
    except FileExistsError:
        pass
    except OSError as error:
        raise EmbeddedError(f"the folder {folder} cannot be made: {error.strerror}") from error
    status = folder.lstat()
    if stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() != account.uid:
        account.own(folder)  # a start that was cut off between the two lines above
        status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != account.uid:
        raise EmbeddedError(f"{folder} is not a folder of the user with id {account.uid}: remove it")
    if stat.S_IMODE(status.st_mode) != 0o700:
        folder.chmod(0o700)


def _initialise(cluster: Cluster, *, fsync: bool) -> None:
    """Make the cluster beside its place and move it there, so that a start cut off leaves nothing half made."""
    fresh = cluster.home / "data.new"
    shutil.rmtree(fresh, ignore_errors=True)
    command = [
        str(cluster.programs / "initdb"),
        f"--pgdata={fresh}",
        f"--username={ROLE}",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-instructions",
        "--data-checksums",
    ]
    if not fsync:
        command.append("--no-sync")
    try:
        made = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd="/", umask=0o077, **cluster.account.run_as
        )
    except OSError as error:
        raise EmbeddedError(f"{command[0]} cannot be run: {error.strerror}") from error
    if made.returncode:
        raise EmbeddedError(f"initdb failed in {fresh}: {made.stderr.strip()}")
    with (fresh / "postgresql.conf").open("a") as conf:
        conf.write(f"\ninclude = '{configuration.FILE}'\n")
    fresh.rename(cluster.data)


def _write(cluster: Cluster, name: str, content: str) -> None:
    path = cluster.data / name
    if path.exists() and path.read_text() == content:
        return
    # Root writes in a folder of another user: never through a link that user put there.
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o600), "w") as file:
        file.write(content)
    cluster.account.own(path)
