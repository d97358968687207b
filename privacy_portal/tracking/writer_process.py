"""The line to the writer's process, which has an interpreter to itself: a thread of ours would fight the event loop
for the one that we have, and that cost more than all the work of both.

One process for each web process, its child. It is started with it, again as soon as it ends, and ends by itself when
the web process is gone.
"""

import asyncio
import logging
import os
import socket
import sys
from asyncio.subprocess import Process
from typing import Protocol, cast

from django.conf import settings

from privacy_portal.tracking.store.frames import LENGTH, Results, framed, length_in, results_in
from privacy_portal.tracking.store.row import Request

logger = logging.getLogger(__name__)
COMMAND = (sys.executable, "-m", "privacy_portal.tracking.store.process")
# One that ends before it has written anything would end again at once.
PAUSE = 1.0


class Store(Protocol):
    """Where the writer's groups go, one after another."""

    async def start(self) -> None: ...

    async def write(self, group: list[Request]) -> Results:
        """What became of each request. Called again only when it has returned."""

    def renew(self) -> None:
        """Remember nothing of the database: another one stands in its place."""

    async def stop(self) -> None:
        """End it. Called when nothing is being written."""


class WriterProcess:
    async def start(self) -> None:
        self._line = await self._new_line()
        self._keeping = asyncio.create_task(self._keep_one_running())

    def renew(self) -> None:
        """What a process remembers goes with it, and the next is started at once."""
        self._line.close()

    async def stop(self) -> None:
        self._keeping.cancel()
        await self._line.hang_up()

    async def write(self, group: list[Request]) -> Results:
        """None of them is known to be stored when the process ends meanwhile."""
        return await self._line.ask(framed(group)) or [None] * len(group)

    async def _keep_one_running(self) -> None:
        while True:
            await self._line.ended.wait()
            logger.error("writer.ended code=%s", await self._line.hang_up())
            if not self._line.has_answered:
                await asyncio.sleep(PAUSE)
            self._line = await self._new_line()

    @staticmethod
    async def _new_line() -> "Line":
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *COMMAND, str(os.getpid()), stdin=theirs.fileno(), cwd=settings.BASE_DIR
            )
        _, line = await asyncio.get_running_loop().create_connection(lambda: Line(process), sock=ours)
        return line


class Line(asyncio.Protocol):
    """One process and what is said to it and by it. `ended`: it, or the line, is no more."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._loop = asyncio.get_running_loop()
        self._got = bytearray()
        self._answer: asyncio.Future[Results | None] = self._loop.create_future()
        self.ended = asyncio.Event()
        self.has_answered = False

    def ask(self, frame: bytes) -> "asyncio.Future[Results | None]":
        """The process's answer; None when it has ended, or ends before it answers."""
        self._answer = self._loop.create_future()
        if self.ended.is_set():
            self._answer.set_result(None)
        else:
            self._transport.write(frame)
        return self._answer

    def close(self) -> None:
        """The process writes what it has, and ends; nobody hears its answer."""
        self._transport.close()

    async def hang_up(self) -> int:
        """Returns the process's exit code, as soon as it has ended."""
        self.close()
        return await self._process.wait()

    # -- asyncio.Protocol ------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own, which is no subclass

    def data_received(self, data: bytes) -> None:
        self._got += data
        if len(self._got) >= LENGTH and len(self._got) == LENGTH + length_in(self._got):
            results = results_in(memoryview(self._got)[LENGTH:])
            self._got = bytearray()
            self.has_answered = True
            self._answer.set_result(results)

    def connection_lost(self, error: Exception | None) -> None:
        if not self._answer.done():
            self._answer.set_result(None)
        self.ended.set()
