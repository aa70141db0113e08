"""Saved filters of the queue become saved views of its list."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def carry_filters(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make a personal view of each filter."""
    view = apps.get_model("access", "SavedView")
    view.objects.bulk_create(
        view(
            connection_id=one.connection_id,
            list_name="change-requests",
            person_id=one.person_id,
            name=one.name,
            query=one.query,
            created_at=one.created_at,
        )
        for one in apps.get_model("changes", "SavedFilter").objects.all()
    )


def give_back(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make a filter of each view of the queue."""
    saved_filter = apps.get_model("changes", "SavedFilter")
    views = apps.get_model("access", "SavedView").objects.filter(list_name="change-requests")
    saved_filter.objects.bulk_create(
        saved_filter(
            connection_id=one.connection_id,
            person_id=one.person_id,
            name=one.name,
            query=one.query,
            created_at=one.created_at,
        )
        for one in views
    )


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0007_saved_views"),
        ("changes", "0006_usage"),
    ]

    operations = [
        migrations.RunPython(carry_filters, give_back),
        migrations.DeleteModel(name="SavedFilter"),
    ]
