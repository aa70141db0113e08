"""The control policy that closes a trust finding, proven by its edges: on either side."""

from dataclasses import dataclass
from typing import Final

from governance.posture.state.organization import InForce, load_organization
from governance.posture.trust.drafting import (
    EdgeComparison,
    as_engine,
    compared_edges,
    finding_question,
)
from governance.posture.trust.inputs import VIEWER
from governance.posture.trust.models import TrustEdge, TrustFinding
from inventory.models import Connection
from inventory.viewing import Viewer
from policies.trust.closing import (
    ClosingControl,
    caller_accounts,
    closing_caller_control,
    closing_control,
    is_bound_by_rcps,
)
from policies.trust.reading import trust_edges

NOT_ENABLED: Final = "Resource control policies are not enabled in this organization."
MANAGEMENT: Final = "Resource control policies do not bind the management account."
NOT_BOUND: Final = "Resource control policies do not bind this resource."
NOT_PROVEN: Final = (
    "No resource control policy is proven to close it without changing anyone else's access."
)
SCPS_NOT_ENABLED: Final = "Service control policies are not enabled in this organization."
CALLERS_NOT_BOUND: Final = (
    "Service control policies bind member accounts only; callers outside the organization, AWS "
    "services or the management account use it."
)
CALLERS_NOT_PROVEN: Final = (
    "No service control policy is proven to close it without changing anyone else's access."
)
_WITHIN: Final = (
    TrustEdge.Crossing.ORGANIZATION,
    TrustEdge.Crossing.UNIT,
    TrustEdge.Crossing.ENVIRONMENT,
)
_FOUND_IN: Final = (TrustFinding.FoundIn.POLICY, TrustFinding.FoundIn.FACTS)


@dataclass(frozen=True, slots=True)
class DraftedControl:
    """`control`: None where `problem` says why there is none."""

    control: ClosingControl | None = None
    problem: str = ""

    @property
    def edges(self) -> tuple[EdgeComparison, ...]:
        """The edges before and after, by principal."""
        found = self.control
        return tuple(compared_edges(found.before, found.after)) if found else ()


def may_be_closed(finding: TrustFinding) -> bool:
    """Whether an RCP can be tried for a finding: it is about a statement on what RCPs bind."""
    return (
        finding.found_in in _FOUND_IN
        and finding.statement is not None
        and is_bound_by_rcps(finding.subject_arn)
    )


def may_be_closed_by_callers(finding: TrustFinding, edge: TrustEdge) -> bool:
    """Whether an SCP can be tried for a finding about an edge: it comes from another member."""
    is_about_statement = finding.found_in in _FOUND_IN and finding.statement is not None
    return is_about_statement and edge.crossing in _WITHIN


def drafted_caller_control(
    viewer: Viewer, *, connection: Connection, finding: TrustFinding
) -> DraftedControl:
    """Return the SCP for the callers' accounts that closes a finding, proven by its edges."""
    if finding.statement is None or finding.found_in not in _FOUND_IN:
        return DraftedControl(problem=CALLERS_NOT_BOUND)
    organization = load_organization(VIEWER, connection=connection)
    if organization.service_control.in_force is not InForce.IN_FORCE:
        return DraftedControl(problem=SCPS_NOT_ENABLED)
    question, problem = finding_question(viewer, connection, finding, organization)
    if question is None:
        return DraftedControl(problem=problem)
    open_edges = [
        one
        for one in trust_edges(question)
        if one.statement == finding.statement and not one.blocked_by
    ]
    callers = caller_accounts(question, open_edges)
    if not callers or organization.management_account_id in callers:
        return DraftedControl(problem=CALLERS_NOT_BOUND)
    is_policys = finding.found_in == TrustFinding.FoundIn.POLICY
    control = closing_caller_control(
        question, finding.statement, as_engine(finding) if is_policys else None
    )
    return DraftedControl(control, "" if control else CALLERS_NOT_PROVEN)


def drafted_control(
    viewer: Viewer, *, connection: Connection, finding: TrustFinding
) -> DraftedControl:
    """Return the RCP for an account that closes one of its findings, proven by its edges."""
    if finding.statement is None or not may_be_closed(finding):
        return DraftedControl(problem=NOT_BOUND)
    organization = load_organization(VIEWER, connection=connection)
    if finding.account_id == organization.management_account_id:
        return DraftedControl(problem=MANAGEMENT)
    if organization.resource_control.in_force is not InForce.IN_FORCE:
        return DraftedControl(problem=NOT_ENABLED)
    question, problem = finding_question(viewer, connection, finding, organization)
    if question is None:
        return DraftedControl(problem=problem)
    is_policys = finding.found_in == TrustFinding.FoundIn.POLICY
    control = closing_control(
        question, finding.statement, as_engine(finding) if is_policys else None
    )
    return DraftedControl(control, "" if control else NOT_PROVEN)
