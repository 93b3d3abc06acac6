"""The description of the API holds what the API does."""

from typing import Any

import msgspec
import pytest

from botfolk.team.principal import Role
from botfolk.users.edits import Actor
from tests.routes import MATRIX, a_world, body, is_api
from tests.web import Web

DESCRIBED = [route for route in MATRIX if is_api(route[1]) and "openapi" not in route[1]]


async def document(web: Web) -> dict[str, Any]:
    """The description, as anybody gets it."""
    answer = await web.client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def plain(path: str) -> str:
    """A route's path as the description writes it."""
    return path.replace(":uuid}", "}").replace(":str}", "}")


async def test_every_route_of_the_api_is_described_and_nothing_else(web: Web) -> None:
    paths = (await document(web))["paths"]
    described = {(method.upper(), path) for path, item in paths.items() for method in item}
    assert described == {(method, plain(path)) for method, path in DESCRIBED}


async def test_every_reference_leads_somewhere(web: Web) -> None:
    whole = await document(web)
    names: list[str] = []

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            names.extend(value for key, value in part.items() if key == "$ref")
            part = list(part.values())
        for inner in part if isinstance(part, list) else ():
            walk(inner)

    walk(whole)
    assert len(names) > 30
    assert {name.removeprefix("#/components/schemas/") for name in names} <= set(whole["components"]["schemas"])


async def test_what_needs_a_token_says_so_and_what_is_open_too(web: Web) -> None:
    whole = await document(web)
    assert whole["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert whole["security"] == [{"token": []}]
    for method, path in DESCRIBED:
        operation = whole["paths"][plain(path)][method.lower()]
        role = MATRIX[method, path]
        assert operation.get("security") == ([] if role == "public" else None), path
        assert operation.get("x-role", "public") == role, path


async def test_every_refusal_is_described_as_a_problem(web: Web) -> None:
    whole = await document(web)
    for method, path in DESCRIBED:
        responses = whole["paths"][plain(path)][method.lower()]["responses"]
        for status in ("401", "403", "500") if MATRIX[method, path] != "public" else ("500",):
            schema = responses[status]["content"]["application/problem+json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/Problem"}, (path, status)


KINDS: dict[str, Any] = {
    "object": dict, "array": list, "string": str, "boolean": bool, "null": type(None), "integer": int,
    "number": int | float,
}  # fmt: skip


def _is_of(value: Any, kind: str) -> bool:
    return isinstance(value, KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))


def fits(value: Any, schema: dict[str, Any], whole: dict[str, Any]) -> str | None:
    """Say where a value does not fit a schema; objects may hold nothing that is not described."""
    if "$ref" in schema:
        schema = whole["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for choice in ("oneOf", "anyOf"):
        if choice in schema:
            found = [fits(value, each, whole) for each in schema[choice]]
            return None if None in found else f"none of {found}"
    kinds = [schema["type"]] if isinstance(schema.get("type"), str) else schema.get("type", [])
    if kinds and not any(_is_of(value, kind) for kind in kinds):
        return f"{value!r} is no {' or '.join(kinds)}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{value!r} is not one of {schema['enum']}"
    if isinstance(value, list):
        return next(filter(None, (fits(each, schema.get("items", {}), whole) for each in value)), None)
    return _object_fits(value, schema, whole) if isinstance(value, dict) else None


def _object_fits(value: dict[str, Any], schema: dict[str, Any], whole: dict[str, Any]) -> str | None:
    known = schema.get("properties", {})
    if missing := set(schema.get("required", ())) - value.keys():
        return f"missing: {missing}"
    for name, inner in value.items():
        rule = known.get(name, schema.get("additionalProperties"))
        if rule is None and known:
            return f"{name} is not described"
        if rule and (problem := fits(inner, rule, whole)):
            return f"{name}: {problem}"
    return None


@pytest.mark.parametrize("role", ["agent", "viewer"])
async def test_each_answer_has_the_described_shape(web: Web, role: Role) -> None:
    whole = await document(web)
    token = await web.token(role)
    rows = await web.tale.rows("SELECT id FROM api_tokens")
    world = await a_world(web.tale, Actor("api", "Shop", rows[0][0]))
    for route in DESCRIBED:
        method, path = route
        answer = await web.client.request(method, world.address(path), headers=token, **body(route, world))
        described = whole["paths"][plain(path)][method.lower()]["responses"][str(answer.status_code)]["content"]
        kind = answer.headers["content-type"]
        assert list(described) == [kind], (route, kind)
        # Of a file, what kind it is of is all that is described.
        given = msgspec.json.decode(answer.content) if "json" in kind else ""
        assert fits(given, described[kind]["schema"], whole) is None, route


async def test_a_wrong_answer_would_be_noticed(web: Web) -> None:
    whole = await document(web)
    user = {"$ref": "#/components/schemas/Group"}
    assert fits({"is_group": True, "title": None}, user, whole) is None
    assert fits({"is_group": "yes", "title": None}, user, whole) == "is_group: 'yes' is no boolean"
    assert fits({"is_group": True}, user, whole) == "missing: {'title'}"
    assert fits({"is_group": True, "title": None, "more": 1}, user, whole) == "more is not described"
