"""How fast and how busy this machine is, so that figures from different machines, and days, can be compared."""

import os
import time
from pathlib import Path

ROUNDS = 5_000_000
_TICKS = os.sysconf("SC_CLK_TCK")


def describe() -> str:
    """Time a loop and say how long it took, and what else runs."""
    began, total = time.perf_counter(), 0
    for number in range(ROUNDS):
        total += number * number
    took = time.perf_counter() - began
    return (
        f"machine: {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f};"
        f" {ROUNDS:,} rounds of `s += i * i` take {took:.2f} s (0.3 to 0.4 s is usual)"
    )


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
