"""Callers that an edge may stand for, in classes: whom policies see, and what a request says.

A class fixes the kind of caller, its account and its organization; what the request says besides
(tags, addresses, an ExternalId, a token's claims) is free. Service-linked roles are left out unless
a policy names one: what they may do is AWS's own choice.

Source: IAM user guide, "AWS global condition context keys" (availability of each key), "Available
keys for AWS OIDC federation"; STS API reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import lru_cache
from typing import Final

from policies.comparison.callers import (
    CALLER_ACCOUNT,
    IS_SERVICE,
    PRINCIPAL_ACCOUNT,
    PRINCIPAL_ARN,
    PRINCIPAL_ORGANIZATION,
    PRINCIPAL_PATHS,
    PRINCIPAL_TYPE,
    PRINCIPAL_TYPES,
    SERVICE_NAME,
    SERVICE_ONLY_KEYS,
    SOURCE_ACCOUNT,
    SOURCE_ARN,
    USER_ID,
    USER_NAME,
    is_identity_key,
)
from policies.comparison.domains import Domain, principal_arn_domain, principal_globs
from policies.evaluation.principal import (
    NotAPrincipal,
    PrincipalKind,
    RequestPrincipal,
    parse_principal,
)
from policies.language.conditions.values import ABSENT, UNKNOWN, ContextValue
from policies.language.patterns import Glob, Wild
from policies.trust.edges import PolicyCrossing
from policies.trust.guard_keys import is_certificate_tag
from policies.trust.memberships import (
    NO_ORGANIZATION,
    WITH_WILDCARDS,
    Membership,
)
from policies.trust.narrowing import SOURCE_OWNER
from policies.trust.principals import OWN_PARTITION
from policies.trust.request_values import (
    ACCOUNT_ID,
    ARN_OF_ANY_ACCOUNT,
    ARN_WITHOUT_ACCOUNT,
    EXTERNAL_ID,
)

STRANGER_IP: Final = "203.0.113.77"

_ISSUER: Final = "aws:federatedprovider"

_IDENTITY_ONLY: Final = frozenset(
    {
        PRINCIPAL_ARN,
        PRINCIPAL_ACCOUNT,
        PRINCIPAL_ORGANIZATION,
        PRINCIPAL_PATHS,
        CALLER_ACCOUNT,
        USER_NAME,
    }
)
_STRANGE_NETWORK: Final[Mapping[str, ContextValue]] = {
    "aws:sourcevpc": ABSENT,
    "aws:sourcevpcarn": ABSENT,
    "aws:sourcevpce": ABSENT,
    "aws:vpceaccount": ABSENT,
    "aws:vpceorgid": ABSENT,
    "aws:vpceorgpaths": ABSENT,
    "aws:vpcsourceip": ABSENT,
    "s3:dataaccesspointaccount": ABSENT,
    "s3:dataaccesspointarn": ABSENT,
    "elasticfilesystem:accessedviamounttarget": "false",
}
_STRANGE_IDS: Final = {
    "role": "AROASTRANGEREXAMPLE1:stranger",
    "user": "AIDASTRANGEREXAMPLE1",
}


class CallerForm(Enum):
    """What calls: decides which keys a request never has, and which actions it can call."""

    IDENTITY = auto()
    SERVICE = auto()
    WEB_IDENTITY = auto()
    SAML = auto()
    ANONYMOUS = auto()


@dataclass(frozen=True, slots=True, eq=False)
class CallerClass:
    """Callers that differ only in what their requests are free to say.

    `stand_in`: whom Principal elements see. `given`: keys with one value, ABSENT among them;
    `domains`: keys that are free within limits. `crossing`: what an edge from everyone crosses
    that this class can use. `provider`: the prefix of a token's claims.
    """

    form: CallerForm
    stand_in: RequestPrincipal
    given: Mapping[str, ContextValue]
    domains: Mapping[str, Domain]
    crossing: PolicyCrossing
    provider: str | None = None

    @property
    def account_id(self) -> str | None:
        """The caller's account; None for services, providers and anonymous callers."""
        return self.stand_in.account_id

    def with_values(self, values: Mapping[str, ContextValue]) -> CallerClass:
        """Return the callers whose requests have some values, too."""
        return replace(self, given={**self.given, **values})

    def value(self, key: str) -> ContextValue:
        """Return a key's value: UNKNOWN where the request is free to say it."""
        found = self.given.get(key)
        if found is not None:
            return found
        return ABSENT if self._never_sent(key) else UNKNOWN

    def _never_sent(self, key: str) -> bool:
        if ":" not in key:
            return True  # No key of AWS's: a placeholder such as ${Account} reads it.
        if self.form is CallerForm.SERVICE:
            of_identity = key in _IDENTITY_ONLY or is_identity_key(key)
            return of_identity and not is_certificate_tag(key, self.stand_in.text)
        if key in SERVICE_ONLY_KEYS or key == SERVICE_NAME:
            return True
        if self.form is CallerForm.IDENTITY:
            return key == USER_NAME and self.stand_in.kind not in _MAY_BE_USERS
        if key in _IDENTITY_ONLY or is_identity_key(key):
            return not (key == _ISSUER and self.form is CallerForm.WEB_IDENTITY)
        if self.form is CallerForm.ANONYMOUS:
            return False
        return key == EXTERNAL_ID or self._is_claim_of_another(key)

    def _is_claim_of_another(self, key: str) -> bool:
        """Whether a key is a claim that another provider's tokens make."""
        prefix, _, claim = key.rpartition(":")
        if self.form is CallerForm.SAML:
            return "." in prefix and bool(claim)
        if prefix == "saml":
            return True
        return "." in prefix and self.provider is not None and prefix != self.provider.lower()


