"""What a template knows when it is compiled is not asked for again, and shows the same."""

import uuid

import markupsafe
import pytest
from jinja2 import DictLoader
from markupsafe import Markup

from botfolk.pages.escaping import escaped
from botfolk.pages.folding import FoldingEnvironment


class Asked:
    """A function that notes what it was asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []

    def __call__(self, *given: object, **named: object) -> Markup:
        """Answer with what was given."""
        self.calls.append((*given, *named.values()))
        return Markup("<b>{}</b>").format(" ".join(str(each) for each in (*given, *named.values())))


TEMPLATES = {
    "whole.html": '{{ say("<a>") }}{{ say(say("b")) }}{% include "part.html" %}',
    "part.html": '{% from "macros.html" import shout %}{{ say(name) }}{{ shout(say("c", d="e")) }}',
    "macros.html": "{% macro shout(text) %}{{ text }}!{% endmacro %}",
}


@pytest.fixture
def asked() -> Asked:
    """The function that the templates know as `say`."""
    return Asked()


def _render(environment: FoldingEnvironment, name: str) -> str:
    return environment.get_template("whole.html").render(name=name)


def test_what_stands_in_the_template_is_asked_once_and_the_rest_at_each_reading(asked: Asked) -> None:
    folding = FoldingEnvironment({"say": asked}, loader=DictLoader(TEMPLATES), autoescape=True)
    folding.globals["say"] = asked
    plain = FoldingEnvironment({}, loader=DictLoader(TEMPLATES), autoescape=True)
    plain.globals["say"] = Asked()
    for name in ("<Ada>", "Bob"):
        assert _render(folding, name) == _render(plain, name)
    assert [call for call in asked.calls if call[0] in ("<Ada>", "Bob")] == [("<Ada>",), ("Bob",)]
    constant = [call for call in asked.calls if call[0] not in ("<Ada>", "Bob")]
    assert len(constant) == len(set(constant)) == 4


class Drawn:
    """Something that is HTML."""

    def __html__(self) -> str:
        """Return its HTML."""
        return "<i>&amp;</i>"


class Word(str):
    """A text of a kind of its own."""


@pytest.mark.parametrize(
    "value",
    [
        "<a href='x'>\"&\"</a>",
        "",
        "ü🐢\u202e",
        Markup("<b>&amp;</b>"),
        Drawn(),
        Word("<&>"),
        None,
        3,
        2.5,
        uuid.UUID(int=7),
    ],
)
def test_a_value_is_written_out_as_it_always_was(value: object) -> None:
    assert escaped(value) == str(markupsafe.escape(value))
    assert type(escaped(value)) is str
    template = FoldingEnvironment({}, autoescape=True).from_string("{% set x %}{{ v }}{% endset %}{{ v }}{{ x }}<")
    once = str(markupsafe.escape(value))
    assert template.render(v=value) == once * 2 + "<"
