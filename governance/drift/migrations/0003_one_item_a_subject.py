"""Name items of services, roles and writes by kind and subject alone.

Before, one whose differing attributes changed became another item, without its history.
"""

from hashlib import sha256

from django.db import migrations
from django.db.models import F

KINDS = ("LOGGING_OR_DETECTION_OFF", "ROLE_DRIFT", "WRITE_UNEXPLAINED")


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
    dependencies = [("drift", "0002_subjects_and_readings")]

    operations = [migrations.RunPython(rename_items, migrations.RunPython.noop)]
