"""/healthz, /readyz and /metrics: each failing part is named within 15 seconds, and none of them hangs a probe."""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.permissions import heed_permissions, needs_permissions
from tests.portal import Portal
from tests.processes.family import main_process, writer_of
from tests.waiting import until

SECONDS_TO_SHOW = 15
PARTS = {"site", "writer", "database", "broker", "storage", "marks", "worker", "scheduler", "sweep"}


def wait_until_failing(portal: Portal, part: str) -> None:
    until(lambda: portal.checks()[part] != "ok", SECONDS_TO_SHOW, f"{part} to fail", every=0.3)
    assert httpx.get(f"{portal.url}/readyz").status_code == 503


def wait_until_ready(portal: Portal) -> None:
    until(portal.is_ready, 20, "readiness again", every=0.3)


@contextmanager
def replaced_by_a_file(folder: Path) -> Iterator[None]:
    """A folder that takes no file, even from root."""
    aside = folder.with_name(f"{folder.name}-aside")
    folder.rename(aside)
    folder.write_text("in the way")
    try:
        yield
    finally:
        folder.unlink()
        aside.rename(folder)


def test_a_ready_portal_names_every_part(victim: Portal) -> None:
    wait_until_ready(victim)
    answer = httpx.get(f"{victim.url}/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "checks": dict.fromkeys(PARTS, "ok")}
    assert answer.headers["cache-control"] == "no-store"


def test_probes_answer_whatever_host_they_name(victim: Portal) -> None:
    assert httpx.get(f"{victim.url}/healthz", headers={"host": "10.1.2.3"}).json() == {"status": "ok"}


def test_probes_only_read(victim: Portal) -> None:
    assert httpx.post(f"{victim.url}/readyz").status_code == 405
    head = httpx.head(f"{victim.url}/healthz")
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")
@pytest.mark.parametrize(("name", "part"), [("worker", "worker"), ("beat", "scheduler"), ("sweep", "sweep")])
def test_a_process_that_hangs_is_named(victim: Portal, name: str, part: str) -> None:
    process = until(lambda: main_process(victim, name), 10, name)
    os.kill(process.pid, signal.SIGSTOP)
    try:
        wait_until_failing(victim, part)
        assert "heartbeat" in victim.checks()[part]
    finally:
        os.kill(process.pid, signal.SIGCONT)
    wait_until_ready(victim)


@pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")
def test_a_writer_that_hangs_is_named(victim: Portal) -> None:
    writer = until(lambda: writer_of(victim), 10, "the writer")
    os.kill(writer.pid, signal.SIGSTOP)
    try:
        wait_until_failing(victim, "writer")
        assert victim.checks()["writer"] == "no answer within 3 s"
    finally:
        os.kill(writer.pid, signal.SIGCONT)
    wait_until_ready(victim)


@pytest.mark.parametrize(("folder", "part"), [("storage", "storage"), ("broker/messages", "broker")])
def test_a_folder_that_takes_no_file_is_named(victim: Portal, folder: str, part: str) -> None:
    with replaced_by_a_file(victim.data_dir / folder):
        wait_until_failing(victim, part)
    wait_until_ready(victim)


@needs_permissions
def test_a_database_that_takes_nothing_any_more_is_named(make_portal: Callable[..., Portal]) -> None:
    portal = make_portal().start(preexec_fn=heed_permissions)
    (portal.data_dir / "portal.sqlite3").chmod(0o400)
    wait_until_failing(portal, "database")
    assert portal.checks()["database"] == "the database's file cannot be written"
    (portal.data_dir / "portal.sqlite3").chmod(0o600)
    wait_until_ready(portal)


def test_a_broker_that_is_silent_is_named_and_hangs_nothing(make_portal: Callable[..., Portal]) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        portal = make_portal(CELERY_BROKER_URL=f"redis://127.0.0.1:{port}/0").launch()
        until(portal.is_alive, 60, "the web process")
        until(lambda: "Server auth-token" in portal.output, 10, "the credentials")
        wait_until_failing(portal, "broker")
        began = time.monotonic()
        assert portal.checks()["database"] == "ok"
        assert time.monotonic() - began < 5


def test_metrics_tell_of_jobs_and_heartbeats(victim: Portal) -> None:
    text = httpx.get(f"{victim.url}/metrics").text
    for name in ("portal_database_up 1.0", "portal_jobs", "portal_regulations", "portal_oldest_due_job_seconds"):
        assert name in text
    assert 'portal_heartbeat_age_seconds{part="worker"}' in text


def test_metrics_are_not_for_who_comes_through_a_proxy(victim: Portal) -> None:
    assert httpx.get(f"{victim.url}/metrics", headers={"x-forwarded-for": "127.0.0.1"}).status_code == 403
