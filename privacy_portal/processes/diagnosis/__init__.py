"""What `manage.py doctor` finds: what is stuck, why, and what to do next. Ids only, no personal data."""

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


def examine() -> Iterator[Finding]:
    for question in GROUND:
        findings = list(question())
        if findings:
            yield from findings
            return
    for question in REST:
        yield from question()


__all__ = ["Finding", "examine"]
