"""Who makes a request, and how far a policy's Principal element reaches to them.

Source: IAM user guide, "AWS JSON policy elements: Principal" and "…: NotPrincipal"; "IAM
identifiers" for the forms of ARNs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from functools import lru_cache
from typing import Final

from policies.compiled import CompiledStatement
from policies.language.document import Effect, PrincipalElement
from policies.language.policy_types import PolicyType


class PrincipalKind(StrEnum):
    """What makes the request."""

    ROOT_USER = "root user"
    USER = "IAM user"
    ROLE = "role"
    SESSION = "role session"
    FEDERATED_USER = "federated user session"
    IDENTITY_PROVIDER = "identity provider"
    SERVICE = "service principal"
    CANONICAL_USER = "canonical user"
    ORIGIN_ACCESS_IDENTITY = "origin access identity"
    ANONYMOUS = "anonymous"


class Reach(IntEnum):
    """How far a resource policy's allow carries for one caller in the resource's account.

    DELEGATED: to the account, whose identity policies must allow too. LIMITED: to the role, within
    boundary and session policy. DIRECT: to the user or session itself, or to everybody, whatever
    boundary and session policy leave out. Source: IAM user guide, "How AWS enforcement code logic
    evaluates requests", "Resource-based policies"; "AWS JSON policy elements: Principal", "IAM role
    principals" and "All principals".
    """

    NONE = 0
    DELEGATED = 1
    LIMITED = 2
    DIRECT = 3


@dataclass(frozen=True, eq=False)
class RequestPrincipal:
    """A caller. Use `parse_principal`, which gives one object for equal texts.

    `account_id` is None for service principals, web identity providers, canonical users, origin
    access identities and anonymous callers.
    `role_arn` is the IAM role of a role or session. A session's ARN does not hold its role's
    path: until `with_role` adds it, `role_path_known` is False and `role_arn` has none.
    """

    text: str
    kind: PrincipalKind
    account_id: str | None
    name: str
    role_arn: str | None = None
    role_path_known: bool = True

    @property
    def is_service_linked_role(self) -> bool:
        """Whether the role's path, not its name, says that it is service-linked."""
        return self.role_arn is not None and is_service_linked(self.role_arn)

    @property
    def has_identity_policies(self) -> bool:
        """Whether identity, boundary and session policies can bind this caller."""
        return self.kind in _IDENTITIES

    def with_role(self, role_arn: str) -> RequestPrincipal:
        """Return the same session with its role's full ARN.

        :raises NotAPrincipal: that is not the ARN of a role of this account and name.
        """
        role = parse_principal(role_arn)
        if role.kind is not PrincipalKind.ROLE or role.account_id != self.account_id:
            raise NotAPrincipal(f"{role_arn!r} is not a role of account {self.account_id}")
        if role.name != self.name:
            raise NotAPrincipal(f"{role_arn!r} is not the role of the session {self.text!r}")
        return replace(self, role_arn=role_arn, role_path_known=True)


def is_service_linked(role_arn: str) -> bool:
    """Whether a role's path, not its name, says that it is service-linked.

    Source: IAM user guide, "Service-linked roles"; Organizations user guide, "SCPs".
    """
    return ":role/aws-service-role/" in role_arn


class NotAPrincipal(ValueError):
    """The text names nothing that makes requests; the message says what to give."""


_IDENTITIES: Final = frozenset(
    {
        PrincipalKind.USER,
        PrincipalKind.ROLE,
        PrincipalKind.SESSION,
        PrincipalKind.FEDERATED_USER,
    }
)
_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):(?P<service>iam|sts)::(?P<account>\d{12}):(?P<rest>.+)",
    re.DOTALL,
)
_CANONICAL_USER = re.compile(r"[0-9a-f]{64}")
_ORIGIN_ACCESS = re.compile(r"arn:aws[a-z-]*:iam::cloudfront:user/[^/]+")
_ACCOUNT = re.compile(r"(\d{12})|arn:aws[a-z-]*:iam::(\d{12}):root")
_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?|alexa-[a-z]+\.amazon\.com")
_WEB_IDENTITY: Final = frozenset(
    {
        "accounts.google.com",
        "graph.facebook.com",
        "www.amazon.com",
        "cognito-identity.amazonaws.com",
    }
)
_BY_FORM: Final = {
    ("iam", "user"): PrincipalKind.USER,
    ("iam", "role"): PrincipalKind.ROLE,
    ("sts", "assumed-role"): PrincipalKind.SESSION,
    ("sts", "federated-user"): PrincipalKind.FEDERATED_USER,
    ("iam", "saml-provider"): PrincipalKind.IDENTITY_PROVIDER,
    ("iam", "oidc-provider"): PrincipalKind.IDENTITY_PROVIDER,
}


