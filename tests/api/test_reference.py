"""The page of the API shows all that its description holds."""

import re
from typing import Any

from botfolk.api.reference import Field, Piece, Shape, reference
from tests.api.test_description import document
from tests.web import Web


async def test_every_call_and_shape_is_on_the_page_and_each_link_leads_there(web: Web) -> None:
    whole = await document(web)
    answer = await web.client.get("/api", headers=await web.member("viewer"))
    assert answer.status_code == 200
    ids = re.findall(r'\bid="([^"]+)"', answer.text)
    assert len(ids) == len(set(ids))
    operations = [operation for item in whole["paths"].values() for operation in item.values()]
    assert {operation["operationId"] for operation in operations} <= set(ids)
    assert set(re.findall(r'href="#([^"]+)"', answer.text)) <= set(ids)
    shapes = {each.removeprefix("shape-") for each in ids if each.startswith("shape-")}
    assert {"User", "StartJob", "Problem", "SegmentOut"} <= shapes
    assert "Listed" not in answer.text
    assert "http://testserver.local/api/v1/users" in answer.text


def a_document(body: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    operation = {
        "tags": ["Things"],
        "summary": "Make one",
        "operationId": "make",
        "x-role": "agent",
        "parameters": [{"name": "q", "in": "query", "required": False, "schema": {"type": "string", "default": "all"}}],
        "requestBody": {"content": {"application/json": {"schema": body}}},
        "responses": {"201": {"description": "Made", "content": {"application/json": {"schema": {"type": "null"}}}}},
    }
    return {
        "tags": [{"name": "Things"}],
        "paths": {"/things": {"post": operation}},
        "components": {"schemas": schemas},
    }


def test_a_call_says_what_it_takes_and_what_it_needs() -> None:
    whole = a_document({"type": "array", "items": {"oneOf": [{"type": "integer"}, {"type": "null"}]}}, {})
    [call] = reference(whole).subjects["Things"]
    assert (call.method, call.path, call.role) == ("POST", "/things", "agent")
    assert call.fields == [Field(name="q", type=[Piece("string")], is_required=False, at="query", default="all")]
    assert "".join(piece.text for piece in call.body) == "list of integer or null"
    assert [(answer.status, answer.phrase) for answer in call.answers] == [(201, "Created")]


def test_what_a_call_takes_is_told_from_what_only_comes_back() -> None:
    reach = "#/components/schemas/"
    whole = a_document(
        {"$ref": f"{reach}some.room.New"},
        {
            "some.room.New": {"properties": {"button": {"$ref": f"{reach}Button"}}, "required": ["button"]},
            "Button": {"properties": {"kind": {"enum": ["a", "b"], "type": "string"}}},
            "Thing": {"description": "What came of it.", "properties": {}},
            "Listed_some.room.Thing_": {"properties": {}},
        },
    )
    button, new, thing = reference(whole).shapes
    assert (new.name, new.is_sent, new.fields[0].is_required) == ("New", True, True)
    assert new.fields[0].type == [Piece("Button", "Button")]
    assert button.is_sent
    assert [piece.text for piece in button.fields[0].type] == ["“a” or “b”"]
    assert thing == Shape(name="Thing", words="What came of it.", fields=[])
