"""Every kind of trust finding: the modules of `kinds`, and those of layers above."""

from collections.abc import Callable, Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import Final

from governance.posture.trust.findings import kinds
from governance.posture.trust.findings.kind import TrustFindingKind
from inventory.models import Connection

_KINDS: Final[dict[str, TrustFindingKind]] = {}
TRUST_FINDING_KINDS: Final[Mapping[str, TrustFindingKind]] = MappingProxyType(_KINDS)
"""The kinds by code."""


# What else kinds follow from than edges and inventory, such as limits and contracts.
_MARKS: Final[dict[str, Callable[[Connection], str]]] = {}


def register_facts_mark(name: str, mark: Callable[[Connection], str]) -> None:
    """Have kinds be asked again where `mark` returns another text than before.

    :raises ValueError: another mark has the name.
    """
    if _MARKS.setdefault(name, mark) is not mark:
        raise ValueError(f"two marks of facts are called {name}")


def facts_marks(connection: Connection) -> tuple[tuple[str, str], ...]:
    """Return every registered mark of an organization, by name."""
    return tuple((name, _MARKS[name](connection)) for name in sorted(_MARKS))


def register_trust_finding(kind: TrustFindingKind) -> None:
    """Add a kind; layers above, such as the paths of the trust graph, call it as they start.

    :raises ValueError: another kind has its code.
    """
    if _KINDS.setdefault(kind.code, kind) is not kind:
        raise ValueError(f"two kinds of trust findings are called {kind.code}")


for _module in sorted(one.name for one in iter_modules(kinds.__path__)):
    register_trust_finding(import_module(f"{kinds.__name__}.{_module}").KIND)
