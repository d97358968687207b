"""The line to a child: whatever its room, frames arrive whole and in the order in which they were said."""

import asyncio
import socket
from asyncio.subprocess import Process
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest
import uvloop

from privacy_portal.child import Line
from privacy_portal.line import LENGTH, framed, length_in

SIZES = (10, 3_000_000, 10, 200_000, 10, 10)  # some are longer than a socket holds
Run = Callable[[Coroutine[Any, Any, Any]], Any]


def heard(line: socket.socket) -> list[int]:
    with line, line.makefile("rb") as frames:
        sizes = []
        while head := frames.read(LENGTH):
            sizes.append(len(frames.read(length_in(head))))
        return sizes


@pytest.mark.parametrize("run", [uvloop.run, asyncio.run], ids=["uvloop", "asyncio"])
def test_frames_do_not_overtake_one_another(run: Run) -> None:
    said = [framed("x" * size) for size in SIZES] * 5

    async def say_all() -> list[int]:
        ours, theirs = socket.socketpair()
        loop = asyncio.get_running_loop()
        _, line = await loop.create_connection(
            lambda: Line(cast(Process, None), lambda _: None, lambda: None), sock=ours
        )
        with ThreadPoolExecutor(1) as pool:
            for frame in said[:8]:
                assert line.say(frame), "while nobody reads"
            hearing = loop.run_in_executor(pool, heard, theirs)
            for frame in said[8:]:
                assert line.say(frame)
                await asyncio.sleep(0)
            line.close()
            await line.ended.wait()
            assert not line.say(said[0])
            return await hearing

    assert run(say_all()) == [len(frame) - LENGTH for frame in said]
