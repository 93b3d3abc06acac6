"""Train the linear model: `python -m botfolk.sentiment.train` writes table.txt anew, `--check` compares it instead.

Plain arithmetic in a fixed order, on features that are counted in a fixed order: the same data give the same bytes.
"""

import argparse
import gzip
import hashlib
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib.resources import files
from math import sqrt
from pathlib import Path

import msgspec
from msgspec import Struct

from botfolk.sentiment import features
from botfolk.sentiment.lexicon import lexicon
from botfolk.sentiment.line import read as read_line
from botfolk.sentiment.model import RULES_SHARE
from botfolk.sentiment.rules import Rules
from botfolk.sentiment.table import NAME, Table, Weights, write
from botfolk.sentiment.tokens import Tokenizer

DATA = Path("../shared/data/sentiment")
SOURCES = {
    "en_goemo": "GoEmotions, Google Research (Apache-2.0)",
    "en_vader": "Hutto & Gilbert 2014, ground truth of VADER (MIT)",
    "th_wisesight": "Wisesight sentiment (CC0-1.0)",
    "nusax": "NusaX (CC BY-SA 4.0)",
    "id_smsa": "IndoNLU SmSA (Apache-2.0)",
    "xlmt": "XLM-T / UMSAB (Apache-2.0)",
    "zh_cped": "CPED (Apache-2.0)",
    "own": "sentences of this project, examples.txt (MIT)",
}
_KEPT_OUT = ("_val", "_valid", "_dev")
FEATURES = 45_000
RAREST = 4
"""Texts that a feature must stand in."""
EPOCHS = 10
RATE = 0.3
SOFTNESS = 4.0
"""How far weights may go: the inverse of the L2 penalty."""
BALANCE = 0.75
"""How much the classes of a source are made to count the same: 0 not at all, 1 fully."""
LEVEL = 0.3
"""How much sources of different sizes are made to count the same."""
OWN_WEIGHT = 3.0


class Example(Struct, frozen=True):
    """A text and its label: −1, 0 or 1."""

    text: str
    label: int


class Seen(Struct):
    """An example as the trainer sees it."""

    lexical: list[str]
    rules: list[str]
    label: int
    weight: float


def kept_out(text: str) -> bool:
    """Say whether a text of a source that has no evaluation part of its own is kept out of training: one in ten."""
    return int(hashlib.sha1(text.encode()).hexdigest(), 16) % 10 == 0  # noqa: S324 - no secret


def is_whole(name: str) -> bool:
    """Say whether a source has an evaluation part of its own, so that all of its training part is trained on."""
    return name.endswith("_train") and not name.startswith("th_wisesight")


def read(path: Path) -> list[Example]:
    """Read the examples of a file of gzipped JSON lines."""
    decode = msgspec.json.Decoder(Example).decode
    with gzip.open(path) as lines:
        return [decode(line) for line in lines]


def read_own() -> list[Example]:
    """Read the project's own sentences."""
    signs = {"+": 1, "0": 0, "-": -1}
    text = (files("botfolk.sentiment") / "examples.txt").read_text("utf-8")
    return [Example(line[2:], signs[line[0]]) for line in text.splitlines() if line[:1] in signs]


def training(folder: Path) -> dict[str, list[Example]]:
    """Read what is trained on, by source. Raises FileNotFoundError when the folder has none."""
    paths = sorted(folder.glob("*.jsonl.gz"))
    if not paths:
        raise FileNotFoundError(f"{folder} has no *.jsonl.gz")
    sources = {}
    for path in paths:
        name = path.name.removesuffix(".jsonl.gz")
        if name == "zh_cped_valid" or not name.endswith(_KEPT_OUT):
            examples = read(path)
            sources[name] = examples if is_whole(name) else [each for each in examples if not kept_out(each.text)]
    return sources | {"own": read_own()}


def evaluation(folder: Path) -> dict[str, list[Example]]:
    """Read what was kept out of training, by source."""
    sources = {}
    for path in sorted(folder.glob("*.jsonl.gz")):
        name = path.name.removesuffix(".jsonl.gz")
        if name != "zh_cped_valid" and name.endswith(_KEPT_OUT):
            sources[name] = read(path)
        elif not is_whole(name):
            sources[name] = [each for each in read(path) if kept_out(each.text)]
    return sources


def see(sources: dict[str, list[Example]]) -> list[Seen]:
    """Return examples as the trainer sees them, in a fixed order that mixes the sources."""
    cut, judge = Tokenizer(lexicon(), Table({})).cut, Rules(lexicon()).judge
    seen: list[tuple[bytes, Seen]] = []
    once: dict[str, str] = {}
    for name, examples in sorted(sources.items()):
        counts = Counter(each.label for each in examples)
        level = OWN_WEIGHT if name == "own" else (5000 / len(examples)) ** LEVEL
        for each in examples:
            text = each.text.replace("[NAME]", "@name")
            tokens = cut(text)
            weight = level * (len(examples) / 3 / counts[each.label]) ** BALANCE
            judged = judge(tokens, *read_line(tokens)[2:])
            lexical, rules = features.lexical(tokens, judged), features.of_rules(judged)
            lexical = [once.setdefault(feature, feature) for feature in lexical]
            rules = [once.setdefault(feature, feature) for feature in rules]
            order = hashlib.sha1(f"{name} {text}".encode()).digest()  # noqa: S324
            seen.append((order, Seen(lexical, rules, each.label, weight)))
    seen.sort(key=lambda pair: pair[0])
    return [each for _, each in seen]


