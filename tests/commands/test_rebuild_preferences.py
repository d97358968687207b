import pytest

from privacy_portal.brands.models import Brand
from privacy_portal.consent.models import Preference
from tests.commands.conftest import Run
from tests.factories.events import identify

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


def test_what_is_live_needs_no_rebuilding(run: Run, brand: Brand) -> None:
    identify(brand, "u1", channels={"email": True, "sms": False})
    identify(brand, "u2", channels={"email": True})
    assert run("rebuild_preferences").out == "2 people, 0 differed.\n"


def test_what_was_lost_or_altered_comes_back_from_the_ledger(run: Run, brand: Brand) -> None:
    identify(brand, "u1", channels={"email": True, "sms": False})
    identify(brand, "u2", channels={"email": True})
    before = set(Preference.objects.values_list("subject", "channel", "subscribed", "since", "source"))
    Preference.objects.filter(channel="sms").delete()
    Preference.objects.update(subscribed=False)
    assert run("rebuild_preferences").out == "2 people, 2 differed.\n"
    assert set(Preference.objects.values_list("subject", "channel", "subscribed", "since", "source")) == before
