"""What a condition key asks of whoever comes in, and whether a request carries it.

Source: IAM user guide, "AWS global condition context keys" (availability of each key), "IAM and
AWS STS condition context keys" (keys of OIDC and SAML federation, sts:ExternalId …); STS API,
AssumeRoleWithSAML and AssumeRoleWithWebIdentity (called without AWS credentials).
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from policies.trust.edges import GuardKind, TrustPrincipal, TrustPrincipalKind

_KINDS: Final[dict[GuardKind, str]] = {
    GuardKind.EXTERNAL_ID: "sts:ExternalId",
    GuardKind.MFA: "aws:MultiFactorAuthPresent aws:MultiFactorAuthAge",
    GuardKind.ORGANIZATION: "aws:PrincipalOrgID aws:PrincipalOrgPaths",
    GuardKind.PRINCIPAL: (
        "aws:PrincipalArn aws:PrincipalAccount aws:PrincipalType aws:userid aws:username "
        "aws:AssumedRoot kms:CallerAccount aws:FederatedProvider"
    ),
    GuardKind.SOURCE_ACCOUNT: "aws:SourceAccount aws:SourceOwner",
    GuardKind.SOURCE_ARN: (
        "aws:SourceArn aws:ChatbotSourceArn lambda:SourceFunctionArn ec2:SourceInstanceArn "
        "ssm:SourceInstanceArn"
    ),
    GuardKind.SOURCE_ORGANIZATION: "aws:SourceOrgID aws:SourceOrgPaths",
    GuardKind.VPC: (
        "aws:SourceVpc aws:SourceVpcArn aws:Ec2InstanceSourceVpc "
        "elasticfilesystem:AccessedViaMountTarget"
    ),
    GuardKind.VPC_ENDPOINT: "aws:SourceVpce aws:VpceAccount aws:VpceOrgID aws:VpceOrgPaths",
    GuardKind.IP: "aws:SourceIp aws:VpcSourceIp aws:Ec2InstanceSourcePrivateIPv4",
    GuardKind.SUBJECT: "SAML:sub",
    GuardKind.AUDIENCE: "SAML:aud",
    GuardKind.SERVICE: (
        "aws:PrincipalIsAWSService aws:PrincipalServiceName aws:PrincipalServiceNamesList "
        "aws:CalledVia aws:CalledViaFirst "
        "aws:CalledViaLast aws:ViaAWSService kms:ViaService secretsmanager:ViaService "
        "iam:PassedToService iam:AWSServiceName sts:AWSServiceName"
    ),
    GuardKind.REGION: "aws:RequestedRegion",
    GuardKind.TIME: "aws:CurrentTime aws:EpochTime aws:TokenIssueTime",
    GuardKind.TAG: "aws:TagKeys sts:TransitiveTagKeys",
}
_KIND_OF: Final = {name.lower(): kind for kind, names in _KINDS.items() for name in names.split()}
_TAG_MARKS: Final = ("principaltag/", "requesttag/", "resourcetag/", "existingobjecttag/")
MULTIVALUED: Final = frozenset(
    {
        "aws:principalorgpaths", "aws:sourceorgpaths", "aws:vpceorgpaths", "aws:resourceorgpaths",
        "aws:principalservicenameslist", "aws:calledvia", "aws:tagkeys", "sts:transitivetagkeys",
    }
)  # fmt: skip
"""Keys that hold a list; `amr` of any provider does, too."""

_OF_PRINCIPAL: Final = frozenset(
    {
        "aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths",
        "aws:principaltype", "aws:username", "aws:userid", "kms:calleraccount",
        "aws:multifactorauthpresent", "aws:multifactorauthage", "aws:assumedroot",
        "aws:tokenissuetime",
    }
)  # fmt: skip
"""Keys that say who the AWS principal is: only a request with AWS credentials has them."""

_OF_SOURCE: Final = frozenset(
    {
        "aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths",
        "aws:principalservicename", "aws:principalservicenameslist",
    }
)  # fmt: skip
"""Keys that only a call by an AWS service principal has."""

_IAM: Final = frozenset(
    {
        TrustPrincipalKind.ACCOUNT, TrustPrincipalKind.ROLE, TrustPrincipalKind.USER,
        TrustPrincipalKind.SESSION, TrustPrincipalKind.ORGANIZATION,
        TrustPrincipalKind.ORGANIZATIONAL_UNIT, TrustPrincipalKind.CANONICAL_USER,
    }
)  # fmt: skip


class KeyPresence(Enum):
    """Whether requests of a principal carry a key."""

    ALWAYS = "always"
    SOMETIMES = "sometimes"
    NEVER = "never"


def claim_of(key: str) -> tuple[str, str] | None:
    """Return the host and the claim of an OpenID Connect key (lower case); None for another key.

    A provider's host has a dot; what stands before the last colon is its host and path.
    """
    host, colon, claim = key.rpartition(":")
    is_host = colon and ":" not in host and "." in host.partition("/")[0]
    return (host, claim) if is_host else None


def guard_kind(key: str) -> GuardKind:
    """Return what a condition key (any case) asks of whoever comes in."""
    lowered = key.lower()
    found = _KIND_OF.get(lowered)
    if found is not None:
        return found
    if any(mark in lowered for mark in _TAG_MARKS):
        return GuardKind.TAG
    claim = claim_of(lowered)
    if claim is not None:
        if claim[1] == "sub":
            return GuardKind.SUBJECT
        return GuardKind.AUDIENCE if claim[1] in ("aud", "oaud", "app_id") else GuardKind.CLAIM
    if lowered.startswith("saml:"):
        return GuardKind.CLAIM
    return GuardKind.OTHER


_TEXT_KINDS: Final = frozenset(
    {
        GuardKind.EXTERNAL_ID, GuardKind.ORGANIZATION, GuardKind.PRINCIPAL,
        GuardKind.SOURCE_ACCOUNT, GuardKind.SOURCE_ORGANIZATION, GuardKind.VPC_ENDPOINT,
        GuardKind.SUBJECT, GuardKind.AUDIENCE, GuardKind.CLAIM, GuardKind.TAG, GuardKind.REGION,
        GuardKind.SERVICE, GuardKind.VPC,
    }
)  # fmt: skip


def holds_no_wildcard(key: str) -> bool:
    """Whether no request sends a `*` or `?` in a key (lower case): only policies write them.

    Source: STS API reference, AssumeRole (characters of ExternalId and of session tags); IAM user
    guide, "AWS global condition context keys".
    """
    return guard_kind(key) in _TEXT_KINDS


def provider_host(principal: TrustPrincipal) -> str | None:
    """Return the host and path of a principal's OpenID Connect provider, in lower case."""
    if principal.kind is not TrustPrincipalKind.FEDERATED or principal.provider == "saml":
        return None
    host = principal.provider or principal.id.partition(":oidc-provider/")[2] or principal.id
    return None if ":saml-provider/" in host else host.lower().removesuffix("/")


