"""The token buckets of web processes on several hosts, in Redis and by its clock (contract T3)."""

import logging
import time

import redis.asyncio
from redis.exceptions import RedisError

from privacy_portal.tracking.metrics import BUCKETS_DOWN

logger = logging.getLogger(__name__)
# Redis that does not answer is left alone for so long, or each request would wait for it in vain.
PAUSE = 1.0
_SCRIPT = """
local now = redis.call('TIME'); now = now[1] + now[2] / 1e6
local rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local held = tonumber(redis.call('GET', KEYS[1]) or '0')
local full_at = math.min(math.max(held, now), now + burst / rate)
local late, wait = full_at + 1 / rate - now - burst / rate, 0
if late > 1e-6 then wait = math.max(1, math.ceil(late)) else full_at = full_at + 1 / rate end
if full_at ~= held then
    redis.call('SET', KEYS[1], string.format('%.6f', full_at), 'EX', math.ceil(burst / rate) + 1)
end
return wait
"""


class RedisBuckets:
    """For web processes on several hosts; on the clock of Redis."""

    def __init__(self, url: str, prefix: str) -> None:
        self.client = redis.asyncio.Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5)
        self._script = self.client.register_script(_SCRIPT)
        self._prefix = prefix
        self._left_alone_until = 0.0

    async def take(self, token_id: int, rate: int, burst: int) -> int:
        if time.monotonic() >= self._left_alone_until:
            try:
                return int(await self._script(keys=[f"{self._prefix}{token_id}"], args=[rate, burst]))
            except (RedisError, OSError) as error:
                self._leave_alone(error)
        BUCKETS_DOWN.inc()
        return 0

    def _leave_alone(self, error: Exception) -> None:
        now = time.monotonic()
        if now >= self._left_alone_until:  # the first of those that asked at the same time
            logger.error("rate_limit.unavailable error=%s", type(error).__name__)
        self._left_alone_until = now + PAUSE
