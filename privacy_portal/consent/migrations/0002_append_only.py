"""The database itself refuses to alter a ledger entry."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

REFUSAL = "the consent ledger is append-only"
ON_UPDATE = "CREATE TRIGGER consent_entry_append_only BEFORE UPDATE ON consent_entry"
FUNCTION = "CREATE FUNCTION consent_entry_append_only() RETURNS trigger LANGUAGE plpgsql AS"
MAKE = {
    "sqlite": [f"{ON_UPDATE} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"],
    "postgresql": [
        f"{FUNCTION} $$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$",
        f"{ON_UPDATE} FOR EACH ROW EXECUTE FUNCTION consent_entry_append_only()",
    ],
}
UNMAKE = {
    "sqlite": ["DROP TRIGGER consent_entry_append_only"],
    "postgresql": [
        "DROP TRIGGER consent_entry_append_only ON consent_entry",
        "DROP FUNCTION consent_entry_append_only",
    ],
}


def make(_: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in MAKE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def unmake(_: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in UNMAKE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("consent", "0001_initial")]
    operations = [migrations.RunPython(make, unmake)]
