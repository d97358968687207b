"""The writer's end at the door, with a store that is steered by the test: nobody is left waiting."""

import asyncio
from collections.abc import Callable

import pytest

from privacy_portal.tracking import writer
from privacy_portal.tracking.refusal import Refusal
from privacy_portal.tracking.store.frames import Results
from privacy_portal.tracking.store.row import Request
from privacy_portal.tracking.writer import Writer
from tests.tracking.bare_request import request


class Steered:
    """What it was given, and whether it is there; the test says when it answers."""

    def __init__(self) -> None:
        self.given: list[list[str]] = []
        self.is_there = True
        self.fault: Exception | None = None

    async def start(self, hear: Callable[[Results], None], lose: Callable[[], None]) -> None:
        self.hear, self._lose = hear, lose

    def write(self, requests: list[Request]) -> bool:
        if self.fault:
            raise self.fault
        if self.is_there:
            self.given.append([request.event_id for request in requests])
        return self.is_there

    def end(self) -> None:
        self.is_there = False
        self._lose()

    def renew(self) -> None:
        raise AssertionError("nobody asks for it here")

    async def stop(self) -> None:
        self.is_there = False


async def told(answer: asyncio.Future[str]) -> str | int:
    """The eventId, or the status of the refusal."""
    try:
        return await asyncio.wait_for(answer, 10)
    except Refusal as refused:
        return refused.status


async def end_of_turn() -> None:
    """What was due when it was asked for has been done: one turn of the loop, which no clock measures."""
    await asyncio.sleep(0)


async def begun(*names: str) -> tuple[Writer, Steered, list[asyncio.Future[str]]]:
    """A door that was asked to store these in one turn, its store, and the answers to come."""
    store = Steered()
    started = Writer(store)
    await started.start()
    return started, store, [started.store(request(name)) for name in names]


def test_the_next_are_handed_on_before_the_last_are_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(writer.AT_ONCE, "sqlite", 2)
    monkeypatch.setitem(writer.AT_ONCE, "postgresql", 2)

    async def scene() -> None:
        door, store, answers = await begun(*"abc")
        assert store.given == [["a", "b"]], "enough of them do not wait for the turn to end"
        await end_of_turn()
        assert store.given == [["a", "b"], ["c"]], "fewer wait for no longer than that"
        store.hear(["a", "b", "c"])
        assert [await told(one) for one in answers] == ["a", "b", "c"]
        await door.stop()

    asyncio.run(scene())


def test_no_more_is_under_way_than_may_be_and_the_rest_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "MAX_SENT_CALLS", 2)

    async def scene() -> None:
        door, store, answers = await begun(*"abc")
        await end_of_turn()
        assert store.given == [["a", "b"]]
        store.hear(["a"])
        assert store.given == [["a", "b"], ["c"]]
        store.hear(["b", "c"])
        assert [await told(one) for one in answers] == ["a", "b", "c"]
        await door.stop()

    asyncio.run(scene())


def test_when_the_store_ends_all_who_wait_are_told_so_and_the_door_can_close(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "MAX_SENT_CALLS", 2)

    async def scene() -> None:
        door, store, answers = await begun(*"abcd")
        await end_of_turn()
        store.hear(["a"])
        store.end()
        assert [await told(one) for one in answers] == ["a", 503, 503, 503], "of the last it has not even heard"
        await asyncio.wait_for(door.stop(), 10)

    asyncio.run(scene())


def test_what_cannot_be_handed_on_is_told_so_and_the_next_is_taken() -> None:
    async def scene() -> None:
        door, store, _ = await begun()
        store.fault = UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")
        assert await told(door.store(request("a"))) == 503
        store.fault = None
        taken = door.store(request("b"))
        await end_of_turn()
        store.hear(["b"])
        assert await told(taken) == "b"
        await asyncio.wait_for(door.stop(), 10)

    asyncio.run(scene())
