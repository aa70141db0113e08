"""The trust policies of roles that differ, each beside that of the majority."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from governance.posture.findings.facts import listed
from governance.posture.findings.finding import Finding
from governance.posture.findings.kinds.role_trust_drift import KIND as ROLE_TRUST
from governance.presentation.text_diff import pretty_json
from inventory.models import Connection
from inventory.selectors.hierarchy import accounts
from inventory.selectors.roles import RoleTrustPolicy, role_trust_policies
from inventory.viewing import Viewer

_COMPARED: Final = 3
_READ: Final = 200
_OWN_ACCOUNT: Final = "OWN-ACCOUNT"


@dataclass(frozen=True, slots=True)
class TrustComparison:
    """One way to differ: the majority's text and the other, with what to call each."""

    before: str
    after: str
    before_label: str
    after_label: str


@dataclass(frozen=True, slots=True)
class TrustComparisons:
    """`more`: further ways to differ. `own_account`: what stands for each role's own account."""

    shown: tuple[TrustComparison, ...]
    more: int
    own_account: str


def compared_in(
    finding: Finding, viewer: Viewer, *, connection: Connection, as_of: datetime | None
) -> TrustComparisons | None:
    """Return the trust policies that a finding is about, side by side; None: it is about others."""
    if finding.kind is not ROLE_TRUST:
        return None
    return trust_comparisons(
        viewer,
        connection=connection,
        majority_arn=finding.majority.key if finding.majority else "",
        other_arns=[place.key for place in finding.places[1:]],
        as_of=as_of,
    )


def trust_comparisons(
    viewer: Viewer,
    *,
    connection: Connection,
    majority_arn: str,
    other_arns: Sequence[str],
    as_of: datetime | None,
) -> TrustComparisons | None:
    """Lay the trust policies of roles beside that of the majority, equal ones together.

    `majority_arn`: empty where there is no majority: then beside that of the first of the others.
    None where the viewer cannot see the role to compare with or it has gone. A role's own account
    is written alike in all, since roles that name their own account do not differ by it.
    """
    if not (majority_arn or other_arns):
        return None
    compared_arn = majority_arn or other_arns[0]
    read = role_trust_policies(
        viewer,
        connection=connection,
        arns=[compared_arn, *other_arns[:_READ]],
        as_of=as_of,
    )
    usual = read.pop(compared_arn, None)
    if usual is None:
        return None
    account_ids = {one.account_id for one in (usual, *read.values())}
    rows = accounts(viewer, connection=connection, as_of=as_of).filter(account_id__in=account_ids)
    names = {one: one for one in account_ids}
    names.update(rows.values_list("account_id", "name"))
    usual_name = names[usual.account_id]
    ways: dict[str, list[RoleTrustPolicy]] = {}
    for one in read.values():
        ways.setdefault(_neutral(one), []).append(one)
    before = _neutral(usual)
    ways.pop(before, None)
    shown = [
        TrustComparison(
            before=before,
            after=text,
            before_label=f"majority, as in {usual_name}" if majority_arn else usual_name,
            after_label=listed([names[one.account_id] for one in those], most=1),
        )
        for text, those in ways.items()
    ]
    texts = (before, *ways)
    return TrustComparisons(
        tuple(shown[:_COMPARED]),
        max(0, len(shown) - _COMPARED),
        _OWN_ACCOUNT if any(_OWN_ACCOUNT in text for text in texts) else "",
    )


def _neutral(policy: RoleTrustPolicy) -> str:
    return pretty_json(policy.text).replace(policy.account_id, _OWN_ACCOUNT)
