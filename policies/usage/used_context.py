"""The context of a usage record as policies meet it, and whose its resource is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from policies.language.conditions.values import UNKNOWN, ContextValue
from policies.usage.record import UsageRecord

PRINCIPAL_ARN: Final = "aws:principalarn"
_RESOURCE_ACCOUNT: Final = "aws:resourceaccount"
_REGION: Final = "aws:requestedregion"
_MOST_REMEMBERED: Final = 65536


class _Lowered(dict[str, str]):
    """Keys in lower case, each lowered once."""

    def __missing__(self, key: str) -> str:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        lowered = self[key] = key.lower()
        return lowered


_lowered: Final = _Lowered()


def context_of(record: UsageRecord) -> dict[str, ContextValue]:
    """Return the context by lower-case key; the region is aws:RequestedRegion unless given."""
    known: dict[str, ContextValue] = {_lowered[key]: value for key, value in record.context.items()}
    context = known | _unknown(record.unknown_context)
    if record.region is not None and _REGION not in context:
        context[_REGION] = record.region
    return context


@lru_cache(maxsize=4096)
def _unknown(keys: tuple[str, ...]) -> dict[str, ContextValue]:
    return dict.fromkeys(map(str.lower, keys), UNKNOWN)


def owner_of(record: UsageRecord) -> str | None:
    """Return whose a record's resource is, None where that cannot be told; see the module."""
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
