"""Where results are excepted: what the layer above registers, since exceptions stand above."""

from collections.abc import Callable, Mapping
from typing import Final

from inventory.models import Connection

# Guardrail id → account id → the number of the exception that covers its failing there.
ExceptedAccounts = Mapping[str, Mapping[str, int]]
_NONE: Final[ExceptedAccounts] = {}

_sources: Final[list[Callable[[Connection], ExceptedAccounts]]] = []


def register_excepting(source: Callable[[Connection], ExceptedAccounts]) -> None:
    """Have a function say which results are excepted, when Django starts."""
    if source not in _sources:
        _sources.append(source)


def excepted_accounts(connection: Connection) -> ExceptedAccounts:
    """Return the results that an exception covers now."""
    for source in _sources:
        return source(connection)
    return _NONE
