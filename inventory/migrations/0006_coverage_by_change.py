"""Coverage by change: one row an account and group, and rows where something is otherwise."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0005_credential_report"),
    ]

    operations = [
        # Its rows are carried over, and it is dropped, by the two migrations that follow.
        migrations.RenameModel("Coverage", "OldCoverage"),
        migrations.CreateModel(
            name="CollectionTask",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("account_id", models.CharField(blank=True, max_length=12)),
                ("group", models.CharField(max_length=30)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("running", "Running"),
                            ("complete", "Complete"),
                            ("partial", "Partial"),
                            ("failed", "Failed"),
                            ("skipped", "Skipped"),
                        ],
                        default="pending",
                        max_length=10,
                    ),
                ),
                (
                    "attempts",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="How often it was begun."
                    ),
                ),
                (
                    "sent_at",
                    models.DateTimeField(
                        blank=True, help_text="When it was last queued.", null=True
                    ),
                ),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "worker",
                    models.CharField(blank=True, help_text="Who works on it.", max_length=120),
                ),
                ("heartbeat_at", models.DateTimeField(blank=True, null=True)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Coverage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("held_from", models.DateTimeField()),
                ("held_until", models.DateTimeField(blank=True, null=True)),
                ("account_id", models.CharField(blank=True, max_length=12)),
                ("region", models.CharField(default="global", max_length=32)),
                ("collector", models.CharField(max_length=60)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("complete", "Complete"),
                            ("denied", "Denied"),
                            ("throttled", "Throttled"),
                            ("timed_out", "Timed out"),
                            ("inconsistent", "Inconsistent"),
                            ("failed", "Failed"),
                            ("unsupported", "Unsupported"),
                        ],
                        max_length=12,
                    ),
                ),
                ("error_code", models.CharField(blank=True, max_length=120)),
                ("message", models.TextField(blank=True, help_text="What went wrong, in words.")),
                ("remedy", models.TextField(blank=True, help_text="What to do about it.")),
                (
                    "complete_before_at",
                    models.DateTimeField(
                        help_text="When it was last complete before this began; null: never, or complete now.",
                        null=True,
                    ),
                ),
                (
                    "began_with",
                    models.JSONField(
                        default=dict,
                        help_text="Records, calls, throttled, seconds of the first such reading.",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="GroupCoverage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "total",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="Collectors, a region at a time."
                    ),
                ),
                ("complete", models.PositiveSmallIntegerField(default=0)),
                ("denied", models.PositiveSmallIntegerField(default=0)),
                ("unsupported", models.PositiveSmallIntegerField(default=0)),
                ("oldest_complete_at", models.DateTimeField(null=True)),
                ("newest_attempt_at", models.DateTimeField(null=True)),
                ("account_id", models.CharField(blank=True, max_length=12)),
                ("group", models.CharField(max_length=30)),
                (
                    "fingerprint",
                    models.CharField(
                        help_text="What came of each collector; equal: nothing is otherwise.",
                        max_length=64,
                    ),
                ),
                (
                    "calls",
                    models.JSONField(
                        default=dict, help_text="Calls made, by operation, retries included."
                    ),
                ),
                (
                    "measures",
                    models.JSONField(
                        default=dict,
                        help_text="Collector → region → records, calls, throttled, seconds, where not all 0.",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="GroupCoverageSpan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("held_from", models.DateTimeField()),
                ("held_until", models.DateTimeField(blank=True, null=True)),
                ("account_id", models.CharField(blank=True, max_length=12)),
                (
                    "total",
                    models.PositiveSmallIntegerField(help_text="Collectors, a region at a time."),
                ),
                ("complete", models.PositiveSmallIntegerField()),
                ("denied", models.PositiveSmallIntegerField()),
                ("unsupported", models.PositiveSmallIntegerField()),
                ("oldest_complete_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="collectedspan",
            name="one_open_span_a_collector",
        ),
        migrations.RemoveIndex(
            model_name="inventoryrun",
            name="run_with_detail",
        ),
        migrations.AddField(
            model_name="collectedspan",
            name="region",
            field=models.CharField(default="global", max_length=32),
        ),
        migrations.AddField(
            model_name="inventoryrun",
            name="chosen_groups",
            field=models.JSONField(
                editable=False,
                help_text="Account → the collector groups that are read there; null: all of them.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="inventoryrun",
            name="tasks_done",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="inventoryrun",
            name="tasks_total",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="inventoryrun",
            name="unread",
            field=models.JSONField(
                default=list,
                editable=False,
                help_text="Account and group of the tasks that ended with the run, before they read.",
            ),
        ),
        migrations.AlterField(
            model_name="inventoryrun",
            name="counted",
            field=models.JSONField(
                editable=False,
                help_text="What the run came to, counted at its end: see inventory.runs.counts.",
                null=True,
            ),
        ),
        migrations.AddConstraint(
            model_name="collectedspan",
            constraint=models.UniqueConstraint(
                condition=models.Q(("known_until__isnull", True)),
                fields=("connection", "collector", "account_id", "region"),
                name="one_open_span_a_region",
            ),
        ),
        migrations.AddField(
            model_name="collectiontask",
            name="connection",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="inventory.connection",
            ),
        ),
        migrations.AddField(
            model_name="collectiontask",
            name="run",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="tasks",
                to="inventory.inventoryrun",
            ),
        ),
        migrations.AddField(
            model_name="coverage",
            name="connection",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="coverage",
                to="inventory.connection",
            ),
        ),
        migrations.AddField(
            model_name="groupcoverage",
            name="connection",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="inventory.connection",
            ),
        ),
        migrations.AddField(
            model_name="groupcoverage",
            name="run",
            field=models.ForeignKey(
                db_index=False,
                help_text="The run that last read it.",
                on_delete=django.db.models.deletion.CASCADE,
                related_name="group_coverage",
                to="inventory.inventoryrun",
            ),
        ),
        migrations.AddField(
            model_name="coverage",
            name="summary",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="collectors",
                to="inventory.groupcoverage",
            ),
        ),
        migrations.AddField(
            model_name="groupcoveragespan",
            name="connection",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="inventory.connection",
            ),
        ),
        migrations.AddField(
            model_name="groupcoveragespan",
            name="summary",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="spans",
                to="inventory.groupcoverage",
            ),
        ),
        migrations.AddConstraint(
            model_name="collectiontask",
            constraint=models.UniqueConstraint(
                fields=("connection", "account_id", "group"), name="one_task_a_group"
            ),
        ),
        migrations.AddConstraint(
            model_name="groupcoverage",
            constraint=models.UniqueConstraint(
                fields=("connection", "account_id", "group"), name="one_coverage_a_group"
            ),
        ),
        migrations.AddIndex(
            model_name="coverage",
            index=models.Index(
                fields=["connection", "account_id", "held_from"], name="coverage_at"
            ),
        ),
        migrations.AddIndex(
            model_name="coverage",
            index=models.Index(
                condition=models.Q(("held_until__isnull", False)),
                fields=["held_until"],
                name="coverage_ended",
            ),
        ),
        migrations.AddConstraint(
            model_name="coverage",
            constraint=models.UniqueConstraint(
                condition=models.Q(("held_until__isnull", True)),
                fields=("connection", "account_id", "region", "collector"),
                name="one_open_coverage",
            ),
        ),
        migrations.AddIndex(
            model_name="groupcoveragespan",
            index=models.Index(
                fields=["connection", "account_id", "held_from"], name="group_span_at"
            ),
        ),
        migrations.AddConstraint(
            model_name="groupcoveragespan",
            constraint=models.UniqueConstraint(
                condition=models.Q(("held_until__isnull", True)),
                fields=("summary",),
                name="one_open_group_span",
            ),
        ),
        # Written over by every run: room on each page lets that happen in place.
        migrations.RunSQL(
            "ALTER TABLE inventory_collectiontask SET (fillfactor = 50)",
            "ALTER TABLE inventory_collectiontask RESET (fillfactor)",
        ),
        migrations.RunSQL(
            "ALTER TABLE inventory_groupcoverage SET (fillfactor = 50)",
            "ALTER TABLE inventory_groupcoverage RESET (fillfactor)",
        ),
        migrations.RunSQL(
            "ALTER TABLE inventory_accountcoverage SET (fillfactor = 50)",
            "ALTER TABLE inventory_accountcoverage RESET (fillfactor)",
        ),
    ]
