"""What stands between a visitor and Botfolk: a wire that can be cut, and a proxy that holds every answer back until it
is whole, as some do with streams."""

import http.client
import http.server
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class Wire:
    """Passes bytes on to an address, until it is cut."""

    def __init__(self, to: str) -> None:
        parts = urlsplit(to)
        self._to = (parts.hostname or "", parts.port or 80)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._is_cut = False
        self.answers_to_lose = 0
        """So many answers to a message are lost from now on: what was asked has arrived. Until then nothing else is
        answered, or the stream would tell what the answer does not."""
        self.lost = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it begins."""
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def cut(self) -> None:
        """Break every connection, and let none be made."""
        self._is_cut = True
        self._break()

    def mend(self) -> None:
        """Let connections be made again."""
        self._is_cut = False

    def close(self) -> None:
        """End it."""
        self.cut()
        self._listening.close()

    def _break(self) -> None:
        with self._lock:
            for each in self._open:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
            self._open.clear()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            if self._is_cut:
                near.close()
                continue
            far = socket.create_connection(self._to)
            with self._lock:
                self._open |= {near, far}
            asked = [b""]
            threading.Thread(target=self._pass, args=(near, far, asked, True), daemon=True).start()
            threading.Thread(target=self._pass, args=(far, near, asked, False), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, asked: list[bytes], is_request: bool) -> None:
        with suppress(OSError):
            while part := source.recv(65_536):
                if is_request and part.startswith((b"GET ", b"POST ", b"OPTIONS ")):
                    asked[0] = part.split(b"\r\n", 1)[0]
                elif not is_request and self.answers_to_lose and not asked[0].startswith(b"OPTIONS"):
                    if asked[0].startswith(b"POST") and b"/messages " in asked[0]:
                        self.answers_to_lose -= 1
                        self.lost += 1
                    break
                target.sendall(part)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


@contextmanager
def a_wire(to: str) -> Iterator[Wire]:
    """A wire to an address."""
    wire = Wire(to)
    try:
        yield wire
    finally:
        wire.close()


@contextmanager
def a_proxy_that_holds_back(to: str) -> Iterator[str]:
    """The address of a proxy that answers when it has the whole answer: never, to who asks for a stream."""
    host = urlsplit(to).netloc

    class Proxy(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = http.client.HTTPConnection(host)
            with suppress(OSError, http.client.HTTPException):
                asked.request(self.command, self.path, body, dict(self.headers))
                answer = asked.getresponse()
                whole = answer.read()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("transfer-encoding", "content-length", "connection", "date", "server"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(whole)))
                self.end_headers()
                self.wfile.write(whole)
            asked.close()

        def do_GET(self) -> None:
            self._pass_on()

        def do_POST(self) -> None:
            self._pass_on()

        def do_OPTIONS(self) -> None:
            self._pass_on()

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
