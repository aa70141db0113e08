"""Access that something other than a policy gives, as the policy that would give it.

So the engine says whom it lets in and what SCPs and RCPs leave of it. What IAM has no action for,
such as a network connection, no policy prunes.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from governance.posture.state.granted_access import (
    grant_statements,
    grantee_elements,
    last_part,
)
from governance.posture.trust.edge_rows import EdgeTarget
from governance.posture.trust.policy_templates import EdgeTemplate
from governance.posture.trust.surroundings import Surroundings
from inventory.resource_facts import (
    RAM_SHARE,
    AccessGrant,
    BucketFacts,
    GranteeKind,
    shared_of_type,
)
from policies.trust import GuardKind, PolicyCrossing, TrustedResource, TrustPrincipal
from policies.trust import TrustPrincipalKind as Kind
from policies.trust.crossing import crossing_of

_GROUPS: Final = "http://acs.amazonaws.com/groups/"
_LOG_DELIVERY: Final = "LogDelivery"
_ARN_ACCOUNT: Final = re.compile(r"arn:[a-z0-9-]+:(?:iam|sts)::(\d{12}):")
IDENTITY_CENTER: Final = "identity_center"
_ACL_ACTIONS: Final = {
    "READ": ("s3:ListBucket",),
    "WRITE": ("s3:PutObject", "s3:DeleteObject"),
    "READ_ACP": ("s3:GetBucketAcl",),
    "WRITE_ACP": ("s3:PutBucketAcl",),
}
_SHARE_UNKNOWN: Final = (
    "What the managed permissions of the share allow is not collected, so the actions are not "
    "known."
)
_OWNER_UNKNOWN: Final = (
    "One of the canonical users in the access control list is the bucket's owner; which one is "
    "not known."
)


@dataclass(frozen=True, slots=True)
class GrantedAccess:
    """One grant. `policy`: the text that would give it, empty where no policy can. `edge`: what it
    comes to where the engine knows no action of it.

    `through` and `name`: as of `AccessGrant`. `is_group_of_acl`: it is to a group of S3. `targets`:
    the resources that the policy would be on, of a share; none: the grant's own. `actions`: as
    JSON, where they are all to be shown, whether the resource knows them or not.
    """

    through: str
    name: str
    policy: str = ""
    edge: EdgeTemplate | None = None
    guards: Sequence[Mapping[str, Any]] = ()
    undecided: list[str] = field(default_factory=list)
    is_group_of_acl: bool = False
    targets: Sequence[EdgeTarget] = ()
    actions: str = ""


def granted_access(
    grant: AccessGrant,
    target: EdgeTarget,
    around: Surroundings,
    shared: Sequence[str] = (),
) -> GrantedAccess:
    """Return what a grant gives. `shared`: the ARNs of what a share holds."""
    if grant.through == RAM_SHARE:
        return _shared_access(grant, target, around, shared)
    guards = [
        {
            "kind": str(GuardKind.OTHER),
            "key": key,
            "operator": "",
            "values": [str(one) for one in value] if isinstance(value, list) else [str(value)],
            "holds": False,
            "leaves_open": "It narrows what is done, not who does it.",
        }
        for key, value in sorted(grant.conditions.items())
    ]
    if grant.expires_at:
        guards.append(
            {
                "kind": str(GuardKind.TIME),
                "key": "",
                "operator": "",
                "values": [grant.expires_at],
                "holds": False,
                "leaves_open": f"Everything until {grant.expires_at}.",
            }
        )
    through = grant.through[:64]
    who = grantee_elements(grant, around.organization)
    plain = _plain_edge(grant, target, around)
    if not grant.actions or who is None:
        return GrantedAccess(through, grant.name, edge=plain, guards=guards)
    statement = {"Effect": "Allow", "Action": list(grant.actions), "Resource": "*", **who}
    policy = _policy(statement)
    return GrantedAccess(through, grant.name, policy=policy, edge=plain, guards=guards)


def _shared_access(
    grant: AccessGrant, target: EdgeTarget, around: Surroundings, shared: Sequence[str]
) -> GrantedAccess:
    """Return what a share gives: what its managed permission says, on what it holds."""
    plain = _plain_edge(grant, target, around)
    statements = grant_statements(grant, around.organization)
    if not statements:
        unknown = [] if grant.actions else [_SHARE_UNKNOWN]
        return GrantedAccess(RAM_SHARE, grant.name, edge=plain, undecided=unknown)
    return GrantedAccess(
        RAM_SHARE,
        grant.name,
        policy=_policy(statements[0]),
        edge=plain,
        targets=[
            _shared_target(arn, target) for arn in shared_of_type(grant.resource_type, shared)
        ],
        actions=plain.actions,
    )


def _shared_target(arn: str, share: EdgeTarget) -> EdgeTarget:
    _, _, service, region, _, name = arn.split(":", 5)
    return EdgeTarget(share.account_id, arn, name, service, share.resource_type, region)


def acl_access(bucket: BucketFacts, target: EdgeTarget) -> list[GrantedAccess]:
    """Return what the access control list of a bucket gives to others than its owner."""
    found = []
    users = {one.grantee for one in bucket.grants or () if not one.grantee.startswith(_GROUPS)}
    for grant in bucket.grants or ():
        is_group = grant.grantee.startswith(_GROUPS)
        if not is_group and len(users) < 2:
            continue
        group = grant.grantee.rpartition("/")[2]
        who: dict[str, Any] = {"Principal": "*"}
        if group == _LOG_DELIVERY:
            who = {"Principal": {"Service": "logging.s3.amazonaws.com"}}
        elif not is_group:
            who = {"Principal": {"CanonicalUser": grant.grantee}}
        actions = _ACL_ACTIONS.get(grant.permission) or [
            action for each in _ACL_ACTIONS.values() for action in each
        ]
        statement = {"Effect": "Allow", "Action": list(actions), "Resource": _both(target), **who}
        found.append(
            GrantedAccess(
                "bucket ACL",
                f"{grant.permission} to {group if is_group else grant.grantee}",
                policy=_policy(statement),
                undecided=[] if is_group else [_OWNER_UNKNOWN],
                is_group_of_acl=is_group and group != _LOG_DELIVERY,
            )
        )
    return found


def _both(target: EdgeTarget) -> list[str]:
    return [target.arn, f"{target.arn}/*"]


def _policy(statement: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, sort_keys=True)


def _plain_edge(grant: AccessGrant, target: EdgeTarget, around: Surroundings) -> EdgeTemplate:
    """Return the edge of a grant that no policy could give."""
    principal = _plain_principal(grant)
    resource = TrustedResource(target.arn, target.account_id)
    crossing = crossing_of(principal, around.reader.organization, resource)
    if grant.kind in (GranteeKind.IDENTITY, GranteeKind.FEDERATED):
        crossing = PolicyCrossing.FEDERATED
    return EdgeTemplate(
        statement=0,
        sid="",
        kind=principal.kind,
        principal_id=principal.id,
        principal_account_id=principal.account_id or "",
        provider=principal.provider or "",
        tenant=principal.tenant or "",
        crossing=crossing,
        is_guarded=False,
        actions=json.dumps(list(grant.actions)),
        guards="[]",
        blocked_by=None,
        undecided=(),
        witness=None,
    )


def _plain_principal(grant: AccessGrant) -> TrustPrincipal:
    match grant.kind:
        case GranteeKind.ACCOUNT:
            return TrustPrincipal(Kind.ACCOUNT, grant.grantee, grant.grantee)
        case GranteeKind.SERVICE:
            return TrustPrincipal(Kind.SERVICE, grant.grantee)
        case GranteeKind.EVERYONE:
            return TrustPrincipal(Kind.EVERYONE, "*")
        case GranteeKind.ORGANIZATION:
            return TrustPrincipal(Kind.ORGANIZATION, last_part(grant.grantee))
        case GranteeKind.ORGANIZATIONAL_UNIT:
            return TrustPrincipal(Kind.ORGANIZATIONAL_UNIT, grant.grantee.partition("ou/")[2])
        case GranteeKind.CANONICAL_USER:
            return TrustPrincipal(Kind.CANONICAL_USER, grant.grantee)
        case GranteeKind.FEDERATED:
            # One issuer, of one account.
            return TrustPrincipal(
                Kind.FEDERATED, grant.grantee, provider=grant.grantee, tenant=grant.grantee
            )
        case GranteeKind.IDENTITY:
            # The organization's own directory: nobody of another tenant is in it.
            return TrustPrincipal(
                Kind.FEDERATED, grant.grantee, provider=IDENTITY_CENTER, tenant=IDENTITY_CENTER
            )
    found = _ARN_ACCOUNT.match(grant.grantee)
    account_id = found[1] if found else None
    kind = Kind.USER if ":user/" in grant.grantee else Kind.ROLE
    return TrustPrincipal(kind, grant.grantee, account_id)
