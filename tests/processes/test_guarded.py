"""A question that hangs is waited for, never asked twice; what it says at last troubles nobody who has gone."""

import asyncio
import gc
import threading
from contextlib import suppress

import pytest
from django.db import OperationalError

from privacy_portal.processes.guarded import Guarded


def test_an_error_that_comes_when_nobody_waits_any_more_leaves_no_line_in_the_log() -> None:
    hangs, told = threading.Event(), list[str]()

    def question() -> None:
        hangs.wait(10)
        raise OperationalError

    async def ask() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context["message"]))
        guarded = Guarded("late", question, kept_s=0)
        with pytest.raises(TimeoutError):
            await guarded.answer(0.01)
        hangs.set()
        for _ in range(3):  # the first answer is kept until another question is asked
            with suppress(OperationalError):
                await guarded.answer(10)
            await asyncio.sleep(0)
            gc.collect()

    asyncio.run(ask())
    gc.collect()
    assert told == []
