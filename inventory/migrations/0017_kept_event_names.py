"""Events that stay whole because rules of an organization ask for them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0016_index_denials"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeptEventName",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("event_source", models.CharField(max_length=128)),
                ("event_name", models.CharField(max_length=128)),
                ("since", models.DateTimeField()),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="inventory.connection",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("connection", "event_source", "event_name"),
                        name="kept_event_name_once",
                    )
                ],
            },
        ),
    ]
