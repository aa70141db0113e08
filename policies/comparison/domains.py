"""Which values a key can have in a request that one target's policies bind, and likely ones.

A domain only excludes what cannot be: an SCP binds the users, roles and root user of its account,
never a service-linked role. Where AWS's documents leave it open the domain is everything, so that
a comparison may show too much, never too little.

Source: IAM user guide, "AWS global condition context keys" (aws:PrincipalArn, …); Organizations
user guide, "Service control policies (SCPs)" (tasks and entities not restricted by SCPs).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from policies.comparison.callers import IS_SERVICE
from policies.language.patterns import Glob, Literal, Wild, resource_glob, string_glob
from policies.language.policy_types import PolicyType

# fmt: off
REGIONS: Final = (
    "us-east-1", "us-east-2", "us-west-1", "us-west-2", "eu-west-1", "eu-west-2", "eu-west-3",
    "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "ap-southeast-1",
    "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-northeast-1", "ap-northeast-2",
    "ap-northeast-3", "ap-south-1", "ap-south-2", "ap-east-1", "ca-central-1", "ca-west-1",
    "sa-east-1", "me-south-1", "me-central-1", "il-central-1", "af-south-1", "mx-central-1",
    "us-gov-west-1", "us-gov-east-1", "cn-north-1", "cn-northwest-1",
)
# fmt: on
"""Regions to choose likely values from; any other text is possible too."""

_LIKELY: Final[dict[str, Sequence[str]]] = {
    "aws:requestedregion": REGIONS,
    "aws:sourceip": ("203.0.113.7", "10.0.0.7", "2001:db8::7"),
    "aws:sourcevpc": ("vpc-0example",),
    "aws:sourcevpce": ("vpce-0example",),
    "aws:principalorgid": ("o-exampleorgid",),
    "aws:resourceorgid": ("o-exampleorgid", "o-anotherorg1"),
    "aws:sourceorgid": ("o-exampleorgid", "o-anotherorg1"),
    "aws:resourceaccount": ("111122223333", "444455556666"),
    "aws:sourceaccount": ("111122223333", "444455556666"),
    "aws:principalservicename": ("cloudtrail.amazonaws.com",),
    "aws:principalservicenameslist": ("cloudtrail.amazonaws.com",),
    "aws:calledvia": ("cloudformation.amazonaws.com",),
    "aws:useragent": ("aws-cli/2.0",),
    "aws:tagkeys": ("environment", "owner"),
    "ec2:instancetype": ("t3.micro", "m5.large", "p4d.24xlarge"),
}

_BOOLEAN_TEXTS: Final = ("true", "false")
_ANY_ACCOUNT: Final = (Wild.ONE_IN_PART,) * 12
_NAME: Final = (Wild.PART, Wild.ONE_IN_PART)
PRINCIPAL_KINDS: Final[dict[str, tuple[str, tuple[str | Wild, ...]]]] = {
    "role": ("iam", ("role/", *_NAME)),
    "user": ("iam", ("user/", *_NAME)),
    "root": ("iam", ("root",)),
    "federated-user": ("sts", ("federated-user/", *_NAME)),
}
"""Kinds of principals that SCPs bind, with the service and the name in their ARNs."""
_INFRASTRUCTURE_ROLES: Final[tuple[tuple[str | Wild, ...], ...]] = (
    ("role/aws:ec2-infrastructure",),
    ("role/aws:ec2-infrastructure/", *_NAME),
)
"""The roles of EC2 itself in each account, the only ones with a colon in their names.

Source: KMS developer guide, "How Amazon EBS uses KMS"; EBS user guide, "Amazon EBS encryption"
(instance-only roles); the network perimeters that AWS publishes exempt them.
"""
_ALWAYS_THERE: Final = frozenset(
    {"aws:principaltype", "aws:principalisawsservice", "aws:resourceaccount"}
)
"""Keys that every request by a user, role or root user has."""
_NEVER_THERE: Final = frozenset({"aws:principalservicename", "aws:principalservicenameslist"})
"""Keys that only requests by AWS services have, which SCPs do not bind.

Source: IAM user guide, "aws:PrincipalServiceName", "aws:PrincipalServiceNamesList", Availability.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Domain:
    """The texts a key can hold: they match one of `globs` (none: any text) and none of `barred`.

    `is_single`: one text at most, of a key that the catalogue does not have. `is_typed`: what is
    compared as a number or date is one. Domains compare by identity.
    """

    globs: tuple[Glob, ...] = ()
    barred: tuple[Glob, ...] = ()
    seeds: tuple[str, ...] = ()
    may_be_absent: bool = True
    is_single: bool = False
    is_typed: bool = False


def _one_of(*values: str) -> Domain:
    return Domain(
        globs=tuple(Glob((value,)) for value in values), seeds=values, may_be_absent=False
    )


_OF_BOUND_CALLERS: Final[dict[str, Domain]] = {
    IS_SERVICE: _one_of("false"),
    "aws:principaltype": _one_of("AssumedRole", "User", "Account", "FederatedUser"),
}
"""What a request by a user, role or root user has: no AWS service, and one of four types.

Source: IAM user guide, "aws:PrincipalIsAWSService", "aws:PrincipalType".
"""

_NO_TEXT: Final = Domain(globs=(Glob((Wild.ANY,)),), barred=(Glob((Wild.ANY,)),))


