"""No column that can hold something about a person exists without saying what becomes of it."""

import pytest
from django.apps import apps
from django.db import connection, models

from tests.erasure.columns import COLUMNS, Erased

pytestmark = [pytest.mark.engine, pytest.mark.django_db]

# What these hold is a number, a moment or a yes; every other kind can hold a text.
PLAIN = (models.IntegerField, models.BooleanField, models.DateTimeField, models.DateField, models.FloatField)
DJANGO_OWN = {"django_migrations"}  # names of our migrations and when they ran


def able_to_hold_text() -> set[tuple[str, str]]:
    """(table, column) of every model of every installed app, tables of many-to-many relations included."""
    found = apps.get_models(include_auto_created=True)
    fields = {(model._meta.db_table, field) for model in found for field in model._meta.local_concrete_fields}
    return {(table, str(field.column)) for table, field in fields if not isinstance(_target(field), PLAIN)}


def _target(field: models.Field) -> models.Field:
    return _target(field.target_field) if isinstance(field, models.ForeignKey) else field


def declared() -> set[tuple[str, str]]:
    return {(table, column) for table, columns in COLUMNS.items() for column in columns}


def test_every_column_that_can_hold_text_is_declared() -> None:
    assert sorted(able_to_hold_text() - declared()) == []


def test_every_declared_column_exists() -> None:
    assert sorted(declared() - able_to_hold_text()) == []


def test_the_database_has_no_table_that_no_model_stands_for() -> None:
    known = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    assert set(connection.introspection.table_names()) - known == DJANGO_OWN


@pytest.mark.postgresql
def test_the_planner_keeps_no_samples_of_what_is_erased() -> None:
    """pg_statistic would keep them after the rows. Keys are looked up by, so they need them, and are only hashes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(pg_partition_root(oid)::regclass::name, relname), attname "
            "FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid "
            "WHERE attnum > 0 AND attstattarget IS DISTINCT FROM 0"
        )
        sampled = set(cursor.fetchall())
    erased = {(t, c) for t, columns in COLUMNS.items() for c, said in columns.items() if isinstance(said, Erased)}
    assert sorted(place for place in erased & sampled if not place[1].endswith("key")) == []


def test_every_declaration_says_something() -> None:
    assert all(next(iter(vars(said).values())) for columns in COLUMNS.values() for said in columns.values())
