"""Rows that are versions: each holds from `seen_from` until `seen_until`."""

from datetime import datetime
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from inventory.record_types import Record, identity_of


class VersionQuerySet(models.QuerySet[Any]):
    """Reads of versioned rows."""

    def as_of(self, moment: datetime | None) -> Self:
        """Keep the rows that held at `moment`; None is now, the rows not yet closed."""
        if moment is None:
            return self.filter(seen_until__isnull=True)
        return self.filter(
            Q(seen_until__isnull=True) | Q(seen_until__gt=moment), seen_from__lte=moment
        )


class Version(models.Model):
    """One state of one thing in AWS, from the run that first saw it until one that saw it differ.

    `seen_from` and `seen_until` are the start times of those runs, so that all rows of one run
    begin and end together and any past run's state can be read with `as_of`. A row is closed only
    by a run that read the whole of its scope. Content is never changed in place: a thing that
    differs gets a new row. `fingerprint` is the SHA-256 of the content, so unchanged things are
    recognised without comparing columns.
    """

    # Which fields name the thing within its connection, as its record declares.
    natural_key: ClassVar[tuple[str, ...]]

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    seen_from = models.DateTimeField()
    seen_until = models.DateTimeField(null=True, blank=True)
    fingerprint = models.CharField(max_length=64)

    objects = VersionQuerySet.as_manager()

    class Meta:
        abstract = True


def version_constraints(name: str, kind: type[Record]) -> list[models.BaseConstraint]:
    """At most one open version of each thing, and no version that ends before it begins."""
    natural_key = identity_of(kind)
    return [
        models.UniqueConstraint(
            fields=["connection", *natural_key],
            condition=Q(seen_until__isnull=True),
            name=f"{name}_one_open_version",
        ),
        models.CheckConstraint(
            condition=Q(seen_until__isnull=True) | Q(seen_until__gt=models.F("seen_from")),
            name=f"{name}_ends_after_it_begins",
        ),
    ]


def version_indexes(name: str, kind: type[Record]) -> list[models.Index]:
    """Find the history of one thing, and what began or ended in a run."""
    natural_key = identity_of(kind)
    return [
        models.Index(fields=["connection", *natural_key, "seen_from"], name=f"{name}_history"),
        models.Index(fields=["connection", "seen_from"], name=f"{name}_began"),
        models.Index(
            fields=["connection", "seen_until"],
            name=f"{name}_ended",
            condition=Q(seen_until__isnull=False),
        ),
    ]
