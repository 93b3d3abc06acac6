"""The User page with 1,000,000 messages stored: `python -m benchmarks.user_page`.

The time from asking to the last byte, over one kept-alive connection on the same machine: server, database and this
program share it. Beside it what the processors worked for it, which a busy machine disturbs less. Ten people have
10,000 messages each over years, 30 attributes, 300 changes, 20 notes; the 99,990 others nine messages. The mix that is
judged opens one of the ten at every tenth time, far more often than they would come by chance. The parts that the page
fetches by itself are measured too. Not covered: the time to draw in the browser, several members at once, a database
larger than the memory.
"""

import argparse
import random
import re
import sys
import time

from benchmarks.ingest import serve_environment
from benchmarks.machine import children, cpu_seconds, describe
from benchmarks.members import Browser, sign_in
from benchmarks.stage import KEPT, free_port, person, running
from benchmarks.talks import OFTEN, USERS, talks

PROMISED_P50_MS = 10.0
COLUMNS = ("p10", "p50", "p95", "p99", "server", "database", "kB")
OTHERS = "others, measured on the same kind of machine: 17, 39, 45 ms"


def main() -> None:
    """Measure and print; exits with 1 when the promise is not kept."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--asks", type=int, default=300)
    arguments = parser.parse_args()
    dice = random.Random(1)
    with talks() as stage:
        port, cookie = free_port(), sign_in(stage)
        with running(["botfolk.cli", "serve"], port, "/api/v1/health", serve_environment(stage, port)) as server:
            measured = _Measured(Browser(port, cookie), server.pid, arguments.asks)
            often = [f"/users/{person(number)}" for number in range(OFTEN)]
            seldom = [f"/users/{person(dice.randrange(OFTEN, USERS))}" for _ in range(arguments.asks)]
            mixed = [often[index // 10 % OFTEN] if index % 10 == 0 else path for index, path in enumerate(seldom)]
            older = _older(measured.browser, often[0])
            print(f"{'ms, sequentially':36}" + "".join(f"{name:>9}" for name in COLUMNS))
            p50 = measured.ask("page, of the mix", mixed)
            measured.ask("page, 9 messages", seldom)
            measured.ask("page, 10,000 messages", often)
            for what in ("profile", "statistics", "conversation/newest", "composer"):
                measured.ask(f"part: {what}", [f"{path}/{what}" for path in often], part=True)
            measured.ask("part: older, a year back", [older], part=True)
            measured.ask("nothing but who asks: present", [f"{path}/present" for path in seldom], part=True)
            print(describe())
    print(f"user page p50 {p50:.1f} ms (promised {PROMISED_P50_MS:.0f}); {OTHERS}")
    sys.exit(0 if p50 <= PROMISED_P50_MS else 1)


class _Measured:
    """A browser, and what the server and its database work for it."""

    def __init__(self, browser: Browser, server: int, asks: int) -> None:
        self.browser = browser
        self._server = server
        self._postmaster = int((KEPT / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
        self._asks = asks

    def ask(self, name: str, paths: list[str], *, part: bool = False) -> float:
        """Ask for the paths in turn, print how long it took, and return the median in milliseconds."""
        for path in paths[:30]:
            self.browser.get(path, part=part)
        took, size, worked = [], 0, self._worked()
        for index in range(self._asks):
            began = time.perf_counter()
            size = len(self.browser.get(paths[index % len(paths)], part=part))
            took.append((time.perf_counter() - began) * 1000)
        server, database = ((now - then) / self._asks * 1000 for now, then in zip(self._worked(), worked, strict=True))
        took.sort()
        p10, p50, p95, p99 = (took[min(len(took) - 1, int(len(took) * share))] for share in (0.1, 0.5, 0.95, 0.99))
        figures = p10, p50, p95, p99, server, database, size / 1000
        print(f"{name:36}" + "".join(f"{figure:>9.1f}" for figure in figures), flush=True)
        return p50

    def _worked(self) -> tuple[float, float]:
        """Return the seconds of a processor that the server and the database have used."""
        return cpu_seconds(self._server), sum(map(cpu_seconds, children(self._postmaster)))


def _older(browser: Browser, address: str) -> str:
    """Walk back 60 pages of a conversation and return the address of the next one."""
    path = address
    for step in range(60):
        found = re.search(rb'hx-get="([^"]*/conversation\?before=[^"]+)"', browser.get(path, part=step > 0))
        if found is None:
            raise RuntimeError(f"the conversation of {address} ends too early")
        path = found[1].decode()
    return path


if __name__ == "__main__":
    main()
