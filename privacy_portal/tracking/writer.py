"""The writer's end at the door: requests join a queue and wait; whatever has come is handed to the store as one group.

It never waits to gather: under load groups grow by themselves while the last one is being written.
"""

import asyncio
import logging
from collections import deque
from dataclasses import dataclass

from privacy_portal.tracking.metrics import GROUP_SIZE
from privacy_portal.tracking.refusal import timed_out, unavailable
from privacy_portal.tracking.store.frames import Results
from privacy_portal.tracking.store.row import Request
from privacy_portal.tracking.writer_process import Store

logger = logging.getLogger(__name__)
MAX_PENDING_REQUESTS = 10_000
MAX_PENDING_BYTES = 64 * 1024 * 1024
MAX_GROUP_CALLS = 1_000
MAX_GROUP_BYTES = 4 * 1024 * 1024
PATIENCE = 15.0
LOOK_FOR_LATE = 0.1


@dataclass(slots=True)
class Pending:
    """A request on its way, and who waits for what becomes of it."""

    request: Request
    size: int
    late_at: float
    answer: asyncio.Future[str]


class Writer:
    """All of it runs on the event loop, so nothing here needs a lock."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queue: deque[Pending] = deque()
        self._waiting: deque[Pending] = deque()  # in order of arrival, the answered ones among them
        self._requests = self._bytes = 0  # queued or being written
        self._some = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self._store.start()
        self._writing = self._loop.create_task(self._write_groups())

    def renew(self) -> None:
        self._store.renew()

    async def stop(self) -> None:
        """Write what is pending, then end: whoever waits still gets an answer."""
        await self._idle.wait()
        self._writing.cancel()
        await self._store.stop()

    def store(self, request: Request) -> asyncio.Future[str]:
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
        self._queue.append(one)
        self._some.set()
        return one.answer

    def _give_up_on_the_late(self) -> None:
        """One timer for all who wait: they arrive in order, so they become late in order."""
        now = self._loop.time()
        while self._waiting and (self._waiting[0].answer.done() or self._waiting[0].late_at <= now):
            answer = self._waiting.popleft().answer
            if not answer.done():
                answer.set_exception(timed_out())
        if self._waiting:
            self._loop.call_later(LOOK_FOR_LATE, self._give_up_on_the_late)

    async def _write_groups(self) -> None:
        while await self._some.wait():
            group = self._gathered()
            GROUP_SIZE.observe(len(group))
            self._resolve(group, await self._written([one.request for one in group]))

    async def _written(self, requests: list[Request]) -> Results:
        try:
            return await self._store.write(requests)
        except Exception as error:  # a fault of ours must not end the task that everyone waits for
            logger.error("writer.fault error=%s", type(error).__name__, exc_info=error)
            return [None] * len(requests)

    def _gathered(self) -> list[Pending]:
        """What is queued, up to the size of a group."""
        group: list[Pending] = []
        calls = size = 0
        while self._queue and calls < MAX_GROUP_CALLS and size < MAX_GROUP_BYTES:
            one = self._queue.popleft()
            group.append(one)
            calls += len(one.request.rows)
            size += one.size
        if not self._queue:
            self._some.clear()
        return group

    def _resolve(self, group: list[Pending], results: Results) -> None:
        for one, event_id in zip(group, results, strict=True):
            self._bytes -= one.size
            if one.answer.done():  # given up on, or the caller went away
                continue
            if event_id is None:
                one.answer.set_exception(unavailable())
            else:
                one.answer.set_result(event_id)
        self._requests -= len(group)
        if not self._requests:
            self._idle.set()
