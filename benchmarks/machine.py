"""How fast and how busy this machine is, so that figures from different machines, and days, can be compared."""

import os
import time
from pathlib import Path

import psycopg

ROUNDS = 5_000_000
HASHED = 300_000
_TICKS = os.sysconf("SC_CLK_TCK")


def describe(dsn: str | None = None) -> str:
    """Time a loop, and with `dsn` a statement that reads no table; say how long they took, and what else runs. Seconds
    that stand below are to be divided by how much longer than usual these are."""
    began, total = time.perf_counter(), 0
    for number in range(ROUNDS):
        total += number * number
    said = (
        f"machine: {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f};"
        f" {ROUNDS:,} rounds of `s += i * i` take {time.perf_counter() - began:.2f} s (0.3 to 0.4 s is usual)"
    )
    if dsn is None:
        return said
    with psycopg.connect(dsn, options="-c jit=off -c max_parallel_workers_per_gather=0") as connection:
        began = time.perf_counter()
        connection.execute("SELECT count(md5(n::text)) FROM generate_series(1, %s) n", [HASHED])
        took = time.perf_counter() - began
    return f"{said}; PostgreSQL hashes {HASHED:,} numbers in {took:.2f} s (0.1 s is usual)"


def cpu_seconds(pid: int) -> float:
    """Return how much of a processor a process has used, by /proc; 0 where there is none, or once it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


def children(pid: int) -> list[int]:
    """Return the processes that a process has started and that run."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(status.parent.name))
    return found
