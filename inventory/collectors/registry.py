"""Every collector, in the order in which they run."""

import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from graphlib import TopologicalSorter
from importlib import import_module
from typing import Final

from inventory import collectors as package
from inventory.collectors.collector import Action, Collector, Scope

# The modules of this package that hold no collectors.
_OTHERS: Final = frozenset({"collector", "listed", "registry"})


def _declared() -> Iterator[Collector]:
    for module in pkgutil.iter_modules(package.__path__):
        if module.name not in _OTHERS:
            yield from import_module(f"{package.__name__}.{module.name}").COLLECTORS


def in_order(declared: Iterable[Collector]) -> Iterator[Collector]:
    """Yield collectors so that each comes after those it reads by, and as early as that allows.

    :raises LookupError: one reads by a collector that is not there.
    :raises graphlib.CycleError: some read by each other.
    """
    named = {each.name: each for each in declared}
    unknown = {name for each in named.values() for name in each.after} - named.keys()
    if unknown:
        raise LookupError(f"no collector is named {', '.join(sorted(unknown))}")
    waiting = TopologicalSorter({name: each.after for name, each in named.items()})
    waiting.prepare()
    while waiting.is_active():
        ready = set(waiting.get_ready())
        yield from (each for name, each in named.items() if name in ready)
        waiting.done(*ready)


COLLECTORS: Final[tuple[Collector, ...]] = tuple(in_order(_declared()))


def collectors(scope: Scope) -> tuple[Collector, ...]:
    """Return the collectors that read the organization, or those that read an account."""
    return tuple(collector for collector in COLLECTORS if collector.scope == scope)


def needed_actions(scope: Scope) -> Mapping[str, tuple[str, Action]]:
    """Return by name, sorted, the IAM actions that a scope's role needs, with boto3's service."""
    needed = {
        action.name: (each.service, action) for each in collectors(scope) for action in each.actions
    }
    return dict(sorted(needed.items()))


def actions(scope: Scope) -> tuple[str, ...]:
    """Return the names of the IAM actions that a scope's role needs, each once, sorted."""
    return tuple(needed_actions(scope))


def services(scope: Scope) -> tuple[str, ...]:
    """Return the boto3 names of the services that a scope's collectors call."""
    return tuple(sorted({collector.service for collector in collectors(scope)}))
