"""What an operator sees of events that are not forwarded, and how they are sent again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from privacy_portal.brands.models import Brand
from privacy_portal.processes.metrics import exposition
from privacy_portal.tracking.models import Event
from tests.commands.conftest import Run
from tests.factories.events import track
from tests.factories.forwarding import carry, forwarding_brand, state
from tests.upstream.server import Upstream, json_answer, taken

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def brand(upstream: Upstream, db: None) -> Brand:
    return forwarding_brand(upstream)


def test_what_was_refused_is_told_by_doctor_and_sent_again_by_a_command(
    run: Run, brand: Brand, upstream: Upstream
) -> None:
    upstream.always = json_answer(400, {"message": "unknown"})
    event_id = track(brand, "u1")
    carry()
    out = run("doctor").out
    assert f"STUCK: 1 events of {brand} were refused by its upstream\n" in out
    assert f"manage.py forward_again {brand}\n" in out
    upstream.always = taken
    assert run("forward_again", brand.path).out == f"1 events of {brand} wait to be forwarded again.\n"
    carry()
    assert state(event_id) == "forwarded"
    assert "refused by its upstream" not in run("doctor").out
    assert run("forward_again", brand.path).out == f"0 events of {brand} wait to be forwarded again.\n"


def test_what_waits_for_long_is_told_by_doctor_with_the_reason_and_by_metrics(
    run: Run, brand: Brand, upstream: Upstream
) -> None:
    upstream.always = json_answer(503, {"message": "u1"})
    track(brand, "u1")
    carry()
    Event.objects.update(received_at=timezone.now() - timedelta(hours=2))
    out = run("doctor").out
    assert f"STUCK: 1 events of {brand} wait to be forwarded, the oldest since" in out
    assert f"Passing: forwarding of {brand} is retrying after 1 attempts\n    why:  503\n" in out
    assert "u1" not in out
    lines = exposition().decode().splitlines()
    (oldest,) = [line for line in lines if line.startswith("portal_forwarding_oldest_seconds ")]
    assert 7200 <= float(oldest.split()[1]) < 7300
    assert 'portal_jobs{kind="forwarding",status="retrying"} 1.0' in lines


def test_a_brand_that_has_nothing_to_send_is_no_job_that_waits(run: Run, brand: Brand) -> None:
    track(brand, "u1")
    carry()
    assert 'portal_oldest_due_job_seconds{kind="forwarding"} 0.0' in exposition().decode()
    assert "forward" not in run("doctor").out
