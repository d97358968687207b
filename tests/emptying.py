"""Emptying the database after a test with real transactions (a plugin, see tests/conftest.py).

Django's own flush empties every table and makes each content type and permission anew, which took longer than most
tests. This deletes from the tables that hold something, and leaves what migrations put there.
"""

from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import TransactionTestCase

from privacy_portal.subjects import journal
from privacy_portal.subjects.freshness import Freshness, freshness

MADE_BY_MIGRATIONS = {ContentType._meta.db_table, Permission._meta.db_table}


def empty(_: TransactionTestCase) -> None:
    models = apps.get_models(include_auto_created=True)
    tables = sorted({model._meta.db_table for model in models if model._meta.managed} - MADE_BY_MIGRATIONS)
    with transaction.atomic(), connection.cursor() as cursor:
        filled = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in tables)
        cursor.execute(filled)
        # Foreign keys are checked when the transaction ends: by then nothing refers to anything.
        for (table,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {table}")
    # The marks that a sweep kept beside it would be ahead of the emptied database, which then stands still.
    journal.path().unlink(missing_ok=True)
    vars(freshness).update(vars(Freshness()))


def pytest_configure() -> None:
    TransactionTestCase._fixture_teardown = empty  # type: ignore[attr-defined]
