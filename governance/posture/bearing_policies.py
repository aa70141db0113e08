"""Every policy that bears on one request, and what of them is not known.

What is not known is a `Gap`. Its two extremes, the most it could allow and the most it could
deny, bound every content that it can have; so a decision that is the same for both is certain.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources
from typing import Final

from governance.posture.identities import AttachedText, Identity, IdentityKnowledge
from governance.posture.organization import (
    RCP,
    SCP,
    CompiledOrganization,
    ControlPolicy,
    InForce,
)
from governance.posture.questions import Assumed, Part, Question
from policies import Diagnostic, PolicyDocument, PolicyType, parse_policy
from policies.evaluation.evaluate import TRUST_ACTIONS
from policies.evaluation.layers import Decider
from policies.evaluation.policy_set import PolicySet, TargetPolicies
from policies.evaluation.principal import PrincipalKind
from policies.evaluation.request import Request

Fill = Callable[[PolicySet], PolicySet]
Place = tuple[Decider, str | None]
"""What decides, and for SCPs and RCPs the id of the target."""


@dataclass(frozen=True, slots=True, eq=False)
class BearingPolicy:
    """A policy where it bears. `policy_id`: of an SCP or RCP; `arn`: of a managed policy.

    `kind`: scp, rcp, managed, inline, boundary or trust. `document` is None where it cannot be
    read; `collected` is False where not even its text was.
    """

    kind: str
    name: str
    policy_id: str
    arn: str
    via_group: str
    document: PolicyDocument | None
    diagnostics: tuple[Diagnostic, ...]
    collected: bool = True

    @property
    def text(self) -> str:
        """The text as AWS returned it; empty where it cannot be read."""
        return self.document.source.text if self.document and self.document.source else ""


@dataclass(frozen=True, slots=True, eq=False)
class Gap:
    """Something that bears on the request and is not known.

    `target_id`: of the SCP or RCP level, or of the account that was not collected. `would_decide`:
    what to do to know it. `best` and `worst` put the most that it could allow, and deny, into a
    policy set.
    """

    code: str
    decider: Decider
    text: str
    would_decide: str
    target_id: str | None = None
    part: Part | None = None
    best: Fill = field(default=lambda known: known, repr=False)
    worst: Fill = field(default=lambda known: known, repr=False)


@dataclass(frozen=True, slots=True)
class BearingPolicies:
    """`known`: what is known, as the engine takes it. `at`: its policies by place, in its order."""

    known: PolicySet
    at: Mapping[Place, tuple[BearingPolicy, ...]]
    unreadable: Mapping[Place, tuple[BearingPolicy, ...]]
    gaps: tuple[Gap, ...]


def bearing_policies(
    organization: CompiledOrganization,
    *,
    request: Request,
    question: Question,
    identity: Identity,
    asked_role: Identity | None,
) -> BearingPolicies:
    """Gather the policies for a request.

    `asked_role`: what is known of the role that is to be assumed, if that is the request.
    """
    gathering = _Gathering(organization, request, question)
    gathering.control(SCP, request.principal.account_id)
    gathering.control(RCP, request.resource_account_id)
    gathering.identity(identity)
    gathering.resource(asked_role)
    gathering.parts()
    return BearingPolicies(
        gathering.known, gathering.at, gathering.unreadable, tuple(gathering.gaps)
    )


def has_resource_policy(action: str) -> bool:
    """Whether resources of the action's service can have policies of their own."""
    return action.partition(":")[0].lower() in _services()


@lru_cache(maxsize=1)
def _services() -> frozenset[str]:
    text = resources.files(__package__).joinpath("resource_policy_services.json").read_text("utf-8")
    return frozenset(json.loads(text)["services"])


