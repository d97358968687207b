"""Several web processes on PostgreSQL against one. On a machine of eight cores:

BENCH_PROCESSES=1,2,4,8 BENCH_CONNECTIONS=512 .venv/bin/python -m benchmarks "web processes"
"""

import os
from typing import Any

from benchmarks.contender import Contender, compete, portal_on
from benchmarks.durable_events import bodies

PROCESSES = [int(number) for number in os.environ.get("BENCH_PROCESSES", "1,2").split(",")]
CONNECTIONS = int(os.environ.get("BENCH_CONNECTIONS", "64"))
# One thread of wrk asks for more than four web processes answer.
PROCESSES_A_THREAD = 4


def measure() -> dict[str, Any]:
    with portal_on("postgresql") as (served, url):
        numbers = {
            number: Contender(
                f"{number} web processes",
                served,
                bodies("userId"),
                url,
                workers=number,
                load_threads=-(-max(PROCESSES) // PROCESSES_A_THREAD),
            )
            for number in PROCESSES
        }
        compete(list(numbers.values()), CONNECTIONS)
    table: dict[str, Any] = {"connections": CONNECTIONS}
    first = numbers[PROCESSES[0]]
    for number, contender in numbers.items():
        table[f"{number}: a second, of the first"] = [
            contender.per_second,
            round(contender.per_second / first.per_second, 2),
        ]
    return table | {"load tool's share of a core": max(one.tool_cpu for one in numbers.values())}
