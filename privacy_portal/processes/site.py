"""Django, which answers all but the tracking API, in a process of its own: its threads would take the interpreter from
the event loop that every event goes through.

To the web process it is an ASGI application like any other. A request goes over the line when it is there as a whole,
so that nobody who sends slowly holds one of its threads, and the answer comes back in parts.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import msgspec
from django.conf import settings

from privacy_portal.child import Child
from privacy_portal.line import framed
from privacy_portal.processes.probes import Receive, Scope, Send
from privacy_portal.processes.refusing import NOT_WHOLE, refuse
from privacy_portal.tracking.body import WHOLE_WITHIN_S

TOLD = ("http_version", "method", "scheme", "path", "query_string", "root_path", "headers", "client", "server")
PATIENCE_S = 3.0
Answer = asyncio.Queue[Any]
_decode = msgspec.msgpack.decode


class Site:
    def __init__(self) -> None:
        self._child = Child("site", "privacy_portal.processes.site_process", self._hear, self._lose)
        self._answers: dict[int, Answer] = {}
        self._numbers = count()

    async def start(self) -> None:
        await self._child.start()

    async def stop(self) -> None:
        await self._child.stop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """503 when the process ends before it has begun to answer, 400 to a body that breaks off or does not come."""
        told = {name: scope[name] for name in TOLD if name in scope}
        try:
            async with asyncio.timeout(WHOLE_WITHIN_S):
                body = await _read_body(told, receive)
        except TimeoutError:
            body = None
        if body is None:
            await refuse(scope, send, NOT_WHOLE)
            return
        with self._asked((told, body)) as (number, answer):
            if begun := await answer.get():
                status, headers, part, more = begun
                await send({"type": "http.response.start", "status": status, "headers": headers})
                await send({"type": "http.response.body", "body": part, "more_body": more})
                if more:
                    await self._pass_on(number, answer, receive, send)
            else:
                await refuse(scope, send)

    async def state(self) -> str:
        """`ok` when it answers, else why not."""
        with self._asked("there?") as (_, answer):
            try:
                return await asyncio.wait_for(answer.get(), PATIENCE_S) or "has just ended"
            except TimeoutError:
                return f"no answer within {PATIENCE_S:.0f} s"

    @contextmanager
    def _asked(self, content: Any) -> Iterator[tuple[int, Answer]]:
        """The number under which it is asked, and what comes: None when there is nobody, or no more."""
        number = next(self._numbers)
        answer = self._answers[number] = Answer()
        if not self._say(number, content):
            answer.put_nowait(None)
        try:
            yield number, answer
        finally:
            del self._answers[number]
            self._say(number, "gone")  # whoever asked, for whatever reason: no thread may wait for them

    async def _pass_on(self, number: int, answer: Answer, receive: Receive, send: Send) -> None:
        """The parts of a long answer; the next are only sent for when these have been taken."""
        gone = asyncio.ensure_future(receive())  # when there is more to know, it is that
        try:
            more = True
            while more and not gone.done():
                self._say(number, "taken")
                if not (part := await answer.get()):
                    raise BrokenOff
                body, more = part
                await send({"type": "http.response.body", "body": body, "more_body": more})
        finally:
            gone.cancel()

    def _say(self, number: int, content: Any) -> bool:
        return self._child.say(framed((number, content)))

    def _hear(self, frame: bytearray) -> None:
        number, content = _decode(frame)
        if answer := self._answers.get(number):  # else whoever asked has gone meanwhile
            answer.put_nowait(content)

    def _lose(self) -> None:
        for answer in self._answers.values():
            answer.put_nowait(None)


async def _read_body(told: Scope, receive: Receive) -> bytes | None:
    """None when it broke off. Of one that is longer than Django reads, it is told the length alone."""
    parts, size = list[bytes](), 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part = message.get("body", b"")
        size += len(part)
        if size <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            parts.append(part)
        else:
            parts.clear()
        if not message.get("more_body"):
            break
    if size:  # which a body in chunks did not tell
        others = [(name, value) for name, value in told["headers"] if name != b"content-length"]
        told["headers"] = [*others, (b"content-length", b"%d" % size)]
    return b"".join(parts)


class BrokenOff(Exception):
    """The process ended in the middle of an answer: whoever reads it must see that it is not whole."""
