"""The context of a usage record as policies meet it, and whose its resource is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from policies.language.conditions.values import UNKNOWN, ContextValue
from policies.usage.record import UsageRecord

PRINCIPAL_ARN: Final = "aws:principalarn"
_RESOURCE_ACCOUNT: Final = "aws:resourceaccount"
_REGION: Final = "aws:requestedregion"


class ContextShape:
    """The keys of a record, in lower case, and which of them are unknown.

    Records have few: what is found of one shape holds for all records that have it.
    """

    __slots__ = ("_adds_region", "_known", "_spelled", "_unknown")

    def __init__(
        self, known: tuple[str, ...], unknown: tuple[str, ...], opened: tuple[str, ...] = ()
    ) -> None:
        """`known`, `unknown`: as records spell them.

        `opened`: further keys, in lower case, that are unknown unless they are known.
        """
        lowered = tuple(map(str.lower, known))
        without = [key for key in opened if key not in lowered]
        self._known = lowered
        self._unknown: dict[str, ContextValue] = dict.fromkeys(
            (*map(str.lower, unknown), *without), UNKNOWN
        )
        self._spelled = {
            key: spelling
            for key, spelling in zip(lowered, known, strict=True)
            if key not in self._unknown
        }
        self._adds_region = _REGION not in lowered and _REGION not in self._unknown

    def context(self, record: UsageRecord) -> dict[str, ContextValue]:
        """Return the context of a record of this shape, by lower-case key."""
        context: dict[str, ContextValue] = dict(
            zip(self._known, record.context.values(), strict=True)
        )
        context.update(self._unknown)
        if self._adds_region and record.region is not None:
            context[_REGION] = record.region
        return context

    def reader_of(self, key: str) -> ReadValue:
        """Return what reads a key's value in a record; it gives None for a key that is absent."""
        if key in self._unknown:
            return _not_recorded
        spelling = self._spelled.get(key)
        if spelling is not None:
            return lambda record: record.context[spelling]
        return _region if key == _REGION else _absent


ReadValue = Callable[[UsageRecord], ContextValue | None]


def _not_recorded(_: UsageRecord) -> ContextValue:
    return UNKNOWN


def _region(record: UsageRecord) -> ContextValue | None:
    return record.region


def _absent(_: UsageRecord) -> None:
    return None


def context_of(record: UsageRecord) -> dict[str, ContextValue]:
    """Return the context by lower-case key; the region is aws:RequestedRegion unless given."""
    return _shape(tuple(record.context), record.unknown_context).context(record)


@lru_cache(maxsize=4096)
def _shape(known: tuple[str, ...], unknown: tuple[str, ...]) -> ContextShape:
    return ContextShape(known, unknown)


def owner_of(record: UsageRecord) -> str | None:
    """Return the account of a record's resource, None where it is not known; see the module."""
    return owner_in(record, context_of(record))


def owner_in(record: UsageRecord, context: Mapping[str, ContextValue]) -> str | None:
    owner = context.get(_RESOURCE_ACCOUNT)
    if isinstance(owner, str) and is_account(owner):
        return owner
    parts = record.resource.split(":", 5)
    if len(parts) == 6 and is_account(parts[4]):
        return parts[4]
    return record.account_id if is_account(record.account_id) else None


def is_account(text: str) -> bool:
    return len(text) == 12 and text.isdecimal() and text.isascii()
