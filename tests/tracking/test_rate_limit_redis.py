"""The buckets in Redis, for several hosts: one count for all, and passing when it is down."""

import asyncio
import multiprocessing
import os
import socket
import time
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from privacy_portal.tracking.buckets import RedisBuckets
from privacy_portal.tracking.metrics import BUCKETS_DOWN
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


def admitted_by_one(prefix: str, ends_at: float) -> int:
    """How many one web process lets through that asks as often as it can until then."""

    async def until_the_end(buckets: RedisBuckets) -> int:
        admitted = 0
        while time.monotonic() < ends_at:
            admitted += not await buckets.take(7, RATE, BURST)
        return admitted

    async def all_of_them() -> int:
        buckets = RedisBuckets(URL, prefix)
        admitted = await asyncio.gather(*(until_the_end(buckets) for _ in range(AT_ONCE)))
        await buckets.client.aclose()
        return sum(admitted)

    return asyncio.run(all_of_them())


@pytest.mark.skipif(not URL, reason="TEST_REDIS_URL is not set")
def test_several_processes_let_through_what_the_limit_says_within_5_percent() -> None:
    prefix = f"test:{uuid4()}:"
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        ends_at = time.monotonic() + SECONDS
        admitted = sum(pool.starmap(admitted_by_one, [(prefix, ends_at)] * PROCESSES))
    allowed = BURST + RATE * SECONDS
    print(f"{admitted} of {allowed:.0f}")
    assert 0.95 * allowed <= admitted <= 1.05 * allowed


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