def identity_class(
    account_id: str,
    kind: str,
    membership: Membership,
    crossing: PolicyCrossing,
    *,
    partition: str = OWN_PARTITION,
    more: Mapping[str, ContextValue] | None = None,
) -> CallerClass:
    """Return the roles, users, root user or federated users of an account.

    `kind`: of `PRINCIPAL_TYPES`.
    """
    domain = principal_arns(partition, account_id, kind)
    stand_in = parse_principal(domain.seeds[0])
    given = _identity_given(account_id, kind)
    if kind == "root":
        given[PRINCIPAL_ARN] = stand_in.text
    given.update(membership.given)
    given.update(more or {})
    return CallerClass(
        CallerForm.IDENTITY,
        stand_in,
        given,
        {PRINCIPAL_ARN: domain, **membership.domains},
        crossing,
    )


def exact_class(text: str, membership: Membership, crossing: PolicyCrossing) -> CallerClass | None:
    """Return the one user, role or session that an ARN names; None if it names none."""
    try:
        principal = parse_principal(text)
    except NotAPrincipal:
        return None
    account_id = principal.account_id
    if account_id is None:
        return None
    kind = _KINDS[principal.kind]
    given = _identity_given(account_id, kind)
    given.update(membership.given)
    domains: dict[str, Domain] = dict(membership.domains)
    if principal.kind is PrincipalKind.USER:
        given[USER_NAME] = principal.name
    if principal.role_path_known:
        given[PRINCIPAL_ARN] = principal.role_arn or principal.text
    else:
        partition = text.split(":", 2)[1]
        domains[PRINCIPAL_ARN] = principal_arns(partition, account_id, "role", principal.name)
    return CallerClass(CallerForm.IDENTITY, principal, given, domains, crossing)


def _identity_given(account_id: str, kind: str) -> dict[str, ContextValue]:
    given: dict[str, ContextValue] = {
        IS_SERVICE: "false",
        PRINCIPAL_TYPE: PRINCIPAL_TYPES[kind],
        PRINCIPAL_ACCOUNT: account_id,
        CALLER_ACCOUNT: account_id,
        SOURCE_OWNER: account_id,
    }
    if kind == "root":
        given[USER_ID] = account_id
    return given


_KINDS: Final = {
    PrincipalKind.ROLE: "role",
    PrincipalKind.SESSION: "role",
    PrincipalKind.USER: "user",
    PrincipalKind.ROOT_USER: "root",
    PrincipalKind.FEDERATED_USER: "federated-user",
}


_MAY_BE_USERS: Final = frozenset({PrincipalKind.USER, PrincipalKind.CANONICAL_USER})


def canonical_class(text: str, member: CallerClass) -> CallerClass | None:
    """Return the callers of an account that a policy names by a canonical user id.

    `member`: some kind of identities of the account. None if that is no canonical user id.
    """
    try:
        principal = parse_principal(text)
    except NotAPrincipal:
        return None
    if principal.kind is not PrincipalKind.CANONICAL_USER:
        return None
    found = replace(member, stand_in=principal)
    is_user = member.stand_in.kind is PrincipalKind.USER
    return found if is_user else found.with_values({USER_NAME: ABSENT})


