import pytest
from django.db import DatabaseError, transaction

from privacy_portal.consent.models import Entry
from tests.factories.brands import make_brand
from tests.factories.events import identify


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_to_alter_a_ledger_entry() -> None:
    identify(make_brand(), "u1", channels={"email": False})
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Entry.objects.update(subscribed=True)
    assert not Entry.objects.get().subscribed