class _Gathering:
    def __init__(
        self, organization: CompiledOrganization, request: Request, question: Question
    ) -> None:
        self.organization = organization
        self.request = request
        self.question = question
        self.known = PolicySet(organization=organization.organization)
        self.at: dict[Place, tuple[BearingPolicy, ...]] = {}
        self.unreadable: dict[Place, tuple[BearingPolicy, ...]] = {}
        self.gaps: list[Gap] = []

    def control(self, policy_type: PolicyType, account_id: str | None) -> None:
        """Add the SCPs of the caller's account, or the RCPs of the resource's."""
        if account_id is None:
            return
        is_scp = policy_type is SCP
        decider = Decider.SERVICE_CONTROL_POLICY if is_scp else Decider.RESOURCE_CONTROL_POLICY
        policies = self.organization.control(policy_type)
        if account_id == self.organization.management_account_id:
            # Bound by none; the engine says so at an empty level.
            if policies.in_force is InForce.IN_FORCE and account_id in self.organization.names:
                self._levels(policy_type, policies.target_policies(account_id) or ())
            return
        if account_id not in self.organization.names:
            self.gaps.append(
                self._whole(
                    policy_type, decider, account_id, _why_not_placed(self.organization, account_id)
                )
            )
            return
        if policies.in_force is InForce.NOT_COLLECTED:
            told = (
                f"The {_PLURAL[policy_type]} of this organization were never read whole.",
                "Let the organization role list policies and their targets, and collect again.",
            )
            self.gaps.append(self._whole(policy_type, decider, account_id, told))
            return
        levels = policies.target_policies(account_id)
        if levels is None:
            return
        self._levels(policy_type, levels)
        for step in levels:
            place = (decider, step.target_id)
            kind = "scp" if is_scp else "rcp"
            self.at[place] = tuple(
                _control(policy, kind) for policy in policies.readable(step.target_id)
            )
            unreadable = policies.unreadable.get(step.target_id, ())
            if unreadable:
                self.unreadable[place] = tuple(_control(policy, kind) for policy in unreadable)
                self.gaps += [
                    self._at_level(policy_type, decider, step.target_id, policy)
                    for policy in unreadable
                ]

    def _levels(self, policy_type: PolicyType, levels: tuple[TargetPolicies, ...]) -> None:
        self.known = _with_levels(self.known, policy_type, levels)

    def _whole(
        self, policy_type: PolicyType, decider: Decider, account_id: str, told: tuple[str, str]
    ) -> Gap:
        denying = (TargetPolicies(account_id, (_deny(),)),)
        return Gap(
            code=f"{_SHORT[policy_type]}_not_known",
            decider=decider,
            text=told[0],
            would_decide=told[1],
            target_id=account_id,
            worst=lambda known: _with_levels(known, policy_type, denying),
        )

    def _at_level(
        self, policy_type: PolicyType, decider: Decider, target_id: str, policy: ControlPolicy
    ) -> Gap:
        def adding(document: PolicyDocument) -> Fill:
            return lambda known: _with_levels(
                known,
                policy_type,
                tuple(
                    replace(level, policies=(*level.policies, document))
                    if level.target_id == target_id
                    else level
                    for level in _levels_of(known, policy_type)
                ),
            )

        best = adding(_allow()) if policy_type is SCP else _same
        return Gap(
            code=f"{_SHORT[policy_type]}_unreadable",
            decider=decider,
            text=f"The text of {policy.name} cannot be read, so it may say anything.",
            would_decide="Correct the policy's text; its page says what is wrong and where.",
            target_id=target_id,
            best=best,
            worst=adding(_deny()),
        )

    def identity(self, identity: Identity) -> None:
        """Add the caller's identity policies and boundary."""
        decider = Decider.IDENTITY_POLICY
        if identity.knowledge is IdentityKnowledge.NOT_NEEDED:
            return
        if identity.knowledge is not IdentityKnowledge.COLLECTED:
            text, would = _IDENTITY_GAPS[identity.knowledge]
            self.gaps.append(self._identity_gap(f"identity_{identity.knowledge}", text, would))
            return
        place = (decider, None)
        self.at[place] = tuple(_attached(policy) for policy in identity.readable)
        self.known = replace(self.known, identity_policies=identity.documents)
        if identity.missing:
            self.unreadable[place] = tuple(_attached(policy) for policy in identity.missing)
            for policy in identity.missing:
                text, would = _text_missing(policy)
                self.gaps.append(self._identity_gap("identity_policy_unreadable", text, would))
        boundary = identity.boundary
        if boundary is None:
            return
        place = (Decider.PERMISSION_BOUNDARY, None)
        if boundary.document is not None:
            self.at[place] = (_attached(boundary),)
            self.known = replace(self.known, permission_boundary=boundary.document)
            return
        self.unreadable[place] = (_attached(boundary),)
        text, would = _text_missing(boundary)
        self.gaps.append(
            Gap(
                code="boundary_unreadable",
                decider=Decider.PERMISSION_BOUNDARY,
                text=text,
                would_decide=would,
                worst=lambda known: replace(known, permission_boundary=_deny()),
            )
        )

    def _identity_gap(self, code: str, text: str, would_decide: str) -> Gap:
        def adding(document: PolicyDocument) -> Fill:
            return lambda known: replace(
                known, identity_policies=(*known.identity_policies, document)
            )

        return Gap(
            code=code,
            decider=Decider.IDENTITY_POLICY,
            text=text,
            would_decide=would_decide,
            target_id=self.request.principal.account_id,
            best=adding(_allow()),
            worst=adding(_deny()),
        )

    def resource(self, asked_role: Identity | None) -> None:
        """Add the trust policy of the role to be assumed, or say that a policy may be there."""
        if asked_role is not None:
            self._trust(asked_role)
            return
        if self.request.resource == "*" or not has_resource_policy(self.request.action):
            return
        if self.question.assumed(Part.RESOURCE_POLICY) is Assumed.UNKNOWN:
            self.gaps.append(
                self._resource_gap(
                    "resource_policy",
                    f"Whether {self.request.resource} has a policy of its own is not collected.",
                    "Look it up in its account; if it has none, assume none below.",
                    Part.RESOURCE_POLICY,
                )
            )

    def _trust(self, role: Identity) -> None:
        place = (Decider.RESOURCE_POLICY, None)
        if role.knowledge is IdentityKnowledge.NOT_FOUND:
            return
        if role.trust is not None and role.trust.document is not None:
            self.at[place] = (_attached(role.trust),)
            self.known = replace(self.known, resource_policy=role.trust.document)
            return
        if role.trust is not None:
            self.unreadable[place] = (_attached(role.trust),)
            text, would = _text_missing(role.trust)
        else:
            text = f"The trust policy of {self.request.resource} is not collected."
            would = "Collect the role's account, or look its trust policy up there."
        self.gaps.append(self._resource_gap("trust_policy", text, would, None))

    def _resource_gap(self, code: str, text: str, would_decide: str, part: Part | None) -> Gap:
        allowing, denying = _resource_allow(self.request), _resource_deny()
        return Gap(
            code=code,
            decider=Decider.RESOURCE_POLICY,
            text=text,
            would_decide=would_decide,
            part=part,
            best=lambda known: replace(known, resource_policy=allowing),
            worst=lambda known: replace(known, resource_policy=denying),
        )

    def parts(self) -> None:
        """Leave open what people chose to leave open."""
        if self.question.assumed(Part.SESSION_POLICY) is Assumed.UNKNOWN:
            self.gaps.append(
                Gap(
                    code="session_policy",
                    decider=Decider.SESSION_POLICY,
                    text="Whether the session was begun with a session policy is left open.",
                    would_decide="Look at the AssumeRole or GetFederationToken event of the "
                    "session; if it passed no policy, assume none below.",
                    part=Part.SESSION_POLICY,
                    worst=lambda known: replace(known, session_policies=(_deny(),)),
                )
            )
        if self.question.assumed(Part.VPC_ENDPOINT_POLICY) is Assumed.UNKNOWN:
            self.gaps.append(
                Gap(
                    code="vpc_endpoint_policy",
                    decider=Decider.VPC_ENDPOINT_POLICY,
                    text="Whether the request came through a VPC endpoint with a policy is "
                    "left open.",
                    would_decide="Look for vpcEndpointId in the CloudTrail event; if there is "
                    "none, assume none below.",
                    part=Part.VPC_ENDPOINT_POLICY,
                    worst=lambda known: replace(known, vpc_endpoint_policy=_resource_deny()),
                )
            )


