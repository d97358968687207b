"""A real HTTP server that stands for somebody's CDP and answers as a test tells it to."""

import json
import threading
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


@dataclass
class Upstream:
    """`answers` are given one after another, then `taken`; `messages` are the bodies received, in order."""

    url: str
    answers: list[Answer] = field(default_factory=list)
    messages: list[Any] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    status: Answer = field(default_factory=lambda: json_answer(404, {}))


@contextmanager
def serve() -> Iterator[Upstream]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            upstream.messages.append(message)
            upstream.tokens.append(self.headers["auth-token"])
            (upstream.answers.pop(0) if upstream.answers else taken)(self, message)

        def do_GET(self) -> None:
            upstream.asked.append(self.path)
            upstream.status(self, None)

        def log_message(self, *_: Any) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    upstream = Upstream(f"http://127.0.0.1:{server.server_port}/track")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield upstream
    finally:
        server.shutdown()
        server.server_close()
