"""Which turns the system gives to the processes that every event goes through, and to Django beside them."""

import os
import sys

import pytest

from tests.portal import Portal
from tests.processes.family import PROC, Process, serving_of, site_of, writer_of
from tests.waiting import until

if sys.platform != "linux":
    pytest.skip("asks Linux's scheduler", allow_module_level=True)


def policies(process: Process) -> set[int]:
    """Of all its threads."""
    return {os.sched_getscheduler(int(thread.name)) for thread in (PROC / str(process.pid) / "task").iterdir()}


def test_what_events_go_through_takes_long_turns_and_people_are_served_as_usual(portal: Portal) -> None:
    serving = until(lambda: serving_of(portal), 10, "web")
    writer = until(lambda: writer_of(portal), 20, "a writer")
    site = until(lambda: site_of(portal), 20, "a site")
    until(lambda: policies(site) == {os.SCHED_OTHER}, 20, "the site to set its own")
    assert policies(serving) == {os.SCHED_BATCH}
    assert policies(writer) == {os.SCHED_BATCH}
