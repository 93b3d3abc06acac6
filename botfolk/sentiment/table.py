"""The table of the linear model: what each feature weighs, as trained."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files

STEP = 0.125
"""Weights stand in the table as whole multiples of this."""
NAME = "table.txt"

Weights = tuple[float, float]
"""What speaks for negative and for positive, against neutral."""
NOTHING: Weights = (0.0, 0.0)
Pull = tuple[float, float]
"""The same as its difference, positive − negative, and its sum: quicker to add up where the difference is asked for."""


class Table:
    """The weights by feature: single words, emoji and pieces; pairs of words by the first; what the rules noticed."""

    def __init__(self, weights: Mapping[str, Weights]) -> None:
        self.single: dict[str, Pull] = {}
        self.pairs: dict[str, dict[str, Pull]] = {}
        self.rules: dict[str, Weights] = {}
        # Few numbers, each kept once: what is near in memory is found sooner.
        once: dict[float, float] = {}
        pulls = {weighs: _pull(weighs, once) for weighs in set(weights.values())}
        for name, weighs in weights.items():
            if name[0] == "#":
                self.rules[name] = weighs
            elif "_" in name:
                first, _, second = name.partition("_")
                self.pairs.setdefault(first, {})[second] = pulls[weighs]
            else:
                self.single[name] = pulls[weighs]
        self.start = self.rules.get("#start", NOTHING)
        """What every text starts with."""


def _pull(weighs: Weights, once: dict[float, float]) -> Pull:
    margin, spread = weighs[1] - weighs[0], weighs[1] + weighs[0]
    return once.setdefault(margin, margin), once.setdefault(spread, spread)


def read(text: str) -> Table:
    """Read a table as `write` writes it: a line is two weights in steps and the features that have them."""
    weights: dict[str, Weights] = {}
    for line in text.splitlines():
        if not line.startswith("#!"):
            negative, positive, *names = line.split(" ")
            weights.update(dict.fromkeys(names, (int(negative) * STEP, int(positive) * STEP)))
    return Table(weights)


def write(weights: Mapping[str, Weights], notes: Sequence[str]) -> str:
    """Write a table; `notes` say where it comes from. Features that weigh nothing are left out."""
    lines: dict[tuple[int, int], list[str]] = {}
    for name, (negative, positive) in weights.items():
        steps = (round(negative / STEP), round(positive / STEP))
        if steps != (0, 0):
            lines.setdefault(steps, []).append(name)
    rows = [f"{steps[0]} {steps[1]} {' '.join(sorted(names))}" for steps, names in sorted(lines.items())]
    return "".join(f"{line}\n" for line in [*(f"#! {note}" for note in notes), *rows])


@lru_cache(maxsize=1)
def table() -> Table:
    """Return the table of the package, read at the first use."""
    return read((files("botfolk.sentiment") / NAME).read_text("utf-8"))
