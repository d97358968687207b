"""All benchmarks, one after another; a table on the screen and JSON in benchmarks/results/."""

import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import durable_events, suppress
from benchmarks.queue import measure as regulation_queue

RESULTS = Path(__file__).resolve().parent / "results"
MEASURED = {
    "durable events": durable_events.measure,
    "suppress": suppress.measure,
    "regulation queue": regulation_queue.measure,
}
NEEDS = {"regulation queue": ("TEST_DATABASE_URL", "TEST_AMQP_URL")}


def main() -> None:
    chosen = sys.argv[1:] or [*MEASURED, "access memory"]
    found: dict[str, Any] = {}
    for name in chosen:
        print(f"\n{name}", flush=True)
        if missing := [variable for variable in NEEDS.get(name, ()) if not os.environ.get(variable)]:
            print(f"  skipped: {' and '.join(missing)} not set")
            continue
        if name == "access memory":
            subprocess.run([sys.executable, "-m", "benchmarks.bench_access_memory"], check=True)
            continue
        found[name] = MEASURED[name]()
        show(found[name])
    if found:
        RESULTS.mkdir(exist_ok=True)
        found |= {"at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine()}
        (RESULTS / "latest.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def machine() -> str:
    return f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, Python {platform.python_version()}"


def show(values: dict[str, Any], indent: str = "  ") -> None:
    for name, value in values.items():
        if isinstance(value, dict):
            print(f"{indent}{name}")
            show(value, indent + "  ")
        else:
            print(f"{indent}{name:<42}{value}")
