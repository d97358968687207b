"""Asks something that may hang, from a process that must not."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic
from typing import Generic, TypeVar

from django.db import close_old_connections

Answer = TypeVar("Answer")


class Guarded(Generic[Answer]):
    """One question with one thread of its own: while it hangs it is waited for, never asked a second time."""

    def __init__(self, name: str, ask: Callable[[], Answer], kept_s: float = 0.5) -> None:
        """`kept_s`: for how long an answer serves those who ask next, so that a flood of probes costs nothing."""
        self._ask = ask
        self._kept_s = kept_s
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"guarded-{name}")
        self._answer: Future[Answer] | None = None
        self._asked = 0.0

    async def answer(self, patience_s: float) -> Answer:
        """The answer; raises what the question raised, or TimeoutError."""
        if self._answer is None or (self._answer.done() and monotonic() - self._asked > self._kept_s):
            self._asked = monotonic()
            self._answer = self._thread.submit(self._with_own_connection)
        answer = asyncio.wrap_future(self._answer)
        answer.add_done_callback(_heard)
        # Waited for, not awaited: who waits no longer must not cancel what the next one waits for.
        done, _ = await asyncio.wait([answer], timeout=patience_s)
        if not done:
            raise TimeoutError
        return answer.result()

    def _with_own_connection(self) -> Answer:
        close_old_connections()
        try:
            return self._ask()
        finally:
            close_old_connections()


def _heard(answer: asyncio.Future[Answer]) -> None:
    """An error that comes when nobody waits any more would else be a line in the log for each who had asked."""
    if not answer.cancelled():
        answer.exception()
