"""A restore puts the rows of a table in place before its keys. A portal that runs meanwhile must not add a second row,
or the restore fails."""

import pytest
from django.db import DatabaseError, connection, transaction

from privacy_portal.durable.models import Heartbeat

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db]


def test_a_part_that_beats_in_the_middle_of_a_restore_adds_no_row() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE durable_heartbeat DROP CONSTRAINT durable_heartbeat_pkey")
    with pytest.raises(DatabaseError), transaction.atomic():
        Heartbeat.beat("scheduler")
    assert not Heartbeat.objects.exists()


def test_the_next_beat_replaces_the_last() -> None:
    Heartbeat.beat("scheduler")
    first = Heartbeat.objects.get(name="scheduler").at
    Heartbeat.beat("scheduler")
    assert Heartbeat.objects.get(name="scheduler").at >= first
