"""Keep for each account whether what an OU's accounts are for counts; the next refresh fills it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("trust", "0007_services_of_edges")]

    operations = [
        migrations.AddField(
            model_name="trustreading",
            name="names_units",
            field=models.BooleanField(default=False),
        ),
    ]
