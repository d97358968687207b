"""What a device states and who it is linked to, written at the same moment by two processes: each sees the other."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from privacy_portal.brands.models import Brand
from privacy_portal.consent.models import Preference
from privacy_portal.tracking.store.row import Request
from privacy_portal.tracking.store.write import write_group
from tests.factories.brands import make_brand
from tests.factories.events import identify, request
from tests.locks import in_a_thread, waiting
from tests.waiting import until

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
HOLD = """
CREATE FUNCTION hold_for_the_test() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_advisory_xact_lock(777, 1); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER hold_for_the_test AFTER INSERT ON subjects_link DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION hold_for_the_test();
"""
LET_GO = "DROP TRIGGER hold_for_the_test ON subjects_link; DROP FUNCTION hold_for_the_test()"


@pytest.fixture
def brand(transactional_db: None) -> Brand:
    return make_brand()


@contextmanager
def links_held() -> Iterator[None]:
    """Whoever makes a link has written all and waits at its commit for as long as the block runs."""
    with connection.cursor() as cursor:
        cursor.execute(HOLD)
        cursor.execute("SELECT pg_advisory_lock(777, 1)")
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(777, 1)")


@pytest.fixture(autouse=True)
def let_go(brand: Brand) -> Iterator[None]:
    yield
    with connection.cursor() as cursor:
        cursor.execute(LET_GO)


def state() -> dict[str, bool]:
    return {held.channel: held.subscribed for held in Preference.objects.all()}


def write_at_once(first: Request, second: Request) -> None:
    with links_held():
        one = in_a_thread(lambda: write_group([first]))
        until(lambda: waiting() == 1, 30, "the first to wait at its commit")
        other = in_a_thread(lambda: write_group([second]))
        until(lambda: waiting() == 2 or not other.is_alive(), 30, "the second to wait for the first")
    one.join()
    other.join()


def test_a_withdrawal_is_not_lost_to_a_link_that_is_just_being_made(brand: Brand) -> None:
    identify(brand, "u1", channels={"email": True})
    traits = {"marketingPreferences": {"channels": [{"channel": "email", "subscribed": False}]}}
    saying = request(brand, "identify", {"event": "identify", "anonymousId": "a1", "traits": traits})
    linking = request(brand, "screen", {"userId": "u1", "anonymousId": "a1"})
    write_at_once(linking, saying)
    assert state() == {"email": False}


def test_a_grant_is_not_given_to_two_who_are_linked_at_once(brand: Brand) -> None:
    identify(brand, anonymousId="a1", channels={"email": True})
    one, other = (request(brand, "screen", {"userId": user, "anonymousId": "a1"}) for user in ("u1", "u2"))
    write_at_once(one, other)
    assert Preference.objects.filter(subscribed=True).count() == 1
