"""The process that Django lives in: `python -m privacy_portal.processes.site_process PARENT`, with a line to its web
process, the parent, as its standard input (site.py). It ends when the web process hangs up, or is gone.

Everything in Django that is ours is synchronous, so a few threads that last answer one request after another: under
ASGI each request would have a thread of its own and change into it and back several times.
"""

import logging
import os
import socket
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from io import BytesIO
from queue import SimpleQueue
from typing import Any

import django
import msgspec
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.signals import request_started
from django.db import close_old_connections
from django.http import HttpResponseBase
from django.urls import get_resolver, set_script_prefix

from privacy_portal import child, garbage, turns
from privacy_portal.line import LENGTH, framed, length_in

logger = logging.getLogger(__name__)
THREADS = 10  # as many as there are connections to PostgreSQL unless set otherwise
READERS = 100
A_PART = 4 * 1024 * 1024  # longer than any static file: only who may download an export can make a thread wait for them
Part = tuple[bytes | bytearray, bool]
_decode = msgspec.msgpack.decode


class Handler(ASGIHandler):
    """Django's own, with middleware and view in one go in the thread that calls it."""

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    def answer(self, scope: dict[str, Any], body: bytes) -> Any:
        """Django's response, which whoever calls closes."""
        set_script_prefix(get_script_prefix(scope))
        request_started.send(sender=self.__class__, scope=scope)
        request, refused = self.create_request(scope, BytesIO(body))
        return refused if request is None else self.get_response(request)


class Site:
    """What is asked over the line, and answered there."""

    def __init__(self, line: socket.socket, handler: Handler) -> None:
        self._line, self._handler = line, handler
        self._lock = threading.Lock()
        self._heard: dict[int, SimpleQueue[str]] = {}
        self._threads = ThreadPoolExecutor(THREADS)
        self._readers = ThreadPoolExecutor(READERS)

    def serve(self) -> None:
        """Until the other side hangs up."""
        with self._line.makefile("rb") as frames, self._threads, self._readers:
            while head := frames.read(LENGTH):
                number, content = _decode(frames.read(length_in(head)))
                if content == "there?":
                    self._say(number, "ok")
                elif not isinstance(content, str):
                    self._heard[number] = SimpleQueue()
                    self._threads.submit(self._answer, number, *content)
                elif heard := self._heard.get(number):  # else it has been answered, or was asked of one before this
                    heard.put(content)
            for heard in list(self._heard.values()):
                heard.put("gone")

    def _answer(self, number: int, scope: dict[str, Any], body: bytes) -> None:
        """What follows the first part of a long answer is left to threads that may wait for its reader."""
        with self._told_of_faults(number), ExitStack() as ending:
            ending.callback(self._heard.pop, number)
            response = self._handler.answer(scope, body)
            ending.callback(response.close)
            parts = _parts(response)
            part, more = next(parts)
            self._say(number, (response.status_code, _headers(response), part, more))
            if more:
                close_old_connections()  # nobody asks the database for the rest
                self._readers.submit(self._go_on, number, parts, ending.pop_all())

    def _go_on(self, number: int, parts: Iterator[Part], begun: ExitStack) -> None:
        with self._told_of_faults(number), begun:
            for part in parts:
                if self._heard[number].get() == "gone":
                    break
                self._say(number, part)

    @contextmanager
    def _told_of_faults(self, number: int) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            logger.error("site.fault error=%s", type(error).__name__, exc_info=error)
            self._say(number, None)

    def _say(self, number: int, content: Any) -> None:
        with self._lock:
            self._line.sendall(framed((number, content)))


def _headers(response: HttpResponseBase) -> list[tuple[bytes, bytes]]:
    cookies = [(b"Set-Cookie", cookie.OutputString().encode("ascii")) for cookie in response.cookies.values()]
    return [(name.encode("ascii"), value.encode("latin-1")) for name, value in response.items()] + cookies


def _parts(response: Any) -> Iterator[Part]:
    """Each with whether there is more."""
    gathered = bytearray()
    for part in response if response.streaming else [response.content]:
        if len(gathered) >= A_PART:
            yield gathered, True
            gathered = bytearray()
        gathered += part
    yield gathered, False


def main(parent: int) -> None:
    line = child.begin(parent)
    turns.take_usual_ones()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "privacy_portal.settings")
    django.setup(set_prefix=False)
    from privacy_portal.brands.last_use import last_use

    with line:
        site = Site(line, Handler())
        get_resolver().url_patterns  # noqa: B018 - so all views are read now, and not by whoever comes first
        garbage.keep_what_is_there()
        last_use.start()
        site.serve()
        last_use.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]))
