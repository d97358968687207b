"""What deletions leave in SQLite's files is wiped, while others go on reading and writing."""

import random
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone

from privacy_portal.ids import new_id
from privacy_portal.sqlite.base import PATIENCE_S
from privacy_portal.sqlite.checkpoint import checkpoint
from privacy_portal.sqlite.turn import Turn
from privacy_portal.sqlite.wipe import _one_at_a_time, _wipe, wipe
from privacy_portal.tracking.models import Event
from tests.expiring import forget_expired
from tests.factories.brands import make_brand
from tests.factories.events import send_at
from tests.tracking.caller import track
from tests.waiting import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.skipif("connection.vendor != 'sqlite'")]
PEOPLE = 40
EVENTS = 3000


def mark(who: int) -> bytes:
    return b"<who%04d>" % who


def key(who: int) -> bytes:
    return b"key%013d" % who


def store(rng: random.Random, count: int, who: list[int]) -> None:
    brand, now = make_brand(), timezone.now()
    Event.objects.bulk_create(
        Event(
            event_id=new_id(), brand=brand, subject_key=key(person), action="track", status="stored", received_at=now,
            timestamp=now, body=mark(person) * rng.randint(5, 60),
        )
        for person in rng.choices(who, k=count)
    )  # fmt: skip


def content() -> bytes:
    """Of the database and its log; read by another process, since closing the file here would drop our locks."""
    name = Path(connection.settings_dict["NAME"])
    return subprocess.run(["cat", name, f"{name}-wal"], capture_output=True, check=True).stdout


def integrity() -> str:
    with connection.cursor() as cursor:
        return str(cursor.execute("PRAGMA integrity_check").fetchone()[0])


@contextmanager
def reading() -> Iterator[sqlite3.Connection]:
    """Another connection in the middle of a long read."""
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM tracking_event").fetchone()
        yield reader


def is_at_work() -> bool:
    """Whether somebody has the turn to write. (To ask SQLite who empties the log would be to empty it.)"""
    turn = Turn(Path(connection.settings_dict["NAME"]), patience=0)
    try:
        return not turn.take()
    finally:
        turn.close()


def clean() -> bool:
    """In a thread of its own."""
    try:
        return wipe()
    finally:
        connection.close()


def people_left(clean: Callable[[], bool]) -> list[int]:
    """Delete one person after the other; returns those of whom bytes could be read afterwards."""
    store(random.Random(1), EVENTS, list(range(PEOPLE)))
    left = []
    for who in range(PEOPLE):
        with transaction.atomic():
            Event.objects.filter(subject_key=key(who)).delete()
        assert clean()
        if mark(who) in content():
            left.append(who)
    return left


def test_nothing_of_a_deleted_person_is_left_in_pages_that_others_use() -> None:
    assert people_left(clean=wipe) == []
    assert integrity() == "ok"


def test_emptying_the_log_alone_would_leave_copies() -> None:
    assert people_left(clean=checkpoint)


def test_much_is_wiped_in_many_short_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("privacy_portal.sqlite.wipe.PORTION", 2)
    store(random.Random(1), EVENTS, list(range(PEOPLE)))
    for who in range(0, PEOPLE, 2):
        with transaction.atomic():
            Event.objects.filter(subject_key=key(who)).delete()
    renewed: list[int] = []
    assert wipe(lambda: renewed.append(1))
    assert len(renewed) > 10, "before each of them"
    assert not [who for who in range(0, PEOPLE, 2) if mark(who) in content()]
    assert integrity() == "ok"


def test_it_disturbs_nobody_who_writes_meanwhile() -> None:
    store(random.Random(2), EVENTS, list(range(PEOPLE)))
    stop, written = threading.Event(), []

    def write() -> None:
        rng = random.Random(3)
        while not stop.is_set():
            with transaction.atomic():
                store(rng, 20, [PEOPLE, PEOPLE + 1])
            written.append(20)
        connection.close()

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    try:
        for who in range(0, PEOPLE, 4):
            with transaction.atomic():
                Event.objects.filter(subject_key=key(who)).delete()
            assert wipe()
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert wipe()
    assert not [who for who in range(0, PEOPLE, 4) if mark(who) in content()]
    assert integrity() == "ok"
    assert Event.objects.filter(subject_key__in=[key(PEOPLE), key(PEOPLE + 1)]).count() == sum(written)
    kept = Event.objects.exclude(subject_key__in=[key(PEOPLE), key(PEOPLE + 1)])
    assert all(bytes(event.body or b"").startswith(mark(int(bytes(event.subject_key or b"")[3:]))) for event in kept)


def test_two_at_once_wait_for_each_other() -> None:
    """SQLite itself refuses at once to empty a log that another is emptying."""
    store(random.Random(4), 20, [1])
    with reading() as reader, ThreadPoolExecutor(3) as pool:
        store(random.Random(5), 20, [2])
        done = [pool.submit(clean) for _ in range(3)]
        until(is_at_work, 5, "one that waits for the reader")
        reader.execute("COMMIT")
        assert [each.result() for each in done] == [True] * 3


def test_those_who_ask_while_one_is_at_work_share_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each reads the whole file, so a thousand erasures would read it a thousand times."""
    done: list[bool] = []
    wiping = _wipe

    def counted(path: Path, renew: Callable[[], object]) -> bool:
        done.append(wiping(path, renew))
        return done[-1]

    monkeypatch.setattr("privacy_portal.sqlite.wipe._wipe", counted)
    monkeypatch.setattr("privacy_portal.sqlite.wipe.WAITING_S", 0.01)
    turn, renewed = Turn(Path(connection.settings_dict["NAME"]), patience=10), [0, 0, 0, 0]

    def asking(who: int) -> bool:
        try:
            return wipe(lambda: renewed.__setitem__(who, renewed[who] + 1))
        finally:
            connection.close()

    assert turn.take()
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(asking, 0)
        until(_one_at_a_time.locked, 20, "the first to be at it, where it waits for the turn to write")
        others = [pool.submit(asking, who) for who in (1, 2, 3)]
        until(lambda: all(renewed[1:]), 20, "the others to wait, with their leases renewed")
        turn.give_back()
        assert [asked.result(20) for asked in (first, *others)] == [True] * 4
    turn.close()
    assert done == [True, True], "the first began before the others asked, so it is not theirs"


def test_who_writes_does_not_wait_for_a_long_read_to_end() -> None:
    store(random.Random(6), 20, [1])
    with reading(), ThreadPoolExecutor(1) as pool:
        store(random.Random(7), 20, [2])
        wiped = pool.submit(clean)
        until(is_at_work, 5, "it to wait for the reader")
        began = time.monotonic()
        store(random.Random(8), 20, [3])
        assert time.monotonic() - began < PATIENCE_S / 2
        assert wiped.result() is False, "not yet wiped, and it says so"


def test_what_a_brand_keeps_no_longer_goes_with_the_next_wipe() -> None:
    """The sweep wipes every ten minutes, so the deleting of what has expired need not."""
    short, without_end = make_brand(retention_days=30), make_brand()
    long_ago = timezone.now() - timedelta(days=31)
    for number in range(300):
        brand, event = (short, "expired-secret") if number % 3 else (without_end, "kept-secret")
        send_at(long_ago, brand, "track", track(event=event, properties={"n": "x" * number}))
    forget_expired()
    assert wipe()
    assert (content().count(b"expired-secret"), content().count(b"kept-secret")) == (0, 100)
