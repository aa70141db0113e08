"""Finds the collectors that did not read all, without reading the coverage of all accounts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0022_account_in_parent"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="coverage",
            index=models.Index(
                condition=models.Q(("state__in", ("complete", "unsupported")), _negated=True),
                fields=["connection", "collector"],
                name="coverage_problems",
            ),
        ),
    ]
