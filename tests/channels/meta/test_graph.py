"""Calling the Graph API: what is sent, what each answer means, and that no secret is ever in an error."""

import hashlib
import hmac
from typing import Any

import msgspec
import pytest
from msgspec import Struct

from botfolk.channels.contract import ChannelError, Failed, Later, TryLater, Unknown
from botfolk.channels.faking import Reply, reply_json
from botfolk.channels.meta import graph, refusals
from botfolk.channels.meta.graph import Answer, GraphError, Refused, Unclear
from botfolk.http import Broken, NotSent
from tests.channels.meta.conftest import SECRET, TOKEN, Elsewhere, make_channel

PROOF = hmac.new(SECRET.encode(), TOKEN.encode(), hashlib.sha256).hexdigest()


def refusal(code: int, message: str = "no", status: int = 400, subcode: int | None = None, **more: object) -> Reply:
    error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A"} | more
    return reply_json({"error": error | ({"error_subcode": subcode} if subcode else {})}, status)


async def test_the_token_goes_in_a_header_and_nowhere_else(elsewhere: Elsewhere) -> None:
    elsewhere.answers = [reply_json({"id": "1"})]
    answer = await graph.call(elsewhere.channel, elsewhere.http, "GET", "me", query={"fields": "id,name"})
    assert (answer.result, answer.error) == ({"id": "1"}, None)
    (request,) = elsewhere.asked
    assert (request.path, request.query) == ("/v25.0/me", {"fields": "id,name"})
    assert request.headers["authorization"] == f"Bearer {TOKEN}"


async def test_an_app_that_insists_on_proof_is_given_it(elsewhere: Elsewhere) -> None:
    insists = refusal(100, "API calls from the server require an appsecret_proof argument")
    elsewhere.answers = [refusal(100, "This app requires an appsecret_proof argument"), reply_json({"id": "1"})]
    assert (await graph.call(elsewhere.channel, elsewhere.http, "GET", "me")).result == {"id": "1"}
    assert elsewhere.asked[1].query == {"appsecret_proof": PROOF}
    elsewhere.answers = [insists, reply_json({"id": "2"})]
    assert (await graph.call(elsewhere.channel, elsewhere.http, "GET", "me")).result == {"id": "2"}


async def test_an_app_that_insists_again_is_not_asked_for_ever(elsewhere: Elsewhere) -> None:
    elsewhere.answers = [refusal(100, "API calls from the server require an appsecret_proof argument")]
    answer = await graph.call(elsewhere.channel, elsewhere.http, "GET", "me")
    assert answer.error is not None
    assert len(elsewhere.asked) == 2


async def test_a_malformed_token_is_not_repeated(elsewhere: Elsewhere) -> None:
    elsewhere.answers = [refusal(190, f"Malformed access token {TOKEN}", error_user_msg=f"not {TOKEN}")]
    answer = await graph.call(elsewhere.channel, elsewhere.http, "GET", "me")
    assert TOKEN not in repr(answer.error)
    with pytest.raises(ChannelError) as refused:
        await graph.ask(elsewhere.channel, elsewhere.http, "me")
    assert TOKEN not in str(refused.value)


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(status=404, body=b"not here", content_type="text/plain"), 0),
        (Reply(status=503, body=b"<html>"), 0),
        (Reply(status=429), 0),
        (reply_json({"error": {"message": "x", "code": 100}}, 200), 100),
        (reply_json({"error": {}}, 400), 0),
    ],
)
async def test_an_answer_without_a_known_error_is_read_by_its_status(
    elsewhere: Elsewhere, reply: Reply, code: int
) -> None:
    elsewhere.answers = [reply]
    answer = await graph.call(elsewhere.channel, elsewhere.http, "GET", "me")
    assert answer.error is not None
    assert answer.error.code == code
    assert answer.error.is_transient is (reply.status in (429, 503))


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=200, body=b""),
        Reply(status=200, body=b"<html>"),
        Reply(status=200, body=b"null"),
        Reply(status=200, body=b'{"error": 7}'),
        Reply(status=200, body=b"[" * 100_000),
        Reply(status=200, body=b'{"id": "\xff"}'),
        Reply(status=502, body=b"Bad Gateway"),
        Reply(status=500, body=b'{"error": {}}'),
    ],
    ids=lambda reply: f"{reply.status} {reply.body[:20]}",
)
async def test_an_answer_that_says_nothing_leaves_it_open(elsewhere: Elsewhere, reply: Reply) -> None:
    elsewhere.answers = [reply]
    with pytest.raises(Unclear):
        await graph.call(elsewhere.channel, elsewhere.http, "POST", "me/messages", json={})


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "0"}, None),
        ({"Retry-After": "99999999"}, 86_400.0),
        ({"X-Business-Use-Case-Usage": '{"1":[{"type":"messenger","estimated_time_to_regain_access":3}]}'}, 180.0),
        ({"X-Business-Use-Case-Usage": '{"1":[{"call_count":100},{"estimated_time_to_regain_access":0}]}'}, None),
        ({"X-Business-Use-Case-Usage": "not json"}, None),
        ({"X-Business-Use-Case-Usage": '{"1":[{"estimated_time_to_regain_access":"x"}]}'}, None),
        ({"X-Business-Use-Case-Usage": '{"1":[{"estimated_time_to_regain_access":1e99}]}'}, 86_400.0),
    ],
)
async def test_how_long_to_wait_is_read_where_it_is_said(
    elsewhere: Elsewhere, headers: dict[str, str], wait: float | None
) -> None:
    elsewhere.answers = [msgspec.structs.replace(refusal(80006), headers=headers)]
    assert (await graph.call(elsewhere.channel, elsewhere.http, "GET", "me")).wait == wait


