"""After Suppress and Delete nothing but keyed hashes is left of a person, in any byte the product keeps (contract G10).

A person whose every value is unmistakable goes through every door; then all that is kept, said and shown is searched,
for each value in every form. The same search finds all of them before the erasure, so it can fail.
"""

import subprocess
from contextlib import ExitStack, closing
from pathlib import Path

import psycopg
import pytest

from tests.end_to_end.servers import rabbitmq, redis_server
from tests.erasure.doors import Doors
from tests.erasure.person import NEVER_KEPT, Person
from tests.erasure.traces import Traces
from tests.erasure.wires import through_rabbitmq, through_redis
from tests.faults.postgresql import cluster
from tests.portal import ROOT, Portal
from tests.upstream.server import Upstream
from tests.waiting import until

KEYS = {
    name: f"{name}-for-this-test-only".ljust(44, "0")
    for name in ("SECRET_KEY", "PORTAL_ENCRYPTION_KEYS", "PORTAL_SUBJECT_KEY")
}
LOUD = {"LOG_LEVEL": "DEBUG", "TRUSTED_PROXIES": "127.0.0.1"}
Nothing: dict[str, set[str]] = {}


@pytest.fixture
def person() -> Person:
    return Person()


@pytest.fixture
def traces(person: Person) -> Traces:
    return Traces(person.values)


def go_everywhere(doors: Doors, upstream: Upstream) -> str:
    """Through every door; returns the subject's id."""
    doors.track()
    subject = doors.ask()
    doors.choose(subject)
    doors.staff(subject)
    doors.complain(subject, upstream)
    return subject


def erase(doors: Doors) -> None:
    erased = doors.regulate("suppress_and_delete")
    assert erased["status"] == "finished"
    assert erased["user_id"] is None


def come_back(doors: Doors) -> None:
    """Everything again, late and replayed, and one more request about someone who is gone."""
    doors.track()
    assert doors.regulate("no_track")["status"] == "finished"


def told(doors: Doors, traces: Traces, subject: str) -> dict[str, set[str]]:
    """What answers and processes say of the person."""
    said = {name: traces.in_bytes(body) for name, body in doors.readable(subject)}
    said["output of the processes"] = traces.in_bytes(doors.portal.output.encode())
    return {name: found for name, found in said.items() if found}


def test_no_file_answer_or_log_of_the_embedded_product_names_them(
    person: Person, traces: Traces, upstream: Upstream, tmp_path: Path
) -> None:
    portal = Portal(tmp_path, environment=LOUD).start()
    with ExitStack() as stack:
        stack.callback(portal.stop)
        doors = Doors(portal, person)
        subject = go_everywhere(doors, upstream)
        kept = set[str]().union(*traces.in_folder(tmp_path).values())
        assert set(person.values) - kept == NEVER_KEPT, "the search finds what is kept before the erasure"
        erase(doors)
        assert traces.in_folder(tmp_path) == Nothing
        assert told(doors, traces, subject) == Nothing
        come_back(doors)
        assert traces.in_folder(tmp_path) == Nothing
        assert told(doors, traces, subject) == Nothing
    assert traces.in_folder(tmp_path) == Nothing
    assert traces.in_bytes(portal.output.encode()) == set()


@pytest.mark.timeout(400)  # a server of its own, a portal started twice, and everything twice
def test_no_dump_data_file_log_or_broker_of_the_larger_product_names_them(
    person: Person, traces: Traces, upstream: Upstream, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(cluster())
        url = f"postgres://postgres@127.0.0.1:{server.port}/portal"
        make_database(url)
        rabbit, redis = stack.enter_context(rabbitmq()), stack.enter_context(redis_server())
        wires = {
            "RabbitMQ": stack.enter_context(through_rabbitmq(rabbit["CELERY_BROKER_URL"])),
            "Redis": stack.enter_context(through_redis(redis["REDIS_URL"])),
        }
        environment = {**LOUD, **KEYS, "DATABASE_URL": url, "ALLOWED_HOSTS": "127.0.0.1", "WEB_PROCESSES": "1"}
        portal = Portal(tmp_path / "data", environment={**environment, **redis, **rabbit}).start()
        stack.callback(lambda: portal.is_running and portal.stop())
        doors = Doors(portal, person)
        subject = go_everywhere(doors, upstream)
        assert set(person.values) - traces.in_bytes(dump(url)) == NEVER_KEPT
        run(url, "ANALYZE")  # as autovacuum does by itself: the planner's samples must hold nobody
        erase(doors)
        assert told(doors, traces, subject) == Nothing
        portal.stop()
        portal.environment |= redis  # the other broker
        portal.start()
        come_back(doors)
        assert told(doors, traces, subject) == Nothing
        assert traces.in_bytes(dump(url)) == set()
        portal.stop()
        assert b"durable.tasks.look" in wires["RabbitMQ"]()
        assert redis["CELERY_KEY_PREFIX"].encode() in wires["Redis"]()
        assert {name: found for name, heard in wires.items() if (found := traces.in_bytes(heard()))} == Nothing
        assert traces.in_folder(tmp_path) == Nothing
        # What a snapshot that is still open could read stays until then.
        until(lambda: after_vacuum(url, server.folder, traces) == Nothing, 60, "files without a trace", every=1)


def make_database(url: str) -> None:
    run(url.replace("/portal", "/postgres"), "CREATE DATABASE portal")
    subprocess.run(["psql", url, "--quiet", f"--file={ROOT / 'deploy/postgresql/log.sql'}"], check=True, timeout=60)


def run(url: str, *statements: str) -> None:
    with closing(psycopg.connect(url, autocommit=True)) as administrator:
        for statement in statements:
            administrator.execute(statement)


def dump(url: str) -> bytes:
    """The whole database as pg_dump writes it: each column of each table, binary ones in hexadecimal."""
    return subprocess.run(["pg_dump", "--inserts", url], capture_output=True, check=True, timeout=60).stdout


def after_vacuum(url: str, folder: Path, traces: Traces) -> dict[str, set[str]]:
    """Traces in all files of the server, its log included; only what is to be replayed after a crash goes later."""
    run(url, "VACUUM (FULL)", "CHECKPOINT")
    files = [path for path in folder.rglob("*") if path.is_file() and "pg_wal" not in path.parts]
    return traces.in_files(folder, files)
