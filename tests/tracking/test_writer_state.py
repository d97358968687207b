"""What /readyz says of the writer's process, steered by the test; tests/processes/test_health.py asks the real one."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from privacy_portal.line import LENGTH, framed
from privacy_portal.tracking import writer_process
from privacy_portal.tracking.writer_process import WriterProcess


class Steered:
    """In place of the child. `ends`: how many die before they have answered, and leave nobody there for a moment."""

    ends = 0

    def __init__(self, _name: str, _module: str, hear: Callable[[bytearray], None], lost: Callable[[], None]) -> None:
        self._hear, self._lost = hear, lost

    async def start(self) -> None:
        self._is_there = True

    def say(self, _frame: bytes) -> bool:
        was_there, self._is_there = self._is_there, True
        if was_there and self.ends:
            self.ends, self._is_there = self.ends - 1, False
            asyncio.get_running_loop().call_soon(self._lost)
        elif was_there:
            asyncio.get_running_loop().call_soon(self._hear, bytearray(framed([])[LENGTH:]))
        return was_there


def state(monkeypatch: pytest.MonkeyPatch, **about: Any) -> tuple[str, list[Any]]:
    """And what the door heard of it."""
    heard: list[Any] = []

    async def asked() -> str:
        process = WriterProcess()
        await process.start(heard.append, lambda: heard.append("lost"))
        return await process.state()

    monkeypatch.setattr(writer_process, "Child", type("Child", (Steered,), about))
    return asyncio.run(asked()), heard


def test_one_that_answers_is_well_and_the_door_hears_nothing_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert state(monkeypatch) == ("ok", [])


def test_one_that_is_just_being_replaced_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert state(monkeypatch, ends=2) == ("ok", ["lost", "lost"])


def test_that_there_is_none_for_longer_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_process, "PATIENCE_S", 0.3)
    assert state(monkeypatch, say=lambda *_: False) == ("no answer within 0 s", [])
