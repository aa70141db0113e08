"""Finds denials by cause and by their last time without reading those of every day."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0015_hashes_of_log_files"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="dailydenial",
            index=models.Index(fields=["connection", "digest", "day"], name="daily_denial_alike"),
        ),
        migrations.AddIndex(
            model_name="dailydenial",
            index=models.Index(fields=["connection", "last_at", "id"], name="daily_denial_last"),
        ),
    ]
