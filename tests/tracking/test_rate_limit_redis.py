"""The buckets in Redis, for several hosts: one count for all, and passing when it is down."""

import asyncio
import os
from uuid import uuid4

import pytest

from privacy_portal.tracking.buckets import RedisBuckets

URL = os.environ.get("TEST_REDIS_URL", "")


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


def test_requests_pass_when_redis_is_down() -> None:
    assert asyncio.run(RedisBuckets("redis://127.0.0.1:1/0", "test:").take(7, 1, 1)) == 0
