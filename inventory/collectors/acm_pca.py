"""AWS Private CA: certificate authorities, and the policies that let others have them certify."""

from collections.abc import Iterator
from typing import Final

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.resource_reading import ResourceParts, read_resources, resources
from inventory.records import ResourcePolicyRecord

_AUTHORITY: Final = "certificate-authority"
# Deleted ones stay in the list until they cannot be restored any more.
_DELETED: Final = "DELETED"


def collect_certificate_authorities(acm_pca: AwsClient) -> Iterator[ResourcePolicyRecord]:
    """Yield each private certificate authority (CA) of a region with its policy.

    Its name is the common name of its certificate, or else the end of its ARN. One call a hundred
    CAs, and one a CA. AWS answers alike where a CA has no policy and where it is gone.
    AWS: acm-pca:ListCertificateAuthorities, GetPolicy.
    """

    def list_authorities() -> Iterator[AwsAnswer]:
        for listed in acm_pca.paginate(
            "list_certificate_authorities", "CertificateAuthorities", MaxResults=100
        ):
            if listed["Status"] != _DELETED:
                yield listed

    yield from read_resources(
        acm_pca,
        "acm-pca",
        list_authorities,
        _authority,
        id_of=lambda listed: str(listed["Arn"]),
        gone=(),
    )


def _authority(listed: AwsAnswer, parts: ResourceParts) -> Iterator[ResourcePolicyRecord]:
    arn: str = listed["Arn"]
    subject = (listed.get("CertificateAuthorityConfiguration") or {}).get("Subject") or {}
    name = str(subject.get("CommonName") or arn.rpartition("/")[2])
    content = parts.policy("get_policy", ResourceArn=arn)
    yield parts.record(_AUTHORITY, arn, name, content)


COLLECTORS = (
    Collector(
        name="workloads.certificate_authorities",
        label="Private certificate authorities",
        scope=Scope.REGIONAL,
        service="acm-pca",
        actions=(
            Action(
                "acm-pca:ListCertificateAuthorities",
                "private certificate authorities",
                given={"MaxResults": 1},
                finds={"certificate authority": ("CertificateAuthorities", 0, "Arn")},
            ),
            Action(
                "acm-pca:GetPolicy",
                "each certificate authority's policy",
                given={"ResourceArn": "{certificate authority}"},
            ),
        ),
        read=alone(collect_certificate_authorities),
        covers=resources("acm-pca", _AUTHORITY),
    ),
)
