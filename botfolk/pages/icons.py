"""The drawings of web/src/icons.svg, as templates show them. A function, as a page has a hundred and a macro costs."""

from functools import lru_cache

from markupsafe import Markup

from botfolk.pages.assets import asset

_MOST = 2000


def draw_icon(name: str, label: str = "", **more: str) -> Markup:
    """Return a drawing. With a label it says something of its own; without, it repeats the text beside it.

    `class`: further classes of its element.
    """
    return _drawn(asset("icons.svg"), name, label, more.get("class", ""))


@lru_cache(maxsize=_MOST)
def _drawn(address: str, name: str, label: str, classes: str) -> Markup:
    says = Markup(' role="img" aria-label="{}"').format(label) if label else Markup(' aria-hidden="true"')
    return Markup('<svg class="icon {}"{}><use href="{}#{}"></use></svg>').format(classes, says, address, name)
