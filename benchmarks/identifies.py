"""Identify calls that state an address and a channel, of people who are known and of ones who are new, against events
that are as long and state nothing."""

import json
from typing import Any

from benchmarks.contender import STORES, Contender, compete, portal_on
from benchmarks.job import NEW

CONNECTIONS = 64
PATH = "/track/bench/bench/BENCH/v1/identify"


def measure() -> dict[str, Any]:
    return {name: _measure(store) for name, store in STORES.items()}


def _measure(store: str) -> dict[str, Any]:
    with portal_on(store) as (first, a), portal_on(store) as (second, b), portal_on(store) as (third, c):
        known = Contender("people who are known", first, [_stating(f"user-{n}") for n in range(200)], a, path=PATH)
        new = Contender("new people", second, [_stating(NEW)], b, path=PATH)
        events = Contender("events", third, [_event(f"user-{n}") for n in range(200)], c)
        compete([known, new, events], CONNECTIONS)
        if (people := new.value("SELECT count(*) FROM subjects_contactpoint")) < new.rows():
            raise SystemExit(f"{new.rows()} new people, but {people} addresses")
        return {
            "a second: known, new, events": [one.per_second for one in (known, new, events)],
            "known : events": round(known.per_second / events.per_second, 2),
            "new : events": round(new.per_second / events.per_second, 2),
            "load tool's share of a core": max(one.tool_cpu for one in (known, new, events)),
        }


def _stating(who: str) -> str:
    channels = [{"channel": "email", "subscribed": True}]
    traits = {"email": f"{who}@example.com", "plan": "monthly", "marketingPreferences": {"channels": channels}}
    return json.dumps({"userId": who, "event": "identify", "traits": traits})


def _event(who: str) -> str:
    return json.dumps(json.loads(_stating(who)) | {"event": "Plan Chosen"}).replace('"traits"', '"properties"')