def is_saml(principal: TrustPrincipal) -> bool:
    """Whether a principal signs in by SAML."""
    return principal.kind is TrustPrincipalKind.FEDERATED and (
        principal.provider == "saml" or ":saml-provider/" in principal.id
    )


def is_certificate_tag(key: str, service: str) -> bool:
    """Whether a key (lower case) holds a part of the certificate that Roles Anywhere was shown.

    Source: IAM Roles Anywhere user guide, "Trust policy" (mapped certificate attributes).
    """
    signs_in = service.lower() in ("rolesanywhere.amazonaws.com", "*")
    return signs_in and key.startswith("aws:principaltag/x509")


def key_presence(key: str, principal: TrustPrincipal, *, is_member: bool = False) -> KeyPresence:
    """Return whether requests that one principal makes carry a key (any case).

    `is_member`: the principal's account is known to be of the organization.

    SOMETIMES where AWS's pages leave it open, so that a condition on it counts for no more than
    it is sure to do. `aws:SourceOwner` of SNS is sent for direct calls, too.
    """
    lowered = key.lower()
    kind = principal.kind
    if kind is TrustPrincipalKind.FEDERATED:
        return _of_federated(lowered, principal)
    if kind is TrustPrincipalKind.SERVICE:
        is_tag = lowered.startswith("aws:principaltag/")
        return _never_if(
            lowered in _OF_PRINCIPAL or (is_tag and not is_certificate_tag(lowered, principal.id))
        )
    if kind in _IAM:
        if lowered in ("aws:principalarn", "aws:principalaccount") or (
            is_member and lowered in ("aws:principalorgid", "aws:principalorgpaths")
        ):
            return KeyPresence.ALWAYS
        return _never_if(lowered in _OF_SOURCE)
    return KeyPresence.SOMETIMES


def _of_federated(key: str, principal: TrustPrincipal) -> KeyPresence:
    unsigned = (
        key in _OF_PRINCIPAL
        or key in _OF_SOURCE
        or key.startswith("aws:principaltag/")
        or key == "sts:externalid"
    )
    if unsigned:
        return KeyPresence.NEVER
    if is_saml(principal):
        return _never_if(claim_of(key) is not None)
    claim = claim_of(key)
    if claim is None:
        return _never_if(key.startswith("saml:"))
    return _never_if(claim[0].removesuffix("/") != provider_host(principal))


def _never_if(never: bool) -> KeyPresence:
    return KeyPresence.NEVER if never else KeyPresence.SOMETIMES
