"""A link that is new with every event, against no links at all.

The calls are the same, of people who are known; with the baseline the new device stands among the properties, where it
links nobody, so that the bodies are as long.
"""

import json
from typing import Any

from benchmarks.contender import STORES, Contender, compete, portal_on
from benchmarks.durable_events import bodies
from benchmarks.job import NEW

CONNECTIONS = 64


def measure() -> dict[str, Any]:
    return {name: _measure(store) for name, store in STORES.items()}


def _measure(store: str) -> dict[str, Any]:
    calls = [json.loads(body) for body in bodies("userId")]
    linked = [json.dumps(call | {"anonymousId": NEW}) for call in calls]
    alone = [json.dumps(call | {"properties": call["properties"] | {"anonymousId": NEW}}) for call in calls]
    with portal_on(store) as (first, first_url), portal_on(store) as (second, second_url):
        always = Contender("a new link with each", first, linked, first_url)
        never = Contender("no links", second, alone, second_url)
        compete([always, never], CONNECTIONS)
        links = always.value("SELECT count(*) FROM subjects_link")
        if links < always.rows():
            raise SystemExit(f"{always.rows()} events, but {links} links")
        return {
            "a second: a new link with each, no links": [always.per_second, never.per_second],
            "linked : not": round(always.per_second / never.per_second, 2),
            "load tool's share of a core": max(always.tool_cpu, never.tool_cpu),
        }
