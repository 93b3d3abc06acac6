"""What of a template is the same for everybody who looks is worked out once, when the template is compiled; the rest is
written out in a faster way than Jinja's own.

A page has some hundred texts and drawings. Looking each up for every reader took a third of the time that a page
took; folded, they are part of the text between.
"""

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Environment, Template, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context, new_context
from jinja2.visitor import NodeTransformer

from botfolk.pages.escaping import escaped

Known = Mapping[str, Callable[..., object]]
"""Functions by the name templates call them by, whose answer depends on nothing but what is written in the call."""


class FoldingEnvironment(Environment):
    """An environment whose templates know the answers of some functions."""

    def __init__(self, known: Known, **options: Any) -> None:
        super().__init__(**options)
        self.known = known
        self.escaped = escaped

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        folded = _Fold(self).visit(source)
        folded.set_environment(self)
        return super()._generate(folded, name, filename, defer_init)


class _Generator(CodeGenerator):
    """Writes values out by `escaped`."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.escaped(")


class _Template(Template):
    """A template that is given no names of its own beside the environment's: Jinja finds that out anew at each part
    that is included or imported, which took longer than the part."""

    def new_context(
        self, vars: dict[str, Any] | None = None, shared: bool = False, locals: Mapping[str, Any] | None = None
    ) -> Context:
        """Return what a run of the template sees; `shared`: `vars` are all of it."""
        names = None if shared else self.globals
        return new_context(self.environment, self.name, self.blocks, vars, shared, names, locals)

    def _get_default_module(self, ctx: Context | None = None) -> Any:
        return super()._get_default_module()


FoldingEnvironment.template_class = _Template
FoldingEnvironment.code_generator_class = _Generator


class _Fold(NodeTransformer):
    """Puts the answers in the place of the calls."""

    def __init__(self, environment: FoldingEnvironment) -> None:
        self._known = environment.known

    def visit_Call(self, node: nodes.Call, *args: Any, **kwargs: Any) -> nodes.Node:  # noqa: N802 - Jinja's name
        """Fold one call whose arguments all stand in the template."""
        self.generic_visit(node)
        if not isinstance(node.node, nodes.Name) or node.node.name not in self._known:
            return node
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            return node
        values = [argument for argument in node.args if isinstance(argument, nodes.Const)]
        named = {given.key: given.value for given in node.kwargs}
        if len(values) < len(node.args) or not all(isinstance(value, nodes.Const) for value in named.values()):
            return node
        answer = self._known[node.node.name](
            *(value.value for value in values),
            **{key: value.value for key, value in named.items() if isinstance(value, nodes.Const)},
        )
        return nodes.Const(answer, lineno=node.lineno)
