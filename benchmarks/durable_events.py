"""Single durable events: this product against a plain DRF view, and both against a server that only answers.

All checks on, 100,000 people suppressed; on SQLite, and on PostgreSQL where TEST_DATABASE_URL names a server.
"""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import stage
from benchmarks.contender import STORES, Contender, compete
from tests.end_to_end.servers import database

CONNECTIONS = (64, 16, 256)
SUPPRESSED = 100_000


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
    return {name: _measure(store) for name, store in STORES.items()}


def _measure(store: str) -> dict[str, Any]:
    with _contenders(store) as all_of_them:
        table = {}
        for connections in CONNECTIONS:
            compete(all_of_them, connections)
            table[f"{connections} connections"] = _summary(*all_of_them)
    return table


@contextmanager
def _contenders(store: str) -> Iterator[list[Contender]]:
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        places = [Path(folder, name) for name in ("portal", "drf", "echo")]
        for place in places:
            place.mkdir()
        with database() if store else nullcontext("") as first, database() if store else nullcontext("") as second:
            portal = stage.portal(places[0], {"DATABASE_URL": first} if store else None)
            portal.run("-m", "benchmarks.people", str(SUPPRESSED))
            plain = stage.baseline(places[1], {"BASELINE_DATABASE_URL": second} if store else None)
            yield [
                Contender("portal", portal, bodies("userId"), first),
                Contender("DRF", plain, bodies("user_id"), second, stage.BASELINE, "wsgi", "events_event"),
                Contender("echo", stage.echo(places[2]), bodies("userId"), application=stage.ECHO, table=""),
            ]


def _summary(portal: Contender, plain: Contender, echo: Contender) -> dict[str, Any]:
    rate = [one.per_second for one in (portal, plain, echo)]
    times = [median(getattr(result, name) for result in portal.results) for name in ("p50_ms", "p99_ms")]
    return {
        "a second: portal, DRF, echo": rate,
        "portal : echo": round(rate[0] / rate[2], 2),
        "portal : DRF": round(rate[0] / rate[1], 1),
        "portal p50, p99 ms": times,
        "DRF p50 ms": median(result.p50_ms for result in plain.results),
        "load tool's share of a core": max(one.tool_cpu for one in (portal, plain, echo)),
    }
