"""Lists accounts by name without sorting all of them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0018_hours_and_calls"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="account",
            index=models.Index(
                condition=models.Q(("seen_until__isnull", True)),
                fields=["connection", "name", "id"],
                name="account_by_name",
            ),
        ),
    ]
