"""Single durable events: this product against a plain DRF view, and both against a server that only answers."""

import json
import sqlite3
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import stage
from benchmarks.load import Job, Result, run

ROUNDS = 3
SECONDS = 3.0
CONNECTIONS = 64
TABLES = {"portal": ("portal.sqlite3", "tracking_event"), "drf": ("baseline.sqlite3", "events_event")}


def bodies(name_of_user: str) -> list[str]:
    return [
        json.dumps({
            name_of_user: f"user-{number}", "event": "Product Added", "timestamp": "2026-01-02T03:04:05.678Z",
            "properties": {"product_id": f"sku-{number}", "price": 19.99, "currency": "EUR", "quantity": 1},
            "context": {"page": {"path": "/shop", "title": "Shop"}, "locale": "en-GB"},
        })
        for number in range(200)
    ]  # fmt: skip


def measure() -> dict[str, Any]:
    """Interleaved rounds, so that what the machine does beside hits all alike; medians of events a second."""
    results: dict[str, list[Result]] = {"portal": [], "drf": [], "echo": []}
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        places = {name: Path(folder, name) for name in results}
        for place in places.values():
            place.mkdir()
        stages = {
            "portal": (stage.portal(places["portal"]), "privacy_portal.asgi:application", "asgi", "userId"),
            "drf": (stage.baseline(places["drf"]), "benchmarks.baseline_drf.wsgi:application", "wsgi", "user_id"),
            "echo": (stage.echo(places["echo"]), "benchmarks.echo:application", "asgi", "userId"),
        }
        for _ in range(ROUNDS):
            for name, (served, application, interface, user) in stages.items():
                with served.serving(application, interface):
                    one = Job(served.port, served.path, served.token, bodies(user), CONNECTIONS, 0.5)
                    run(one)
                    before = rows(places[name], name)
                    result = run(Job(served.port, served.path, served.token, bodies(user), CONNECTIONS, SECONDS))
                    check(name, result, rows(places[name], name) - before)
                    results[name].append(result)
    return summary(results)


def rows(folder: Path, name: str) -> int:
    """What is really in the table."""
    if name not in TABLES:
        return 0
    file, table = TABLES[name]
    with sqlite3.connect(folder / file) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def check(name: str, result: Result, written: int) -> None:
    if result.refused:
        raise SystemExit(f"{name}: {result.refused} of {result.answered} requests were refused")
    if name in TABLES and written != result.answered:
        raise SystemExit(f"{name}: {result.answered} answers, but {written} rows")


def summary(results: dict[str, list[Result]]) -> dict[str, Any]:
    rate = {name: median(one.per_second for one in runs) for name, runs in results.items()}
    return {
        "events per second, portal": rate["portal"],
        "events per second, DRF": rate["drf"],
        "requests per second, echo": rate["echo"],
        "portal : DRF (at least 10)": round(rate["portal"] / rate["drf"], 1),
        "portal : echo": round(rate["portal"] / rate["echo"], 2),
        "portal p50, p99 ms": [median(getattr(r, name) for r in results["portal"]) for name in ("p50_ms", "p99_ms")],
        "DRF p50, p99 ms": [median(getattr(r, name) for r in results["drf"]) for name in ("p50_ms", "p99_ms")],
        "load tool's share of a core": {name: max(r.tool_cpu for r in runs) for name, runs in results.items()},
        "connections": CONNECTIONS,
    }
