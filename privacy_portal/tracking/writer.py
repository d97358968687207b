"""The writer: one per process. Takes what is pending, writes it as one group, resolves who waits.

It never waits to gather: under load groups grow by themselves while the last one is being written.
"""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
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

Pending = tuple[Request, asyncio.Future[UUID], int]


class Writer:
    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tracking-writer")
        self._queue: asyncio.Queue[Pending] = asyncio.Queue(MAX_PENDING_REQUESTS)
        self._bytes = 0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Write what is pending, then end: whoever waits still gets an answer."""
        if self._task:
            await self._queue.join()
            self._task.cancel()
        self._thread.submit(_disconnect)
        self._thread.shutdown()

    async def store(self, request: Request) -> UUID:
        """The eventId, once the request is durable. Refusals: 503 when full or away, 504 when too slow."""
        size = sum(len(row.text) for row in request.rows)
        if self._queue.full() or self._bytes + size > MAX_PENDING_BYTES:
            raise unavailable()
        answer: asyncio.Future[UUID] = asyncio.get_running_loop().create_future()
        self._bytes += size
        self._queue.put_nowait((request, answer, size))
        try:
            return await asyncio.wait_for(answer, PATIENCE)
        except TimeoutError:
            raise timed_out() from None
        except StoreUnavailable:
            raise unavailable() from None

    async def _run(self) -> None:
        while True:
            group = [await self._queue.get()]
            calls = len(group[0][0].rows)
            while calls < MAX_GROUP_CALLS and not self._queue.empty():
                group.append(self._queue.get_nowait())
                calls += len(group[-1][0].rows)
            GROUP_SIZE.observe(len(group))
            await self._write(group)

    async def _write(self, group: list[Pending]) -> None:
        loop = asyncio.get_running_loop()
        results: list[UUID | StoreUnavailable]
        try:
            results = await loop.run_in_executor(self._thread, write_group, [request for request, _, _ in group])
        except Exception as error:  # a fault of ours must not end the task that everyone waits for
            logger.error("writer.fault error=%s", type(error).__name__)
            results = [StoreUnavailable() for _ in group]
        for (_, answer, size), result in zip(group, results, strict=True):
            self._bytes -= size
            self._queue.task_done()
            if answer.done():
                continue
            if isinstance(result, StoreUnavailable):
                answer.set_exception(result)
            else:
                answer.set_result(result)


def _disconnect() -> None:
    """Give back this thread's connection."""
    connection.close()
