"""What the door counts. Labels are actions and codes, never ids of people."""

from functools import cache

from prometheus_client import Counter, Histogram

ANSWERS = Counter("portal_tracking_answers", "Answers of the tracking API", ["action", "status", "code"])
CALLS = Counter("portal_tracking_calls", "Calls taken by the tracking API, gated ones included", ["action"])
GROUP_SIZE = Histogram("portal_tracking_group_size", "Requests written in one transaction",
                       buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000))  # fmt: skip
BUCKETS_DOWN = Counter("portal_rate_limit_unavailable", "Requests passed because the rate limit's store was down")

# The counter of these labels, found without looking for it anew at each event.
answers = cache(ANSWERS.labels)
calls = cache(CALLS.labels)
