"""Nobody holds a request for as long as they like by not sending the rest of its body."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from privacy_portal.tracking.models import Event
from privacy_portal.tracking.patience import Patience
from privacy_portal.tracking.segment.door import SegmentDoor
from tests.tracking.caller import Caller

Doorway = Callable[[Caller], Callable[..., Awaitable[None]]]
BOTH = pytest.mark.parametrize(
    ("doorway", "path"),
    [(lambda caller: caller.door, ""), (lambda caller: SegmentDoor(caller.door), "/v1/track")],
    ids=["tracking", "segment"],
)


async def half_a_body() -> dict[str, Any]:
    return {"type": "http.request", "body": b'{"writeKey": ', "more_body": True}


async def never() -> dict[str, Any]:
    await asyncio.Event().wait()
    raise AssertionError


@BOTH
@pytest.mark.parametrize("begins", [True, False], ids=["half of it", "none of it"])
def test_a_body_that_does_not_come_is_refused_and_leaves_nothing(
    door: Caller, doorway: Doorway, path: str, begins: bool
) -> None:
    door.door.patience = Patience(0.05)
    arriving = iter([half_a_body] if begins else [])
    answers: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        answers.append(message)

    headers = [(b"auth-token", door.token.encode()), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": path or door.path("track"), "headers": headers, "client": None}
    door.run(asyncio.wait_for(doorway(door)(scope, lambda: next(arriving, never)(), send), 4))
    assert answers[0]["status"] == 400
    told = {"success": False, "code": "invalid_body", "message": "body must be whole"}
    assert json.loads(answers[1]["body"]) == told
    assert not Event.objects.exists()
