"""What applies to a request and is not known, each with what to do to know it.

The two extremes of a gap, the most it could allow and the most it could deny, bound every content
that it can have; so a decision that is the same for both is certain.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from governance.posture.requests.extreme_policies import (
    allow_all,
    deny_all,
    resource_allow_all,
    resource_deny_all,
    with_levels,
    with_policy_at,
)
from governance.posture.requests.questions import AssumedPolicy, Question, UncollectedPolicy
from governance.posture.state.identities import AttachedText, IdentityKnowledge
from governance.posture.state.organization import RCP, SCP, CompiledOrganization, ControlPolicy
from governance.posture.state.resources import Resource, ResourceKnowledge
from policies import PolicyDocument, PolicyType
from policies.evaluation.layers import Decider
from policies.evaluation.policy_set import PolicySet, TargetPolicies
from policies.evaluation.request import Request

Fill = Callable[[PolicySet], PolicySet]
GapWording = tuple[str, str]
"""What is not known, and what would decide it."""


@dataclass(frozen=True, slots=True, eq=False)
class RequestGap:
    """Something that applies to the request and is not known.

    `target_id`: of the SCP or RCP level, or of the account that was not collected. `would_decide`:
    what to do to know it. `best` and `worst` put the most that it could allow, and deny, into a
    policy set.
    """

    code: str
    decider: Decider
    text: str
    would_decide: str
    target_id: str | None = None
    part: UncollectedPolicy | None = None
    best: Fill = field(default=lambda known: known, repr=False)
    worst: Fill = field(default=lambda known: known, repr=False)


CONTROL_DECIDERS: Final = {
    SCP: Decider.SERVICE_CONTROL_POLICY,
    RCP: Decider.RESOURCE_CONTROL_POLICY,
}


def control_not_placed(
    policy_type: PolicyType, account_id: str, organization: CompiledOrganization
) -> RequestGap:
    """Return the gap of an account whose way to the root is not known."""
    return _control_not_known(policy_type, account_id, _why_not_placed(organization, account_id))


def control_not_collected(policy_type: PolicyType, account_id: str) -> RequestGap:
    """Return the gap of an organization whose SCPs or RCPs were never read completely."""
    wording = (
        f"The {_PLURAL[policy_type]} of this organization were never read completely.",
        "Let the organization role list policies and their targets, and collect again.",
    )
    return _control_not_known(policy_type, account_id, wording)


def _control_not_known(policy_type: PolicyType, account_id: str, wording: GapWording) -> RequestGap:
    denying = (TargetPolicies(account_id, (deny_all(),)),)
    return RequestGap(
        code=f"{_SHORT[policy_type]}_not_known",
        decider=CONTROL_DECIDERS[policy_type],
        text=wording[0],
        would_decide=wording[1],
        target_id=account_id,
        worst=lambda known: with_levels(known, policy_type, denying),
    )


def control_unreadable(
    policy_type: PolicyType, target_id: str, policy: ControlPolicy
) -> RequestGap:
    """Return the gap of an SCP or RCP whose text cannot be read."""

    def adding(document: PolicyDocument) -> Fill:
        return lambda known: with_policy_at(known, policy_type, target_id, document)

    return RequestGap(
        code=f"{_SHORT[policy_type]}_unreadable",
        decider=CONTROL_DECIDERS[policy_type],
        text=f"The text of {policy.name} cannot be read, so its effect is not known.",
        would_decide="Correct the policy's text; its page says what is wrong and where.",
        target_id=target_id,
        # An RCP can only take away: at best it does nothing.
        best=adding(allow_all()) if policy_type is SCP else lambda known: known,
        worst=adding(deny_all()),
    )


def identity_not_known(knowledge: IdentityKnowledge, account_id: str | None) -> RequestGap:
    """Return the gap of a caller whose policies are not known.

    :raises KeyError: they are known, or not needed.
    """
    return _identity_gap(f"identity_{knowledge}", _IDENTITY_GAPS[knowledge], account_id)


def identity_unreadable(policy: AttachedText, account_id: str | None) -> RequestGap:
    """Return the gap of an identity policy that was not collected or cannot be read."""
    return _identity_gap("identity_policy_unreadable", _text_missing(policy), account_id)


def _identity_gap(code: str, wording: GapWording, account_id: str | None) -> RequestGap:
    def adding(document: PolicyDocument) -> Fill:
        return lambda known: replace(known, identity_policies=(*known.identity_policies, document))

    return RequestGap(
        code=code,
        decider=Decider.IDENTITY_POLICY,
        text=wording[0],
        would_decide=wording[1],
        target_id=account_id,
        best=adding(allow_all()),
        worst=adding(deny_all()),
    )


def boundary_unreadable(boundary: AttachedText) -> RequestGap:
    """Return the gap of a permissions boundary that was not collected or cannot be read."""
    text, would_decide = _text_missing(boundary)
    return RequestGap(
        code="boundary_unreadable",
        decider=Decider.PERMISSION_BOUNDARY,
        text=text,
        would_decide=would_decide,
        # There is a boundary, even if it limits nothing: see `denies_bounded` of the engine.
        best=lambda known: replace(known, permission_boundary=allow_all()),
        worst=lambda known: replace(known, permission_boundary=deny_all()),
    )


def trust_not_known(request: Request, trust: AttachedText | None) -> RequestGap:
    """Return the gap of the trust policy of a role. `trust`: None where not even it is known."""
    if trust is not None:
        wording = _text_missing(trust)
    else:
        wording = (
            f"The trust policy of {request.resource} is not collected.",
            "Collect the role's account, or look its trust policy up there.",
        )
    return _resource_gap("trust_policy", wording, None)


def resource_policy_not_collected(request: Request) -> RequestGap:
    """Return the gap of a resource that may have a policy of its own."""
    wording = (
        f"Whether {request.resource} has a policy of its own is not collected.",
        "Look it up in its account; if it has none, assume none below.",
    )
    return _resource_gap("resource_policy", wording, UncollectedPolicy.RESOURCE_POLICY)


def resource_policy_not_readable(resource: Resource) -> RequestGap:
    """Return the gap of a collected resource whose policy could not be read, or understood."""
    if resource.knowledge is ResourceKnowledge.DENIED:
        wording = (
            f"{resource.name} was listed, and its policy could not be read: {resource.error_code}.",
            "Let the audit role read it there, or look it up; if it has none, assume none below.",
        )
    else:
        wording = (
            f"The policy of {resource.name} cannot be understood, so its effect is not known.",
            "Correct the policy's text.",
        )
    return _resource_gap("resource_policy", wording, UncollectedPolicy.RESOURCE_POLICY)


def public_access_not_known(resource: Resource) -> RequestGap:
    """Return the gap of a public bucket policy that may be kept from letting others in."""
    denies = resource.denies_only
    return RequestGap(
        code="public_access_block",
        decider=Decider.RESOURCE_POLICY,
        text=f"The policy of {resource.name} is public, and whether S3 Block Public Access "
        "restricts it is not collected.",
        would_decide="Let the audit role read Block Public Access of the bucket and its account, "
        "and collect the account again.",
        part=UncollectedPolicy.RESOURCE_POLICY,
        worst=lambda known: replace(known, resource_policy=denies),
    )


def acl_not_evaluated(resource: Resource) -> RequestGap:
    """Return the gap of a bucket whose access control list lets others in, or may."""
    return RequestGap(
        code="access_control_list",
        decider=Decider.RESOURCE_POLICY,
        text=f"Access control lists are on in {resource.name} and may give others access; lists "
        "are not evaluated.",
        would_decide="Look at the grants on the bucket's page, or turn its lists off "
        "(BucketOwnerEnforced).",
        part=UncollectedPolicy.RESOURCE_POLICY,
        best=_allowing_more,
    )


def grants_not_known(resource: Resource) -> RequestGap:
    """Return the gap of a resource whose grants beside its policy could not be read."""
    return RequestGap(
        code="grants",
        decider=Decider.RESOURCE_POLICY,
        text=f"The grants on {resource.name} could not be read.",
        would_decide="Let the audit role list them, and collect the account again.",
        part=UncollectedPolicy.RESOURCE_POLICY,
        best=_allowing_more,
    )


def share_not_known(resource: Resource) -> RequestGap:
    """Return the gap of a resource that RAM shares to do what was not collected."""
    to = ", ".join(sorted({grant.grantee for grant in resource.unknown_shares}))
    return RequestGap(
        code="share_permissions",
        decider=Decider.RESOURCE_POLICY,
        text=f"{resource.name} is shared through AWS RAM with {to}; what the share's managed "
        "permissions allow is not collected.",
        would_decide="Give the audit role ram:ListResourceSharePermissions and ram:GetPermission, "
        "and collect the account again.",
        part=UncollectedPolicy.RESOURCE_POLICY,
        best=_allowing_more,
    )


def _allowing_more(known: PolicySet) -> PolicySet:
    most = resource_allow_all()
    if known.resource_policy is not None:
        both = (*known.resource_policy.statements, *most.statements)
        most = replace(known.resource_policy, statements=both)
    return replace(known, resource_policy=most)


def _resource_gap(code: str, wording: GapWording, part: UncollectedPolicy | None) -> RequestGap:
    allowing, denying = resource_allow_all(), resource_deny_all()
    return RequestGap(
        code=code,
        decider=Decider.RESOURCE_POLICY,
        text=wording[0],
        would_decide=wording[1],
        part=part,
        best=lambda known: replace(known, resource_policy=allowing),
        worst=lambda known: replace(known, resource_policy=denying),
    )


def left_open(question: Question) -> Iterator[RequestGap]:
    """Yield what people chose to leave open: a session policy, a VPC endpoint's policy."""
    if question.assumed(UncollectedPolicy.SESSION_POLICY) is AssumedPolicy.UNKNOWN:
        yield RequestGap(
            code="session_policy",
            decider=Decider.SESSION_POLICY,
            text="Whether the session has a session policy is not known.",
            would_decide="Look at the AssumeRole or GetFederationToken event of the "
            "session; if it passed no policy, assume none below.",
            part=UncollectedPolicy.SESSION_POLICY,
            worst=lambda known: replace(known, session_policies=(deny_all(),)),
        )
    if question.assumed(UncollectedPolicy.VPC_ENDPOINT_POLICY) is AssumedPolicy.UNKNOWN:
        yield RequestGap(
            code="vpc_endpoint_policy",
            decider=Decider.VPC_ENDPOINT_POLICY,
            text="Whether the request came through a VPC endpoint with a policy is not known.",
            would_decide="Look for vpcEndpointId in the CloudTrail event; if there is "
            "none, assume none below.",
            part=UncollectedPolicy.VPC_ENDPOINT_POLICY,
            worst=lambda known: replace(known, vpc_endpoint_policy=resource_deny_all()),
        )


