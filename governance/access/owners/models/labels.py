"""Labels of roots, OUs and accounts: environment and criticality."""

from django.db import models
from django.db.models import F, Q

from governance.access.owners.models.parties import Confirmed, Lasting


class LabelKind(models.TextChoices):
    """What a label says something about."""

    ENVIRONMENT = "environment", "Environment"
    CRITICALITY = "criticality", "Criticality"


class Label(Confirmed, Lasting):
    """A value set by hand on a root, OU or account, holding below until another one is set.

    `needs_second_person`: it takes something out of production, so it holds only once confirmed.
    """

    target_id = models.CharField(max_length=68)
    kind = models.CharField(max_length=12, choices=LabelKind.choices)
    value = models.CharField(max_length=16)
    needs_second_person = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "target_id", "kind"],
                condition=Q(ended_at__isnull=True, needs_second_person=False)
                | Q(ended_at__isnull=True, confirmed_at__isnull=False),
                name="label_one_that_holds",
            ),
            models.UniqueConstraint(
                fields=["connection", "target_id", "kind"],
                condition=Q(
                    ended_at__isnull=True, needs_second_person=True, confirmed_at__isnull=True
                ),
                name="label_one_that_waits",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True)
                | Q(created_by__isnull=True)
                | ~Q(confirmed_by=F("created_by")),
                name="label_second_person",
            ),
        ]
        indexes = [
            models.Index(
                fields=["connection"], condition=Q(ended_at__isnull=True), name="label_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.target_id}: {self.kind} {self.value}"


class LabelRule(Lasting):
    """A tag's value says the environment or the criticality of what bears it.

    `values`: tag value → label value, for those that do not say it by their own words.
    """

    kind = models.CharField(max_length=12, choices=LabelKind.choices)
    tag_key = models.CharField(max_length=128)
    values = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "kind", "tag_key"],
                condition=Q(ended_at__isnull=True),
                name="label_rule_one_open_key",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} from tag {self.tag_key}"