def choose(seen: Sequence[Seen]) -> list[str]:
    """Choose the features that tell the classes apart best, for how often they are seen."""
    counts: dict[str, list[float]] = {}
    in_texts: Counter[str] = Counter()
    overall = [0.0, 0.0, 0.0]
    for each in seen:
        overall[each.label + 1] += each.weight
        for feature in dict.fromkeys(each.lexical):
            in_texts[feature] += 1
            counts.setdefault(feature, [0.0, 0.0, 0.0])[each.label + 1] += each.weight
    total = sum(overall)
    worth = {}
    for feature, (negative, neutral, positive) in counts.items():
        if in_texts[feature] >= RAREST:
            seen_weight = negative + neutral + positive
            apart = (
                abs(negative / seen_weight - overall[0] / total)
                + abs(neutral / seen_weight - overall[1] / total)
                + abs(positive / seen_weight - overall[2] / total)
            )
            worth[feature] = apart * sqrt(in_texts[feature])
    best = sorted(worth, key=lambda feature: (-worth[feature], feature))[:FEATURES]
    return sorted(best) + sorted({feature for each in seen for feature in each.rules})


def _exp(value: float) -> float:
    """e to a value, from multiplications alone: the same on every machine."""
    power = 1 + max(-30.0, min(30.0, value)) / 1024
    for _ in range(10):
        power *= power
    return power


def fit(seen: Sequence[Seen], chosen: Sequence[str]) -> dict[str, Weights]:
    """Fit the weights by AdaGrad, one example after the other."""
    index = {feature: number for number, feature in enumerate(chosen)}
    rows = []
    often = [0.0] * len(chosen)
    for each in seen:
        known = [index[feature] for feature in each.lexical if feature in index]
        of_rules = [index[feature] for feature in each.rules]
        rows.append((known, of_rules, 1 / sqrt(len(known) + 2), each.label, each.weight))
        for number in known + of_rules:
            often[number] += 1
    pull = [1 / (SOFTNESS * max(1.0, count)) for count in often]
    negative, positive = [0.0] * len(chosen), [0.0] * len(chosen)
    moved_n, moved_p = [1e-6] * len(chosen), [1e-6] * len(chosen)
    start_n = start_p = 0.0
    start_moved_n = start_moved_p = 1e-6
    for epoch in range(EPOCHS):
        rate = RATE / (1 + epoch) ** 0.5
        for known, of_rules, share, label, weight in rows if epoch % 2 == 0 else reversed(rows):
            n, p = 0.0, 0.0
            for number in known:
                n += negative[number]
                p += positive[number]
            n, p = n * share, p * share
            for number in of_rules:
                n += negative[number] * RULES_SHARE
                p += positive[number] * RULES_SHARE
            e_n, e_p = _exp(n + start_n), _exp(p + start_p)
            wrong_n = weight * (e_n / (1 + e_n + e_p) - (label == -1))
            wrong_p = weight * (e_p / (1 + e_n + e_p) - (label == 1))
            start_moved_n += wrong_n * wrong_n
            start_moved_p += wrong_p * wrong_p
            start_n -= rate * wrong_n / sqrt(start_moved_n)
            start_p -= rate * wrong_p / sqrt(start_moved_p)
            for numbers, counts in ((known, share), (of_rules, RULES_SHARE)):
                by_n, by_p = wrong_n * counts, wrong_p * counts
                for number in numbers:
                    slope = by_n + negative[number] * pull[number]
                    moved_n[number] += slope * slope
                    negative[number] -= rate * slope / sqrt(moved_n[number])
                    slope = by_p + positive[number] * pull[number]
                    moved_p[number] += slope * slope
                    positive[number] -= rate * slope / sqrt(moved_p[number])
    weights = {feature: (negative[number], positive[number]) for feature, number in index.items()}
    return weights | {"#start": (start_n, start_p)}


def train(sources: dict[str, list[Example]]) -> str:
    """Train on sources and return the table's text."""
    seen = see(sources)
    weights = fit(seen, choose(seen))
    notes = [
        "Weights of the linear model: against negative, for positive. Made by python -m botfolk.sentiment.train from"
    ]
    used = [source for part, source in SOURCES.items() if any(part in name for name in sources)]
    return write(weights, notes + [f"- {source}" for source in used])


def main(arguments: Iterable[str] | None = None) -> int:
    """Train, and write the table or compare it."""
    parser = argparse.ArgumentParser(prog="python -m botfolk.sentiment.train", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help=f"the folder of the training texts (default {DATA})")
    parser.add_argument("--check", action="store_true", help="compare with the table in the package, and write nothing")
    given = parser.parse_args(None if arguments is None else list(arguments))
    try:
        text = train(training(given.data))
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 2
    path = Path(str(files("botfolk.sentiment") / NAME))
    if given.check:
        same = path.read_text("utf-8") == text
        print("the table is what the data give" if same else "the table is not what the data give")
        return 0 if same else 1
    path.write_text(text, "utf-8")
    print(f"{path}: {len(text.encode())} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
