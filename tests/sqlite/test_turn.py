"""The right to write: one at a time, among threads and processes, and never kept by who is gone."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from privacy_portal.sqlite.turn import Turn
from tests.waiting import until

HOLDER = """
import sys
from pathlib import Path
from privacy_portal.sqlite.turn import Turn
turn = Turn(Path(sys.argv[1]), 5)
assert turn.take()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "some.sqlite3"


def test_it_excludes_another_connection_of_the_same_process(database: Path) -> None:
    first, second = Turn(database, 0.1), Turn(database, 0.1)
    assert first.take()
    assert not second.take()
    first.give_back()
    assert second.take()


def test_it_gives_the_turn_to_the_one_who_waits(database: Path) -> None:
    first, second = Turn(database, 10), Turn(database, 10)
    assert first.take()
    taken: list[bool] = []
    waiter = threading.Thread(target=lambda: taken.append(second.take()))
    waiter.start()
    first.give_back()
    waiter.join(10)
    assert taken == [True]


def test_one_who_gave_up_waiting_does_not_take_the_turn_later(database: Path) -> None:
    holder, impatient, third = Turn(database, 1), Turn(database, 0.05), Turn(database, 0.05)
    assert holder.take()
    assert not impatient.take()
    holder.give_back()
    until(third.take, what="the turn that nobody wants any more")
    third.give_back()
    assert impatient.take()


def test_closing_gives_the_turn_back(database: Path) -> None:
    first, second = Turn(database, 0.1), Turn(database, 0.1)
    assert first.take()
    first.close()
    first.close()
    assert second.take()


def test_a_killed_process_gives_the_turn_back(database: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    turn = Turn(database, 10)
    assert not Turn(database, 0.05).take()
    holder.kill()
    holder.wait()
    assert turn.take()
