"""Keep for each account whose actions its edges are about; the next refresh fills them."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("trust", "0006_count_edges")]

    operations = [
        migrations.RemoveField(model_name="trustreading", name="is_wide"),
        migrations.AddField(
            model_name="trustreading",
            name="services",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=64), default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="trustreading",
            name="wide_services",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=64), default=list, size=None
            ),
        ),
    ]
