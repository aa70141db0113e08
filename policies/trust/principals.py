"""Whom a Principal element names: from each of its forms to a principal of trust.

Source: IAM user guide, "AWS JSON policy elements: Principal" and "IAM identifiers" (unique ids);
CloudFront developer guide, "Restrict access to an Amazon S3 origin" (origin access identities).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from policies.language.document import PrincipalElement
from policies.trust.edges import TrustPrincipal, TrustPrincipalKind

EVERYONE: Final = TrustPrincipal(TrustPrincipalKind.EVERYONE, "*")
ANY_SERVICE: Final = TrustPrincipal(TrustPrincipalKind.SERVICE, "*")
SAML: Final = "saml"
OWN_PARTITION: Final = "aws"

_ACCOUNT = re.compile(r"\d{12}")
_ARN = re.compile(
    r"arn:(?P<partition>[a-z0-9-]+):(?P<service>iam|sts)::(?P<account>\d{12}):(?P<rest>.+)",
    re.DOTALL,
)
_UNIQUE_ID = re.compile(r"(?:A3T[A-Z0-9]|ABIA|ACCA|AGPA|AIDA|AIPA|ANPA|ANVA|AROA|ASCA)[A-Z0-9]{6,}")
_CANONICAL_USER = re.compile(r"[0-9a-f]{64}")
_ORIGIN_ACCESS = re.compile(r"arn:[a-z0-9-]+:iam::cloudfront:user/.+", re.DOTALL)
_BY_FORM: Final = {
    ("iam", "role"): TrustPrincipalKind.ROLE,
    ("iam", "user"): TrustPrincipalKind.USER,
    ("sts", "assumed-role"): TrustPrincipalKind.SESSION,
    ("sts", "federated-user"): TrustPrincipalKind.SESSION,
}


@lru_cache(maxsize=65536)
def named_principal(element: PrincipalElement) -> TrustPrincipal:
    """Return whom one element names; a text that AWS has no principal for stays, as a user."""
    kind, value = element.kind, element.value
    if kind == "Service":
        return TrustPrincipal(TrustPrincipalKind.SERVICE, value)
    if kind == "Federated":
        return _federated(value)
    if kind == "CanonicalUser":
        return TrustPrincipal(TrustPrincipalKind.CANONICAL_USER, value)
    if value == "*":
        return EVERYONE
    if _ACCOUNT.fullmatch(value):
        return TrustPrincipal(TrustPrincipalKind.ACCOUNT, value, value)
    if _UNIQUE_ID.match(value):
        return TrustPrincipal(TrustPrincipalKind.DELETED, value)
    return arn_principal(value) or TrustPrincipal(TrustPrincipalKind.USER, value)


def arn_principal(arn: str) -> TrustPrincipal | None:
    """Return the account, role, user or session that an ARN names; None if it names none."""
    match = _ARN.fullmatch(arn)
    if match is None:
        return None
    account, rest = match["account"], match["rest"]
    if match["service"] == "iam" and rest == "root":
        return TrustPrincipal(TrustPrincipalKind.ACCOUNT, account, account)
    kind = _BY_FORM.get((match["service"], rest.partition("/")[0]))
    return None if kind is None else TrustPrincipal(kind, arn, account)


def is_origin_access_identity(text: str) -> bool:
    """Whether a text is the ARN of a CloudFront origin access identity."""
    return _ORIGIN_ACCESS.fullmatch(text) is not None


def is_canonical_user(text: str) -> bool:
    """Whether a text is a canonical user id, as S3 gives each account one."""
    return _CANONICAL_USER.fullmatch(text) is not None


def partition_of(text: str) -> str | None:
    """Return the partition that an ARN is of; None for a text that says none."""
    return text.split(":", 2)[1] if text.startswith("arn:") and text.count(":") >= 2 else None


def _federated(value: str) -> TrustPrincipal:
    match = _ARN.fullmatch(value)
    if match is None:
        provider = None if value == "*" else value
        return TrustPrincipal(TrustPrincipalKind.FEDERATED, value, provider=provider)
    form, _, name = match["rest"].partition("/")
    provider = SAML if form == "saml-provider" else name
    return TrustPrincipal(TrustPrincipalKind.FEDERATED, value, match["account"], provider)
