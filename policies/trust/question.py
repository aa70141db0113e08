"""What is asked: a policy, what it stands on, and the organization around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from policies.evaluation.policy_set import TargetPolicies
from policies.language.document import PolicyDocument
from policies.language.policy_types import PolicyType

Levels = tuple[TargetPolicies, ...]


@dataclass(frozen=True, slots=True)
class TrustedResource:
    """What a policy stands on. `account_id`: whose it is; an S3 bucket's ARN does not say."""

    arn: str
    account_id: str


@dataclass(frozen=True, slots=True)
class TrustOrganization:
    """The organization whose accounts are no strangers.

    `accounts`: id → the path of its parent, `o-…/r-…/ou-…/` as aws:PrincipalOrgPaths has it.
    """

    id: str | None = None
    management_account_id: str | None = None
    accounts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class TrustQuestion:
    """Whom `policy` lets into `resource`.

    `policy_type`: TRUST_POLICY for a role, else RESOURCE_POLICY. `organization` of None: not known,
    so no account but the resource's own is no stranger. `service_control_policies`: levels of each
    caller's account, root first; an account that is not in it is undecided, not allowed.
    `resource_control_policies`: levels of the resource's account; None: not given.
    """

    policy: PolicyDocument
    policy_type: PolicyType
    resource: TrustedResource
    organization: TrustOrganization | None = None
    service_control_policies: Mapping[str, Levels] = field(default_factory=dict)
    resource_control_policies: Levels | None = None
