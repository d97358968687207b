from django.db import migrations, models

import privacy_portal.durable.clock


class Migration(migrations.Migration):
    """Defaults are made when a row is: nothing changes in the database."""

    dependencies = [("upstream", "0002_pace_by_upstream")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    "identifyupdate", "due_at", models.DateTimeField(default=privacy_portal.durable.clock.now)
                ),
                migrations.AlterField(
                    "identifyupdate",
                    "patience_from",
                    models.DateTimeField(default=privacy_portal.durable.clock.now, editable=False),
                ),
            ]
        )
    ]
