"""The configuration of the embedded server, written anew at each start: it follows the machine and the version.

What `ALTER SYSTEM` sets goes before it.
"""

import os
from pathlib import Path

FILE = "botfolk.conf"


def text(sockets: Path, *, fsync: bool) -> str:
    """Return the configuration for a server listening in the folder `sockets` only.

    Without `fsync` a crash of the machine may destroy the database: for tests alone.
    """
    memory = memory_megabytes()
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": f'"{sockets}"',
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "shared_buffers": f"{max(32, min(512, memory // 8))}MB",
        "effective_cache_size": f"{max(128, memory // 2)}MB",
        "maintenance_work_mem": f"{max(32, min(128, memory // 16))}MB",
        "work_mem": "8MB",
        "random_page_cost": "1.1",
        "jit": "off",
        "fsync": "on" if fsync else "off",
        "synchronous_commit": "on" if fsync else "off",
        "full_page_writes": "on" if fsync else "off",
        # Compressing pages that are written whole after a checkpoint (pglz) took more than half of a long job's CPU.
        "wal_compression": "off",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "checkpoint_completion_target": "0.9",
        "autovacuum_naptime": "15s",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_min_messages": "warning",
        "log_checkpoints": "off",
        "log_line_prefix": "%m [%p] %a ",
        # The statement, its parameters and the detail of an error hold what people wrote.
        "log_min_error_statement": "panic",
        "log_parameter_max_length_on_error": "0",
        "log_error_verbosity": "terse",
    }
    return "".join(f"{name} = '{_quoted(value)}'\n" for name, value in settings.items())


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")


def memory_megabytes() -> int:
    """Return how much memory this process may use: the machine's, or less where a container limits it."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for limit in (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes")):
        try:
            memory = min(memory, int(limit.read_text()))
        except (OSError, ValueError):
            continue
    return memory // (1024 * 1024)
