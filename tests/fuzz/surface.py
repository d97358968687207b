"""One request to an ASGI application, with no client in between that would set right what is wrong with it."""

from dataclasses import dataclass
from typing import Any

Lines = list[tuple[bytes, bytes]]


@dataclass
class Asked:
    """A request as the server hands it on. `pieces`: the body as it arrives; `leaves`: gone before its end."""

    method: str
    path: str
    lines: Lines
    pieces: list[bytes]
    leaves: bool = False

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)


@dataclass
class Answered:
    status: int
    lines: Lines
    body: bytes


async def exchange(application: Any, asked: Asked) -> Answered:
    """The answer, also to whoever has left: the body may only have broken its encoding."""
    sent: list[dict[str, Any]] = []
    waiting = [{"type": "http.request", "body": piece, "more_body": True} for piece in asked.pieces]
    waiting.append({"type": "http.disconnect"} if asked.leaves else {"type": "http.request", "body": b""})

    async def receive() -> dict[str, Any]:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "http_version": "1.1", "method": asked.method, "path": asked.path, "query_string": b"",
             "headers": asked.lines, "client": ("192.0.2.1", 5)}  # fmt: skip
    await application(scope, receive, send)
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    return Answered(sent[0]["status"], sent[0]["headers"], sent[1]["body"])
