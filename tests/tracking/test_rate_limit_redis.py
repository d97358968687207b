"""The buckets in Redis, for several hosts: one count for all, and passing when it is down."""

import asyncio
import multiprocessing
import os
import socket
import time
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from privacy_portal.tracking.metrics import BUCKETS_DOWN
from privacy_portal.tracking.redis_buckets import RedisBuckets
from tests.faults.proxy import Proxy

URL = os.environ.get("TEST_REDIS_URL", "")
RATE, BURST, SECONDS, PROCESSES, AT_ONCE = 100, 500, 3.0, 4, 8


@pytest.mark.skipif(not URL, reason="TEST_REDIS_URL is not set")
def test_hosts_share_one_bucket() -> None:
    async def waits() -> list[int]:
        prefix = f"test:{uuid4()}:"
        hosts = [RedisBuckets(URL, prefix) for _ in range(2)]
        answers = [await hosts[turn % 2].take(7, 1, 5) for turn in range(7)]
        await hosts[0].client.delete(f"{prefix}7")
        for host in hosts:
            await host.client.aclose()
        return answers

    answers = asyncio.run(waits())
    assert answers[:5] == [0] * 5
    assert all(answers[6:])


def admitted_by_one(prefix: str, ends_at: float) -> tuple[int, float, float]:
    """How many one web process that asks as often as it can lets through, and when it first and last asked."""

    async def until_the_end(buckets: RedisBuckets, asked: list[float]) -> int:
        admitted = 0
        while (now := time.monotonic()) < ends_at:
            asked.append(now)
            admitted += not await buckets.take(7, RATE, BURST)
        return admitted

    async def all_of_them() -> tuple[int, float, float]:
        buckets, asked = RedisBuckets(URL, prefix), list[float]()
        admitted = await asyncio.gather(*(until_the_end(buckets, asked) for _ in range(AT_ONCE)))
        await buckets.client.aclose()
        return sum(admitted), asked[0], asked[-1]

    return asyncio.run(all_of_them())


@pytest.mark.skipif(not URL, reason="TEST_REDIS_URL is not set")
def test_several_processes_let_through_what_the_limit_says_within_5_percent() -> None:
    """Of the time in which they asked: on a busy machine they may not have come to it at the very end."""
    prefix = f"test:{uuid4()}:"
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        ends_at = time.monotonic() + SECONDS
        each, first, last = zip(*pool.starmap(admitted_by_one, [(prefix, ends_at)] * PROCESSES), strict=True)
    allowed = BURST + RATE * (max(last) - min(first))
    print(f"{sum(each)} of {allowed:.0f}")
    assert 0.95 * allowed <= sum(each) <= 1.05 * allowed


def test_redis_that_never_answers_is_not_waited_for_by_each_request() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        buckets = RedisBuckets(f"redis://127.0.0.1:{silent.getsockname()[1]}/", "test:")

        async def waits() -> list[int]:
            return [await buckets.take(7, 1, 1) for _ in range(100)]

        before, began = down(), time.monotonic()
        assert asyncio.run(waits()) == [0] * 100
        assert time.monotonic() - began < 10, "each waited its time-out"
        assert down() == before + 100


def down() -> float:
    """Of this counter alone: others of the registry ask the database."""
    (family,) = BUCKETS_DOWN.collect()
    return next(sample.value for sample in family.samples if sample.name.endswith("_total"))


@pytest.mark.skipif(not URL, reason="TEST_REDIS_URL is not set")
def test_it_counts_again_when_redis_is_back(caplog: pytest.LogCaptureFixture) -> None:
    redis = urlsplit(URL)
    proxy = Proxy(redis.hostname or "", redis.port or 6379)

    async def goes_and_comes_back() -> None:
        buckets = RedisBuckets(f"redis://127.0.0.1:{proxy.port}{redis.path}", f"test:{uuid4()}:")
        assert [bool(await buckets.take(7, 1, 1)) for _ in range(2)] == [False, True]
        proxy.stop()
        assert not await buckets.take(7, 1, 1)
        proxy.start()
        while not await buckets.take(7, 1, 1):  # noqa: ASYNC110  (nothing says when it is back)
            await asyncio.sleep(0.02)
        await buckets.client.aclose()

    asyncio.run(asyncio.wait_for(goes_and_comes_back(), 60))
    assert "rate_limit.unavailable error=ConnectionError" in caplog.text
    proxy.stop()


def test_requests_pass_when_redis_is_down() -> None:
    assert asyncio.run(RedisBuckets("redis://127.0.0.1:1/0", "test:").take(7, 1, 1)) == 0
