"""Sending over real HTTP to the fake Bot API: what each answer of the service means."""

from collections.abc import Mapping

import pytest

from botfolk.channels.contract import Button, Failed, Later, Outcome, Outgoing, OutgoingFile, Sent, Unknown
from botfolk.http import Body, Http, Response
from tests.channels.telegram.conftest import KIND, TOKEN, Service, make_channel

GROUP = "-1001700000001"


def message(text: str = "Hello", to: str = "5001", buttons: tuple[Button, ...] = ()) -> Outgoing:
    """A message to Ana, if to nobody else."""
    return Outgoing(external_user_id=to, kind="message", text=text, buttons=buttons)


def tap(tap_id: str | None = "77", text: str = "") -> Outgoing:
    """The answer to a tap of Ana's."""
    return Outgoing(external_user_id="5001", kind="tap", tap=tap_id, text=text)


async def sent(service: Service, outgoing: Outgoing) -> Outcome:
    """Send it."""
    return await KIND.send(service.channel, service.http, outgoing)


async def test_a_message_arrives_and_is_named_as_its_edits_will_name_it(service: Service) -> None:
    assert await sent(service, message("Hi 👋 <b>&")) == Sent(external_id="5001:1")
    (call,) = await service.calls("sendMessage")
    assert call["arguments"] == {"chat_id": 5001, "text": "Hi 👋 <b>&"}
    assert call["taken"]


async def test_who_wrote_to_the_account_the_bot_works_for_is_answered_there(service: Service) -> None:
    way = {"business_connection_id": "bc-1"}
    hello = Outgoing(external_user_id="6001", kind="message", text="Hello", address=way)
    note = OutgoingFile(content_type="text/plain", name="note.txt", content=b"Hi")
    file = Outgoing(external_user_id="6001", kind="message", file=note, address=way)
    assert await sent(service, hello) == Sent(external_id="business:6001:1")
    assert await sent(service, file) == Sent(external_id="business:6001:2")
    await KIND.typing(service.channel, service.http, "6001", way)
    methods = ("sendMessage", "sendDocument", "sendChatAction")
    calls = [call for method in methods for call in await service.calls(method)]
    assert [call["arguments"]["business_connection_id"] for call in calls] == ["bc-1"] * 3


async def test_buttons_send_what_is_behind_them(service: Service) -> None:
    buttons = Button(title="Yes", data="yes"), Button(title="No"), Button(title="More", url="https://example.com")
    assert await sent(service, message(buttons=buttons)) == Sent(external_id="5001:1")
    (call,) = await service.calls("sendMessage")
    assert call["arguments"]["reply_markup"] == {
        "inline_keyboard": [
            [{"text": "Yes", "callback_data": "yes"}],
            [{"text": "No", "callback_data": "No"}],
            [{"text": "More", "url": "https://example.com"}],
        ]
    }


async def test_a_tap_is_answered(service: Service) -> None:
    assert await sent(service, tap(text="Noted")) == Sent(external_id=None)
    (call,) = await service.calls("answerCallbackQuery")
    assert call["arguments"] == {"callback_query_id": "77", "text": "Noted"}


@pytest.mark.parametrize(
    ("outgoing", "reason"),
    [
        (message(buttons=(Button(title="Size", data="é" * 33),)), "64 bytes"),
        (message(buttons=(Button(title=" ", data="x"),)), "title"),
        (message(to="somebody"), "not an id"),
        (message(to="--5"), "not an id"),
        (tap(None), "no tap"),
    ],
)
async def test_what_telegram_could_never_take_is_not_sent(service: Service, outgoing: Outgoing, reason: str) -> None:
    outcome = await sent(service, outgoing)
    assert isinstance(outcome, Failed)
    assert reason in outcome.reason
    assert service.fake.state.calls == []


async def test_what_is_behind_a_button_may_be_64_bytes(service: Service) -> None:
    assert await sent(service, message(buttons=(Button(title="Size", data="é" * 32),))) == Sent(external_id="5001:1")


async def test_half_an_emoji_does_not_break_sending(service: Service) -> None:
    assert await sent(service, message("half \ud83d")) == Sent(external_id="5001:1")
    (call,) = await service.calls("sendMessage")
    assert call["arguments"]["text"] == "half \ufffd"


@pytest.mark.parametrize(("to", "everybody"), [("5001", True), (GROUP, False)])
async def test_too_many_requests_wait_as_long_as_telegram_says(service: Service, to: str, everybody: bool) -> None:
    await service.tell("script", method="sendMessage", behaviour="429", retry_after=17)
    outcome = await sent(service, message(to=to))
    assert outcome == Later(reason="Telegram asks to wait", after=17, whole_channel=everybody)
    assert isinstance(await sent(service, message(to=to)), Sent)


