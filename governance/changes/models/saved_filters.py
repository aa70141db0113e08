"""Filters of the queue that a person keeps under a name."""

from django.conf import settings
from django.db import models


class SavedFilter(models.Model):
    """One person's filter of an organization's change requests. `query`: as in the address."""

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000)
    created_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "person", "name"], name="savedfilter_name_once"
            )
        ]

    def __str__(self) -> str:
        return self.name