def is_about_trust(request: Request) -> bool:
    """Whether a role's trust policy bears on the request."""
    return request.action.lower() in TRUST_ACTIONS and ":role/" in request.resource


_PLURAL: Final = {SCP: "service control policies", RCP: "resource control policies"}
_SHORT: Final = {SCP: "scp", RCP: "rcp"}
_COLLECT: Final = "Collect the account: its coverage says what hinders it."
_IDENTITY_GAPS: Final = {
    IdentityKnowledge.NOT_COLLECTED: (
        "The IAM of the caller's account was never collected, so its policies are not known.",
        _COLLECT,
    ),
    IdentityKnowledge.NOT_FOUND: (
        "The caller's account is collected and holds no such principal, so it came later or is "
        "gone, and its policies are not known.",
        "Check the ARN, look back to a date when it was there, or collect the account again.",
    ),
    IdentityKnowledge.OUTSIDE: (
        "The caller's account is not in this organization, so its policies are not known.",
        "Ask those who run that account.",
    ),
    IdentityKnowledge.SESSION_OF_UNKNOWN: (
        "A federated user has the policies of the IAM user that made the session, which its ARN "
        "does not tell.",
        "Ask with that IAM user's ARN.",
    ),
}


def _why_not_placed(organization: CompiledOrganization, account_id: str) -> tuple[str, str]:
    if account_id in organization.unplaced:
        return (
            f"Where account {account_id} stands in the tree was not collected, so what binds it "
            "is not known.",
            "Collect the organization again.",
        )
    if not organization.is_known:
        return "This organization has not been read yet.", "Collect it."
    return (
        f"Account {account_id} is not in this organization, so what binds it is not known.",
        "Ask those who run that account.",
    )


