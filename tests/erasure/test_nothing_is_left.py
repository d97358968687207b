"""After Suppress and Delete nothing but keyed hashes is left of a person, in any byte the product keeps (contract G10).

A person whose every value is unmistakable goes through every door; then all that is kept, said and shown is searched,
for each value in every form. The same search finds all of them before the erasure, so it can fail.
"""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import psycopg
import pytest

from tests.end_to_end.servers import database
from tests.erasure.doors import Doors
from tests.erasure.person import NEVER_KEPT, Person
from tests.erasure.traces import Traces
from tests.portal import Portal
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


def go_everywhere(doors: Doors) -> str:
    """Through every door; returns the subject's id."""
    doors.track()
    subject = doors.ask()
    doors.choose(subject)
    doors.staff(subject)
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
    person: Person, traces: Traces, tmp_path: Path
) -> None:
    portal = Portal(tmp_path, environment=LOUD).start()
    with ExitStack() as stack:
        stack.callback(portal.stop)
        doors = Doors(portal, person)
        subject = go_everywhere(doors)
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


@pytest.fixture
def server() -> Iterator[str]:
    with database() as url:
        yield url


def test_no_dump_or_data_file_of_postgresql_names_them(
    person: Person, traces: Traces, server: str, tmp_path: Path
) -> None:
    environment = {**LOUD, **KEYS, "DATABASE_URL": server, "ALLOWED_HOSTS": "127.0.0.1"}
    portal = Portal(tmp_path, environment=environment).start()
    with ExitStack() as stack:
        stack.callback(portal.stop)
        doors = Doors(portal, person)
        subject = go_everywhere(doors)
        assert set(person.values) - traces.in_bytes(dump(server)) == NEVER_KEPT
        erase(doors)
        come_back(doors)
        assert traces.in_bytes(dump(server)) == set()
        assert told(doors, traces, subject) == Nothing
    assert traces.in_folder(tmp_path) == Nothing
    with closing(psycopg.connect(server, autocommit=True)) as administrator:
        # What a snapshot that is still open could read stays until then.
        until(lambda: after_vacuum(administrator, traces) == Nothing, 60, "data files without a trace", every=1)


def after_vacuum(administrator: psycopg.Connection, traces: Traces) -> dict[str, set[str]]:
    administrator.execute("VACUUM (FULL)")
    administrator.execute("CHECKPOINT")
    return traces.in_files(*data_files(administrator))


def dump(url: str) -> bytes:
    """The whole database as pg_dump writes it: each column of each table, binary ones in hexadecimal."""
    return subprocess.run(["pg_dump", "--inserts", url], capture_output=True, check=True, timeout=60).stdout


def data_files(administrator: psycopg.Connection) -> tuple[Path, list[Path]]:
    """The server's data folder and the files in it of every table, index and toast table of this database."""
    found = administrator.execute("SHOW data_directory").fetchone()
    assert found
    root = Path(found[0])
    rows = administrator.execute("SELECT pg_relation_filepath(oid) FROM pg_class WHERE relkind IN ('r', 'i', 't', 'm')")
    paths = [root / row[0] for row in rows.fetchall() if row[0]]
    if not all(path.exists() for path in paths):
        pytest.skip("the data files of TEST_DATABASE_URL's server cannot be read from here")
    return root, paths
