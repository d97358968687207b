"""The one checker that judges every fault: what must hold whatever was killed when."""

from typing import Any

from tests.end_to_end.speaking import Caller

FINISHED_STEP = {"collect": "collected", "erase": "erased_and_checked", "notify": "notified"}


def violations(caller: Caller, regulation: dict[str, Any], person: str, events: list[str]) -> list[str]:
    """What a regulation that has ended left wrong; empty when all is as promised (contract G3, G4, G10)."""
    erases = regulation["type"] in ("delete", "suppress_and_delete")
    subject = caller.subject(person)
    checks = {
        "it finished": regulation["status"] == "finished",
        "every step says what it came to": all(
            (step["status"], step["result"]) == ("finished", FINISHED_STEP[step["action"]])
            for step in regulation["steps"]
        ),
        "every update was answered": all(
            step["event_id"] for step in regulation["steps"] if step["action"] == "notify"
        ),
        "the gate is as the type leaves it": _gate(regulation["type"], subject),
        "acknowledged events are there, or erased": all(
            caller.status(event) == ("404" if erases else "stored") for event in events
        ),
        "an erased person has no name": not erases or subject["user_id"] is None is regulation["user_id"],
        "an export can be downloaded": regulation["type"] != "access" or _downloads(caller, regulation["id"]),
    }
    return [name for name, holds in checks.items() if not holds]


def _gate(type_value: str, subject: dict[str, Any]) -> bool:
    flags = {
        "suppress": ("suppressed", True), "suppress_and_delete": ("suppressed", True), "delete": ("suppressed", True),
        "unsuppress": ("suppressed", False), "no_track": ("no_track", True), "track": ("no_track", False),
    }  # fmt: skip
    flag, expected = flags.get(type_value, ("suppressed", False))
    return bool(subject[flag]) is expected


def _downloads(caller: Caller, regulation_id: str) -> bool:
    answer = caller.api("GET", f"regulations/{regulation_id}/export/")
    return answer.status_code == 200 and answer.content[:2] == b"PK"
