"""The one checker that judges every fault: what must hold whatever was killed, stopped, emptied or silent, and when."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from regulations.types import TYPES
from tests.end_to_end.speaking import ENDED, Caller
from tests.faults.load import Load, exported
from tests.upstream.server import Upstream

SECONDS_TO_RECOVER = 30
FINISHED_STEP = {"collect": "collected", "erase": "erased_and_checked", "notify": "notified"}
STATES = {
    "suppress": {"suppressed": True}, "suppress_and_delete": {"suppressed": True}, "delete": {"suppressed": True},
    "unsuppress": {"suppressed": False}, "no_track": {"no_track": True}, "track": {"no_track": False}, "access": {},
}  # fmt: skip


@dataclass
class Case:
    """A person with events that were acknowledged, and their regulations: the judged one last.

    `ended`: when that was first seen at its end, `since`: the last fault; both on the monotonic clock.
    """

    kind: str
    person: str
    events: list[str] = field(default_factory=list)
    regulations: list[dict[str, Any]] = field(default_factory=list)
    since: float = 0.0
    ended: float = 0.0

    @property
    def regulation(self) -> dict[str, Any]:
        return self.regulations[-1]

    @property
    def has_ended(self) -> bool:
        return self.regulation["status"] in ENDED

    @property
    def recovery(self) -> float:
        """Seconds from the last fault to the end of the regulation."""
        return max(0.0, self.ended - self.since)


def violations(caller: Caller, upstream: Upstream, case: Case) -> list[str]:
    """What is not as promised once a regulation has ended (contract G3, G4, G10, T1); empty when all is."""
    subject = caller.subject(case.person)
    checks = {**_end(case, subject), **_own_stores(caller, case, subject), **_outside(caller, upstream, case)}
    return [name for name, holds in checks.items() if not holds]


def lost(caller: Caller, load: Load) -> Iterator[str]:
    """What is not as promised of events that were sent throughout: each is there once, by eventId and by count."""
    yield from (f"an event was refused: {answer}" for answer in load.refused)
    stored = Counter(exported(caller, caller.regulate("access", load.person)["id"]))
    if missing := set(load.acknowledged.values()) - stored.keys():
        yield f"{len(missing)} acknowledged events are lost"
    if stored.total() != len(load.acknowledged):
        yield f"{stored.total()} events stored of {len(load.acknowledged)} messages"


def _end(case: Case, subject: dict[str, Any]) -> dict[str, bool]:
    """The regulation reached its one end."""
    regulation, erases = case.regulation, TYPES[case.kind].erases
    flags = {"suppressed": False, "no_track": False} | STATES[case.kind]
    return {
        "it finished": regulation["status"] == "finished",
        "every step says what it came to": all(
            (step["status"], step["result"]) == ("finished", FINISHED_STEP[step["action"]])
            for step in regulation["steps"]
        ),
        "the gate is as the type leaves it": {name: subject[name] for name in flags} == flags,
        "an erased person has no name": not erases or subject["user_id"] is None is regulation["user_id"],
        f"it was taken up and done within {SECONDS_TO_RECOVER} s": case.recovery <= SECONDS_TO_RECOVER,
    }


def _own_stores(caller: Caller, case: Case, subject: dict[str, Any]) -> dict[str, bool]:
    """Each effect in the portal's own stores is there, and once."""
    erases, is_access = TYPES[case.kind].erases, case.kind == "access"
    erased = [step["counts"] for step in case.regulation["steps"] if step["action"] == "erase"]
    ledger = caller.api("GET", f"subjects/{subject['id']}/consents/history/?limit=200").json()["results"]
    withdrawn = Counter(entry["channel"] for entry in ledger)
    channels = [channel["channel"] for channel in subject["channels"]]
    withdraws = any(TYPES[regulation["type"]].withdraws for regulation in case.regulations)
    return {
        "acknowledged events are there, or erased": all(
            caller.status(event) == ("404" if erases else "stored") for event in case.events
        ),
        "nothing is left, and no event was counted twice": all(
            counts["left"] == 0 and counts["events"] <= len(case.events) for counts in erased
        ),
        "each channel was withdrawn once": withdrawn == Counter(channels if withdraws else ()),
        "the export holds each event once": not is_access
        or sorted(exported(caller, case.regulation["id"])) == sorted(case.events),
    }


def _outside(caller: Caller, upstream: Upstream, case: Case) -> dict[str, bool]:
    """The upstream was told of each regulation at least once, under one messageId, and in order."""
    told = [regulation["id"] for regulation in case.regulations if "notify" in TYPES[regulation["type"]].actions]
    updates = caller.api("GET", f"identify-updates/?subject={case.regulation['subject']}").json()["results"]
    sent = [message for message in upstream.messages if message["userId"] == case.person]
    in_order = list(dict.fromkeys(message["messageId"] for message in sent))
    ids: dict[str, set[str]] = {}
    for message in sent:
        ids.setdefault(message["traits"]["regulation"]["id"], set()).add(message["messageId"])
    return {
        "the upstream was told of each regulation, under one messageId": ids.keys() == set(told)
        and all(len(names) == 1 for names in ids.values()),
        "one update was made for each, and delivered": len(updates) == len(told)
        and all(update["status"] == "delivered" for update in updates),
        "updates went out in order": in_order == sorted(in_order),
        "every update was answered": all(
            step["event_id"] for step in case.regulation["steps"] if step["action"] == "notify"
        ),
    }
