"""Versioned rows: their common factory, and how a thing changes or goes in a later run."""

import hashlib
from datetime import datetime
from typing import Any, TypeVar

import factory
from django.db import models

from inventory.models.versions import Version
from tests.factories.connections import ConnectionFactory
from tests.factories.times import FIRST_RUN_AT

T = TypeVar("T", bound=Version)

_APART = frozenset({"id", "connection", "seen_from", "seen_until", "fingerprint"})


def _plain(value: Any) -> str:
    return str(value.pk) if isinstance(value, models.Model) else repr(value)


def fingerprint(values: dict[str, Any]) -> str:
    """Return a SHA-256 that is the same for the same content."""
    told = sorted((name, _plain(value)) for name, value in values.items() if name not in _APART)
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
        kwargs.setdefault("fingerprint", fingerprint(kwargs))
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
        if field.name not in _APART
    }
    content |= values
    after = type(row)(
        connection=row.connection, seen_from=at, fingerprint=fingerprint(content), **content
    )
    after.save()
    return after
