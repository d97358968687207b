"""A worker killed at any named place: the regulation still reaches its one end, with no human (contract G4)."""

from collections.abc import Callable, Iterator

from privacy_portal.durable.faults import POINTS
from regulations.destinations import DESTINATIONS, Destination
from regulations.types import TYPES
from tests.faults.stage import EMBEDDED, ENGINES, Stage, named, on
from tests.faults.trial import Trial
from tests.waiting import until

IN_CHUNKS = ("collect", "erase")


def places(kind: str) -> Iterator[str]:
    """Before, in and after each step of a type that a worker carries out, and each moment of the regulation itself."""
    actions = TYPES[kind].actions
    jobs = [
        (action, f"{action} {destination.name}")
        for action in actions
        for destination in DESTINATIONS.values()
        if action in destination.actions and type(destination).start is Destination.start
    ]
    if "notify" in actions:
        jobs.append(("send", "IdentifyUpdate"))
    for point in POINTS:
        if not point.startswith("job."):
            if point != "regulation.forgotten" or TYPES[kind].erases:
                yield point
            continue
        yield from (f"{point} {job}" for action, job in jobs if point != "job.progressed" or action in IN_CHUNKS)


EVERY = [f"{kind} at {place}" for kind in TYPES for place in places(kind)]
# A usual run takes each point once, with types by turns.
USUAL = [
    "no_track at job.claimed IdentifyUpdate", "suppress_and_delete at job.progressed erase event_store",
    "access at job.performed collect event_store", "suppress at job.ended IdentifyUpdate",
    "delete at regulation.begun", "suppress_and_delete at regulation.forgotten", "track at regulation.concluded",
    "unsuppress at regulation.done",
]  # fmt: skip


@on(*ENGINES, usual=EMBEDDED)
@named(EVERY, USUAL)
def test_it_ends_as_if_nothing_had_happened(stage: Stage, judge: Callable[[str, Trial], None], name: str) -> None:
    kind, place = name.split(" at ")
    trial = Trial(stage, [kind])
    stage.fault.write_text(place)
    trial.ask()
    until(lambda: not stage.fault.exists(), 20, f"a process dying at {place}")
    trial.over()
    judge(f"worker killed at {place.partition(' ')[0]}", trial)


def test_a_usual_run_takes_every_point() -> None:
    assert set(USUAL) <= set(EVERY)
    assert {name.split(" at ")[1].split(" ")[0] for name in USUAL} == set(POINTS)
