"""A limit of time for what a request waits for, cheap enough for every event."""

import asyncio
from types import TracebackType
from typing import Any


class Patience:
    """`with patience:` does what `async with asyncio.timeout(seconds)` does, TimeoutError and all, with one timer for
    all who are in it: one each would cost every event something. They come in order, so they become late in order.

    It belongs to one event loop, and no task is in it twice.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._late_at: dict[asyncio.Task[Any] | None, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        self._late_at[asyncio.current_task()] = loop.time() + self._seconds
        if self._timer is None:
            self._timer = loop.call_later(self._seconds, self._look)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        task = asyncio.current_task()
        if self._late_at.pop(task, None) is None and task and not task.uncancel() and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def _look(self) -> None:
        """Cancel those who are late; come again when the next one would be."""
        loop = asyncio.get_running_loop()
        self._timer, now = None, loop.time()
        for task, late_at in list(self._late_at.items()):
            if late_at > now:
                self._timer = loop.call_at(late_at, self._look)
                break
            del self._late_at[task]
            if task:
                task.cancel()
