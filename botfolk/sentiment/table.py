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
Pull = tuple[float, int]
"""The same as its margin, positive − negative in steps, and its tally."""
Pair = tuple[float, int, list[int] | None]
"""What is known of two words, one after the other: half their margin, their tally, and how many words the rated phrases
have that begin so, the longest first."""

KNOWN = (1 << 13) - 1
NEGATIVE, POSITIVE, ENGLISH = 13, 33, 53
PULL = (1 << 20) - 1
"""How a tally is laid out, in bits: the first number, where the others begin, the second or third shifted there."""
HALF = 1 << 19
START = (HALF << NEGATIVE) + (HALF << POSITIVE)
"""What tallies are added to: with half of what the second and third number have room for, no sum of them is below 0."""
IN_ENGLISH = 1 << ENGLISH
"""A sum from this on is of a text that more words tell to be English than not."""


def tally(weighs: Weights) -> int:
    """Return as one number, to be added up at once: that a feature is known, the steps that speak for negative and for
    positive. A token adds, above them, whether it tells of English."""
    return 1 + (int(weighs[0] / STEP) << NEGATIVE) + (int(weighs[1] / STEP) << POSITIVE)


class Table:
    """The weights by feature: single words, emoji and pieces; pairs of words by the first; what the rules noticed."""

    def __init__(self, weights: Mapping[str, Weights]) -> None:
        self.single: dict[str, Pull] = {}
        self.pairs: dict[str, dict[str, Pair]] = {}
        self.seconds: dict[str, str] = {}
        """The words that end pairs, each kept once: that a word is the very same is seen at once."""
        self.rules: dict[str, Weights] = {}
        # Few numbers, each kept once: what is near in memory is found sooner.
        once: dict[float, float] = {}
        pulls = {weighs: _pull(weighs, once) for weighs in set(weights.values())}
        pairs: dict[Weights, Pair] = {weighs: (pull[0] / 2, pull[1], None) for weighs, pull in pulls.items()}
        for name, weighs in weights.items():
            if name[0] == "#":
                self.rules[name] = weighs
            elif "_" in name:
                first, _, second = name.partition("_")
                self.pairs.setdefault(first, {})[self.seconds.setdefault(second, second)] = pairs[weighs]
            else:
                self.single[name] = pulls[weighs]
        self.start = self.rules.get("#start", NOTHING)
        """What every text starts with."""


def _pull(weighs: Weights, once: dict[float, float]) -> Pull:
    margin = (weighs[1] - weighs[0]) / STEP
    return once.setdefault(margin, margin), tally(weighs)


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