def origin_access_class(text: str) -> CallerClass | None:
    """Return CloudFront's calls with an origin access identity; None if the text names none."""
    try:
        principal = parse_principal(text)
    except NotAPrincipal:
        return None
    if principal.kind is not PrincipalKind.ORIGIN_ACCESS_IDENTITY:
        return None
    given: dict[str, ContextValue] = {
        IS_SERVICE: "false",
        PRINCIPAL_ARN: text,
        **NO_ORGANIZATION.given,
    }
    return CallerClass(CallerForm.IDENTITY, principal, given, {}, PolicyCrossing.EXTERNAL)


def stranger_class(
    account_id: str, kind: str, membership: Membership, address: str, partition: str
) -> CallerClass:
    """Return anybody's roles or users, who come from anywhere: whom a public policy lets in."""
    more = dict(_STRANGE_NETWORK)
    more["aws:sourceip"] = address
    if kind != "root":
        more[USER_ID] = _STRANGE_IDS.get(kind, f"{account_id}:stranger")
    public = PolicyCrossing.PUBLIC
    return identity_class(account_id, kind, membership, public, partition=partition, more=more)


def anonymous_class(crossing: PolicyCrossing, address: str | None) -> CallerClass:
    """Return callers without an identity; `address`: who come from anywhere."""
    given: dict[str, ContextValue] = {
        IS_SERVICE: "false",
        PRINCIPAL_TYPE: "Anonymous",
        USER_ID: "anonymous",
    }
    if address is not None:
        given.update(_STRANGE_NETWORK)
        given["aws:sourceip"] = address
    return CallerClass(CallerForm.ANONYMOUS, parse_principal("anonymous"), given, {}, crossing)


def service_class(name: str) -> CallerClass | None:
    """Return an AWS service; None if that is no service's name."""
    try:
        principal = parse_principal(name)
    except NotAPrincipal:
        return None
    if principal.kind is not PrincipalKind.SERVICE:
        return None
    given: dict[str, ContextValue] = {
        IS_SERVICE: "true",
        SERVICE_NAME: name,
        PRINCIPAL_TYPE: ABSENT,
    }
    domains = {SOURCE_ACCOUNT: _SOURCE_ACCOUNTS, SOURCE_ARN: _SOURCE_ARNS}
    return CallerClass(CallerForm.SERVICE, principal, given, domains, PolicyCrossing.SERVICE)


_SOURCE_ACCOUNTS: Final = Domain(globs=(Glob(ACCOUNT_ID),), seeds=("111122223333",))
_SOURCE_ARNS: Final = Domain(globs=(ARN_OF_ANY_ACCOUNT, ARN_WITHOUT_ACCOUNT))


def provider_class(text: str, provider: str | None, *, is_saml: bool) -> CallerClass | None:
    """Return whom an identity provider vouches for; None if that is no provider."""
    try:
        principal = parse_principal(text)
    except NotAPrincipal:
        return None
    if principal.kind is not PrincipalKind.IDENTITY_PROVIDER:
        return None
    form = CallerForm.SAML if is_saml else CallerForm.WEB_IDENTITY
    given: dict[str, ContextValue] = {IS_SERVICE: "false", PRINCIPAL_TYPE: ABSENT}
    return CallerClass(form, principal, given, {}, PolicyCrossing.FEDERATED, provider)


@lru_cache(maxsize=4096)
def principal_arns(partition: str, account_id: str, kind: str, name: str | None = None) -> Domain:
    """Return what aws:PrincipalArn is for a kind of principals of an account.

    `name`: of the role, whatever its path; None: of any. Service-linked roles are left out.
    """
    general = principal_arn_domain(account_id, (kind,))
    globs = tuple(principal_globs(kind, (f"arn:{partition}",), account_id))
    seeds = tuple(seed.replace("arn:aws:", f"arn:{partition}:", 1) for seed in general.seeds)
    if name is not None:
        start = f"arn:{partition}:iam::{account_id}:{kind}/"
        globs = (Glob((start + name,)), Glob((start, Wild.PART, f"/{name}")))
        seeds = (start + name,)
    return Domain(
        globs=globs, barred=(*general.barred, *WITH_WILDCARDS), seeds=seeds, may_be_absent=False
    )