@pytest.mark.parametrize("code", [1, 2, 4, 17, 32, 613, 80000, 80006, 80014, 1200])
async def test_a_passing_trouble_is_to_be_tried_later(elsewhere: Elsewhere, code: int) -> None:
    elsewhere.answers = [refusal(code)]
    with pytest.raises(TryLater):
        await graph.ask(elsewhere.channel, elsewhere.http, "me")


@pytest.mark.parametrize(
    ("code", "message", "words"),
    [
        (190, "Error validating access token", "make a new one"),
        (102, "session", "make a new one"),
        (10, "(#10) needs pages_messaging", "the permission it lacks: .* needs pages_messaging"),
        (200, "(#200) Requires pages_manage_metadata", "the permission it lacks"),
        (100, "Invalid appsecret_proof provided in the API argument", "app secret is not that of the app"),
        (100, "Unsupported get request", "Meta refused: Unsupported get request"),
    ],
)
async def test_a_refusal_says_how_to_mend_it(elsewhere: Elsewhere, code: int, message: str, words: str) -> None:
    elsewhere.answers = [refusal(code, message)]
    with pytest.raises(Refused, match=words):
        await graph.ask(elsewhere.channel, elsewhere.http, "me")


async def test_a_service_that_is_not_there_is_to_be_tried_later(elsewhere: Elsewhere) -> None:
    with pytest.raises(TryLater, match="could not be reached"):
        await graph.ask(make_channel("http://127.0.0.1:1"), elsewhere.http, "me")


def test_a_result_of_another_shape_is_said_so() -> None:
    class Page(Struct):
        id: str

    assert graph.read({"id": "1", "new": 2}, Page) == Page("1")
    with pytest.raises(ChannelError, match="cannot be read"):
        graph.read({"id": 1}, Page)


@pytest.mark.parametrize(
    ("text", "fits"),
    [("1234", True), ("m_a-b.C", True), ("", False), ("..", False), ("a/b", False), ("a?b", False), ("1" * 129, False)],
)
def test_what_goes_into_an_address_can_be_nothing_but_an_id(text: str, fits: bool) -> None:
    assert graph.is_id(text) is fits


def answered(code: int, subcode: int | None = None, *, status: int = 400, **more: Any) -> Answer:
    wait = more.pop("wait", None)
    return Answer(status=status, error=GraphError(message="no", code=code, error_subcode=subcode, **more), wait=wait)


def test_an_error_means_what_the_kind_says_before_what_all_share() -> None:
    mine: refusals.Refusals = {(10, 7): Failed(reason="mine"), (613, None): Later(reason="also mine")}
    assert refusals.refused(answered(10, 7), mine) == Failed(reason="mine")
    assert refusals.refused(answered(613, 9), mine) == Later(reason="also mine")
    assert refusals.refused(answered(10, 8), mine) == refusals.COMMON[10, None]


@pytest.mark.parametrize("code", [3, 10, 102, 190, 200, 230, 299, 368])
def test_what_only_the_owner_can_mend_holds_the_channel(code: int) -> None:
    found = refusals.refused(answered(code), {})
    assert isinstance(found, Failed)
    assert (found.channel_broken, found.unreachable) == (True, False)


@pytest.mark.parametrize("code", [4, 17, 32, 613, 80000, 80006, 80014])
def test_a_limit_holds_everybody(code: int) -> None:
    found = refusals.refused(answered(code), {})
    assert isinstance(found, Later)
    assert (found.whole_channel, found.after) == (True, 60.0)
    assert refusals.refused(answered(code, wait=180.0), {}) == msgspec.structs.replace(found, after=180.0)


@pytest.mark.parametrize(
    "answer", [answered(1), answered(2, status=500), answered(1200), answered(7, is_transient=True)]
)
def test_a_passing_trouble_holds_only_this_message(answer: Answer) -> None:
    found = refusals.refused(answer, {})
    assert isinstance(found, Later)
    assert not found.whole_channel


def test_any_other_error_is_told_in_metas_words() -> None:
    assert refusals.refused(answered(100, error_user_msg="Too long."), {}) == Failed(
        reason="Meta refused it: Too long."
    )


def test_a_broken_connection_leaves_open_what_became_of_it() -> None:
    assert isinstance(refusals.network(NotSent("refused")), Later)
    assert isinstance(refusals.network(Broken("reset")), Unknown)
    assert isinstance(refusals.network(Unclear("HTTP 502")), Unknown)
