"""What a source of the inbox is: it reads what it finds now, and says what it cannot judge."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Final

from governance.access.owners.severity import EffectWeight
from governance.inbox import sources
from governance.inbox.models import InboxItem
from inventory.models import Connection


@dataclass(frozen=True, slots=True)
class FoundItem:
    """One thing that a source finds now; the members are as those of `InboxItem`.

    `severity`: where the source weighs by effect, accounts and environment itself; empty: by
    `weight`. `environment_at`: the target whose environment counts; empty: none. `excepted`: the
    source excepts it, `excepted_until` that day, None: no day. `verified`: False while it cannot be
    looked at.
    """

    key: str
    kind: str
    title: str
    target_kind: str
    target_id: str
    weight: EffectWeight
    target_name: str = ""
    account_id: str = ""
    account_ids: tuple[str, ...] = ()
    place_id: str = ""
    accounts: int = 0
    reached_ids: tuple[str, ...] = ()
    part_title: str = ""
    whole_only: bool = False
    environment_at: str = ""
    severity: str = ""
    excepted: bool = False
    excepted_until: date | None = None
    verified: bool = True
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SourceReading:
    """What a source finds.

    `problem`: why it could not judge at all; then nothing of it is resolved. `unjudged`: whether
    an item that it no longer finds cannot be judged, given its kind, target and account.
    """

    items: Iterable[FoundItem] = ()
    problem: str = ""
    unjudged: Callable[[InboxItem], bool] = lambda _item: False


@dataclass(frozen=True, slots=True)
class InboxSource:
    """A source. `mark`: a short text that is equal as long as `read` would find the same."""

    source: InboxItem.Source
    mark: Callable[[Connection], str]
    read: Callable[[Connection], SourceReading]


OWN_EXCEPTIONS: Final = frozenset({InboxItem.Source.GUARDRAIL, InboxItem.Source.DRIFT})
"""The sources that except what they find themselves; nobody mutes it in the inbox."""

_SOURCES: Final[dict[str, InboxSource]] = {}


def register_source(source: InboxSource) -> None:
    """Make a source known.

    :raises ValueError: another one has the name.
    """
    if _SOURCES.setdefault(source.source, source) is not source:
        raise ValueError(f"two sources of the inbox are called {source.source}")


def inbox_sources() -> Mapping[str, InboxSource]:
    """Return the sources by name."""
    if not _SOURCES:
        for module in sorted(one.name for one in iter_modules(sources.__path__)):
            if module != "registry":
                register_source(import_module(f"{sources.__name__}.{module}").SOURCE)
    return _SOURCES
