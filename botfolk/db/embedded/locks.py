"""Locks between processes on one data folder. The system drops them when a process ends, however it ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def _open(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if os.geteuid() == 0:  # the folder may be an ordinary user's, who must be able to open the file too
        folder = path.parent.stat()
        os.fchown(descriptor, folder.st_uid, folder.st_gid)
    return descriptor


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold a lock as the only one, waiting for it."""
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


class Use:
    """One of the users of something; the last one to leave is told so."""

    def __init__(self, path: Path) -> None:
        """Begin to use what the file at `path` stands for."""
        self._path = path
        self._descriptor: int | None = _open(path)
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def leave(self) -> bool:
        """End the use; return whether nobody uses it any more. A second call returns False."""
        if self._descriptor is None:
            return False
        os.close(self._descriptor)
        self._descriptor = None
        probe = _open(self._path)
        try:
            fcntl.flock(probe, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(probe)
        return True
