"""One thing that differs, before it is stored: whatever finds drift yields these."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from governance.drift.models import DriftItem
from governance.edits.operations import Operation
from inventory.digests import sha256

Kind = DriftItem.Kind
Effect = DriftItem.DriftEffect
Severity = DriftItem.DriftSeverity


@dataclass(frozen=True, slots=True)
class DriftWeight:
    """How a difference weighs. `accounts`: how many it concerns. `detail`: as JSON, for people."""

    effect: Effect
    severity: Severity
    accounts: int = 0
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FoundDifference:
    """What differs. `subject`, `place_id`, …: see `DriftItem`.

    `operations`: what brings the desired side back; empty where no edit does. `weight`: None where
    it follows from the operations. `policy_type`: of the policy that it is about. `is_alone`: its
    subject has one item of the kind at a time, whichever attributes differ.
    """

    kind: Kind
    subject: str
    target_kind: str
    target_id: str
    target_name: str
    place_id: str
    attribute: str
    desired: Any
    collected: Any
    account_id: str = ""
    policy_type: str = ""
    base: Any = None
    operations: tuple[Operation, ...] = ()
    weight: DriftWeight | None = None
    is_alone: bool = False

    @property
    def key(self) -> str:
        """SHA-256 that names it: kind, subject and, but where it is alone, attribute."""
        attribute = "" if self.is_alone else self.attribute
        return sha256("\n".join((self.kind, self.subject, attribute)))