@lru_cache(maxsize=65536)
def parse_principal(text: str) -> RequestPrincipal:
    """Read a principal: an ARN, a service principal (`lambda.amazonaws.com`), or `anonymous`.

    A canonical user id, whose account S3 alone knows, and the ARN of an origin access identity of
    CloudFront's are principals, too.

    :raises NotAPrincipal: it is none of these.
    """
    if text.startswith("arn:"):
        return _of_arn(text)
    if text == "anonymous":
        return RequestPrincipal(text, PrincipalKind.ANONYMOUS, None, text)
    if text in _WEB_IDENTITY:
        return RequestPrincipal(text, PrincipalKind.IDENTITY_PROVIDER, None, text)
    if _SERVICE.fullmatch(text):
        return RequestPrincipal(text, PrincipalKind.SERVICE, None, text)
    if _CANONICAL_USER.fullmatch(text):
        return RequestPrincipal(text, PrincipalKind.CANONICAL_USER, None, text)
    raise _none(text)


def _none(text: str) -> NotAPrincipal:
    return NotAPrincipal(
        f"{text!r} is not a principal: give an ARN such as arn:aws:iam::111122223333:role/Name, "
        "a service principal such as lambda.amazonaws.com, or anonymous"
    )


def _of_arn(text: str) -> RequestPrincipal:
    match = _ARN.fullmatch(text)
    if match is None and _ORIGIN_ACCESS.fullmatch(text):
        name = text.rpartition("/")[2]
        return RequestPrincipal(text, PrincipalKind.ORIGIN_ACCESS_IDENTITY, None, name)
    if match is None:
        raise _none(text)
    partition, service, account, rest = match.groups()
    if service == "iam" and rest == "root":
        return RequestPrincipal(text, PrincipalKind.ROOT_USER, account, "root")
    form, _, path = rest.partition("/")
    kind = _BY_FORM.get((service, form))
    # An OpenID Connect provider's path may end with a slash, as its address may.
    name = path.removesuffix("/").rpartition("/")[2] if form == "oidc-provider" else ""
    name = name or path.rpartition("/")[2]
    if kind is None or not name:
        raise NotAPrincipal(f"{text!r} makes no requests: give a user, role, session or root ARN")
    if kind is PrincipalKind.IDENTITY_PROVIDER:
        return RequestPrincipal(text, kind, None, path)
    if kind is PrincipalKind.SESSION:
        role_name, _, session_name = path.partition("/")
        if not role_name or not session_name or "/" in session_name:
            raise NotAPrincipal(f"{text!r} lacks a role or a session: …:assumed-role/Role/session")
        role = f"arn:{partition}:iam::{account}:role/{role_name}"
        return RequestPrincipal(text, kind, account, role_name, role, role_path_known=False)
    return RequestPrincipal(text, kind, account, name, text if kind is PrincipalKind.ROLE else None)


def account_of(element: str) -> str | None:
    """Return the account that an AWS principal element names as a whole, or None."""
    found = _ACCOUNT.fullmatch(element)
    return (found[1] or found[2]) if found else None


def principal_reach(
    statement: CompiledStatement,
    principal: RequestPrincipal,
    policy_type: PolicyType,
    *,
    has_boundary: bool = False,
) -> tuple[Reach, bool]:
    """Return how far a statement reaches to a caller, and whether that is certain.

    Not certain: it names a canonical user id, whose account S3 alone knows.
    `has_boundary`: the caller is an IAM entity with a permissions boundary, or a session of one.
    """
    if has_boundary and denies_bounded(statement):
        return Reach.DIRECT, True
    named = statement.principals
    if named is None:
        applies = statement.effect is Effect.DENY or policy_type not in _NEEDS_PRINCIPAL
        return (Reach.DIRECT if applies else Reach.NONE), True
    if statement.not_principal:
        return _not_principal_reach(statement.effect, named, principal, policy_type), True
    reach = max(_element_reach(element, principal, policy_type) for element in named)
    canonical = any(element.kind == "CanonicalUser" for element in named)
    if reach is Reach.NONE and canonical and principal.account_id is not None:
        return Reach.DELEGATED, False
    return reach, True


_NEEDS_PRINCIPAL: Final = frozenset(
    {PolicyType.RESOURCE_POLICY, PolicyType.TRUST_POLICY, PolicyType.VPC_ENDPOINT_POLICY}
)


