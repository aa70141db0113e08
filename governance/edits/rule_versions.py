"""The columns of a version of a rule that an organization writes as a file."""

from typing import Final

from django.conf import settings
from django.db import models

LONGEST_REASON: Final = 500


class WrittenRule(models.Model):
    """One version of a rule that the organization wrote, or of how it uses a shipped one.

    `version`: counts within the rule from 1; the highest is in force. `document`: the rule as its
    file has it; null: a shipped one, used as shipped. `enabled`: whether it is checked.
    """

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    version = models.PositiveIntegerField()
    document = models.JSONField(null=True, blank=True)
    digest = models.CharField(max_length=64)
    enabled = models.BooleanField(default=True)
    reason = models.CharField(max_length=LONGEST_REASON, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField()

    class Meta:
        abstract = True
