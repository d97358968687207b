"""All benchmarks, one after another; a table on the screen and JSON in benchmarks/results/."""

import json
import os
import platform
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryFile
from typing import Any

from benchmarks import batches, crowd, durable_events, identifies, links, processes, retention, suppress, suppressions
from benchmarks.queue import measure as regulation_queue

RESULTS = Path(__file__).resolve().parent / "results"
MEASURED = {
    "durable events": durable_events.measure,
    "batches": batches.measure,
    "gate with millions suppressed": crowd.measure,
    "suppressions meanwhile": suppressions.measure,
    "web processes": processes.measure,
    "links": links.measure,
    "identifies": identifies.measure,
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


def machine() -> dict[str, Any]:
    """What the figures depend on; the disk's sync decides wherever few send at once."""
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "sync of 64 KiB, ms": _sync_ms(),
    }


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _sync_ms() -> float:
    """The median of fifty, where the benchmarks keep their databases."""
    took = []
    with TemporaryFile() as file:
        for _ in range(50):
            file.write(os.urandom(65_536))
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            took.append(1000 * (time.perf_counter() - began))
    return round(median(took), 2)


def show(values: dict[str, Any], indent: str = "  ") -> None:
    for name, value in values.items():
        if isinstance(value, dict):
            print(f"{indent}{name}")
            show(value, indent + "  ")
        else:
            print(f"{indent}{name:<52}{value}")