@dataclass(frozen=True, slots=True)
class Domains:
    """The domains for requests that policies of one type at one account bind.

    `account_id`: the account whose requests are compared; None stands for any account, so
    that what is proven then holds for each. `rcp_services`: whose actions RCPs bind.
    """

    policy_type: PolicyType
    account_id: str | None
    rcp_services: frozenset[str] = frozenset()

    def of_key(self, key: str, *, value_type: str = "") -> Domain:
        """Return the domain of a condition key (lower case). `value_type`: as AWS documents it."""
        if self.policy_type is PolicyType.SERVICE_CONTROL_POLICY:
            if key == "aws:principalarn":
                return self._principal_arn()
            if key == "aws:principalaccount":
                return self._account()
            if key in _OF_BOUND_CALLERS:
                return _OF_BOUND_CALLERS[key]
            if key in _NEVER_THERE:
                return _NO_TEXT
        if self.policy_type is PolicyType.RESOURCE_CONTROL_POLICY and key == "aws:resourceaccount":
            return self._account()
        bound = self.policy_type is PolicyType.SERVICE_CONTROL_POLICY
        return Domain(
            seeds=_BOOLEAN_TEXTS if value_type == "Bool" else tuple(_LIKELY.get(key, ())),
            may_be_absent=not (bound and key in _ALWAYS_THERE) and key != IS_SERVICE,
        )

    def of_resource(self) -> Domain:
        """Return the domain of resources: `*`, or an ARN of six parts."""
        return Domain(
            globs=(string_glob((Literal("*"),)), resource_glob(("arn:*:*:*:*:*",))),
            may_be_absent=False,
        )

    def of_action(self) -> Domain:
        """Return the domain of action names, in lower case."""
        globs: tuple[Glob, ...] = (Glob((Wild.PART, ":", Wild.PART)),)
        seeds: tuple[str, ...] = ("anotherservice:anotheraction",)
        if self.policy_type is PolicyType.RESOURCE_CONTROL_POLICY:
            services = sorted(self.rcp_services)
            globs = tuple(Glob((f"{service}:", Wild.PART)) for service in services)
            seeds = tuple(f"{service}:anotheraction" for service in services)
        return Domain(
            globs=globs,
            seeds=seeds,
            may_be_absent=False,
        )

    def _account(self) -> Domain:
        if self.account_id is None:
            return Domain(globs=(Glob(_ANY_ACCOUNT),), may_be_absent=False)
        return Domain(
            globs=(Glob((self.account_id,)),),
            seeds=(self.account_id,),
            may_be_absent=False,
        )

    def _principal_arn(self) -> Domain:
        return principal_arn_domain(self.account_id)


@lru_cache(maxsize=4096)
def principal_arn_domain(
    account_id: str | None, kinds: tuple[str, ...] = tuple(PRINCIPAL_KINDS), name: str | None = None
) -> Domain:
    """Return what aws:PrincipalArn can be for kinds of principals of an account (None: any).

    Service-linked roles are left out: neither SCPs nor RCPs bind them. `name`: of the principal,
    without its path.
    """
    globs = [
        glob
        for partition in (("arn:aws",), ("arn:aws-", Wild.PART))
        for kind in kinds
        for glob in (
            principal_globs(kind, partition, account_id)
            if name is None
            else _named_globs(kind, partition, account_id, name)
        )
    ]
    seeds: list[str] = []
    if account_id is not None:
        seeds = [_EXAMPLES[kind].format(account_id, name or "ExampleUser") for kind in kinds]
    return Domain(
        globs=tuple(globs),
        barred=not_bound_principals(account_id),
        seeds=tuple(seeds),
        may_be_absent=False,
    )


def not_bound_principals(account_id: str | None) -> tuple[Glob, ...]:
    """Return the texts that are no principal which SCPs bind: service-linked roles, paths alone."""
    service_linked = _principal(
        ("arn:aws", Wild.PART), "iam", account_id, ("role/aws-service-role/", Wild.ANY)
    )
    return (service_linked, Glob((Wild.ANY, "/")))


_EXAMPLES: Final = {
    "role": "arn:aws:iam::{0}:role/ExampleRole",
    "user": "arn:aws:iam::{0}:user/{1}",
    "root": "arn:aws:iam::{0}:root",
    "federated-user": "arn:aws:sts::{0}:federated-user/{1}",
}


def _named_globs(
    kind: str, partition: tuple[str | Wild, ...], account_id: str | None, name: str
) -> Iterator[Glob]:
    service, _ = PRINCIPAL_KINDS[kind]
    yield _principal(partition, service, account_id, (f"{kind}/{name}",))
    yield _principal(partition, service, account_id, (f"{kind}/", Wild.PART, f"/{name}"))


def principal_globs(
    kind: str, partition: tuple[str | Wild, ...], account_id: str | None
) -> Iterator[Glob]:
    """Yield what aws:PrincipalArn looks like for a kind of principal of an account (or any)."""
    service, name = PRINCIPAL_KINDS[kind]
    yield _principal(partition, service, account_id, name)
    if kind == "role":
        for role in _INFRASTRUCTURE_ROLES:
            yield _principal(partition, service, account_id, role)


def _principal(
    partition: tuple[str | Wild, ...],
    service: str,
    account_id: str | None,
    name: tuple[str | Wild, ...],
) -> Glob:
    account = _ANY_ACCOUNT if account_id is None else (account_id,)
    tokens: list[str | Wild] = []
    for token in (*partition, f":{service}::", *account, ":", *name):
        if isinstance(token, str) and tokens and isinstance(tokens[-1], str):
            tokens[-1] += token
        else:
            tokens.append(token)
    return Glob(tuple(tokens))
