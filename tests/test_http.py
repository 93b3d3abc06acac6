"""The one HTTP client: where it goes, and what it says when something breaks."""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from botfolk.http import Broken, NotSent, TooLarge, open_http
from botfolk.outgoing.addresses import is_public
from botfolk.outgoing.client import open_client
from botfolk.outgoing.network import CheckedNetwork

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Serve on a free port of 127.0.0.1; `talk` gets every connection. Yields the port."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    running = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
    try:
        yield running.sockets[0].getsockname()[1]
    finally:
        running.close()


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """Read one request, head and body."""
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return head + await reader.readexactly(int(line.split(b":")[1]))
    return head


def reply(body: bytes, *, status: str = "200 OK", extra: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nX-Name: Value\r\n{extra}\r\n".encode() + body


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(reply(await read_request(reader)))
        await writer.drain()


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take the request, then reset the connection without an answer."""
    await read_request(reader)
    raw: socket.socket = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def test_a_posted_body_arrives_and_the_answer_is_read() -> None:
    async with server(echo) as port, open_http(allow_private=True) as http:
        answer = await http.request("POST", f"http://127.0.0.1:{port}/a?b=c", json={"text": "hé"}, headers={"X-A": "1"})
    assert (answer.status, answer.headers["x-name"]) == (200, "Value")
    head, body = answer.content.split(b"\r\n\r\n")
    assert head.startswith(b"POST /a?b=c HTTP/1.1")
    assert b"content-type: application/json" in head
    assert b"x-a: 1" in head
    assert f"host: 127.0.0.1:{port}".encode() in head
    assert body == '{"text":"hé"}'.encode()


async def test_a_private_address_is_refused() -> None:
    async with server(echo) as port, open_http(allow_private=False) as http:
        for host in ("127.0.0.1", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "0"):
            with pytest.raises(NotSent, match="public internet"):
                await http.request("GET", f"http://{host}:{port}/")


async def test_a_name_that_leads_to_this_machine_is_refused() -> None:
    async with server(echo) as port, open_http(allow_private=False) as http:
        with pytest.raises(NotSent, match="localhost is not on the public internet"):
            await http.request("GET", f"http://localhost:{port}/")


async def test_the_origin_the_owner_configured_may_be_private_and_no_other() -> None:
    async with server(echo) as port, server(echo) as other, open_http(allow_private=False) as http:
        trusted = f"http://127.0.0.1:{port}"
        assert (await http.request("GET", f"{trusted}/x", trusted_origin=trusted)).status == 200
        with pytest.raises(NotSent, match="public internet"):
            await http.request("GET", f"http://127.0.0.1:{other}/x", trusted_origin=trusted)


async def test_a_connection_opened_in_trust_is_not_lent_to_a_request_without() -> None:
    async with server(echo) as port, open_http(allow_private=False) as http:
        trusted = f"http://127.0.0.1:{port}"
        await http.request("GET", trusted, trusted_origin=trusted)
        with pytest.raises(NotSent, match="public internet"):
            await http.request("GET", trusted)


async def test_a_name_that_changes_its_answer_is_asked_only_once() -> None:
    answers = iter([["192.0.2.7"], ["127.0.0.1"]])
    asked: list[str] = []
    connected: list[str] = []

    async def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    def public(address: str) -> bool:
        connected.append(address)
        return address == "192.0.2.7"

    network = CheckedNetwork(resolve=rebinding, public=public)
    async with server(echo) as port, open_client(network=network) as http:
        # 192.0.2.7 is nobody's: the request must fail rather than reach the server on 127.0.0.1.
        with pytest.raises(NotSent):
            await http.request("GET", f"http://rebinding.example:{port}/", timeout=0.3)
    assert asked == ["rebinding.example"]
    assert connected == ["192.0.2.7"]


async def test_of_several_addresses_only_the_public_ones_are_tried() -> None:
    async def two(_host: str, _port: int) -> list[str]:
        return ["127.0.0.2", "127.0.0.1"]

    network = CheckedNetwork(resolve=two, public=lambda address: address == "127.0.0.1")
    async with server(echo) as port, open_client(network=network) as http:
        assert (await http.request("GET", f"http://both.example:{port}/")).status == 200


async def test_an_unknown_name_was_not_sent() -> None:
    async with open_http(allow_private=True) as http:
        with pytest.raises(NotSent, match="nowhere"):
            await http.request("GET", "http://nowhere.invalid/")


async def test_a_refused_connection_was_not_sent() -> None:
    async with open_http(allow_private=True) as http:
        with pytest.raises(NotSent):
            await http.request("POST", f"http://127.0.0.1:{unused_port()}/", json={})


async def test_what_is_no_http_address_was_not_sent() -> None:
    async with open_http(allow_private=True) as http:
        for url in ("ftp://example.org/", "file:///etc/passwd", "http://", "nonsense", "http://a b/"):
            with pytest.raises(NotSent):
                await http.request("GET", url)


async def test_a_header_with_a_line_break_was_not_sent_and_is_not_told() -> None:
    async with server(echo) as port, open_http(allow_private=True) as http:
        with pytest.raises(NotSent) as caught:
            await http.request("GET", f"http://127.0.0.1:{port}/", headers={"authorization": "secret\r\nx: y"})
    assert "secret" not in str(caught.value)


async def test_a_reset_after_the_request_is_broken() -> None:
    async with server(reset) as port, open_http(allow_private=True) as http:
        with pytest.raises(Broken):
            await http.request("POST", f"http://127.0.0.1:{port}/", json={})


async def test_a_connection_kept_alive_and_reset_at_the_next_request_is_broken() -> None:
    async def once_then_reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(await read_request(reader)))
        await writer.drain()
        await reset(reader, writer)

    async with server(once_then_reset) as port, open_http(allow_private=True) as http:
        await http.request("POST", f"http://127.0.0.1:{port}/", json={})
        with pytest.raises(Broken):
            await http.request("POST", f"http://127.0.0.1:{port}/", json={})


async def test_an_idle_connection_the_server_has_closed_is_replaced() -> None:
    closed = asyncio.Event()

    async def one_each(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(await read_request(reader)))
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        closed.set()

    async with server(one_each) as port, open_http(allow_private=True) as http:
        await http.request("POST", f"http://127.0.0.1:{port}/", json={})
        await closed.wait()
        assert (await http.request("POST", f"http://127.0.0.1:{port}/", json={})).status == 200


async def test_no_answer_in_time_is_broken_and_does_not_tell_the_path() -> None:
    async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        await reader.read()

    async with server(silent) as port, open_http(allow_private=True) as http:
        with pytest.raises(Broken, match="in time") as caught:
            await http.request("POST", f"http://127.0.0.1:{port}/bot-secret/x", json={}, timeout=0.2)
    assert "secret" not in str(caught.value)


async def test_an_answer_that_is_not_http_is_broken() -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"hello there\r\n\r\n")
        await writer.drain()

    async with server(babble) as port, open_http(allow_private=True) as http:
        with pytest.raises(Broken):
            await http.request("GET", f"http://127.0.0.1:{port}/")


async def test_an_answer_over_the_limit_is_cut_off() -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000000\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    async with server(endless) as port, open_http(allow_private=True) as http:
        with pytest.raises(TooLarge):
            await http.request("GET", f"http://127.0.0.1:{port}/", max_bytes=1_000_000)


async def test_a_redirect_is_handed_back_not_followed() -> None:
    async def elsewhere(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(reply(b"", status="302 Found", extra="Location: http://127.0.0.1:1/\r\n"))
        await writer.drain()

    async with server(elsewhere) as port, open_http(allow_private=True) as http:
        answer = await http.request("GET", f"http://127.0.0.1:{port}/")
    assert (answer.status, answer.headers["location"]) == (302, "http://127.0.0.1:1/")


async def test_a_cookie_is_not_kept() -> None:
    async def sweet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(reply(await read_request(reader), extra="Set-Cookie: a=b\r\n"))
            await writer.drain()

    async with server(sweet) as port, open_http(allow_private=True) as http:
        await http.request("GET", f"http://127.0.0.1:{port}/")
        again = await http.request("GET", f"http://127.0.0.1:{port}/")
    assert b"cookie" not in again.content.lower()


async def test_a_proxy_of_the_environment_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{unused_port()}")
    async with server(echo) as port, open_http(allow_private=True) as http:
        assert (await http.request("GET", f"http://127.0.0.1:{port}/")).status == 200


async def test_a_certificate_nobody_vouches_for_was_not_sent(tmp_path: Path) -> None:
    received: list[bytes] = []

    async def note(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        received.append(await reader.read(1))

    async with server(note, self_signed(tmp_path)) as port, open_http(allow_private=True) as http:
        with pytest.raises(NotSent, match=r"(?i)certificate"):
            await http.request("POST", f"https://127.0.0.1:{port}/", json={"secret": 1})
    assert received in ([], [b""])


def self_signed(folder: Path) -> ssl.SSLContext:
    """Make a server's TLS context with a certificate of its own making."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "149.154.167.220", "2001:67c:4e8:f004::9", "::ffff:8.8.8.8", "64:ff9b::808:808", "100.63.255.255"],
)
def test_a_public_address_is_known(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.1.2.3",
        "198.18.0.1",
        "192.0.2.1",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "64:ff9b:1::808:808",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd12::1",
        "ff02::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "example.org",
        "",
    ],
)
def test_an_address_that_is_not_public_is_known(address: str) -> None:
    assert not is_public(address)
