"""Matches of contracts and edges get a time from which and until which they hold."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q
from django.utils import timezone


def begin_now(apps, schema_editor):
    """Let what is matched begin now: what was matched before is not known."""
    now = timezone.now()
    match = apps.get_model("contracts", "ContractMatch")
    matching = apps.get_model("contracts", "ContractMatching")
    contract = apps.get_model("contracts", "TrustContract")
    match.objects.update(matched_from=now)
    for connection_id in contract.objects.values_list("connection_id", flat=True).distinct():
        matching.objects.create(connection_id=connection_id, known_from=now)


class Migration(migrations.Migration):
    dependencies = [
        ("contracts", "0002_history_and_matches"),
        ("inventory", "0010_apply_role"),
    ]

    operations = [
        migrations.CreateModel(
            name="ContractMatching",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("known_from", models.DateTimeField()),
                (
                    "connection",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="inventory.connection",
                    ),
                ),
            ],
            options={"default_permissions": ()},
        ),
        migrations.AddField(
            model_name="contractmatch",
            name="matched_from",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="contractmatch",
            name="matched_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(begin_now, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="contractmatch",
            name="matched_from",
            field=models.DateTimeField(),
        ),
        migrations.RemoveConstraint(model_name="contractmatch", name="contract_match_once"),
        migrations.AddConstraint(
            model_name="contractmatch",
            constraint=models.UniqueConstraint(
                condition=Q(matched_until__isnull=True),
                fields=("contract", "edge_key"),
                name="contract_match_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="contractmatch",
            constraint=models.CheckConstraint(
                condition=Q(matched_until__isnull=True) | Q(matched_until__gt=F("matched_from")),
                name="contract_match_ends_after_it_begins",
            ),
        ),
    ]
