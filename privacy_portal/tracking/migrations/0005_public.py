"""Whether an event that is forwarded came by a public token. Of what waits already, or failed, that was not kept: it
counts as such, unless it is an identify in which nothing says so, whose grants the ledger may have taken."""

from django.db import migrations, models

WAITING = """
UPDATE tracking_event SET public = true WHERE status IN ('forwarding', 'failed') AND (action <> 'identify'
    OR drop_untracked OR CAST(errors AS text) LIKE '%must be false with a public auth-token%')
"""


class Migration(migrations.Migration):
    dependencies = [("tracking", "0004_partitions")]

    operations = [
        migrations.AddField("event", "public", models.BooleanField(editable=False, null=True)),
        migrations.RunSQL(WAITING, migrations.RunSQL.noop),
    ]
