"""The writer: one thread per process. Takes what is pending, writes it as one group, resolves who waits.

It never waits to gather: under load groups grow by themselves while the last one is being written.
"""

import asyncio
import logging
import threading
from collections import deque
from dataclasses import dataclass
from queue import SimpleQueue
from uuid import UUID

from django.db import connection

from privacy_portal.tracking.metrics import GROUP_SIZE
from privacy_portal.tracking.refusal import timed_out, unavailable
from privacy_portal.tracking.store.row import Request
from privacy_portal.tracking.store.write import StoreUnavailable, write_group

logger = logging.getLogger(__name__)
MAX_PENDING_REQUESTS = 10_000
MAX_PENDING_BYTES = 64 * 1024 * 1024
MAX_GROUP_CALLS = 1_000
PATIENCE = 15.0
LOOK_FOR_LATE = 0.1


@dataclass(slots=True)
class Pending:
    """A request on its way; `answer` belongs to the event loop, the rest is only read."""

    request: Request
    size: int
    late_at: float
    answer: asyncio.Future[UUID]


Result = UUID | StoreUnavailable


class Writer:
    """Everything but `_write_groups` runs on the event loop, so nothing here needs a lock."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[Pending | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._write_groups, name="tracking-writer", daemon=True)
        self._waiting: deque[Pending] = deque()  # in order of arrival, the answered ones among them
        self._requests = self._bytes = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    async def stop(self) -> None:
        """Write what is pending, then end: whoever waits still gets an answer."""
        await self._idle.wait()
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    async def store(self, request: Request) -> UUID:
        """The eventId, once the request is durable. Refusals: 503 when full or away, 504 when too slow."""
        size = sum([len(row.text) for row in request.rows])
        if self._requests >= MAX_PENDING_REQUESTS or self._bytes + size > MAX_PENDING_BYTES:
            raise unavailable()
        one = Pending(request, size, self._loop.time() + PATIENCE, self._loop.create_future())
        self._requests += 1
        self._bytes += size
        self._idle.clear()
        if not self._waiting:
            self._loop.call_later(LOOK_FOR_LATE, self._give_up_on_the_late)
        self._waiting.append(one)
        self._queue.put(one)
        return await one.answer

    def _give_up_on_the_late(self) -> None:
        """One timer for all who wait: they arrive in order, so they become late in order."""
        now = self._loop.time()
        while self._waiting and (self._waiting[0].answer.done() or self._waiting[0].late_at <= now):
            answer = self._waiting.popleft().answer
            if not answer.done():
                answer.set_exception(timed_out())
        if self._waiting:
            self._loop.call_later(LOOK_FOR_LATE, self._give_up_on_the_late)

    def _resolve(self, group: list[Pending], results: list[Result]) -> None:
        for one, result in zip(group, results, strict=True):
            self._bytes -= one.size
            if one.answer.done():  # given up on, or the caller went away
                continue
            if isinstance(result, StoreUnavailable):
                one.answer.set_exception(unavailable())
            else:
                one.answer.set_result(result)
        self._requests -= len(group)
        if not self._requests:
            self._idle.set()

    # -- The thread ------------------------------------------------------------------------------------------

    def _write_groups(self) -> None:
        while (first := self._queue.get()) is not None:
            group = self._gathered(first)
            GROUP_SIZE.observe(len(group))
            self._loop.call_soon_threadsafe(self._resolve, group, _written(group))
        connection.close()

    def _gathered(self, first: Pending) -> list[Pending]:
        """With what is pending already; the `None` that ends the thread is put only when nothing is."""
        group, calls = [first], len(first.request.rows)
        while calls < MAX_GROUP_CALLS and not self._queue.empty():
            one = self._queue.get()
            assert one is not None
            group.append(one)
            calls += len(one.request.rows)
        return group


def _written(group: list[Pending]) -> list[Result]:
    try:
        return write_group([one.request for one in group])
    except Exception as error:  # a fault of ours must not end the thread that everyone waits for
        logger.error("writer.fault error=%s", type(error).__name__)
        return [StoreUnavailable() for _ in group]
