"""The policy text that closes a trust finding, drafted from what is collected now."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from governance.posture.state.organization import CompiledOrganization, load_organization
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
    TrustQuestion,
    TrustSeverity,
)
from policies.trust.fixing import FixedPolicy, fixed_policy, is_fixable

NO_TEXT: Final = "The fix cannot be drafted: it needs a decision."
NOT_PROVEN: Final = (
    "No draft was proven to close the finding without giving new access or blocking everyone."
)
SEVERAL: Final = "This resource has several named policies; fix the one that gives the access."
GONE: Final = "The policy is no longer collected."
UNREADABLE: Final = "The policy cannot be read."


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
        fixed = self.fixed
        return tuple(compared_edges(fixed.before, fixed.after)) if fixed else ()


def may_be_drafted(finding: TrustFinding) -> bool:
    """Whether a text can be tried for a finding: it is about a statement, and its remedy says it.

    Findings about all trust have no statement of one policy.
    """
    return finding.found_in == TrustFinding.FoundIn.POLICY and is_fixable(as_engine(finding))


def drafted_fix(viewer: Viewer, *, connection: Connection, finding: TrustFinding) -> DraftedFix:
    """Return the policy that a finding is about with the finding mended, proven by its edges."""
    is_trust = _is_trust_policy(finding)
    if not may_be_drafted(finding):
        return DraftedFix(is_trust, problem=NO_TEXT)
    text, problem = _text_of(viewer, connection, finding, is_trust)
    if text is None:
        return DraftedFix(is_trust, problem=problem)
    organization = load_organization(VIEWER, connection=connection)
    question = _question(connection, organization, finding, text)
    if question is None:
        return DraftedFix(is_trust, text, problem=NOT_PROVEN)
    fixed = fixed_policy(question, text, as_engine(finding))
    return DraftedFix(is_trust, text, fixed, "" if fixed else NOT_PROVEN)


def finding_question(
    viewer: Viewer,
    connection: Connection,
    finding: TrustFinding,
    organization: CompiledOrganization,
) -> tuple[TrustQuestion | None, str]:
    """Return whom the policy that a finding is about lets in, as a question; or why there is none.

    `organization`: all of it, whatever the viewer sees.
    """
    text, problem = _text_of(viewer, connection, finding, _is_trust_policy(finding))
    if text is None:
        return None, problem
    question = _question(connection, organization, finding, text)
    return question, "" if question else UNREADABLE


def _question(
    connection: Connection, organization: CompiledOrganization, finding: TrustFinding, text: str
) -> TrustQuestion | None:
    kind = PolicyType.RESOURCE_POLICY
    if _is_trust_policy(finding):
        kind = PolicyType.TRUST_POLICY
    document = parse_policy(text, kind).document
    if document is None:
        return None
    # Who sees a part only must not have the rest taken for strangers.
    reader = surroundings(connection, organization).reader
    resource = TrustedResource(finding.subject_arn, finding.account_id)
    return reader.question(document, kind, resource)


def _is_trust_policy(finding: TrustFinding) -> bool:
    """Findings of all trust do not say their source; only a role has a trust policy."""
    source = finding.evidence.get("source")
    if source is None:
        return finding.subject_arn.split(":", 5)[2:3] == ["iam"]
    return bool(source == TrustEdge.Source.TRUST_POLICY)


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


def as_engine(finding: TrustFinding) -> PolicyFinding:
    """Return a finding as the engine has it."""
    return PolicyFinding(
        finding.code,
        TrustSeverity(finding.severity),
        finding.statement,
        finding.message,
        finding.remedy or {},
    )


def compared_edges(
    before: Iterable[PolicyEdge], after: Iterable[PolicyEdge]
) -> Iterator[EdgeComparison]:
    """Yield the edges of two states of a policy by principal."""
    was = {(one.statement, one.principal): one for one in before}
    now = {(one.statement, one.principal): one for one in after}
    for key in dict.fromkeys((*was, *now)):
        yield EdgeComparison(key[1], was.get(key), now.get(key))
