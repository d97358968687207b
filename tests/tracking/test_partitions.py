"""On PostgreSQL events lie in partitions by the month of their receipt: made ahead, and dropped whole."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.utils import timezone

from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.models import Brand
from privacy_portal.processes.diagnosis import partitions as diagnosis
from privacy_portal.subjects.models import Subject
from privacy_portal.tracking.models import Event
from privacy_portal.tracking.store.partitions import tend
from tests.expiring import forget_expired
from tests.factories.brands import make_brand
from tests.factories.events import identify, send_at
from tests.factories.regulations import ask, carry_out
from tests.postgresql.plans import looked_at
from tests.tracking.caller import Caller, track
from tests.upstream.server import serve

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
LONG_AGO = datetime(2019, 5, 17, tzinfo=UTC)


def run(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []


def month(at: datetime) -> str:
    return f"tracking_event_{at:%Y_%m}"


def partitions() -> list[str]:
    found = run(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'tracking_event'::regclass ORDER BY 1"
    )
    return [name for (name,) in found]


def make(*first_days: datetime) -> None:
    """Partitions of other months."""
    for first in first_days:
        run(f"SELECT tracking_new_table('{month(first)}', 'tracking_event')")
        run(
            f"DO $$ BEGIN EXECUTE format('ALTER TABLE tracking_event ATTACH PARTITION {month(first)} FOR VALUES "
            f"FROM (%L) TO (%L)', tracking_first_id('{first:%Y-%m-01}'), "
            f"tracking_first_id('{first:%Y-%m-01}'::date + interval '1 month')); END $$"
        )


def where(event_id: UUID) -> str:
    ((name,),) = run(f"SELECT tableoid::regclass::text FROM tracking_event WHERE event_id = '{event_id}'")
    return str(name)


@pytest.fixture(autouse=True)
def tidy(transactional_db: None) -> Iterator[None]:
    yield
    run("DELETE FROM tracking_event")
    for name in partitions():
        if name < month(timezone.now()):
            run(f"DROP TABLE {name}")
    tend()


def test_they_are_made_two_months_ahead() -> None:
    this, *ahead = months = [name for name in partitions() if name != "tracking_event_default"]
    assert (this, len(ahead)) == (month(timezone.now()), 2)
    run(f"DROP TABLE {ahead[0]}; DROP TABLE {ahead[1]}")
    assert [finding.what for finding in diagnosis.missing()] == [f"the partition {ahead[0]} is not there"]
    tend()
    assert [name for name in partitions() if name != "tracking_event_default"] == months
    assert not list(diagnosis.missing())


def test_an_event_lies_in_the_month_of_its_receipt(door: Caller) -> None:
    event_id = door.taken("track", track(timestamp="2001-01-01T00:00:00Z"))
    assert where(event_id) == month(timezone.now())


def test_an_event_without_a_partition_is_taken_all_the_same_and_moved_when_there_is_one(door: Caller) -> None:
    *_, last = (name for name in partitions() if name != "tracking_event_default")
    run(f"DROP TABLE {last}")
    first_day = datetime.strptime(f"{last[-7:]}_01 +0000", "%Y_%m_%d %z")
    astray = send_at(first_day + timedelta(days=3), door.brand, "track", track())
    ancient = send_at(LONG_AGO, door.brand, "track", track())
    assert {where(astray), where(ancient)} == {"tracking_event_default"}
    assert [(found.what, found.passes) for found in diagnosis.astray()] == [
        ("2 events outside of their month's partition", True)
    ]
    tend()
    assert (where(astray), where(ancient)) == (last, "tracking_event_default")
    assert {door.status(astray).status_code, door.status(ancient).status_code} == {200}


def test_a_partition_goes_whole_when_no_brand_keeps_anything_that_old() -> None:
    old, older = LONG_AGO, LONG_AGO - timedelta(days=31)
    make(old, older)
    days = (timezone.now() - LONG_AGO).days
    brand, other = make_brand(retention_days=days - 40), make_brand(retention_days=days + 1)
    events = [send_at(at, of, "track", track()) for of in (brand, other) for at in (old, older)]
    tend()
    assert month(old) in partitions(), "until midnight at its end, and the other brand keeps its end"
    assert month(older) not in partitions()
    assert set(Event.objects.values_list("event_id", flat=True)) == {events[0], events[2]}
    forget_expired()
    assert list(Event.objects.values_list("event_id", flat=True)) == [events[2]], (
        "row by row where another brand keeps more"
    )


def test_a_brand_that_keeps_events_without_an_end_keeps_the_partition() -> None:
    make(LONG_AGO, LONG_AGO - timedelta(days=31))
    make_brand(retention_days=1)
    kept = send_at(LONG_AGO, make_brand(), "track", track())
    tend()
    assert Event.objects.filter(event_id=kept).exists()
    assert month(LONG_AGO) in partitions()
    assert month(LONG_AGO - timedelta(days=31)) not in partitions(), "an empty one of the past goes all the same"


def test_nothing_is_dropped_of_what_gates_are_still_told_of() -> None:
    brand = make_brand(retention_days=1)
    Subject.objects.ensure(brand, "u1")[0].suppress()
    gated = send_at(timezone.now() - timedelta(days=29), brand, "track", track())
    tend()
    assert Event.objects.get(event_id=gated).status == "suppressed"


def test_who_holds_the_table_is_not_waited_for_and_the_door_goes_on(
    door: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    """A long read, as a backup makes one: partitions wait for it, and events do not."""
    make(LONG_AGO)
    held, release = threading.Event(), threading.Event()

    def read() -> None:
        with transaction.atomic():
            run("SELECT count(*) FROM tracking_event")
            held.set()
            release.wait(30)
        connection.close()

    reader = threading.Thread(target=read)
    reader.start()
    held.wait(30)
    try:
        tend()
        door.taken("track", track())
        assert month(LONG_AGO) in partitions()
        assert "retention.partitions_busy" in caplog.text
    finally:
        release.set()
        reader.join()
    tend()
    assert month(LONG_AGO) not in partitions()


def read_by(node: dict[str, Any]) -> int:
    """How many events are read, those that a filter throws away included."""
    thrown_away = sum(number for name, number in node.items() if name.startswith("Rows Removed by"))
    is_read = "Scan" in node["Node Type"] and node.get("Relation Name", "").startswith("tracking_event")
    own = node["Actual Rows"] + thrown_away if is_read else 0
    return int(own) + sum(read_by(child) for child in node.get("Plans", ()))


@pytest.fixture
def two_years(brand: Brand) -> Brand:
    """24 months of 400 events and their batch each, by others; and a person with two a month, one of a device's."""
    first_days = [datetime(2019 + at // 12, 1 + at % 12, 1, tzinfo=UTC) for at in range(24)]
    make(*first_days)
    identify(brand, "u1", anonymousId="a1")
    for first in first_days:
        calls = [track(userId=f"other-{number}") for number in range(200)]
        calls += [{"anonymousId": f"device-{number}", "event": "x"} for number in range(200)]
        send_at(first + timedelta(days=1), brand, "batch", {"batch": calls})
        send_at(first + timedelta(days=2), brand, "track", track(userId="u1"))
        send_at(first + timedelta(days=3), brand, "track", {"anonymousId": "a1", "event": "x"})
    run("ANALYZE tracking_event")
    return brand


def test_erasing_reads_the_person_s_rows_and_no_others(two_years: Brand) -> None:
    Subject.objects.get().suppress()
    with serve() as upstream, looked_at(read_by) as seen:
        two_years.configure({"upstream_url": upstream.url}, COMMAND)
        assert carry_out(ask(two_years, "delete", "u1")).status == "finished"
    assert Event.objects.count() == 24 * 401
    assert sum(seen) == 2 * 49, "found, deleted, and looked for in vain"


def test_a_look_up_by_event_id_asks_one_partition(two_years: Brand) -> None:
    event_id = Event.objects.order_by("id").values_list("event_id", flat=True)[5000]
    plan = str(Event.objects.filter(event_id=event_id).explain())
    assert plan.count("tracking_event_") == 2, f"one partition and its index: {plan}"
