"""One timer for all who wait: each is ended by its own limit, and by nothing else. On a clock of the tests' own, which
stands still while anybody works and is put forward to the next moment that somebody waits for."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any

import pytest

from privacy_portal.tracking.patience import Patience

LIMIT = 30.0


class Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.now = 0.0
        super().__init__(Selector(self))

    def time(self) -> float:
        return self.now


class Selector(selectors.SelectSelector):
    def __init__(self, loop: Loop) -> None:
        super().__init__()
        self.loop = loop

    def select(self, timeout: float | None = None) -> Any:
        self.loop.now += timeout or 0.0
        return super().select(0)


def run(what: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(what)


async def waits(patience: Patience, seconds: float) -> str:
    """How it ended, and that the task can go on."""
    try:
        with patience:
            await asyncio.sleep(seconds)
        ended = "done"
    except TimeoutError:
        ended = "late"
    await asyncio.sleep(0)
    return ended


def together(*waiting: Coroutine[Any, Any, Any]) -> list[Any]:
    async def gathered() -> list[Any]:
        return await asyncio.gather(*waiting, return_exceptions=True)

    found: list[Any] = run(gathered())
    return found


def test_each_has_its_own_time() -> None:
    patience = Patience(LIMIT)

    async def after(pause: float, seconds: float) -> str:
        await asyncio.sleep(pause)
        return await waits(patience, seconds)

    ended = together(
        after(0, 60), after(0, 0), after(LIMIT / 2, LIMIT * 0.6), after(LIMIT / 2, 60), after(2 * LIMIT, 60)
    )
    assert ended == ["late", "done", "done", "late", "late"]


def test_who_is_cancelled_by_others_is_cancelled_and_not_late() -> None:
    patience = Patience(LIMIT)

    async def cancelled() -> str:
        task = asyncio.ensure_future(waits(patience, 60))
        await asyncio.sleep(0)
        task.cancel()
        return await task

    (error,) = together(cancelled())
    assert isinstance(error, asyncio.CancelledError)


def test_an_error_in_it_is_passed_on() -> None:
    async def broken() -> None:
        with Patience(LIMIT):
            raise KeyError

    with pytest.raises(KeyError):
        run(broken())
