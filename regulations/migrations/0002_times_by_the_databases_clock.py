from django.db import migrations, models

import privacy_portal.durable.clock


class Migration(migrations.Migration):
    """Defaults are made when a row is: nothing changes in the database."""

    dependencies = [("regulations", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField("step", "due_at", models.DateTimeField(default=privacy_portal.durable.clock.now)),
                migrations.AlterField(
                    "step",
                    "patience_from",
                    models.DateTimeField(default=privacy_portal.durable.clock.now, editable=False),
                ),
            ]
        )
    ]
