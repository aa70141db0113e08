"""The policy text that closes a trust finding, drafted from what is collected now."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from governance.posture.state.organization import load_organization
from governance.posture.trust.inputs import VIEWER, surroundings
from governance.posture.trust.models import TrustEdge, TrustFinding
from inventory.models import Connection, Principal
from inventory.resource_facts import POLICIES
from inventory.selectors.principals import principals
from inventory.selectors.resource_policies import resource_policies
from inventory.viewing import Viewer
from policies import PolicyType, parse_policy
from policies.trust import (
    PolicyEdge,
    PolicyFinding,
    TrustedResource,
    TrustPrincipal,
    TrustSeverity,
)
from policies.trust.fixing import FixedPolicy, fixed_policy, is_fixable

NO_TEXT: Final = "What to write is not a text that can be drafted: it needs a decision."
NOT_PROVEN: Final = (
    "No draft was proven to close the finding without letting in somebody new or shutting out "
    "everybody."
)
SEVERAL: Final = "Several named policies stand on this resource; mend the one that lets in."
GONE: Final = "The policy is not collected any more."


@dataclass(frozen=True, slots=True)
class EdgeComparison:
    """What becomes of one principal's edge; None: it has none."""

    principal: TrustPrincipal
    before: PolicyEdge | None
    after: PolicyEdge | None


@dataclass(frozen=True, slots=True)
class DraftedFix:
    """`fixed`: None where `problem` says why there is none. `is_trust`: a role's trust policy."""

    is_trust: bool
    text: str = ""
    fixed: FixedPolicy | None = None
    problem: str = ""

    @property
    def edges(self) -> tuple[EdgeComparison, ...]:
        """The edges before and after, by principal."""
        return tuple(_compared(self.fixed)) if self.fixed else ()


def may_be_drafted(finding: TrustFinding) -> bool:
    """Whether a text can be tried for a finding: it is about a statement, and its remedy says it.

    Findings about all trust have no statement of one policy.
    """
    return finding.found_in == TrustFinding.FoundIn.POLICY and is_fixable(_as_engine(finding))


def drafted_fix(viewer: Viewer, *, connection: Connection, finding: TrustFinding) -> DraftedFix:
    """Return the policy that a finding is about with the finding mended, proven by its edges."""
    is_trust = finding.evidence.get("source") == TrustEdge.Source.TRUST_POLICY
    if not may_be_drafted(finding):
        return DraftedFix(is_trust, problem=NO_TEXT)
    text, problem = _text_of(viewer, connection, finding, is_trust)
    if text is None:
        return DraftedFix(is_trust, problem=problem)
    kind = PolicyType.TRUST_POLICY if is_trust else PolicyType.RESOURCE_POLICY
    document = parse_policy(text, kind).document
    if document is None:
        return DraftedFix(is_trust, text, problem=NOT_PROVEN)
    # Who sees a part only must not have the rest taken for strangers.
    organization = load_organization(VIEWER, connection=connection)
    reader = surroundings(connection, organization).reader
    resource = TrustedResource(finding.subject_arn, finding.account_id)
    question = reader.question(document, kind, resource)
    fixed = fixed_policy(question, text, _as_engine(finding))
    return DraftedFix(is_trust, text, fixed, "" if fixed else NOT_PROVEN)


def _text_of(
    viewer: Viewer, connection: Connection, finding: TrustFinding, is_trust: bool
) -> tuple[str | None, str]:
    """Return the policy's text as it is collected now, or why there is none."""
    if is_trust:
        roles = principals(viewer, connection=connection).filter(
            kind=Principal.Kind.ROLE, account_id=finding.account_id, arn=finding.subject_arn
        )
        role = roles.select_related("trust_policy").first()
        content = role.trust_policy if role is not None else None
        return (content.text, "") if content is not None else (None, GONE)
    resource = (
        resource_policies(viewer, connection=connection, account_id=finding.account_id)
        .filter(arn=finding.subject_arn)
        .first()
    )
    if resource is None or resource.content is None:
        return None, GONE
    if len(resource.facts.get(POLICIES, {})) > 1:
        return None, SEVERAL
    return resource.content.text, ""


def _as_engine(finding: TrustFinding) -> PolicyFinding:
    return PolicyFinding(
        finding.code,
        TrustSeverity(finding.severity),
        finding.statement,
        finding.message,
        finding.remedy or {},
    )


def _compared(fixed: FixedPolicy) -> Iterator[EdgeComparison]:
    before = {(one.statement, one.principal): one for one in fixed.before}
    after = {(one.statement, one.principal): one for one in fixed.after}
    for key in dict.fromkeys((*before, *after)):
        yield EdgeComparison(key[1], before.get(key), after.get(key))
