"""Each process killed, stopped, frozen or doubled in the middle of everything (contract G4, T1, R1)."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from tests.faults.stage import EMBEDDED, ENGINES, SERVED, WITH_RABBITMQ, Stage, named, needs_proc, on
from tests.faults.trial import Trial
from tests.portal import ROOT, Portal
from tests.processes.family import Process, alive, main_process, serving_of, site_of, writer_of
from tests.upstream.server import taken
from tests.waiting import until

pytestmark = needs_proc
Judge = Callable[[str, Trial], None]
LOOKERS = 3


def process(stage: Stage, name: str) -> Process:
    return until(lambda: main_process(stage.portal, name), 20, name)


def kill(stage: Stage, name: str) -> None:
    victim = process(stage, name)
    os.kill(victim.pid, signal.SIGKILL)
    until(lambda: not alive([victim]), 5, f"{name} to end")


def web_killed(stage: Stage, trial: Trial) -> None:
    """Its main process, and then the one that serves, while some of what is asked is on its way."""
    trial.ask("access", "suppress_and_delete", "track")
    kill(stage, "web")
    trial.ask("delete", "no_track", "suppress")
    trial.load.grow(20)
    serving = until(lambda: serving_of(stage.portal), 20, "a serving process")
    os.kill(serving.pid, signal.SIGKILL)
    trial.over()
    trial.ask("unsuppress")
    trial.load.grow(20)


def child_killed(child_of: Callable[[Portal], Process | None]) -> Callable[[Stage, Trial], None]:
    """The web process goes on, and has a new one at once: only those whom it was just answering are refused."""

    def killed(stage: Stage, trial: Trial) -> None:
        web = until(lambda: serving_of(stage.portal), 20, "a serving process")
        for kinds in (("access", "delete"), ("suppress", "track", "no_track"), ("suppress_and_delete", "unsuppress")):
            trial.ask(*kinds)
            child = until(lambda: child_of(stage.portal), 20, "the child")
            os.kill(child.pid, signal.SIGKILL)
            until(lambda child=child: not alive([child]), 5, "the child to end")
            trial.load.grow(20)
        trial.over()
        assert alive([web])

    return killed


def killed_thrice(name: str) -> Callable[[Stage, Trial], None]:
    def killed(stage: Stage, trial: Trial) -> None:
        for kinds in (("access", "delete"), ("suppress", "track", "no_track"), ("suppress_and_delete", "unsuppress")):
            trial.ask(*kinds)
            kill(stage, name)
        trial.over()

    return killed


def all_restarted(stage: Stage, trial: Trial) -> None:
    """SIGTERM to the whole of it, as a deploy does, and a start."""
    trial.ask()
    assert stage.portal.stop() == 0
    trial.over()
    stage.portal.start()


def two_beats(stage: Stage, trial: Trial) -> None:
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "privacy_portal", "beat", "--pidfile", ""]
    with subprocess.Popen(command, cwd=ROOT, env=stage.portal.variables()) as second:
        trial.over()
        trial.ask("access", "delete", "track")
        trial.load.grow(200)  # it has had the time to start
        trial.ask("suppress", "no_track", "unsuppress", "suppress_and_delete")
        trial.end()
        assert second.poll() is None
        second.kill()


def too_many_bells(stage: Stage, trial: Trial) -> None:
    """Twice and more for each piece of work, before there is any, and after all of it is done."""
    ring(stage)
    trial.over()
    trial.ask()
    ring(stage)
    trial.end()
    ring(stage)


def ring(stage: Stage) -> None:
    code = "from privacy_portal.durable.tasks import look\nfor _ in range(20): look.delay()"
    assert stage.portal.manage("shell", "-c", code).returncode == 0


FAULTS = {
    "web killed under load": web_killed,
    "writer killed under load": child_killed(writer_of),
    "site killed under load": child_killed(site_of),
    "worker killed three times": killed_thrice("worker"),
    "sweep killed three times": killed_thrice("sweep"),
    "beat killed three times": killed_thrice("beat"),
    "all stopped and started": all_restarted,
    "two beats": two_beats,
    "bells doubled, early and late": too_many_bells,
}


@on(*ENGINES, usual=EMBEDDED)
@named(FAULTS, usual=["web killed under load", "writer killed under load"])
def test_nothing_is_lost_and_all_of_it_ends(stage: Stage, judge: Judge, name: str) -> None:
    trial = Trial(stage)
    with trial.load:
        FAULTS[name](stage, trial)
        trial.end()
    judge(name, trial)


@on(*ENGINES, usual=EMBEDDED)
def test_a_worker_stopped_by_a_deploy_burns_no_attempt(stage: Stage, judge: Judge) -> None:
    """SIGTERM while it does as many steps at once as it can; what it has begun it ends, the rest is the next one's."""
    trial, stopped = Trial(stage), process(stage, "worker")
    under_way = threading.Barrier(LOOKERS, partial(os.kill, stopped.pid, signal.SIGTERM))

    def held(handler: BaseHTTPRequestHandler, message: Any) -> None:
        """For no longer than it must be: the worker waits 5 s for an answer, and then rightly tries again."""
        under_way.wait(20)
        taken(handler, message)

    stage.upstream.answers[:] = [held] * LOOKERS
    with trial.load:
        trial.ask()
        until(lambda: not alive([stopped]), 20, "the worker to end")
        trial.over()
        trial.end()
    judge("worker stopped as in a deploy", trial)
    assert trial.attempts() == {1}


@pytest.mark.all_faults
@on(*SERVED, usual=WITH_RABBITMQ)
def test_a_worker_frozen_past_its_lease_does_nothing_twice(stage: Stage, judge: Judge) -> None:
    """It wakes up believing that it holds what the sweep has done since."""
    trial = Trial(stage, ["suppress"])
    frozen = process(stage, "worker")

    def freeze(handler: BaseHTTPRequestHandler, message: Any) -> None:
        os.kill(frozen.pid, signal.SIGSTOP)
        with suppress(OSError):
            taken(handler, message)

    stage.upstream.answers[:] = [freeze]
    try:
        trial.ask()
        until(lambda: not stage.upstream.answers, 20, "the worker to be frozen")
        trial.over()
        trial.end()
    finally:
        os.kill(frozen.pid, signal.SIGCONT)
    until(stage.portal.is_ready, 30, "the worker to work again")
    judge("worker frozen past its lease", trial)
