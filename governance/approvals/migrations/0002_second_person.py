"""Has the database itself refuse that somebody confirms what they proposed."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("approvals", "0001_initial")]

    operations = [
        migrations.AddConstraint(
            model_name="settingversion",
            constraint=models.CheckConstraint(
                condition=~Q(state__in=("active", "superseded")) | ~Q(decided_by=F("proposed_by")),
                name="settingversion_second_person",
            ),
        ),
    ]
