"""What is wrong with trust that only the graph shows: each kind is a module with a `KIND`."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Final

from governance.posture.trust.findings.registry import register_trust_finding

_OF_FACTS: Final = "open_break_glass"
_NO_KINDS: Final = frozenset({"graph_facts", "finding_runs", _OF_FACTS})


def path_finding_kinds() -> tuple[Any, ...]:
    """Return the kinds that need the graph, by code."""
    names = sorted({one.name for one in iter_modules(__path__)} - _NO_KINDS)
    return tuple(import_module(f"{__name__}.{name}").KIND for name in names)


def register() -> None:
    """Add the kind that needs the edges alone to those that are asked with every refresh."""
    register_trust_finding(import_module(f"{__name__}.{_OF_FACTS}").KIND)
