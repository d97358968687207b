"""What a regulation's steps add up to: a pure function, the only place that says so (contract G3)."""

from collections.abc import Collection

from regulations.models.regulation import RegulationStatus
from regulations.models.step import ENDED, StepStatus


def outcome(steps: Collection[str], *, changes_the_gate: bool) -> RegulationStatus | None:
    """None while any step is still to be done.

    `changes_the_gate`: the regulation had an effect whatever its steps came to, so it is never wholly failed.
    """
    if not all(step in ENDED for step in steps):
        return None
    if all(step == StepStatus.FINISHED for step in steps):
        return RegulationStatus.FINISHED
    took_effect = changes_the_gate or any(step != StepStatus.FAILED for step in steps)
    return RegulationStatus.PARTIAL if took_effect else RegulationStatus.FAILED
