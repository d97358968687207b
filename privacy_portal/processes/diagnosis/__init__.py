"""What `manage.py doctor` finds: what is stuck, why, and what to do next. Ids only, no personal data."""

from collections import Counter
from collections.abc import Callable, Iterator

from privacy_portal.processes.diagnosis import forwarding, ground, leftovers, partitions, regulations, work
from privacy_portal.processes.diagnosis.finding import Finding

GROUND: tuple[Callable[[], Iterator[Finding]], ...] = (
    ground.database,
    ground.migrations,
    ground.subject_key,
    ground.marks,
)
"""Without these nothing else can be asked, so the first of them that finds something ends the examination."""

REST: tuple[Callable[[], Iterator[Finding]], ...] = (
    ground.encryption_keys,
    ground.parts,
    ground.rate_limits,
    regulations.overdue,
    regulations.not_fully_done,
    work.failed_updates,
    forwarding.late,
    forwarding.failed,
    work.retrying,
    work.unclaimed,
    work.failing_chores,
    work.unsealed,
    partitions.missing,
    partitions.astray,
    leftovers.exports_of_erased_people,
    leftovers.expired_exports,
    leftovers.files_of_ended_exports,
)


SHOWN = 5
"""Of one kind: an upstream that is down makes thousands of findings, among which the others would be lost."""


def examine(*, briefly: bool = True) -> Iterator[Finding]:
    """`briefly`: the first few of each kind, and then how many more there are."""
    for question in GROUND:
        findings = list(question())
        if findings:
            yield from findings
            return
    for question in REST:
        yield from _first(question()) if briefly else question()


def _first(findings: Iterator[Finding]) -> Iterator[Finding]:
    found = Counter[bool]()
    for finding in findings:
        found[finding.passes] += 1
        if found[finding.passes] <= SHOWN:
            yield finding
    for passes, number in found.items():
        if (more := number - SHOWN) > 0:
            yield Finding(f"{more} more like these", "as above", "manage.py doctor --all tells each", passes, more)


__all__ = ["Finding", "examine"]
