"""The writer's end at the door: requests wait here until the store has answered for them.

They are handed on as they come, and do not wait for those before them: what has arrived while the store wrote a group
is its next one, so groups grow by themselves under load, and the store does not wait for the event loop.
"""

import asyncio
import logging
from collections import deque
from dataclasses import dataclass

from django.db import connection

from privacy_portal.tracking.metrics import GROUP_SIZE
from privacy_portal.tracking.refusal import timed_out, unavailable
from privacy_portal.tracking.store.frames import Results
from privacy_portal.tracking.store.row import Request
from privacy_portal.tracking.writer_process import Store

logger = logging.getLogger(__name__)
MAX_PENDING_REQUESTS = 10_000
MAX_PENDING_BYTES = 64 * 1024 * 1024
# Handed on and not yet answered, and so the most that a group can be.
MAX_SENT_CALLS = 1_000
MAX_SENT_BYTES = 4 * 1024 * 1024
PATIENCE = 15.0
LOOK_FOR_LATE = 0.1
# So many are handed on at once, fewer at the end of the loop's turn, which under load takes longer than to write them.
# On PostgreSQL, where each group wakes the server, too, large ones are worth more than early ones.
AT_ONCE = {"sqlite": 8, "postgresql": MAX_SENT_CALLS}


@dataclass(slots=True)
class Pending:
    """A request on its way, and who waits for what becomes of it."""

    request: Request
    calls: int
    size: int
    late_at: float
    answer: asyncio.Future[str]


class Writer:
    """All of it runs on the event loop, so nothing here needs a lock."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queue: deque[Pending] = deque()
        self._waiting: deque[Pending] = deque()  # in order of arrival, the answered ones among them
        self._sent: deque[Pending] = deque()  # in the order in which the store answers
        self._sent_calls = self._sent_bytes = 0
        self._bytes = 0  # queued or sent
        self._at_once = AT_ONCE[connection.vendor]
        self._idle = asyncio.Event()
        self._idle.set()

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self._store.start(self._hear, self._lose)

    def renew(self) -> None:
        self._store.renew()

    async def state(self) -> str:
        """`ok` when the store answers, else why not."""
        return await self._store.state()

    async def stop(self) -> None:
        """Write what is pending, then end: whoever waits still gets an answer."""
        await self._idle.wait()
        await self._store.stop()

    def store(self, request: Request) -> asyncio.Future[str]:
        """The eventId, once the request is durable. Refusals: 503 when full or away, 504 when too slow."""
        size = sum([len(row.text) for row in request.rows])
        if len(self._queue) + len(self._sent) >= MAX_PENDING_REQUESTS or self._bytes + size > MAX_PENDING_BYTES:
            raise unavailable()
        one = Pending(request, len(request.rows), size, self._loop.time() + PATIENCE, self._loop.create_future())
        self._bytes += size
        self._idle.clear()
        if not self._waiting:
            self._loop.call_later(LOOK_FOR_LATE, self._give_up_on_the_late)
        self._waiting.append(one)
        self._queue.append(one)
        if len(self._queue) >= self._at_once:
            self._send()
        elif len(self._queue) == 1:  # the first; whoever comes after it goes with it
            self._loop.call_soon(self._send)
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

    def _send(self) -> None:
        """Hand on what is queued, as far as the store may have more."""
        while frame := self._next_frame():
            if self._is_taken(frame):
                self._sent += frame
            else:
                self._resolve(frame, [None] * len(frame))

    def _next_frame(self) -> list[Pending]:
        frame: list[Pending] = []
        while self._queue and self._sent_calls < MAX_SENT_CALLS and self._sent_bytes < MAX_SENT_BYTES:
            one = self._queue.popleft()
            frame.append(one)
            self._sent_calls += one.calls
            self._sent_bytes += one.size
        return frame

    def _is_taken(self, frame: list[Pending]) -> bool:
        try:
            return self._store.write([one.request for one in frame])
        except Exception as error:  # a fault of ours must not leave anyone waiting
            logger.error("writer.fault error=%s", type(error).__name__, exc_info=error)
            return False

    def _hear(self, results: Results) -> None:
        """The store has written a group."""
        GROUP_SIZE.observe(len(results))
        self._take_back(results)

    def _lose(self) -> None:
        """The store is gone: whether it has written what it was sent nobody knows."""
        self._take_back([None] * len(self._sent))

    def _take_back(self, results: Results) -> None:
        self._resolve([self._sent.popleft() for _ in results], results)
        self._send()

    def _resolve(self, group: list[Pending], results: Results) -> None:
        for one, event_id in zip(group, results, strict=True):
            self._sent_calls -= one.calls
            self._sent_bytes -= one.size
            self._bytes -= one.size
            if one.answer.done():  # given up on, or the caller went away
                continue
            if event_id is None:
                one.answer.set_exception(unavailable())
            else:
                one.answer.set_result(event_id)
        if not self._queue and not self._sent:
            self._idle.set()
