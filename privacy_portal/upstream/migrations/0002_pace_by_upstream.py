"""The limit of requests a second is counted for each upstream, not for each brand. It holds nothing worth keeping."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("upstream", "0001_initial")]

    operations = [
        migrations.DeleteModel(name="Pace"),
        migrations.CreateModel(
            name="Pace",
            fields=[
                ("upstream", models.TextField(primary_key=True, serialize=False)),
                ("next_at", models.DateTimeField()),
            ],
        ),
    ]
