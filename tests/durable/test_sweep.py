"""The sweep needs neither broker nor worker: what nobody takes, it carries out itself."""

from datetime import timedelta

import pytest
from django.utils import timezone

from privacy_portal.audit.models import SYSTEM, Entry, record
from privacy_portal.durable import sweep
from privacy_portal.durable.models import Heartbeat
from privacy_portal.durable.registry import MORE, Chore
from privacy_portal.durable.sweep import Sweep
from regulations.models import Regulation
from tests.factories.brands import make_brand
from tests.factories.regulations import ask
from tests.upstream.server import serve

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


def test_it_carries_out_what_stays_unclaimed_for_ten_seconds() -> None:
    with serve() as upstream:
        regulation = ask(make_brand(upstream_url=upstream.url), "suppress", "u1")
        Sweep().once()
        regulation.refresh_from_db()
        assert regulation.status == "scheduled", "a worker may still come"
        long_ago = timezone.now() - timedelta(seconds=11)
        Regulation.objects.update(created_at=long_ago)
        Sweep().once()
        regulation.refresh_from_db()
        assert regulation.status == "finished"


def test_it_seals_the_audit_log_and_shows_that_it_lives() -> None:
    record("test.act", SYSTEM)
    Sweep().once()
    assert Entry.objects.get(action="test.act").position is not None
    assert Heartbeat.objects.filter(name="sweep").exists()


def test_a_chore_that_has_more_to_do_is_called_again_before_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [MORE, MORE, None, MORE]
    monkeypatch.setattr(sweep, "chores", [Chore("test", 3600, lambda: answers.pop(0))])
    sweeping = Sweep()
    for _ in range(5):
        sweeping.once()
    assert answers == [MORE], "called until it said that nothing was left, and then an hour later"
