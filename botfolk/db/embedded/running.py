"""Whether a server runs on a cluster, read from its `postmaster.pid`.

The file's lines: process id, data directory, start time, port, folder of the socket, address, shared memory, status
(PostgreSQL's `src/include/utils/pidfile.h`).
"""

import os
import subprocess
from pathlib import Path

from botfolk.db.embedded.cluster import Cluster


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except FileNotFoundError:
        return []


def pid(cluster: Cluster) -> int | None:
    """Return the process id in the file; None without a file."""
    lines = _lines(cluster.pid_file)
    return int(lines[0]) if lines and lines[0].strip().isdigit() else None


def is_postgres(cluster: Cluster) -> bool:
    """Return whether the process in the file lives and is this cluster's server, not one that got its id later."""
    found = pid(cluster)
    return found is not None and str(cluster.data) in _command_line(found)


def _command_line(process: int) -> list[str]:
    """Return the arguments of a process; empty when it is gone or has ended and is only not yet taken note of."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{process}/cmdline").read_bytes().decode(errors="surrogateescape").split("\0")
        except (FileNotFoundError, ProcessLookupError):
            return []
    listed = subprocess.run(["ps", "-p", str(process), "-o", "args="], capture_output=True, text=True, check=False)  # noqa: S607
    return listed.stdout.strip().split(" ")


def disown_stale_locks(cluster: Cluster) -> None:
    """Make PostgreSQL see that a living process its lock files name is no server, but got the id of one that died.

    The id is replaced by our own, which a server takes for a stale one, as it is its parent's. The rest of the file
    stays: by the shared memory it names, a new server finds processes of the old one that still write.
    """
    if is_postgres(cluster):
        return
    for path in (cluster.pid_file, cluster.sockets / ".s.PGSQL.5432.lock"):
        lines = _lines(path)
        if lines:
            with path.open("r+") as file:
                file.write("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
                file.truncate()
