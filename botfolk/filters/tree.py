"""A filter as a tree: conditions, joined by all, any and not. None stands for everyone.

Trees are kept in one form (`All` never directly in `All`, no group of one, no `Not` where a function has an opposite):
`all_of`, `any_of` and `negated` make them so, and what is written and read again is equal.
"""

from collections.abc import Iterable

from msgspec import Struct

from botfolk.filters.functions import opposite


class Condition(Struct, frozen=True, tag="condition"):
    """A row: a column ("attributes.country" of the attributes), a function, and values as they are written.

    What the values mean depends on the column's kind: "10", "2026-01-31", "7 days ago", "yes".
    """

    column: str
    function: str
    values: tuple[str, ...] = ()


class All(Struct, frozen=True, tag="all"):
    """Every one holds."""

    of: tuple["Node", ...]


class Any(Struct, frozen=True, tag="any"):
    """At least one holds."""

    of: tuple["Node", ...]


class Not(Struct, frozen=True, tag="not"):
    """It does not hold."""

    of: "Node"


Node = Condition | All | Any | Not
Filter = Node | None


def all_of(nodes: Iterable[Node]) -> Node:
    """Return a tree of which every one of the nodes (at least one) holds."""
    flat = _flat(nodes, All)
    return flat[0] if len(flat) == 1 else All(flat)


def any_of(nodes: Iterable[Node]) -> Node:
    """Return a tree of which at least one of the nodes (at least one) holds."""
    flat = _flat(nodes, Any)
    return flat[0] if len(flat) == 1 else Any(flat)


def negated(node: Node) -> Node:
    """Return the tree that holds where this does not."""
    if isinstance(node, Not):
        return node.of
    if isinstance(node, Condition) and (other := opposite(node.function)):
        return Condition(node.column, other, node.values)
    return Not(node)


def _flat(nodes: Iterable[Node], group: type[All] | type[Any]) -> tuple[Node, ...]:
    found: list[Node] = []
    for node in nodes:
        found.extend(node.of if isinstance(node, All | Any) and isinstance(node, group) else [node])
    return tuple(found)


def conditions(node: Filter) -> Iterable[Condition]:
    """Yield every condition of a tree, in the order they are written."""
    match node:
        case None:
            return
        case Condition():
            yield node
        case Not():
            yield from conditions(node.of)
        case All() | Any():
            for each in node.of:
                yield from conditions(each)


def depth(node: Filter) -> int:
    """Return how many levels a tree has; 1 for a condition alone, 0 for everyone."""
    match node:
        case None:
            return 0
        case Condition():
            return 1
        case Not():
            return 1 + depth(node.of)
        case All() | Any():
            return 1 + max(map(depth, node.of), default=0)
