"""Back-pressure: with a store that stands still, the door refuses before its memory grows (contract T3)."""

import asyncio
import json
import sys

import httpx
import pytest

from privacy_portal.tracking.writer import MAX_PENDING_BYTES
from tests.portal import Portal
from tests.processes.family import PROC, serving_of
from tests.processes.held import held
from tests.waiting import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
BODY = json.dumps({"userId": "u1", "event": "Bought", "properties": {"note": "x" * 1_000_000}}).encode()
# Enough for the queue and what is being written, and some more: what is refused was held, too, while it arrived.
REQUESTS = MAX_PENDING_BYTES // len(BODY) + 24


def resident(pid: int) -> int:
    """What a process holds in memory, in bytes."""
    lines = (PROC / str(pid) / "status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))


async def post(portal: Portal, refused: asyncio.Event, answers: list[httpx.Response]) -> None:
    headers = {"auth-token": portal.server_token, "content-type": "application/json"}
    url = f"{portal.url}/track/{portal.brand}/v1/track"
    async with httpx.AsyncClient(timeout=60, headers=headers) as http:
        answers.append(await http.post(url, content=BODY))
    if answers[-1].status_code == 503:
        refused.set()


def test_a_store_that_stands_still_fills_the_queue_and_not_the_memory(victim: Portal) -> None:
    serving = until(lambda: serving_of(victim), 10, "web")
    before = resident(serving.pid)
    grown: list[int] = []

    async def all_at_once() -> list[httpx.Response]:
        refused, answers = asyncio.Event(), list[httpx.Response]()
        with held(victim):
            posts = [asyncio.create_task(post(victim, refused, answers)) for _ in range(REQUESTS)]
            await asyncio.wait_for(refused.wait(), 60)
            grown.append(resident(serving.pid) - before)
        await asyncio.gather(*posts)
        return answers

    answers = asyncio.run(all_at_once())
    refused = [answer for answer in answers if answer.status_code == 503]
    assert {answer.status_code for answer in answers} <= {200, 503, 504}
    assert refused
    assert all(int(answer.headers["retry-after"]) > 0 for answer in refused)
    # Each body is there once for the server, once for us, and some once more in the frame that is being written.
    assert grown[0] < 4 * MAX_PENDING_BYTES, f"{grown[0] >> 20} MiB"
    print(f"{len(answers)} requests of 1 MB, {len(refused)} refused, memory + {grown[0] >> 20} MiB")
