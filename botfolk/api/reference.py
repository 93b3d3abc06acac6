"""The API's description, read into what a page shows of it: its calls by subject, and the shapes they speak in."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

Document = dict[str, Any]

_PREFIX = "#/components/schemas/"
_FORMATS = {"uuid": "UUID", "date-time": "time", "binary": "the file itself"}
_LISTED = "Listed_"


class Piece(Struct, frozen=True):
    """A piece of the words that say of what type something is; `shape`: the shape it names, if it does."""

    text: str
    shape: str = ""


class Field(Struct, frozen=True, kw_only=True):
    """What a call takes or a shape has. `at`: where a call takes it ("path", "query", "header"); `default` as JSON
    would have it, None: there is none."""

    name: str
    type: list[Piece]
    is_required: bool
    at: str = ""
    default: Any = None
    words: str = ""


class Answer(Struct, frozen=True, kw_only=True):
    """What a call is answered with."""

    status: int
    phrase: str
    words: str
    type: list[Piece]


class Call(Struct, frozen=True, kw_only=True):
    """One call. `body`: of what type its body is, nothing for none."""

    id: str
    method: str
    path: str
    title: str
    words: str
    role: str
    fields: list[Field]
    body: list[Piece]
    body_is: str
    answers: list[Answer]


class Shape(Struct, frozen=True, kw_only=True):
    """An object that goes in or out. `is_sent`: a call takes it."""

    name: str
    words: str
    fields: list[Field]
    is_sent: bool = False


class Reference(Struct, frozen=True):
    """All of it: subjects with their calls, in the order of the description, and shapes by name."""

    subjects: dict[str, list[Call]]
    shapes: list[Shape]


def reference(document: Document) -> Reference:
    """Read a description (OpenAPI 3.1, as `described` gives it)."""
    subjects: dict[str, list[Call]] = {each["name"]: [] for each in document["tags"]}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            subjects[operation["tags"][0]].append(_call(path, method, operation))
    shapes = {
        _name(key): Shape(name=_name(key), words=schema.get("description", ""), fields=list(_fields(schema)))
        for key, schema in document["components"]["schemas"].items()
        if not key.startswith(_LISTED)
    }
    for calls in subjects.values():
        for call in calls:
            _mark_sent(shapes, call.body)
    return Reference(subjects, [shape for _, shape in sorted(shapes.items())])


def _mark_sent(shapes: dict[str, Shape], pieces: list[Piece]) -> None:
    """Note of the shapes named, and of those in them, that a call takes them."""
    for piece in pieces:
        if piece.shape and not shapes[piece.shape].is_sent:
            shapes[piece.shape] = replace(shapes[piece.shape], is_sent=True)
            for field in shapes[piece.shape].fields:
                _mark_sent(shapes, field.type)


def _call(path: str, method: str, operation: Document) -> Call:
    content = operation.get("requestBody", {}).get("content", {})
    body_is = next(iter(content), "")
    return Call(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        title=operation["summary"],
        words=operation.get("description", ""),
        role=operation.get("x-role", ""),
        fields=[
            _field(each["name"], each["schema"], each.get("description"), is_required=each["required"], at=each["in"])
            for each in operation.get("parameters", ())
        ],
        body=list(_type(content[body_is]["schema"])) if content else [],
        body_is=body_is,
        answers=[_answer(int(status), answer) for status, answer in operation["responses"].items()],
    )


def _answer(status: int, answer: Document) -> Answer:
    content: Document = next(iter(answer.get("content", {}).values()), {})
    return Answer(
        status=status,
        phrase=HTTPStatus(status).phrase,
        words=answer["description"] if status >= 400 else "",
        type=list(_type(content["schema"])) if "schema" in content else [],
    )


def _fields(schema: Document) -> Iterator[Field]:
    required = schema.get("required", ())
    for name, each in schema.get("properties", {}).items():
        yield _field(name, each, each.get("description"), is_required=name in required)


def _field(name: str, schema: Document, words: str | None, *, is_required: bool, at: str = "") -> Field:
    return Field(
        name=name,
        type=list(_type(schema)),
        is_required=is_required,
        at=at,
        default=schema.get("default"),
        words=words or "",
    )


def _type(schema: Document) -> Iterator[Piece]:
    """Say of what type something is: "string or null", "list of" a shape."""
    if "$ref" in schema:
        key = schema["$ref"].removeprefix(_PREFIX)
        if key.startswith(_LISTED):
            yield Piece("page of ")
        yield Piece(_name(key), _name(key))
    elif "oneOf" in schema or "anyOf" in schema:
        for number, each in enumerate(schema.get("oneOf") or schema["anyOf"]):
            if number:
                yield Piece(" or ")
            yield from _type(each)
    elif "enum" in schema:
        yield Piece(" or ".join(f"“{each}”" for each in schema["enum"]))
    elif schema.get("type") == "array":
        yield Piece("list of ")
        yield from _type(schema.get("items", {}))
    elif schema.get("type") == "object":
        yield Piece("object of ")
        yield from _type(schema.get("additionalProperties") or {})
    else:
        yield Piece(_FORMATS.get(schema.get("format", "")) or schema.get("type", "anything"))


def _name(key: str) -> str:
    """Return what a shape is called: the last part of where it stands, a page of them by what is on it."""
    return key.removeprefix(_LISTED).rstrip("_").rpartition(".")[2]
