import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models
from django.db.models import Q

import privacy_portal.durable.clock

KEPT = ("stored", "forwarding", "forwarded", "failed")


class Migration(migrations.Migration):
    dependencies = [("brands", "0001_initial"), ("tracking", "0002_alias")]

    operations = [
        migrations.CreateModel(
            name="Forwarding",
            fields=[
                ("due_at", models.DateTimeField(default=privacy_portal.durable.clock.now, null=True)),
                ("lease_until", models.DateTimeField(editable=False, null=True)),
                ("fence", models.PositiveIntegerField(default=0, editable=False)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("last_error", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("patience_from", models.DateTimeField(default=privacy_portal.durable.clock.now, editable=False)),
                (
                    "brand",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="forwarding_job",
                        serialize=False,
                        to="brands.brand",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("idle", "Idle"), ("sending", "Sending"), ("retrying", "Retrying")],
                        default="idle",
                        max_length=16,
                    ),
                ),
                ("suspects", models.PositiveIntegerField(default=0, editable=False)),
            ],
            options={"abstract": False},
        ),
        migrations.AddField("event", "drop_untracked", models.BooleanField(editable=False, null=True)),
        migrations.AlterField(
            "event",
            "status",
            models.CharField(
                choices=[
                    ("stored", "Stored"),
                    ("forwarding", "Forwarding"),
                    ("forwarded", "Forwarded"),
                    ("failed", "Failed"),
                    ("suppressed", "Suppressed"),
                    ("not_tracked", "Not tracked"),
                ],
                max_length=12,
            ),
        ),
        migrations.RemoveConstraint("event", "event_gated_keeps_nothing"),
        migrations.AddConstraint(
            "event",
            models.CheckConstraint(
                condition=Q(status__in=KEPT) | Q(body=None, subject_key=None, anonymous_key=None, timestamp=None),
                name="event_gated_keeps_nothing",
            ),
        ),
        migrations.AddIndex(
            "event", models.Index(fields=["brand", "id"], condition=Q(status="forwarding"), name="event_forwarding")
        ),
        migrations.AddIndex(
            "event", models.Index(fields=["brand", "id"], condition=Q(status="failed"), name="event_failed")
        ),
    ]
