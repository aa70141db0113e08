from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0011_crossings_of_the_organization"),
        ("trust", "0005_findings_of_the_graph"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="trustedge",
            index=models.Index(
                condition=models.Q(("seen_until__isnull", True)),
                fields=["connection", "crossing", "source", "state"],
                name="trust_edge_counts",
            ),
        ),
    ]
