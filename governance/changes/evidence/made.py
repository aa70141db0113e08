"""Evidence as it was made, before it is stored."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from governance.approvals.effects import TargetEffect
from governance.changes.evidence.digests import conclusions_digest, digest_of, plan_digest
from governance.changes.evidence.findings import CheckFinding, blocking
from governance.changes.planning.steps import ChangePlan
from governance.edits.operations import Operation
from governance.usage.verdicts import UsageDenied


@dataclass(frozen=True)
class MadeEvidence:
    """What one revision of a change request was shown to do.

    `findings`: the worst first. `targets`: the accounts in which something changes or could not be
    decided, and no others. `resolved_targets`: all that the plan's calls touch. `conclusions`: the
    part that an approval binds, without times and ids of runs. `base`: the collected texts,
    attachments and parents that the operations touch. `content`: all of it as JSON, as pages and
    the API show it. `as_of`: when the newest complete run had read the organization.
    `usage_denied`: whether calls that the logs recorded would have been denied.
    """

    change_request_id: int
    revision: int
    operations: tuple[Operation, ...]
    plan: ChangePlan
    findings: tuple[CheckFinding, ...]
    targets: tuple[TargetEffect, ...]
    resolved_targets: tuple[str, ...]
    conclusions: dict[str, Any]
    base: dict[str, Any]
    content: dict[str, Any]
    run_id: int | None
    as_of: datetime | None
    made_at: datetime
    seconds: float
    usage_denied: UsageDenied = UsageDenied.NOT_KNOWN

    @cached_property
    def sha256(self) -> str:
        """The address of this evidence: the digest of all of `content`."""
        return digest_of(self.content)

    @cached_property
    def conclusions_sha256(self) -> str:
        """Equal where two evidences conclude the same, whenever they were made."""
        return conclusions_digest(self.conclusions)

    @cached_property
    def plan_sha256(self) -> str:
        """What an approval binds."""
        return plan_digest(
            operations=self.operations,
            targets=self.resolved_targets,
            rings=self.plan.rings,
            conclusions=self.conclusions,
        )

    def blocked_by(self, overridden: frozenset[str] = frozenset()) -> tuple[CheckFinding, ...]:
        """Return the findings that stand against it; `overridden`: keys of soft ones."""
        return blocking(self.findings, overridden)
