"""A caller of the tracking door: the real ASGI application, writer and store, without a server in between."""

import asyncio
import json
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar
from uuid import UUID

import httpx

from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.models import AuthToken, Brand, TokenKind
from privacy_portal.tracking.door import Door
from privacy_portal.tracking.models import Event
from tests.tracking.in_thread import InThread

Value = TypeVar("Value")
JSON = "application/json"


class Caller:
    """Speaks to one door, which lives on an event loop in a thread of its own."""

    def __init__(self, brand: Brand) -> None:
        self.brand = brand
        self.token = issue(brand)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self.door = self.run(self._open())
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.door), base_url="http://door")

    async def _open(self) -> Door:
        door = Door(InThread())
        await door.open()
        return door

    def run(self, coroutine: Coroutine[Any, Any, Value]) -> Value:
        return self.begin(coroutine).result(60)

    def begin(self, coroutine: Coroutine[Any, Any, Value]) -> Future[Value]:
        """Run it beside what the test does next."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def close(self) -> None:
        self.run(self.door.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def request(
        self, method: str, path: str, content: bytes = b"", token: str | None = None, **headers: str
    ) -> httpx.Response:
        """Any request. `token`: this caller's own unless given, none if empty; header names with _ for -."""
        wanted = {"auth-token": self.token if token is None else token, "content-type": JSON}
        wanted |= {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in wanted.items() if value}
        return self.send(method, path, content, list(sent.items()))

    def send(self, method: str, path: str, content: bytes, headers: list[tuple[str, str]]) -> httpx.Response:
        return self.run(self.client.request(method, path, content=content, headers=headers))

    def path(self, action: str) -> str:
        return f"/track/{self.brand.path}/v1/{action}"

    def post(self, action: str, body: Any, token: str | None = None, **headers: str) -> httpx.Response:
        """POST an object, or the very bytes."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.request("POST", self.path(action), content, token, **headers)

    def together(self, calls: list[tuple[str, Any]]) -> list[httpx.Response]:
        """POST several at the same time; the answers in their order."""
        headers = {"auth-token": self.token, "content-type": JSON}

        async def all_of_them() -> list[httpx.Response]:
            posts = [self.client.post(self.path(action), json=body, headers=headers) for action, body in calls]
            return await asyncio.gather(*posts)

        return self.run(all_of_them())

    def taken(self, action: str, body: Any, token: str | None = None, **headers: str) -> UUID:
        """POST what must be taken; returns its eventId."""
        answer = self.post(action, body, token, **headers)
        assert answer.status_code == 200, answer.text
        assert set(answer.json()) == {"success", "eventId"}
        assert answer.json()["success"] is True
        return UUID(answer.json()["eventId"])

    def refused(self, action: str, body: Any, status: int = 400, **headers: str) -> str:
        """POST what must be refused and leave nothing; returns the message."""
        before = Event.objects.count()
        answer = self.post(action, body, **headers)
        assert answer.status_code == status, answer.text
        assert Event.objects.count() == before
        return message_of(answer)

    def status(self, event_id: object, token: str | None = None) -> httpx.Response:
        return self.request("GET", self.path(f"events/{event_id}"), token=token, content_type="")

    def stored(self, event_id: UUID) -> bytes:
        """The text kept for an event."""
        return bytes(Event.objects.get(event_id=event_id).body or b"")


def issue(brand: Brand, kind: str = TokenKind.SERVER, **limits: int) -> str:
    """A new token of this brand."""
    return AuthToken.objects.issue(kind, brand.client, brand.account, brand, actor=COMMAND, **limits)[1]


def message_of(answer: httpx.Response) -> str:
    body = answer.json()
    assert set(body) == {"success", "code", "message"}
    assert body["success"] is False
    return str(body["message"])


def track(**fields: Any) -> dict[str, Any]:
    """A good track call, with these fields set."""
    return {"userId": "u1", "event": "Product Added", **fields}
