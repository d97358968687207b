"""A caller of Segment's door: what the SDKs send, byte for byte as the test wants it."""

import json
from base64 import b64encode
from typing import Any
from uuid import UUID

import httpx

from privacy_portal.tracking.models import Event
from privacy_portal.tracking.segment.door import SegmentDoor
from tests.tracking.caller import JSON, Caller, message_of


def basic(key: str) -> str:
    return f"Basic {b64encode(f'{key}:'.encode()).decode()}"


class Sdk:
    def __init__(self, door: Caller) -> None:
        self.door, self.key = door, door.token
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(SegmentDoor(door.door)), base_url="http://door")

    def request(self, method: str, path: str, content: bytes = b"", **headers: str) -> httpx.Response:
        lines = {name.replace("_", "-"): value for name, value in headers.items() if value}
        return self.door.run(self.client.request(method, f"/v1/{path}", content=content, headers=lines))

    def post(self, path: str, body: Any, key: str | None = None, **headers: str) -> httpx.Response:
        """POST an object, or the very bytes. `key`: this brand's own unless given; none in a header if empty."""
        shown = {"authorization": basic(self.key if key is None else key)} if key != "" else {}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.request("POST", path, content, **{"content_type": JSON, **shown, **headers})

    def taken(self, path: str, body: Any, key: str | None = None, **headers: str) -> Event:
        """POST what must be taken; returns the event it became."""
        answer = self.post(path, body, key, **headers)
        assert answer.status_code == 200, answer.text
        assert answer.json()["success"] is True
        return Event.objects.get(event_id=UUID(answer.json()["eventId"]))

    def refused(self, path: str, body: Any, status: int = 400, key: str | None = None, **headers: str) -> str:
        """POST what must be refused and leave nothing; returns the message."""
        before = Event.objects.count()
        answer = self.post(path, body, key, **headers)
        assert answer.status_code == status, answer.text
        assert Event.objects.count() == before
        return message_of(answer)


def calls_of(batch: Event) -> list[Event]:
    """The calls of a batch, in their order."""
    return [Event.objects.get(event_id=event_id) for event_id in batch.call_ids]
