"""A real HTTP server that stands for somebody's CDP and answers as a test tells it to."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

Answer = Callable[[BaseHTTPRequestHandler, Any], None]


def json_answer(status: int, body: Any, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler, _: Any) -> None:
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        handler.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)

    return answer


def taken(handler: BaseHTTPRequestHandler, message: Any) -> None:
    """What the upstream's documentation promises: 200 with an eventId."""
    json_answer(200, {"success": True, "eventId": str(uuid4())})(handler, message)


def hang_up(handler: BaseHTTPRequestHandler, _: Any) -> None:
    handler.close_connection = True
    handler.connection.close()


def half_a_body(handler: BaseHTTPRequestHandler, _: Any) -> None:
    """A success that ends in the middle."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    handler.wfile.write(b'{"success": true, "eventId": "e-')
    handler.close_connection = True


def half_a_chunked_body(handler: BaseHTTPRequestHandler, _: Any) -> None:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b'20\r\n{"success": true, "eventId": "e-\r\n')
    handler.close_connection = True


def taken_then_closed(handler: BaseHTTPRequestHandler, message: Any) -> None:
    """A kept-alive connection that is closed after all, without a word."""
    taken(handler, message)
    handler.close_connection = True


def something_else(handler: BaseHTTPRequestHandler, _: Any) -> None:
    """No HTTP at all."""
    handler.wfile.write(b"220 mail.example.com ESMTP\r\n")
    handler.close_connection = True


def held_until(release: threading.Event, then: Answer = taken) -> Answer:
    """Nothing is said before that, at most a minute."""

    def answer(handler: BaseHTTPRequestHandler, message: Any) -> None:
        release.wait(60)
        then(handler, message)

    return answer


def dripping_until(release: threading.Event) -> Answer:
    """An answer that goes on and on, a byte every tenth of a second."""

    def answer(handler: BaseHTTPRequestHandler, _: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        while not release.wait(0.1):
            handler.wfile.write(b" ")
        handler.close_connection = True

    return answer


def dripping_headers_until(release: threading.Event, drip: bytes) -> Answer:
    """The same before any body: headers without end, or one interim answer after another."""

    def answer(handler: BaseHTTPRequestHandler, _: Any) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" if b"HTTP/" not in drip else b"")
        while not release.wait(0.1):
            handler.wfile.write(drip)
        handler.close_connection = True

    return answer


@dataclass
class Upstream:
    """`answers` are given one after another, then `always`; `messages` are the bodies received, in order, `texts` the
    same word for word, `paths` where to, `arrivals` the seconds at which they came; `closed` counts connections that
    have ended."""

    url: str
    answers: list[Answer] = field(default_factory=list)
    always: Answer = taken
    messages: list[Any] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    arrivals: list[float] = field(default_factory=list)
    closed: int = 0
    tokens: list[str | None] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    status: Answer = field(default_factory=lambda: json_answer(404, {}))


@contextmanager
def serve() -> Iterator[Upstream]:
    class Server(ThreadingHTTPServer):
        request_queue_size = 100

        def handle_error(self, *_: Any) -> None:
            """A caller that has gone is part of the test."""

        def shutdown_request(self, request: Any) -> None:
            super().shutdown_request(request)
            upstream.closed += 1

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"]))
            message = json.loads(text)
            upstream.arrivals.append(time.monotonic())
            upstream.texts.append(text)
            upstream.paths.append(self.path)
            upstream.messages.append(message)
            upstream.tokens.append(self.headers["auth-token"])
            (upstream.answers.pop(0) if upstream.answers else upstream.always)(self, message)

        def do_GET(self) -> None:
            upstream.arrivals.append(time.monotonic())
            upstream.asked.append(self.path)
            upstream.status(self, None)

        def log_message(self, *_: Any) -> None:
            """Keep the test's output clean."""

    server = Server(("127.0.0.1", 0), Handler)
    upstream = Upstream(f"http://127.0.0.1:{server.server_port}/track")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield upstream
    finally:
        server.shutdown()
        server.server_close()