_PLURAL: Final = {SCP: "service control policies", RCP: "resource control policies"}
_SHORT: Final = {SCP: "scp", RCP: "rcp"}
_COLLECT: Final = "Collect the account: its coverage says what prevents it."
_IDENTITY_GAPS: Final = {
    IdentityKnowledge.NOT_COLLECTED: (
        "The IAM of the caller's account was never collected, so its policies are not known.",
        _COLLECT,
    ),
    IdentityKnowledge.NOT_FOUND: (
        "The caller's account is collected and holds no such principal, so it was created later "
        "or deleted, and its policies are not known.",
        "Check the ARN, choose a date when it existed, or collect the account again.",
    ),
    IdentityKnowledge.OUTSIDE: (
        "The caller's account is not in this organization, so its policies are not known.",
        "Ask the people who run that account.",
    ),
    IdentityKnowledge.SESSION_OF_UNKNOWN: (
        "A federated user has the policies of the IAM user that created the session, which its "
        "ARN does not name.",
        "Ask with that IAM user's ARN.",
    ),
}


def _why_not_placed(organization: CompiledOrganization, account_id: str) -> GapWording:
    if account_id in organization.unplaced:
        return (
            f"Where account {account_id} is in the tree was not collected, so the policies that "
            "bind it are not known.",
            "Collect the organization again.",
        )
    if not organization.is_known:
        return "This organization has not been read yet.", "Collect it."
    return (
        f"Account {account_id} is not in this organization, so the policies that bind it are "
        "not known.",
        "Ask the people who run that account.",
    )


def _text_missing(policy: AttachedText) -> GapWording:
    if policy.text is None:
        return (
            f"{policy.name} is attached, and its text was not collected.",
            "Collect the account again.",
        )
    return (
        f"The text of {policy.name} cannot be read, so its effect is not known.",
        "Correct the policy's text.",
    )
