"""Sums of denied calls by day, service and policy, and what finds them and uses of a resource."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

_SUMS = """
    INSERT INTO inventory_deniedcalls (
        connection_id, account_id, day, service, policy_type, policy, count
    )
    SELECT connection_id, coalesce(account_id, ''), day, service, policy_type, policy, sum(count)
    FROM (
        SELECT *, split_part(action, ':', 1) AS service FROM inventory_dailydenial
    ) AS denial
    GROUP BY GROUPING SETS (
        (connection_id, account_id, day, service, policy_type, policy),
        (connection_id, day, service, policy_type, policy)
    )
    -- That of all accounts has none.
    HAVING account_id IS NULL OR account_id <> ''
"""


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0020_resources_sort"),
    ]

    operations = [
        migrations.CreateModel(
            name="DeniedCalls",
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
                ("policy_type", models.CharField(blank=True, max_length=32)),
                ("policy", models.CharField(blank=True, max_length=2048)),
                ("count", models.BigIntegerField()),
            ],
        ),
        migrations.RemoveIndex(
            model_name="dailydenial",
            name="daily_denial_alike",
        ),
        migrations.AddIndex(
            model_name="dailydenial",
            index=models.Index(
                fields=["connection", "digest", "day"],
                include=("count",),
                name="daily_denial_calls",
            ),
        ),
        migrations.AddIndex(
            model_name="usedaccess",
            index=django.contrib.postgres.indexes.HashIndex(
                fields=["resource"], name="used_access_resource"
            ),
        ),
        migrations.AddField(
            model_name="deniedcalls",
            name="connection",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="inventory.connection",
            ),
        ),
        migrations.AddConstraint(
            model_name="deniedcalls",
            constraint=models.UniqueConstraint(
                models.F("connection"),
                models.F("account_id"),
                models.F("day"),
                models.F("service"),
                models.F("policy_type"),
                django.db.models.functions.text.MD5("policy"),
                name="denied_calls_once",
            ),
        ),
        migrations.RunSQL(_SUMS, migrations.RunSQL.noop),
    ]
