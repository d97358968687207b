"""All benchmarks, one after another; a table on the screen and JSON in benchmarks/results/."""

import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import batches, crowd, durable_events, links, processes, retention, suppress, suppressions
from benchmarks.queue import measure as regulation_queue

RESULTS = Path(__file__).resolve().parent / "results"
MEASURED = {
    "durable events": durable_events.measure,
    "batches": batches.measure,
    "gate with millions suppressed": crowd.measure,
    "suppressions meanwhile": suppressions.measure,
    "web processes": processes.measure,
    "links": links.measure,
    "suppress": suppress.measure,
    "retention": retention.measure,
    "regulation queue": regulation_queue.measure,
}
NEEDS = {
    "web processes": ("TEST_DATABASE_URL",),
    "regulation queue": ("TEST_DATABASE_URL", "TEST_AMQP_URL"),
}


def main() -> None:
    chosen = sys.argv[1:] or [*MEASURED, "access memory"]
    if unknown := set(chosen) - {*MEASURED, "access memory"}:
        raise SystemExit(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(MEASURED)}")
    for name in chosen:
        print(f"\n{name}", flush=True)
        if missing := [variable for variable in NEEDS.get(name, ()) if not os.environ.get(variable)]:
            print(f"  skipped: {' and '.join(missing)} not set")
            continue
        if name == "access memory":
            subprocess.run([sys.executable, "-m", "benchmarks.bench_access_memory"], check=True)
            continue
        found = MEASURED[name]()
        show(found)
        keep(name, found)


def keep(name: str, found: dict[str, Any]) -> None:
    """Beside the last results of the other benchmarks: each says for itself when and where."""
    latest = RESULTS / "latest.json"
    kept = json.loads(latest.read_text(encoding="utf-8")) if latest.exists() else {}
    kept[name] = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine(), "found": found}
    RESULTS.mkdir(exist_ok=True)
    latest.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def machine() -> str:
    return f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, Python {platform.python_version()}"


def show(values: dict[str, Any], indent: str = "  ") -> None:
    for name, value in values.items():
        if isinstance(value, dict):
            print(f"{indent}{name}")
            show(value, indent + "  ")
        else:
            print(f"{indent}{name:<52}{value}")
