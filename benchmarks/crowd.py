"""The gate with ten million people suppressed, against the gate with none; and what memory they cost the web process.

Every event is of a person who has never been seen before, so that each look-up goes to another place of the index.
`BENCH_PEOPLE` names a smaller crowd. Each database is filled once, and serves all rounds.
"""

import json
import os
import time
from statistics import median
from typing import Any

from benchmarks.contender import STORES, Contender, compete, portal_on
from benchmarks.durable_events import bodies
from benchmarks.job import NEW

CONNECTIONS = 64
PEOPLE = int(os.environ.get("BENCH_PEOPLE", "10000000"))


def measure() -> dict[str, Any]:
    return {name: _measure(store) for name, store in STORES.items()}


def _measure(store: str) -> dict[str, Any]:
    calls = [json.dumps(json.loads(body) | {"userId": NEW}) for body in bodies("userId")]
    with portal_on(store) as (first, first_url), portal_on(store) as (second, second_url):
        crowded = Contender("crowded", first, calls, first_url)
        empty = Contender("empty", second, calls, second_url)
        began = time.perf_counter()
        first.run("-m", "benchmarks.people", str(PEOPLE))
        filled = round(time.perf_counter() - began)
        compete([crowded, empty], CONNECTIONS)
        (all_with, files_with), (all_without, files_without) = map(_memory, (crowded, empty))
    return {
        "people suppressed": PEOPLE,
        "filled in seconds": filled,
        "a second: with them, with none": [crowded.per_second, empty.per_second],
        "with them : with none": round(crowded.per_second / empty.per_second, 2),
        "web process, MiB resident: with them, with none": [all_with, all_without],
        "… more (under 100), of that pages of files": [
            round(all_with - all_without, 1), round(files_with - files_without, 1)
        ],
        "load tool's share of a core": max(crowded.tool_cpu, empty.tool_cpu),
    }  # fmt: skip


def _memory(contender: Contender) -> list[float]:
    """All that is resident, and what of it are pages of files: medians of the rounds."""
    return [median(values) for values in zip(*contender.memory, strict=True)]
