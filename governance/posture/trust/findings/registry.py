"""Every kind of trust finding: the modules of `kinds`, and those of layers above."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import Final

from governance.posture.trust.findings import kinds
from governance.posture.trust.findings.kind import TrustFindingKind

_KINDS: Final[dict[str, TrustFindingKind]] = {}
TRUST_FINDING_KINDS: Final[Mapping[str, TrustFindingKind]] = MappingProxyType(_KINDS)
"""The kinds by code."""


def register_trust_finding(kind: TrustFindingKind) -> None:
    """Add a kind; layers above, such as the paths of the trust graph, call it as they start.

    :raises ValueError: another kind has its code.
    """
    if _KINDS.setdefault(kind.code, kind) is not kind:
        raise ValueError(f"two kinds of trust findings are called {kind.code}")


for _module in sorted(one.name for one in iter_modules(kinds.__path__)):
    register_trust_finding(import_module(f"{kinds.__name__}.{_module}").KIND)
