"""What the portal stands on, stopped, emptied, restarted, crashed, cut off, frozen: what was acknowledged is there, and
all of it ends. A broker's faults delay work by seconds and never stop it (DESIGN, idea 3; contract T1, G4)."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.faults.brokers import Broker
from tests.faults.postgresql import Cluster
from tests.faults.proxy import Proxy
from tests.faults.stage import ENGINES, SERVED, WITH_RABBITMQ, Stage, named, on
from tests.faults.trial import Trial
from tests.waiting import until

Judge = Callable[[str, Trial], None]
SECONDS_TO_HEAR_AGAIN = 30
SECONDS_UNHEARD = 10


def stopped(stage: Stage, trial: Trial) -> None:
    """All of it is done while the broker is away."""
    stage.broker.stop()
    try:
        trial.over()
        trial.ask()
        trial.end()
    finally:
        stage.broker.start()


def emptied(stage: Stage, trial: Trial) -> None:
    """No bell is heard but those that a worker takes at once."""
    with emptying(stage.broker):
        trial.over()
        trial.ask()
        trial.end()


def restarted(stage: Stage, trial: Trial) -> None:
    """Three times within ten seconds."""
    for kinds in (("access", "delete"), ("suppress", "track", "no_track"), ("suppress_and_delete", "unsuppress")):
        stage.broker.stop()
        trial.ask(*kinds)
        trial.load.grow(20)
        stage.broker.start()
        trial.load.grow(20)
    trial.over()


def silent(stage: Stage, trial: Trial) -> None:
    """It accepts connections and messages, and never answers; then all of them arrive late, and together."""
    stage.served.proxy.hush()
    try:
        trial.over()
        trial.ask()
        trial.end()
    finally:
        stage.served.proxy.speak()


@contextmanager
def emptying(broker: Broker) -> Iterator[None]:
    ended = threading.Event()

    def empty() -> None:
        while not ended.is_set():
            broker.empty()

    emptier = threading.Thread(target=empty)
    emptier.start()
    try:
        yield
    finally:
        ended.set()
        emptier.join()


BROKER = {"broker stopped": stopped, "broker emptied": emptied, "broker restarted three times": restarted}


@on(*ENGINES, usual=WITH_RABBITMQ)
@named(BROKER, usual=["broker stopped"])
def test_work_goes_on(stage: Stage, judge: Judge, name: str) -> None:
    endure(stage, judge, name, BROKER[name])


@pytest.mark.all_faults
@on(*SERVED, usual=WITH_RABBITMQ)
def test_work_goes_on_beside_a_silent_broker(stage: Stage, judge: Judge) -> None:
    endure(stage, judge, "broker silent", silent)


def endure(stage: Stage, judge: Judge, name: str, fault: Callable[[Stage, Trial], None]) -> None:
    trial = Trial(stage)
    with trial.load:
        fault(stage, trial)
        trial.end()
    judge(name, trial)
    workers_hear_again(stage)


def workers_hear_again(stage: Stage) -> None:
    """With no human. A bell is heard at once: what only the sweep finds is done after ten seconds."""
    until(stage.portal.is_ready, SECONDS_TO_HEAR_AGAIN, "workers to hear heartbeats again")
    until(lambda: how_long_an_access_takes(stage) < SECONDS_UNHEARD, SECONDS_TO_HEAR_AGAIN, "workers to hear bells")


def how_long_an_access_takes(stage: Stage) -> float:
    began = time.monotonic()
    stage.caller.regulate("access", "somebody")
    return time.monotonic() - began


def cluster(stage: Stage) -> Cluster:
    assert stage.cluster
    return stage.cluster


def proxy(stage: Stage) -> Proxy:
    assert stage.database
    return stage.database


def db_restarted(stage: Stage) -> None:
    cluster(stage).stop("fast")
    cluster(stage).start()


def crashed(stage: Stage) -> None:
    """As after a loss of power: what was committed is recovered from its log."""
    cluster(stage).stop("immediate")
    cluster(stage).start()


def cut_off(stage: Stage) -> None:
    proxy(stage).stop()
    try:
        await_named(stage)
    finally:
        proxy(stage).start()


def db_silent(stage: Stage) -> None:
    proxy(stage).hush()
    try:
        await_named(stage)
    finally:
        proxy(stage).speak()


def await_named(stage: Stage) -> None:
    until(lambda: stage.portal.checks()["database"] != "ok", 20, "the database to be named")


DATABASE = {
    "database restarted": db_restarted, "database crashed": crashed,
    "database cut off": cut_off, "database silent": db_silent,
}  # fmt: skip


@on(*SERVED, usual=WITH_RABBITMQ)
@named(DATABASE, usual=["database crashed"])
def test_what_was_acknowledged_is_there_and_all_of_it_ends(stage: Stage, judge: Judge, name: str) -> None:
    trial = Trial(stage)
    with trial.load:
        trial.ask("suppress_and_delete", "access", "track", "delete")
        DATABASE[name](stage)
        trial.over()
        trial.ask("suppress", "no_track", "unsuppress")
        trial.end()
        trial.load.grow(20)
    judge(name, trial)
