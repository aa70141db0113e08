"""Which actions of a statement a resource knows, and which texts name the resource and its parts.

Source: Service authorization reference (resource types of actions); IAM user guide, "Roles terms
and concepts", "Pass session tags in AWS STS"; each service's guide to its resource policies.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from policies.catalogue import Catalogue
from policies.language.document import Statement
from policies.language.meeting import globs_meet
from policies.language.patterns import Glob, Wild, action_glob, resource_glob
from policies.language.policy_types import PolicyType

ROLE_ACTIONS: Final = (
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:TagSession",
    "sts:SetSourceIdentity",
    "sts:SetContext",
)
"""What a role's trust policy can allow, in the order in which a request is sought."""
_ROLE_ACTIONS: Final = frozenset(action.lower() for action in ROLE_ACTIONS)

_DESTINATION: Final = re.compile(r":(?:delivery-)?destination:")
_SERVICES_OF: Final = {
    "apigateway": ("execute-api", "apigateway"),
    "execute-api": ("execute-api",),
    "elasticfilesystem": ("elasticfilesystem", "backup"),
    "es": ("es", "opensearch"),
    "opensearch": ("es", "opensearch"),
    "kafka": ("kafka", "kafka-cluster"),
}
"""The prefixes of the actions that a policy on a service's resource can name, where the service's
own is not the only one."""


@lru_cache(maxsize=64)
def known_bits(catalogue: Catalogue, service: str, policy_type: PolicyType) -> int:
    """Return the actions of the catalogue that a resource of a service can know."""
    if policy_type is PolicyType.TRUST_POLICY:
        return catalogue.union(_ROLE_ACTIONS)
    bits = 0
    for prefix in _SERVICES_OF.get(service, (service,)):
        if prefix in catalogue.service_ranges:
            bits |= catalogue.service_bits(prefix)
    return bits or catalogue.all_bits


def service_of(arn: str) -> str:
    """Return the service of an ARN; empty where the text is none."""
    parts = arn.split(":", 3)
    return parts[2] if len(parts) > 3 else ""


def lets_in_services_alone(arn: str) -> bool:
    """Whether a resource's policy is enforced for calls by AWS services only, as on log groups.

    True of an account's policies and of a log group's own; those of destinations let accounts in.
    Source: CloudWatch Logs API reference, PutResourcePolicy ("Policy only applies when operations
    are invoked by AWS service principals"), PutDestinationPolicy, PutDeliveryDestinationPolicy;
    read on 2026-11-30.
    """
    return service_of(arn) == "logs" and not _DESTINATION.search(arn)


def limits_alone(arn: str) -> bool:
    """Whether a resource's policy limits what goes through it, and lets nobody in.

    Source: VPC guide, "Control access to VPC endpoints using endpoint policies".
    """
    return service_of(arn) == "ec2" and ":vpc-endpoint/" in arn


def known_actions(
    statement: Statement, catalogue: Catalogue, service: str, policy_type: PolicyType
) -> tuple[str, ...]:
    """Return a statement's actions, as written, of those that the resource knows.

    Of NotAction, the catalogue's names of what it leaves.
    """
    known = known_bits(catalogue, service, policy_type)
    if statement.actions is not None:
        return tuple(
            dict.fromkeys(
                pattern
                for pattern in statement.actions
                if _is_known(pattern, catalogue, service, policy_type, known)
            )
        )
    left = known & ~catalogue.union(statement.not_actions or ())
    if policy_type is PolicyType.TRUST_POLICY:
        index_of = catalogue.index_of
        return tuple(name for name in ROLE_ACTIONS if left >> index_of[name.lower()] & 1)
    return tuple(catalogue.actions(left))


def _is_known(
    pattern: str, catalogue: Catalogue, service: str, policy_type: PolicyType, known: int
) -> bool:
    if pattern == "*" or catalogue.bits(pattern) & known:
        return True
    if policy_type is PolicyType.TRUST_POLICY:
        glob = action_glob(pattern)
        return any(glob.matches(name) for name in _ROLE_ACTIONS)
    # An action that the catalogue does not have yet.
    prefix, colon, _ = pattern.lower().partition(":")
    is_new = not catalogue.bits(pattern)
    return bool(colon) and is_new and prefix in _SERVICES_OF.get(service, (service,))


@lru_cache(maxsize=65536)
def resource_family(arn: str) -> tuple[Glob, ...]:
    """Return what a policy on a resource is about: the resource, and what lies in it.

    A bucket and its objects, a function and its versions, a table and its indexes, …
    """
    exact = Glob((arn,))
    service = service_of(arn)
    if arn == "*":
        return (Glob((Wild.ANY,)),)
    parts = arn.split(":", 5)
    if service == "iam" or len(parts) < 6:
        return (exact,)
    partition, region, account = parts[1], parts[3], parts[4]
    globs = [exact, Glob((f"{arn.rstrip('/')}/", Wild.ANY)), Glob((f"{arn}:", Wild.ANY))]
    if arn.endswith(":*"):
        globs.append(Glob((arn[:-1], Wild.ANY)))
    if service in {"glue", "logs"} and parts[5] in {"catalog", "*", ""}:
        globs.append(Glob((f"arn:{partition}:{service}:{region}:{account}:", Wild.ANY)))
    if service == "apigateway" and parts[5].startswith("/restapis/"):
        api = parts[5].split("/")[2]
        globs.append(
            Glob((f"arn:{partition}:execute-api:{region}:", Wild.PART, f":{api}/", Wild.ANY))
        )
    if service == "events" and parts[5].startswith("event-bus/"):
        bus = parts[5].removeprefix("event-bus/")
        globs.append(Glob((f"arn:{partition}:events:{region}:{account}:rule/{bus}/", Wild.ANY)))
        if bus == "default":
            globs.append(Glob((f"arn:{partition}:events:{region}:{account}:rule/", Wild.ANY)))
    if service == "backup":
        globs.append(Glob((f"arn:{partition}:", Wild.ANY)))
    if service == "organizations" and parts[5].startswith("organization/"):
        # A delegation policy names roots, OUs, accounts and policies, those of AWS too.
        owners = (account, "aws")
        globs += [Glob((f"arn:{partition}:organizations::{one}:", Wild.ANY)) for one in owners]
    if service == "ecr" and not parts[5].startswith("repository/"):
        globs.append(Glob((f"arn:{partition}:ecr:{region}:{account}:", Wild.ANY)))
    return tuple(globs)


def concerns(statement: Statement, arn: str) -> bool:
    """Whether a statement's Resource or NotResource leaves something of a resource.

    A statement without either is about the resource that it stands on.
    """
    if statement.not_resources is not None:
        return not any(_holds_all(pattern, arn) for pattern in statement.not_resources)
    if statement.resources is None:
        return True
    return _meets(statement.resources, arn)


def _meets(patterns: Sequence[str], arn: str) -> bool:
    family = resource_family(arn)
    for pattern in patterns:
        if pattern == "*" or pattern == arn or "${" in pattern:
            return True
        if pattern.startswith("execute-api:/") and service_of(arn) in {"apigateway", "execute-api"}:
            return True
        glob = resource_glob((pattern,))
        if any(globs_meet(glob, one) for one in family):
            return True
    return False


def _holds_all(pattern: str, arn: str) -> bool:
    if pattern == "*":
        return True
    glob = resource_glob((pattern,))
    return glob.matches(arn) and all(
        glob.matches(f"{arn}{inside}") for inside in ("/example", ":example")
    )
