"""A limit of time for what a request waits for, cheap enough for every event."""

import asyncio
import time
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
        self._late_at[asyncio.current_task()] = time.monotonic() + self._seconds
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self._look)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        task = asyncio.current_task()
        if self._late_at.pop(task, None) is None and task and not task.uncancel() and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def _look(self) -> None:
        """Cancel those who are late; come again when the next one would be."""
        self._timer, now = None, time.monotonic()
        for task, late_at in list(self._late_at.items()):
            if late_at > now:
                self._timer = asyncio.get_running_loop().call_later(late_at - now, self._look)
                break
            del self._late_at[task]
            if task:
                task.cancel()