def denies_bounded(statement: CompiledStatement) -> bool:
    """Whether a statement denies every principal that has a permissions boundary.

    A Deny with NotPrincipal does, whatever NotPrincipal lists. Source: IAM user guide,
    "Permissions boundaries for IAM entities", Important; "AWS JSON policy elements: NotPrincipal".
    """
    return statement.not_principal and statement.effect is Effect.DENY


def _not_principal_reach(
    effect: Effect,
    named: tuple[PrincipalElement, ...],
    principal: RequestPrincipal,
    policy_type: PolicyType,
) -> Reach:
    """Deny excepts only whom it lists in full: account, role and session, each by itself.

    Allow with NotPrincipal reaches only whom no element lists, in whichever of these ways.
    Source: IAM user guide, "AWS JSON policy elements: NotPrincipal".
    """
    if any(_is_everyone(element, principal, policy_type) for element in named):
        return Reach.NONE
    listed = [_lists(part, named, principal) for part in _parts(principal)]
    excepted = any(listed) if effect is Effect.ALLOW else bool(listed) and all(listed)
    return Reach.NONE if excepted else Reach.DIRECT


def _parts(principal: RequestPrincipal) -> tuple[str, ...]:
    match principal.kind:
        case PrincipalKind.ANONYMOUS:
            return ()
        case PrincipalKind.ROOT_USER:
            return ("account",)
        case (
            PrincipalKind.SERVICE
            | PrincipalKind.IDENTITY_PROVIDER
            | PrincipalKind.CANONICAL_USER
            | PrincipalKind.ORIGIN_ACCESS_IDENTITY
        ):
            return ("self",)
        case PrincipalKind.ROLE | PrincipalKind.SESSION:
            # A role's own ARN stands for a session of some name, and no list can hold that one.
            return ("account", "role", "self" if principal.kind is PrincipalKind.SESSION else "")
        case _:
            return ("account", "self")


def _lists(part: str, named: tuple[PrincipalElement, ...], principal: RequestPrincipal) -> bool:
    if part == "account":
        return any(e.kind == "AWS" and account_of(e.value) == principal.account_id for e in named)
    if part == "role":
        return any(e.kind == "AWS" and _is_role(e.value, principal) for e in named)
    return part == "self" and any(_is_self(e, principal) for e in named)


def _element_reach(
    element: PrincipalElement, principal: RequestPrincipal, policy_type: PolicyType
) -> Reach:
    if _is_everyone(element, principal, policy_type):
        return Reach.DIRECT
    if element.kind == "AWS" and principal.account_id is not None:
        if account_of(element.value) == principal.account_id:
            root = principal.kind is PrincipalKind.ROOT_USER
            return Reach.DIRECT if root else Reach.DELEGATED
        if _is_role(element.value, principal):
            return Reach.LIMITED
    return Reach.DIRECT if _is_self(element, principal) else Reach.NONE


def _is_everyone(
    element: PrincipalElement, principal: RequestPrincipal, policy_type: PolicyType
) -> bool:
    if element.value != "*":
        return False
    if element.kind == "*":
        return True
    if policy_type is PolicyType.TRUST_POLICY:
        kinds = _KINDS_IN_TRUST.get(element.kind, frozenset())
        return principal.kind in kinds
    return element.kind == "AWS"


_KINDS_IN_TRUST: Final = {
    "AWS": _IDENTITIES | {PrincipalKind.ROOT_USER, PrincipalKind.ANONYMOUS},
    "Service": frozenset({PrincipalKind.SERVICE}),
    "Federated": frozenset({PrincipalKind.IDENTITY_PROVIDER}),
}


def _is_role(value: str, principal: RequestPrincipal) -> bool:
    if principal.role_arn is None or principal.kind is PrincipalKind.FEDERATED_USER:
        return False
    if principal.role_path_known:
        return value == principal.role_arn
    start = principal.role_arn.removesuffix(principal.name)
    return value.startswith(start) and value.rpartition("/")[2] == principal.name


def _is_self(element: PrincipalElement, principal: RequestPrincipal) -> bool:
    if element.value != principal.text:
        return False
    match principal.kind:
        case PrincipalKind.SERVICE:
            return element.kind == "Service"
        case PrincipalKind.IDENTITY_PROVIDER:
            return element.kind == "Federated"
        case PrincipalKind.CANONICAL_USER:
            return element.kind == "CanonicalUser"
        case PrincipalKind.ROLE:
            return False
        case _:
            return element.kind == "AWS"
