"""Name items of services, roles, controls and writes by kind and subject alone.

Before, one whose differing attributes changed became another item, without its history, and a
control that was enabled anew was another one.
"""

from hashlib import sha256

from django.db import migrations
from django.db.models import F

KINDS = ("LOGGING_OR_DETECTION_OFF", "ROLE_DRIFT", "WRITE_UNEXPLAINED", "CONTROL_INEFFECTIVE")


def name_controls(apps, schema_editor):
    """Give items of controls and baselines subjects that say what is enabled where."""
    alias = schema_editor.connection.alias
    rows = apps.get_model("inventory", "ServiceConfiguration").objects.using(alias)
    items = apps.get_model("drift", "DriftItem").objects.using(alias)
    for item in items.filter(kind="CONTROL_INEFFECTIVE").iterator():
        row = (
            rows.filter(connection_id=item.connection_id, name=item.target_id)
            .order_by("-seen_from")
            .first()
        )
        enabled = row and (row.facts.get("control") or row.facts.get("baseline"))
        if enabled:
            item.subject = f"control:{row.kind}:{enabled}:{row.facts.get('target_id') or ''}"
            item.save(update_fields=["subject"])


def rename_items(apps, schema_editor):
    """Give the item that was seen last of each subject the subject's key; others stay as history."""
    items = apps.get_model("drift", "DriftItem").objects.using(schema_editor.connection.alias)
    named = set()
    # One that is not resolved goes before all others of its subject.
    ordered = items.filter(kind__in=KINDS).order_by(
        F("resolved_at").desc(nulls_first=True), "-last_seen_at", "-pk"
    )
    for item in ordered.only("connection_id", "kind", "subject", "key").iterator():
        of = (item.connection_id, item.kind, item.subject)
        if of in named:
            continue
        named.add(of)
        item.key = sha256("\n".join((item.kind, item.subject, "")).encode()).hexdigest()
        item.save(update_fields=["key"])


class Migration(migrations.Migration):
    dependencies = [
        ("drift", "0002_subjects_and_readings"),
        ("inventory", "0012_service_configurations"),
    ]

    operations = [
        migrations.RunPython(name_controls, migrations.RunPython.noop),
        migrations.RunPython(rename_items, migrations.RunPython.noop),
    ]
