"""Everybody can read the pages: the contrast of the colours, in light and in dark (WCAG 2.2 AA, 1.4.3 and 1.4.11)."""

import re
from itertools import product
from pathlib import Path

import pytest

TOKENS = Path(__file__).parents[2] / "web" / "src" / "styles" / "tokens.css"

TEXT = 4.5
CONTROL = 3.0

ON_SURFACES = [(ink, ground) for ink, ground in product(("ink", "ink-soft"), ("page", "surface", "sunken", "hover"))]
PAIRS = [
    *ON_SURFACES,
    ("accent-ink", "accent-wash"),
    ("accent-ink", "surface"),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("good", "surface"),
    ("good", "good-wash"),
    ("bad", "surface"),
    ("bad", "page"),
    ("bad", "bad-wash"),
    ("warn", "surface"),
    ("warn", "page"),
    ("warn", "warn-wash"),
    ("ink", "warn-wash"),
    ("ink", "accent-wash"),
    *((f"tint-{number}-ink", f"tint-{number}") for number in range(8)),
]
EDGES = [*product(("line-strong", "accent"), ("page", "surface")), ("line-strong", "sunken")]


def tokens() -> dict[str, dict[str, str]]:
    """The colours by name, in light and in dark."""
    light, dark = TOKENS.read_text().split("@media (prefers-color-scheme: dark)")
    found = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", part)) for part in (light, dark)]
    return {"light": found[0], "dark": {**found[0], **found[1]}}


def luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_on_what_it_stands_on(scheme: str) -> None:
    colours = tokens()[scheme]
    weak = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in PAIRS}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < TEXT} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_edges_of_controls_can_be_seen(scheme: str) -> None:
    colours = tokens()[scheme]
    weak = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in EDGES}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < CONTROL} == {}
