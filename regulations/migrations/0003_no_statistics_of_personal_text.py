"""PostgreSQL's planner keeps samples of each column's values, which would outlive the rows of an erased person."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

COLUMNS = {
    "tracking_event": ("body", "errors"),
    "consent_evidence": ("source", "wording", "address", "agent"),
    "subjects_subject": ("user_id",),
    "regulations_regulation": ("reason", "ticket_ref", "intake", "language"),
    "regulations_step": ("last_error",),
    "upstream_identifyupdate": ("last_error",),
}


def keep_none(_: object, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor != "postgresql":
        return
    for table, columns in COLUMNS.items():
        for column in columns:
            editor.execute(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" SET STATISTICS 0')


class Migration(migrations.Migration):
    dependencies = [
        ("regulations", "0002_times_by_the_databases_clock"),
        ("consent", "0002_append_only"),
        ("subjects", "0001_initial"),
        ("tracking", "0002_alias"),
        ("upstream", "0003_times_by_the_databases_clock"),
    ]

    operations = [migrations.RunPython(keep_none, migrations.RunPython.noop, elidable=False)]
