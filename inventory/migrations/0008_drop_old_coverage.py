"""Drop the tables whose rows the migration before has carried over."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("inventory", "0007_carry_coverage")]

    operations = [
        migrations.DeleteModel("OldCoverage"),
        migrations.DeleteModel("RunAccount"),
    ]
