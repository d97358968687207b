"""What a regulation's steps add up to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulations.models import RegulationStatus, StepStatus
from regulations.models.step import ENDED
from regulations.outcome import outcome

statuses = st.lists(st.sampled_from(list(StepStatus)), min_size=1, max_size=5)


@given(statuses, st.booleans())
def test_it_ends_exactly_when_every_step_has(steps: list[StepStatus], changes_the_gate: bool) -> None:
    assert (outcome(steps, changes_the_gate=changes_the_gate) is None) == any(step not in ENDED for step in steps)


@pytest.mark.parametrize(
    ("steps", "changes_the_gate", "end"),
    [
        (["finished", "finished"], False, RegulationStatus.FINISHED),
        (["finished", "failed"], False, RegulationStatus.PARTIAL),
        (["finished", "skipped"], False, RegulationStatus.PARTIAL),
        (["failed", "failed"], False, RegulationStatus.FAILED),
        (["failed"], True, RegulationStatus.PARTIAL),
    ],
)
def test_one_word_is_never_put_over_a_mix(steps: list[str], changes_the_gate: bool, end: RegulationStatus) -> None:
    assert outcome(steps, changes_the_gate=changes_the_gate) is end