async def test_a_server_error_was_not_taken_and_may_be_tried_again(service: Service) -> None:
    await service.tell("script", method="sendMessage", behaviour="5xx")
    assert isinstance(await sent(service, message()), Later)
    assert isinstance(await sent(service, message()), Sent)
    assert [call["taken"] for call in await service.calls("sendMessage")] == [False, True]


@pytest.mark.parametrize(("behaviour", "taken"), [("reset", False), ("drop", True)])
async def test_a_connection_that_breaks_leaves_us_not_knowing(service: Service, behaviour: str, taken: bool) -> None:
    await service.tell("script", method="sendMessage", behaviour=behaviour)
    assert isinstance(await sent(service, message()), Unknown)
    (call,) = await service.calls("sendMessage")
    assert call["taken"] is taken


async def test_a_slow_answer_is_waited_for(service: Service) -> None:
    await service.tell("script", method="sendMessage", behaviour="delay", seconds=0.05)
    assert await sent(service, message()) == Sent(external_id="5001:1")


async def test_a_service_that_is_not_there_can_be_tried_again(service: Service) -> None:
    nowhere = make_channel("http://127.0.0.1:1")
    assert isinstance(await KIND.send(nowhere, service.http, message()), Later)


class Listening:
    """A client that passes everything on, and remembers where it went."""

    def __init__(self, http: Http) -> None:
        self.http = http
        self.went: list[tuple[str, str | None]] = []

    async def request(
        self,
        method: str,
        url: str,
        *,
        json: object | None = None,
        body: Body | None = None,
        headers: Mapping[str, str] | None = None,
        trusted_origin: str | None = None,
        timeout: float = 20.0,
        max_bytes: int = 25_000_000,
    ) -> Response:
        self.went.append((url, trusted_origin))
        return await self.http.request(
            method,
            url,
            json=json,
            body=body,
            headers=headers,
            trusted_origin=trusted_origin,
            timeout=timeout,
            max_bytes=max_bytes,
        )


async def test_every_call_goes_to_the_address_that_the_channel_names(service: Service) -> None:
    http = Listening(service.http)
    service.channel.config["api_base"] = f"{service.url}/"
    await KIND.connect(service.channel, http, "https://crm.example.com/hooks/1")
    await KIND.send(service.channel, http, message())
    await KIND.picture(service.channel, http, "5001", is_group=False, known_ref=None)
    api, files = f"{service.url}/bot{TOKEN}", f"{service.url}/file/bot{TOKEN}"
    assert http.went == [
        (f"{api}/getMe", service.url),
        (f"{api}/setWebhook", service.url),
        (f"{api}/sendMessage", service.url),
        (f"{api}/getUserProfilePhotos", service.url),
        (f"{api}/getFile", service.url),
        (f"{files}/photos/photo-5001-1-640.jpg", service.url),
    ]


@pytest.mark.parametrize(("to", "reason"), [("5001", "the person blocked the bot"), (GROUP, "removed from the group")])
async def test_who_blocked_the_bot_cannot_be_reached(service: Service, to: str, reason: str) -> None:
    await service.tell("person", id=int(to), blocked=True)
    outcome = await sent(service, message(to=to))
    assert isinstance(outcome, Failed)
    assert reason in outcome.reason
    assert (outcome.unreachable, outcome.state, outcome.channel_broken) == (True, "blocked", False)


async def test_a_chat_that_telegram_does_not_know_cannot_be_reached(service: Service) -> None:
    await service.tell("person", id=5001, known=False)
    assert await sent(service, message()) == Failed(reason="Telegram does not know this chat", unreachable=True)


async def test_a_revoked_token_breaks_the_channel(service: Service) -> None:
    await service.tell("token", token=TOKEN)
    outcome = await sent(service, message())
    assert isinstance(outcome, Failed)
    assert (outcome.channel_broken, outcome.unreachable) == (True, False)


async def test_a_malformed_token_breaks_the_channel(service: Service) -> None:
    service.channel.secrets["token"] = "nonsense"
    outcome = await sent(service, message())
    assert isinstance(outcome, Failed)
    assert outcome.channel_broken


