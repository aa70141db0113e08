"""What is wrong with trust that only the graph shows: each kind is a module with a `KIND`."""

from importlib import import_module
from pkgutil import iter_modules

from governance.posture.trust.findings.registry import register_trust_finding


def register() -> None:
    """Add every kind to the registry of trust findings."""
    for module in sorted(one.name for one in iter_modules(__path__)):
        if module != "graph_facts":
            register_trust_finding(import_module(f"{__name__}.{module}").KIND)
