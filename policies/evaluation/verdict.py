"""How statements that hold make a decision: the rules of combination, two-valued.

Source: IAM user guide, "Policy evaluation logic", "Evaluating policies within a single account",
"Cross-account policy evaluation logic", "Permissions boundaries for IAM entities"; Organizations
user guide, "SCP evaluation"; KMS developer guide, "Key policies"; STS API reference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from policies.evaluation.layers import BoundLayer, Decider
from policies.evaluation.principal import PrincipalKind, Reach, RequestPrincipal

_Deciders = tuple[Decider, ...]


class DecisionOutcome(StrEnum):
    """What becomes of a request."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicitDeny"
    IMPLICIT_DENY = "implicitDeny"
    UNKNOWN = "unknown"


class Decision(NamedTuple):
    """A decision.

    `decided_by`: for `explicitDeny` every kind of policy with a deny that holds, and first AWS
    itself where it never permits the request; for
    `implicitDeny` every kind that had to allow and does not; for `allowed` what grants; for
    `unknown` every kind that may deny. `unknown_keys`, in lower case: of the keys declared
    unknown, those on whose value the decision hangs; none where it is unknown for another reason
    (an operator that AWS does not have, a canonical user id).
    """

    decision: DecisionOutcome
    decided_by: tuple[Decider, ...]
    unknown_keys: tuple[str, ...]

    @property
    def is_denied(self) -> bool:
        """Whether it is a deny, of whichever kind."""
        return self.decision in _DENIED


class DeniedEitherWay(Decision):
    """Unknown only in whether the deny is explicit or implicit: no value of a key lets it pass."""

    __slots__ = ()

    @property
    def is_denied(self) -> bool:
        """It is."""
        return True


_DENIED = frozenset({DecisionOutcome.EXPLICIT_DENY, DecisionOutcome.IMPLICIT_DENY})


class MatchedStatements(NamedTuple):
    """Which statements hold: layers (by index) that deny, and how far each layer allows."""

    denying: frozenset[int]
    allowing: Mapping[int, Reach]


class Rules(NamedTuple):
    """What of a request, besides statements, decides how they combine."""

    principal: RequestPrincipal
    same_account: bool
    always_allowed: bool
    never_permitted: bool
    resource_policy_must_allow: bool


def combine(layers: Sequence[BoundLayer], found: MatchedStatements, rules: Rules) -> Decision:
    """Decide a request from the statements that hold."""
    if rules.always_allowed:
        return Decision(DecisionOutcome.ALLOWED, (Decider.ALWAYS_ALLOWED,), ())
    if found.denying or rules.never_permitted:
        deniers: dict[Decider, None] = {}
        if rules.never_permitted:
            deniers[Decider.NEVER_PERMITTED] = None
        deniers.update((layers[index].layer.decider, None) for index in sorted(found.denying))
        return Decision(DecisionOutcome.EXPLICIT_DENY, tuple(deniers), ())
    lacking: dict[Decider, None] = {}
    reach: dict[Decider, Reach] = {}
    for index, bound in enumerate(layers):
        if bound.exempt is not None:
            continue
        decider = bound.layer.decider
        allows = found.allowing.get(index, Reach.NONE)
        reach[decider] = allows
        if decider in _EVERY_LEVEL and allows is Reach.NONE:
            lacking[decider] = None
    granted, missing = _grant(reach, rules)
    lacking.update(dict.fromkeys(missing))
    if lacking:
        return Decision(DecisionOutcome.IMPLICIT_DENY, tuple(lacking), ())
    return Decision(DecisionOutcome.ALLOWED, granted, ())


_EVERY_LEVEL = frozenset({Decider.SERVICE_CONTROL_POLICY, Decider.VPC_ENDPOINT_POLICY})
"""Every layer of these must allow; a resource control policy only denies, since AWS attaches
RCPFullAWSAccess to every target and lets nobody detach it."""


def _grant(reach: Mapping[Decider, Reach], rules: Rules) -> tuple[_Deciders, _Deciders]:
    """Return who grants, and who should have but does not."""
    resource = reach.get(Decider.RESOURCE_POLICY, Reach.NONE)
    by_resource: _Deciders = (Decider.RESOURCE_POLICY,)
    if rules.principal.account_id is None:
        return (by_resource, ()) if resource is Reach.DIRECT else ((), by_resource)
    root = rules.principal.kind is PrincipalKind.ROOT_USER
    identity = root or reach.get(Decider.IDENTITY_POLICY, Reach.NONE) > Reach.NONE
    by_identity: _Deciders = (Decider.ROOT_USER if root else Decider.IDENTITY_POLICY,)
    capped = tuple(
        decider
        for decider in (Decider.PERMISSION_BOUNDARY, Decider.SESSION_POLICY)
        if reach.get(decider) is Reach.NONE
    )
    if not rules.same_account or rules.resource_policy_must_allow:
        direct = rules.same_account and (
            resource is Reach.DIRECT or (resource is Reach.LIMITED and not capped)
        )
        if direct:
            return (by_resource + (by_identity if identity and not capped else ())), ()
        missing: _Deciders = () if resource > Reach.NONE else by_resource
        by_role = rules.same_account and resource is Reach.LIMITED
        if not identity and not by_role:
            missing += by_identity
        missing += capped
        return (by_resource + by_identity, ()) if not missing else ((), missing)
    granted: _Deciders = ()
    if identity and not capped:
        granted = by_identity
    if resource is Reach.DIRECT or (resource is Reach.LIMITED and not capped):
        granted = by_resource + granted
    if granted:
        return granted, ()
    missing = capped
    if not identity and resource is not Reach.LIMITED:
        given: _Deciders = by_resource if Decider.RESOURCE_POLICY in reach else ()
        missing = given + by_identity + missing
    return (), missing
