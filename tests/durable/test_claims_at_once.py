"""Many workers look at the same rows at the same moment: each piece of work is one worker's alone."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from privacy_portal.upstream.models import IdentifyUpdate
from regulations.engine import begin
from regulations.models import Regulation, Step
from tests.factories.brands import make_brand
from tests.factories.regulations import ask

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]
WORKERS, PEOPLE = 4, 20


def by_all(look: Callable[[], object]) -> Counter[object]:
    """What each worker found, looking again and again until it finds nothing."""
    together = Barrier(WORKERS)

    def work(_: int) -> list[object]:
        try:
            together.wait()
            return list(iter(look, None))
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as workers:
        return Counter(found for some in workers.map(work, range(WORKERS)) for found in some)


def claim(kind: type[Step] | type[IdentifyUpdate]) -> Callable[[], object]:
    def look() -> object:
        job = kind.objects.all().claim()
        return job and job.pk

    return look


def test_a_job_is_claimed_by_one_worker() -> None:
    brand = make_brand()
    for number in range(PEOPLE):
        ask(brand, "suppress_and_delete", f"u{number}")
    assert by_all(lambda: begin(3) or None).total() >= PEOPLE / 3
    assert set(Regulation.objects.values_list("status", flat=True)) == {"running"}
    assert sorted(by_all(claim(Step)).values()) == [1] * PEOPLE
    assert sorted(by_all(claim(IdentifyUpdate)).values()) == [1] * PEOPLE
