"""IAM Roles Anywhere: whose certificates are trusted, and which roles they lead to."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from typing import Final

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.resource_reading import ResourceParts, resources
from inventory.records import ResourcePolicyRecord
from inventory.resource_facts import AccessGrant, GranteeKind

_ANCHOR: Final = "trust-anchor"
_PROFILE: Final = "profile"
_CERTIFICATE: Final = re.compile(
    r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL
)


def collect_trust_anchors(rolesanywhere: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each trust anchor of the region; one that is enabled lets in whom its CAs certify.

    A CA is told by its ARN in AWS Private CA, or by the SHA-256 of its certificate.
    AWS: rolesanywhere:ListTrustAnchors.
    """
    for anchor in rolesanywhere.paginate("list_trust_anchors", "trustAnchors", pageSize=100):
        arn: str = anchor["trustAnchorArn"]
        grants = [
            AccessGrant(
                GranteeKind.FEDERATED,
                authority,
                "roles anywhere trust anchor",
                ("rolesanywhere:CreateSession",),
                name=anchor["trustAnchorId"],
            )
            for authority in (_authorities(anchor) if anchor["enabled"] else ())
        ]
        yield ResourceParts(rolesanywhere, "rolesanywhere").record(
            _ANCHOR,
            arn,
            anchor["name"],
            None,
            facts={"enabled": anchor["enabled"], "source": anchor["source"]["sourceType"]},
            grants=grants,
        )


def _authorities(anchor: AwsAnswer) -> list[str]:
    """Return the CAs that an anchor trusts, sorted."""
    data = anchor["source"].get("sourceData") or {}
    if data.get("acmPcaArn"):
        return [str(data["acmPcaArn"])]
    found = set()
    for body in _CERTIFICATE.findall(str(data.get("x509CertificateData") or "")):
        try:
            certificate = base64.b64decode("".join(body.split()), validate=True)
        except binascii.Error:
            raise anchor.malformed("source.sourceData", "holds no certificate") from None
        found.add(f"sha256:{hashlib.sha256(certificate).hexdigest()}")
    if not found:
        raise anchor.malformed("source.sourceData", "names no certificate authority")
    return sorted(found)


def collect_profiles(rolesanywhere: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each profile of the region: the roles that a session may be of, and what narrows it.

    A profile lets in nobody by itself: an anchor and the role's own trust do.
    AWS: rolesanywhere:ListProfiles.
    """
    for profile in rolesanywhere.paginate("list_profiles", "profiles", pageSize=100):
        yield ResourceParts(rolesanywhere, "rolesanywhere").record(
            _PROFILE,
            profile["profileArn"],
            profile["name"],
            None,
            facts={
                "enabled": profile["enabled"],
                "role_arns": sorted(profile.get("roleArns") or []),
                "managed_policy_arns": sorted(profile.get("managedPolicyArns") or []),
                "session_policy": profile.get("sessionPolicy") or "",
                "accepts_session_name": profile.get("acceptRoleSessionName", False),
            },
        )


COLLECTORS = (
    Collector(
        name="workloads.roles_anywhere_trust_anchors",
        label="Roles Anywhere trust anchors",
        scope=Scope.REGIONAL,
        service="rolesanywhere",
        actions=(
            Action(
                "rolesanywhere:ListTrustAnchors",
                "whose certificates lead to sessions of roles",
                given={"pageSize": 1},
            ),
        ),
        read=alone(collect_trust_anchors),
        covers=resources("rolesanywhere", _ANCHOR),
    ),
    Collector(
        name="workloads.roles_anywhere_profiles",
        label="Roles Anywhere profiles",
        scope=Scope.REGIONAL,
        service="rolesanywhere",
        actions=(
            Action(
                "rolesanywhere:ListProfiles",
                "which roles certificates lead to",
                given={"pageSize": 1},
            ),
        ),
        read=alone(collect_profiles),
        covers=resources("rolesanywhere", _PROFILE),
    ),
)
