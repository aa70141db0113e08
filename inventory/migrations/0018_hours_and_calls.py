"""Calls by hour, and how often and when last an access was used on all its days.

What was read before has no hours: its days begin with those that are read from now on.
"""

from datetime import UTC, datetime

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

# A day that aged out has no row any more; then the access was last used on its last day.
_SUMS = """
    UPDATE inventory_usedaccess SET last_at = last_day::timestamp AT TIME ZONE 'UTC';
    UPDATE inventory_usedaccess AS access SET calls = summed.calls, last_at = summed.last_at
    FROM (
        SELECT access_id, sum(count) AS calls, max(last_at) AS last_at
        FROM inventory_dailyusage GROUP BY access_id
    ) AS summed
    WHERE summed.access_id = access.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0017_kept_event_names"),
    ]

    operations = [
        migrations.CreateModel(
            name="HourlyCalls",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("account_id", models.CharField(blank=True, max_length=12)),
                ("day", models.DateField()),
                ("service", models.CharField(max_length=128)),
                (
                    "calls",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None
                    ),
                ),
                (
                    "denied",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None
                    ),
                ),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="inventory.connection",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="hourlycalls",
            constraint=models.UniqueConstraint(
                fields=("connection", "account_id", "day", "service"), name="hourly_calls_once"
            ),
        ),
        migrations.AddField(
            model_name="usedaccess",
            name="calls",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="usedaccess",
            name="last_at",
            field=models.DateTimeField(default=datetime(1970, 1, 1, tzinfo=UTC)),
            preserve_default=False,
        ),
        migrations.RunSQL(_SUMS, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="usedaccess",
            index=models.Index(fields=["connection", "calls", "id"], name="used_access_calls"),
        ),
        migrations.AddIndex(
            model_name="usedaccess",
            index=models.Index(fields=["connection", "last_at", "id"], name="used_access_last"),
        ),
    ]