REFUSALS: list[tuple[int, str, dict[str, int] | None, Failed]] = [
    (
        400,
        "Bad Request: group chat was upgraded to a supergroup chat",
        {"migrate_to_chat_id": -1009},
        Failed(reason="the group has a new id", moved_to="-1009"),
    ),
    (403, "Forbidden: user is deactivated", None, Failed(reason="the account was deleted", unreachable=True)),
    (
        403,
        "Forbidden: bot can't initiate conversation with a user",
        None,
        Failed(reason="the person has not started the bot", unreachable=True),
    ),
    (
        403,
        "Forbidden: in words of the future",
        None,
        Failed(reason="Telegram forbids it: Forbidden: in words of the future", unreachable=True),
    ),
    (
        400,
        "Bad Request: user not found",
        None,
        Failed(reason="Telegram does not know this person", unreachable=True),
    ),
    (400, "Bad Request: group is deactivated", None, Failed(reason="the group no longer exists", unreachable=True)),
    (
        400,
        "Bad Request: not enough rights to send text messages to the chat",
        None,
        Failed(reason="the bot may not write in this group"),
    ),
    (
        400,
        "Bad Request: can't parse entities",
        None,
        Failed(reason="Telegram refused it: Bad Request: can't parse entities"),
    ),
    (401, "Unauthorized", None, Failed(reason="Telegram no longer knows this bot token", channel_broken=True)),
    # The code decides: what a text seems to say does not make a broken token a person who cannot be reached.
    (401, "chat not found", None, Failed(reason="Telegram no longer knows this bot token", channel_broken=True)),
    (409, "Conflict: another consumer", None, Failed(reason="Telegram refused it: Conflict: another consumer")),
]


@pytest.mark.parametrize(("code", "text", "parameters", "outcome"), REFUSALS, ids=lambda value: str(value)[:40])
async def test_a_refusal_is_understood(
    service: Service, code: int, text: str, parameters: dict[str, int] | None, outcome: Failed
) -> None:
    await service.tell(
        "script", method="sendMessage", behaviour="refuse", code=code, description=text, parameters=parameters
    )
    assert await sent(service, message()) == outcome


async def test_a_tap_that_was_answered_too_late_fails_quietly(service: Service) -> None:
    await service.tell(
        "script",
        method="answerCallbackQuery",
        behaviour="refuse",
        description="Bad Request: query is too old and response timeout expired or query ID is invalid",
    )
    assert await sent(service, tap()) == Failed(reason="the tap was answered too late")


@pytest.mark.parametrize("text", ["", "   "])
async def test_an_empty_text_is_refused_for_good(service: Service, text: str) -> None:
    assert await sent(service, message(text)) == Failed(reason="there is nothing to read in the text")


async def test_a_text_at_the_limit_arrives_and_a_longer_one_only_in_parts(service: Service) -> None:
    text = "word 😀 " * 2000
    assert await sent(service, message(text)) == Failed(reason="the text is too long for Telegram")
    parts = KIND.split(text)
    assert len(parts) == -(-len(text.strip().encode("utf-16-le")) // 2 // 4096)
    for part in parts:
        assert isinstance(await sent(service, message(part)), Sent)
    assert isinstance(await sent(service, message("😀" * 2048)), Sent)


def test_the_limits_are_telegrams() -> None:
    assert 1 <= KIND.limits.per_second <= 30
    assert KIND.limits.per_person_seconds == 1
    assert 60 / KIND.limits.per_group_seconds <= 20


def a_file(content_type: str, size: int = 100, name: str = "a.bin") -> Outgoing:
    """A file for Ana."""
    file = OutgoingFile(content_type=content_type, name=name, content=b"x" * size)
    return Outgoing(external_user_id="5001", kind="message", file=file)


@pytest.mark.parametrize(
    ("content_type", "size", "method", "field"),
    [
        ("image/jpeg", 100, "sendPhoto", "photo"),
        ("image/jpeg", 10_000_001, "sendDocument", "document"),
        ("video/mp4", 100, "sendVideo", "video"),
        ("audio/mpeg", 100, "sendAudio", "audio"),
        ("application/pdf", 100, "sendDocument", "document"),
        ("application/octet-stream", 100, "sendDocument", "document"),
    ],
)
async def test_each_file_is_sent_by_the_method_that_shows_it_best(
    service: Service, content_type: str, size: int, method: str, field: str
) -> None:
    assert await sent(service, a_file(content_type, size, "report.pdf")) == Sent(external_id="5001:1")
    (call,) = await service.calls(method)
    file = call["arguments"][field]
    assert (file["filename"], file["content_type"], file["size"]) == ("report.pdf", content_type, size)
    assert call["arguments"]["chat_id"] == "5001"


@pytest.mark.parametrize(("size", "words"), [(0, "empty"), (20_000_001, "20 MB")])
async def test_a_file_that_cannot_be_sent_is_not_tried(service: Service, size: int, words: str) -> None:
    outcome = await sent(service, a_file("application/pdf", size))
    assert isinstance(outcome, Failed)
    assert words in outcome.reason


async def test_the_person_sees_that_somebody_types(service: Service) -> None:
    await KIND.typing(service.channel, service.http, "5001", {})
    (call,) = await service.calls("sendChatAction")
    assert call["arguments"] == {"chat_id": 5001, "action": "typing"}
