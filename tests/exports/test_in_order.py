"""A person's events are read in the order of the index, page by page, also before PostgreSQL has statistics."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from privacy_portal.brands.models import Brand
from privacy_portal.subjects.models import Subject
from regulations.exports.calls import PAGE, Calls
from regulations.exports.person import person_of
from tests.factories.events import track

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


COPIES = """
    INSERT INTO tracking_event (event_id, brand_id, subject_key, action, status, received_at, timestamp, body)
    SELECT gen_random_uuid(), brand_id, subject_key, action, status, received_at, timestamp, body
    FROM tracking_event, generate_series(1, %s)
"""


@pytest.fixture
def tempting(brand: Brand) -> Iterator[None]:
    """To sort a few thousand rows is made as tempting as it is where there are a million."""
    with connection.cursor() as cursor:
        cursor.execute("SET random_page_cost = 100")
        yield
        cursor.execute("RESET random_page_cost")


@pytest.mark.usefixtures("tempting")
def test_no_page_of_events_is_sorted(brand: Brand) -> None:
    track(brand, "maria")
    with connection.cursor() as cursor:
        cursor.execute(COPIES, [20 * PAGE])
    person = person_of(Subject.objects.ensure(brand, "maria")[0])
    plans: list[str] = []

    def explained(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SELECT") and '"subject_key" =' in sql:
            (plan,) = execute(f"EXPLAIN (FORMAT JSON) {sql}", params, many, context).fetchone()
            plans.append(json.dumps(plan))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explained):
        assert len(list(Calls(person, lambda: None))) == 20 * PAGE + 1
    assert len(plans) == 21
    assert not any('"Sort"' in plan for plan in plans)
