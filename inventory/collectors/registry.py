"""Every collector, in the order in which they run."""

import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from graphlib import TopologicalSorter
from importlib import import_module
from typing import Final

from inventory import collectors as package
from inventory.collectors.collector import Action, Collector, Reader, Scope
from inventory.collectors.regions import regions_collector

# The modules of this package that hold no collectors.
_OTHERS: Final = frozenset(
    {
        *("collector", "listed", "regions", "registry", "resource_reading", "service_reading"),
        "shared_copies",
    }
)


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


def with_regions(declared: Iterable[Collector]) -> Iterator[Collector]:
    """Yield collectors, and before the first of each group that reads regions the one that asks
    which regions there are.
    """
    chosen = tuple(declared)
    waiting = {each.group for each in chosen if each.scope == Scope.REGIONAL}
    for collector in chosen:
        if collector.group in waiting:
            waiting.remove(collector.group)
            yield regions_collector(collector.group)
        yield collector


COLLECTORS: Final[tuple[Collector, ...]] = tuple(with_regions(in_order(_declared())))


def collectors(reader: Reader) -> tuple[Collector, ...]:
    """Return the collectors that read the organization, or those that read an account."""
    return tuple(collector for collector in COLLECTORS if collector.scope.reader == reader)


def groups(reader: Reader) -> tuple[str, ...]:
    """Return the groups of collectors that read the organization, or an account.

    Those with an essential collector come first: if one fails, the others are read for nothing.
    """
    chosen = sorted(collectors(reader), key=lambda collector: not collector.essential)
    return tuple(dict.fromkeys(collector.group for collector in chosen))


def group_collectors(reader: Reader, group: str) -> tuple[Collector, ...]:
    """Return the collectors of one group; empty where there is none with that name."""
    return tuple(collector for collector in collectors(reader) if collector.group == group)


def needed_actions(
    chosen: Iterable[Collector], *, live: bool = False
) -> Mapping[str, tuple[str, Action]]:
    """Return by name, sorted, the IAM actions that some collectors need, with boto3's service.

    `live`: with those of reads outside of runs.
    """
    needed = {
        action.name: (each.service, action)
        for each in chosen
        for action in (*each.actions, *(each.live_actions if live else ()))
    }
    return dict(sorted(needed.items()))


def actions(reader: Reader) -> tuple[str, ...]:
    """Return the names of the IAM actions that a role needs, each once, sorted."""
    return tuple(needed_actions(collectors(reader), live=True))


def services(reader: Reader) -> tuple[str, ...]:
    """Return the boto3 names of the services that a role's collectors call."""
    return tuple(sorted({collector.service for collector in collectors(reader)}))
