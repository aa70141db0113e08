"""Lists the accounts of one parent by name without looking at all others."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0021_denied_calls"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="account",
            index=models.Index(
                condition=models.Q(("seen_until__isnull", True)),
                fields=["connection", "parent_id", "name", "account_id"],
                name="account_in_parent",
            ),
        ),
    ]
