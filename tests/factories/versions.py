"""Versioned rows: their common factory, and how a thing changes or goes in a later run."""

import hashlib
from datetime import datetime
from typing import Any, TypeVar

import factory

from inventory.models.versions import Version
from tests.factories.connections import ConnectionFactory
from tests.factories.times import FIRST_RUN_AT

T = TypeVar("T", bound=Version)

_APART = frozenset({"id", "connection", "seen_from", "seen_until", "fingerprint"})


def fingerprint(row: Version) -> str:
    """Return a SHA-256 that is the same for the same content."""
    told = [
        (field.attname, getattr(row, field.attname))
        for field in row._meta.concrete_fields
        if field.name not in _APART and not field.generated
    ]
    return hashlib.sha256(repr(told).encode()).hexdigest()


class VersionFactory(factory.django.DjangoModelFactory[T]):
    """A row seen since `FIRST_RUN_AT` and open. The fingerprint follows from the content."""

    class Meta:
        abstract = True

    connection = factory.SubFactory(ConnectionFactory)
    seen_from = FIRST_RUN_AT
    seen_until = None

    @classmethod
    def _adjust_kwargs(cls, **kwargs: Any) -> dict[str, Any]:
        if "fingerprint" not in kwargs:
            names = {field.name for field in cls._meta.model._meta.concrete_fields}
            content = {name: value for name, value in kwargs.items() if name in names}
            kwargs["fingerprint"] = fingerprint(cls._meta.model(**content))
        return kwargs


def ended(row: T, *, at: datetime) -> T:
    """Close `row` as a complete run that started at `at` and did not see it would."""
    row.seen_until = at
    row.save(update_fields=["seen_until"])
    return row


def changed(row: T, *, at: datetime, **values: Any) -> T:
    """Close `row` at `at` and open the version that has `values` instead."""
    ended(row, at=at)
    content = {
        field.name: getattr(row, field.name)
        for field in row._meta.concrete_fields
        if field.name not in _APART and not field.generated
    }
    after = type(row)(connection=row.connection, seen_from=at, **{**content, **values})
    after.fingerprint = fingerprint(after)
    after.save()
    return after
