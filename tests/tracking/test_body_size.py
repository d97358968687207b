"""How large a body may be, and what happens to the rest of one that is larger (contract T3, 413)."""

import asyncio
import gzip
import json
import os
from typing import Any

import pytest
from django.test import override_settings

from privacy_portal.tracking.body import DRAIN_BYTES, Body
from privacy_portal.tracking.models import Event
from tests.tracking.caller import Caller, track

LIMIT = 1024 * 1024
MESSAGE = f"body must be at most {LIMIT} bytes"


def of_size(size: int) -> bytes:
    """A good track call of exactly this many bytes."""
    empty = json.dumps(track(properties={"pad": ""})).encode()
    return empty.replace(b'"pad": ""', b'"pad": "%s"' % (b"x" * (size - len(empty))))


def test_a_body_of_exactly_the_limit_is_taken(door: Caller) -> None:
    assert len(door.stored(door.taken("track", of_size(LIMIT)))) == LIMIT


def test_one_byte_more_is_refused(door: Caller) -> None:
    assert door.refused("track", of_size(LIMIT + 1), 413) == MESSAGE


def test_gzip_counts_unpacked(door: Caller) -> None:
    door.taken("track", gzip.compress(of_size(LIMIT)), content_encoding="gzip")
    assert door.refused("track", gzip.compress(of_size(LIMIT + 1)), 413, content_encoding="gzip") == MESSAGE


def test_a_gzip_that_grew_by_packing_counts_unpacked(door: Caller) -> None:
    packed = gzip.compress(of_size(LIMIT), compresslevel=0)
    assert len(packed) > LIMIT
    door.taken("track", packed, content_encoding="gzip")


def test_a_gzip_bomb_is_never_unpacked_whole(door: Caller) -> None:
    bomb = gzip.compress(bytes(200 * LIMIT))
    assert len(bomb) < LIMIT
    assert door.refused("track", bomb, 413, content_encoding="gzip") == MESSAGE


def test_the_limit_can_be_moved(door: Caller) -> None:
    with override_settings(TRACKING_MAX_BODY_BYTES=100):
        assert door.refused("track", of_size(101), 413) == "body must be at most 100 bytes"


class Sender:
    """Sends pieces for as long as it is asked; counts what was taken of them."""

    def __init__(self, pieces: int, size: int) -> None:
        self.left, self.size, self.taken = pieces, size, 0

    async def __call__(self) -> dict[str, Any]:
        self.left -= 1
        self.taken += self.size
        return {"type": "http.request", "body": os.urandom(self.size), "more_body": self.left > 0}


def ask(door: Caller, sender: Sender, token: str) -> int:
    """POST what `sender` sends, straight into the application; returns the status."""
    answers: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        answers.append(message)

    headers = [(b"auth-token", token.encode()), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": door.path("track"), "headers": headers, "client": ("::1", 1)}
    door.run(door.door(scope, sender, send))
    return int(answers[0]["status"])


def test_the_rest_of_a_large_body_is_read_to_its_end(door: Caller) -> None:
    sender = Sender(pieces=5, size=LIMIT)
    assert ask(door, sender, door.token) == 413
    assert sender.taken == 5 * LIMIT


def test_of_an_endless_body_no_more_than_eight_mebibytes_are_read(door: Caller) -> None:
    sender = Sender(pieces=1000, size=LIMIT)
    assert ask(door, sender, door.token) == 413
    assert sender.taken == DRAIN_BYTES


def test_an_early_refusal_reads_the_body_too(door: Caller) -> None:
    sender = Sender(pieces=3, size=1000)
    assert ask(door, sender, "unknown") == 403
    assert sender.taken == 3000


def test_a_body_that_stalls_is_waited_for_no_longer_than_its_time(
    door: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("privacy_portal.tracking.body.DRAIN_SECONDS", 0.05)

    async def drained() -> bool:
        async def never() -> None:
            await asyncio.Event().wait()

        await Body(never).drain()
        return True

    assert door.run(drained())


def test_a_body_that_breaks_off_is_refused_and_leaves_nothing(door: Caller) -> None:
    """Mostly nobody is left to read the answer; whoever broke its encoding is."""
    answers: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        answers.append(message)

    headers = [(b"auth-token", door.token.encode()), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": door.path("track"), "headers": headers, "client": None}
    door.run(door.door(scope, receive, send))
    assert answers[0]["status"] == 400
    told = {"success": False, "code": "invalid_body", "message": "body must be whole"}
    assert json.loads(answers[1]["body"]) == told
    assert not Event.objects.exists()
