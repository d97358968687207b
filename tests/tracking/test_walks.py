"""Thousands of events of a person, or that wait to be forwarded, are walked over page by page, also where PostgreSQL
has no statistics and takes them for a handful: no page costs more than its own rows."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.models import Brand
from privacy_portal.subjects.models import Subject
from privacy_portal.tracking.models import Event, EventStatus
from privacy_portal.upstream.parcel import MOST_CALLS, pack
from regulations.destinations.event_store import CHUNK
from regulations.exports.calls import PAGE, Calls
from regulations.exports.person import person_of
from tests.factories.brands import make_brand
from tests.factories.events import track
from tests.factories.regulations import ask, carry_out
from tests.postgresql.plans import looked_at
from tests.upstream.server import serve

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
NUMBER = 20 * CHUNK
COPIES = """
    INSERT INTO tracking_event (event_id, brand_id, subject_key, action, status, received_at, timestamp, body)
    SELECT gen_random_uuid(), brand_id, CASE WHEN n %% 4 = 0 THEN subject_key ELSE decode(md5(n::text), 'hex') END,
        action, status, received_at, timestamp, body
    FROM tracking_event, generate_series(5, 4 * %s + 3) AS n
"""


@pytest.fixture
def brand(db: None) -> Brand:
    """A quarter of its events are one person's, and PostgreSQL does not know."""
    brand = make_brand()
    track(brand, "maria")
    with connection.cursor() as cursor:
        cursor.execute(COPIES, [NUMBER])
    return brand


@pytest.fixture
def tempting(brand: Brand) -> Iterator[None]:
    """To sort some thousands of rows is made as tempting as it is where there are a million."""
    with connection.cursor() as cursor:
        cursor.execute("SET random_page_cost = 100")
        yield
        cursor.execute("RESET random_page_cost")


def is_about_a_page(sql: str) -> bool:
    return "LIMIT" in sql or sql.startswith("DELETE")


def most_read(node: dict[str, Any]) -> int:
    """The most rows or entries of an index that one node reads."""
    return max(int(node["Actual Rows"]), *map(most_read, node.get("Plans", ())), 0)


@pytest.mark.usefixtures("tempting")
def test_an_access_reads_each_page_by_itself(brand: Brand) -> None:
    person = person_of(Subject.objects.ensure(brand, "maria")[0])
    with looked_at(most_read, is_about_a_page) as seen:
        assert len(list(Calls(person, lambda: None))) == NUMBER
    assert len(seen) > NUMBER / PAGE
    assert max(seen) == PAGE


def test_an_erasure_does(brand: Brand) -> None:
    with serve() as upstream, looked_at(most_read, is_about_a_page) as seen:
        brand.configure({"upstream_url": upstream.url}, COMMAND)
        assert carry_out(ask(brand, "suppress_and_delete", "maria")).status == "finished"
    assert len(seen) > 2 * NUMBER / CHUNK
    assert max(seen) == CHUNK


@pytest.mark.usefixtures("tempting")
def test_so_does_what_is_sent_on(brand: Brand) -> None:
    Event.objects.update(status=EventStatus.FORWARDING)
    with looked_at(most_read, is_about_a_page) as seen:
        parcel = pack(brand)
    assert parcel
    assert parcel.ids == sorted(Event.objects.values_list("id", flat=True))[: len(parcel.ids)]
    assert seen == [MOST_CALLS]
