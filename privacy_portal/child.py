"""A process beside an event loop, with an interpreter to itself: a thread would fight the loop for the one that there
is, and that costs more than the work of both.

It is the child of the process that needs it: it is started with it, again as soon as it ends, and ends by itself when
its parent is gone.
"""

import asyncio
import logging
import os
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import Callable
from typing import cast

from django.conf import settings

from privacy_portal import tether
from privacy_portal.line import taken_from

logger = logging.getLogger(__name__)
# One that ends before it has said anything would end again at once.
PAUSE = 1.0


class Child:
    """`python -m MODULE PARENT`, with the line to us as its standard input. `hear` is called with the content of each
    frame that it sends, and `lost` when it has ended or the line to it has."""

    def __init__(self, name: str, module: str, hear: Callable[[bytearray], None], lost: Callable[[], None]) -> None:
        self._name = name
        self._command = (sys.executable, "-m", module)
        self._hear, self._lost = hear, lost

    async def start(self) -> None:
        self._line = await self._new_line()
        self._keeping = asyncio.create_task(self._keep_one_running())

    def say(self, frame: bytes) -> bool:
        """False when there is nobody at this moment."""
        return self._line.say(frame)

    def renew(self) -> None:
        """End it when it has done what it has heard so far, and start another at once; nobody hears its answers."""
        self._line.close()

    async def stop(self) -> None:
        """The same, and wait for its end."""
        self._keeping.cancel()
        await self._line.hang_up()

    async def _keep_one_running(self) -> None:
        while True:
            await self._line.ended.wait()
            logger.error("child.ended name=%s code=%s", self._name, await self._line.hang_up())
            if not self._line.has_spoken:
                await asyncio.sleep(PAUSE)
            self._line = await self._next_line()

    async def _next_line(self) -> "Line":
        """As soon as the system has again what it takes: descriptors, memory, room for a process."""
        while True:
            try:
                return await self._new_line()
            except Exception as error:
                logger.error("child.not_started name=%s error=%s", self._name, type(error).__name__, exc_info=error)
            await asyncio.sleep(PAUSE)

    async def _new_line(self) -> "Line":
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                process = await asyncio.create_subprocess_exec(
                    *self._command, str(os.getpid()), stdin=theirs.fileno(), cwd=settings.BASE_DIR
                )
            loop = asyncio.get_running_loop()
            _, line = await loop.create_connection(lambda: Line(process, self._hear, self._lost), sock=ours)
        except BaseException:
            ours.close()  # by which a process that has begun all the same ends
            raise
        return line


class Line(asyncio.Protocol):
    """One process and what is said to it and by it. `ended`: it, or the line, is no more."""

    def __init__(self, process: Process, hear: Callable[[bytearray], None], lost: Callable[[], None]) -> None:
        self._process, self._hear, self._lost = process, hear, lost
        self._got = bytearray()
        self.ended = asyncio.Event()
        self.has_spoken = False

    def say(self, frame: bytes) -> bool:
        if self.ended.is_set() or self._transport.is_closing():
            return False
        self._transport.write(frame)
        return True

    def close(self) -> None:
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
        for content in taken_from(self._got):
            self.has_spoken = True
            self._hear(content)

    def connection_lost(self, error: Exception | None) -> None:
        self.ended.set()
        self._lost()


def begin(parent: int) -> socket.socket:
    """What such a process does first. The line to its parent, which ends when the parent hangs up."""
    tether.bind(parent)
    # Who stops the portal signals all of its processes; this one still does what its parent has begun.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    return socket.socket(fileno=0)
