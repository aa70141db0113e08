"""Every kind of structure finding: each module of `kinds` registers by what it defines."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Final

from governance.posture.findings import kinds
from governance.posture.findings.facts import StructureFacts
from governance.posture.findings.finding import FindingAnswer, FindingKind


@dataclass(frozen=True, slots=True)
class StructureCheck:
    """A kind, and what answers its question."""

    kind: FindingKind
    check: Callable[[StructureFacts], FindingAnswer]


def _registered() -> tuple[StructureCheck, ...]:
    modules = [
        import_module(f"{kinds.__name__}.{one.name}") for one in iter_modules(kinds.__path__)
    ]
    found = [StructureCheck(module.KIND, module.check) for module in modules]
    return tuple(sorted(found, key=lambda one: (one.kind.order, one.kind.code)))


CHECKS: Final = _registered()
KINDS: Final[Mapping[str, FindingKind]] = {one.kind.code: one.kind for one in CHECKS}
"""The kinds by code, in their order."""
