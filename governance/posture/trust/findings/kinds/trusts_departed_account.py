"""Trust in an account that was of the organization and is no more."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from django.db.models import Max

from governance.posture.trust.findings.facts import TrustFacts
from governance.posture.trust.findings.kind import FoundTrust, TrustFindingKind
from governance.posture.trust.models import TrustEdge
from inventory.models import Account
from policies.trust import TrustSeverity


def check(facts: TrustFacts) -> Iterator[FoundTrust]:
    """Find edges from accounts that left; blocked ones let nobody in and are left out."""
    left: dict[str, datetime | None] | None = None
    for edge in facts.edges:
        outside = edge.crossing in (TrustEdge.Crossing.EXTERNAL, TrustEdge.Crossing.VENDOR)
        if not outside or edge.state == TrustEdge.EdgeState.BLOCKED:
            continue
        if left is None:
            left = _departed(facts)
        if edge.principal_account_id not in left:
            continue
        left_at = left[edge.principal_account_id]
        yield FoundTrust(
            subject_arn=edge.resource_arn,
            account_id=edge.account_id,
            edge_key=edge.key,
            statement=edge.statement,
            message=f"{edge.resource_name} trusts account {edge.principal_account_id}, which "
            "left the organization.",
            evidence={"left_at": left_at.isoformat() if left_at else None},
            remedy={"text": f"Remove {edge.principal_id} from the policy."},
        )


def _departed(facts: TrustFacts) -> dict[str, datetime | None]:
    """Return when accounts were seen last that are of the organization no more, by id."""
    rows = Account.objects.filter(connection=facts.connection)
    present = rows.filter(seen_until__isnull=True).values("account_id")
    gone = rows.exclude(account_id__in=present).values_list("account_id")
    return dict(gone.annotate(at=Max("seen_until")).values_list("account_id", "at"))


KIND: Final = TrustFindingKind(
    code="trusts-departed-account",
    label="Trusts an account that left",
    question="What trusts accounts that left the organization?",
    severity=TrustSeverity.HIGH,
    check=check,
)
