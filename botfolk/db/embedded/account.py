"""Which system user PostgreSQL runs as. It refuses to run as root, so root runs it as a user of its own."""

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import structlog

from botfolk.db.embedded.errors import EmbeddedError

SYSTEM_USER = "botfolk"

_log = structlog.get_logger(__name__)


class RunAs(TypedDict, total=False):
    """The arguments of subprocess that choose a user."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """A system user; `switch` when it is another than the one this process runs as."""

    uid: int
    gid: int
    switch: bool

    @property
    def run_as(self) -> RunAs:
        """The arguments that make subprocess run as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switch else {}

    def own(self, path: Path) -> None:
        """Give a file or folder of the embedded server to this user. Raises EmbeddedError."""
        if not self.switch:
            return
        try:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)
        except OSError as error:
            raise EmbeddedError(f"{path} cannot be given to the user with id {self.uid}: {error.strerror}") from error

    def let_through(self, path: Path) -> None:
        """Let this user search the folders above `path`, opening only what bars the way. Raises EmbeddedError."""
        if not self.switch:
            return
        for folder in reversed(path.resolve().parents):
            if self._may_search(folder):
                continue
            mode = stat.S_IMODE(folder.stat().st_mode)
            try:
                folder.chmod(mode | stat.S_IXOTH)
            except OSError as error:
                raise EmbeddedError(f"the user with id {self.uid} may not search {folder}: {error.strerror}") from error
            _log.warning("folder opened for searching", folder=str(folder), reason="PostgreSQL does not run as root")

    def _may_search(self, folder: Path) -> bool:
        status = folder.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.gid:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)


def choose(home: Path) -> Account:
    """Return the user to run the server with its files in `home`, which need not exist yet.

    Files that are there decide: root goes on as the user who owns them. Raises EmbeddedError.
    """
    owner = home.stat().st_uid if home.exists() else None
    own = os.geteuid()
    if own != 0:
        if owner not in (None, own):
            raise EmbeddedError(f"{home} belongs to the user with id {owner}: run Botfolk as that user")
        return Account(own, os.getegid(), switch=False)
    if owner not in (None, 0):
        return Account(home.stat().st_uid, home.stat().st_gid, switch=True)
    entry = _system_user()
    return Account(entry.pw_uid, entry.pw_gid, switch=True)


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if useradd is None:
        raise EmbeddedError(
            f"PostgreSQL does not run as root, and there is no useradd to make the user {SYSTEM_USER}:"
            f" make that user, or run Botfolk as an ordinary one"
        )
    made = subprocess.run(
        [useradd, "--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/bin/false", SYSTEM_USER],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        entry = pwd.getpwnam(SYSTEM_USER)  # also when another process made it at the same time
    except KeyError:
        raise EmbeddedError(
            f"PostgreSQL does not run as root, and the user {SYSTEM_USER} could not be made: {made.stderr.strip()}"
        ) from None
    _log.info("system user made", user=SYSTEM_USER, reason="PostgreSQL does not run as root")
    return entry
