"""What rows have in common that name an owner, or hold for a time."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q


def exactly_one_party(name: str) -> models.CheckConstraint:
    """A row names a person or a group, never both and never neither."""
    return models.CheckConstraint(
        condition=Q(user__isnull=False, group__isnull=True)
        | Q(user__isnull=True, group__isnull=False),
        name=f"{name}_person_or_group",
    )


class OfParty(models.Model):
    """A row about one person or one group."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    # What a group owns is for `group_owns` to say before it is deleted.
    group = models.ForeignKey(
        Group, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )

    class Meta:
        abstract = True


class LastingQuerySet(models.QuerySet[Any]):
    """Reads of rows that are ended, never deleted."""

    def as_of(self, moment: Any) -> "LastingQuerySet":
        """Keep the rows that held at `moment`; None is now, the rows not ended."""
        if moment is None:
            return self.filter(ended_at__isnull=True)
        return self.filter(
            Q(ended_at__isnull=True) | Q(ended_at__gt=moment), created_at__lte=moment
        )


class Lasting(models.Model):
    """A row that holds from `created_at` until `ended_at`, so that the past can be shown.

    It is ended and never changed in what it says: a change ends it and makes another.
    """

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = LastingQuerySet.as_manager()

    class Meta:
        abstract = True


class Confirmed(models.Model):
    """A row that somebody confirmed, and that is looked at again after a time.

    `confirmed_by` is null beside `confirmed_at` where a command on the server did it.
    """

    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    recertified_at = models.DateTimeField(null=True, blank=True)
    recertified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        abstract = True