def _text_missing(policy: AttachedText) -> tuple[str, str]:
    if policy.text is None:
        return (
            f"{policy.name} is attached, and its text was not collected.",
            "Collect the account again.",
        )
    return (
        f"The text of {policy.name} cannot be read, so it may say anything.",
        "Correct the policy's text.",
    )


def _control(policy: ControlPolicy, kind: str) -> BearingPolicy:
    return BearingPolicy(
        kind, policy.name, policy.policy_id, "", "", policy.document, policy.diagnostics
    )


def _attached(policy: AttachedText) -> BearingPolicy:
    return BearingPolicy(
        policy.kind,
        policy.name,
        "",
        policy.arn,
        policy.via_group,
        policy.document,
        policy.diagnostics,
        policy.text is not None,
    )


def _same(known: PolicySet) -> PolicySet:
    return known


def _levels_of(known: PolicySet, policy_type: PolicyType) -> tuple[TargetPolicies, ...]:
    is_scp = policy_type is SCP
    levels = known.service_control_policies if is_scp else known.resource_control_policies
    return levels or ()


def _with_levels(
    known: PolicySet, policy_type: PolicyType, levels: tuple[TargetPolicies, ...]
) -> PolicySet:
    if policy_type is SCP:
        return replace(known, service_control_policies=levels)
    return replace(known, resource_control_policies=levels)


@lru_cache(maxsize=1024)
def _document(effect: str, policy_type: PolicyType, principal: str) -> PolicyDocument:
    statement: dict[str, object] = {"Effect": effect, "Action": "*", "Resource": "*"}
    if principal == "*":
        statement["Principal"] = "*"
    elif principal:
        kind = "AWS" if principal.startswith("arn:") else "Service"
        statement["Principal"] = {kind: principal}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    document = parse_policy(text, policy_type).document
    if document is None:
        raise AssertionError("an extreme policy can be read")
    return document


def _allow() -> PolicyDocument:
    return _document("Allow", SCP, "")


def _deny() -> PolicyDocument:
    return _document("Deny", SCP, "")


def _resource_deny() -> PolicyDocument:
    return _document("Deny", PolicyType.RESOURCE_POLICY, "*")


def _resource_allow(request: Request) -> PolicyDocument:
    """Allow the caller itself, which reaches further than allowing everybody."""
    by_name = request.principal.kind not in (
        PrincipalKind.ANONYMOUS,
        PrincipalKind.IDENTITY_PROVIDER,
    )
    principal = request.principal.text if by_name else "*"
    return _document("Allow", PolicyType.RESOURCE_POLICY, principal)
