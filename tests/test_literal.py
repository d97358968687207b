"""What workers, the sweep and the console ask again and again reads what is open, not all there ever was."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from privacy_portal.durable import clock
from privacy_portal.literal import OneOf
from privacy_portal.tracking.models import Event
from privacy_portal.upstream.models import IdentifyUpdate
from regulations.models import Regulation, Step
from tests.expiring import forget_expired
from tests.factories.brands import make_brand
from tests.factories.events import track
from tests.factories.regulations import ask

pytestmark = pytest.mark.django_db(transaction=True)
sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL plans with what parameters hold")


def plan(of: Any) -> str:
    """How SQLite finds it, with its parameters as they are sent."""
    sql, parameters = of.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)
        return "; ".join(row[-1] for row in cursor.fetchall())


@sqlite
def test_the_longest_due_job_is_found_by_the_index_of_those_that_are_open() -> None:
    for model, index in ((Step, "step_due"), (IdentifyUpdate, "update_due")):
        due = model.objects.due(clock.now()).order_by("due_at", "pk").select_related(*model.READ_WITH)[:1]
        assert plan(due).startswith(f"SEARCH {model._meta.db_table} USING INDEX {index} (due_at<?)")


@sqlite
def test_what_is_owed_is_found_by_the_index_of_what_is() -> None:
    table = Regulation._meta.db_table
    assert plan(Regulation.objects.needing_attention()).startswith(f"SCAN {table} USING INDEX regulation_attention")
    concludable = Regulation.objects.concludable().order_by()
    assert plan(concludable).startswith(f"SCAN {table} USING INDEX regulation_one_running")


@sqlite
def test_gated_events_that_expire_are_found_without_reading_the_others() -> None:
    brand = make_brand()
    ask(brand, "suppress", "maria")
    track(brand, "maria")
    seen: list[str] = []

    def explained(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SELECT") and '"tracking_event"' in sql:
            rows = execute(f"EXPLAIN QUERY PLAN {sql}", params, many, context)
            seen.extend(row[-1] for row in rows.fetchall())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explained):
        forget_expired(timezone.now() + timedelta(days=31))
    assert not Event.objects.exists()
    assert seen
    assert not [step for step in seen if "USING INDEX event_gated" not in step]


@pytest.mark.engine
def test_it_finds_what_status_in_finds() -> None:
    brand = make_brand()
    for who, kind in (("maria", "suppress"), ("jonas", "access"), ("ana", "no_track")):
        ask(brand, kind, who)
    Regulation.objects.filter(type="access").update(status="running")
    Regulation.objects.filter(type="no_track").update(status="finished")
    for words in (["scheduled"], ["scheduled", "running"], ["cancelled"]):
        literal = Regulation.objects.filter(OneOf("status", words))
        assert set(literal) == set(Regulation.objects.filter(status__in=words))
        assert set(Regulation.objects.exclude(OneOf("status", words))) == set(Regulation.objects.all()) - set(literal)


@pytest.mark.parametrize("word", ["", "it's", "a b", "ß", "x'); --"])
def test_it_takes_constants_only(word: str) -> None:
    with pytest.raises(ValueError, match="constants"):
        OneOf("status", [word])
