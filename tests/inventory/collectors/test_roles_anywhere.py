"""Trust anchors and profiles, read from answers as Roles Anywhere gives them."""

import base64
import hashlib

import pytest

from inventory.aws.errors import AwsMalformed, AwsReadDenied
from inventory.collectors.roles_anywhere import collect_profiles, collect_trust_anchors
from inventory.resource_facts import AccessGrant, GranteeKind, grants_of
from tests.inventory.stubs import stubbed

ANCHOR_ID = "0d6b4f2e-5a1c-4d3b-9e8f-7a6b5c4d3e2f"
ARN = "arn:aws:rolesanywhere:us-east-1:222222222222"
AUTHORITY = "arn:aws:acm-pca:us-east-1:222222222222:certificate-authority/0f7c1d52"
ROLE = "arn:aws:iam::222222222222:role/scanner"


@pytest.fixture
def rolesanywhere():
    with stubbed("rolesanywhere") as aws:
        yield aws


def anchor(data, *, enabled=True):
    return {
        "trustAnchorId": ANCHOR_ID,
        "trustAnchorArn": f"{ARN}:trust-anchor/{ANCHOR_ID}",
        "name": "floor",
        "enabled": enabled,
        "source": {"sourceType": "CERTIFICATE_BUNDLE", "sourceData": data},
    }


def lists(aws, *anchors):
    aws.answers("list_trust_anchors", {"trustAnchors": list(anchors)}, pageSize=100)


def grant(authority):
    return AccessGrant(
        GranteeKind.FEDERATED,
        authority,
        "roles anywhere trust anchor",
        ("rolesanywhere:CreateSession",),
        name=ANCHOR_ID,
    )


def pem(content):
    body = base64.encodebytes(content).decode()
    return f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n"


class TestCollectTrustAnchors:
    def test_yields_the_private_ca_that_is_trusted(self, rolesanywhere):
        lists(rolesanywhere, anchor({"acmPcaArn": AUTHORITY}))
        [found] = collect_trust_anchors(rolesanywhere.client)
        assert (found.arn, found.name) == (f"{ARN}:trust-anchor/{ANCHOR_ID}", "floor")
        assert grants_of(found.facts) == (grant(AUTHORITY),)

    def test_tells_each_certificate_of_a_bundle_by_its_digest(self, rolesanywhere):
        contents = (b"one" * 40, b"other" * 40)
        lists(rolesanywhere, anchor({"x509CertificateData": "".join(map(pem, contents))}))
        [found] = collect_trust_anchors(rolesanywhere.client)
        digests = sorted(f"sha256:{hashlib.sha256(each).hexdigest()}" for each in contents)
        assert grants_of(found.facts) == tuple(map(grant, digests))

    def test_lets_nobody_in_where_it_is_not_enabled(self, rolesanywhere):
        lists(rolesanywhere, anchor({"acmPcaArn": AUTHORITY}, enabled=False))
        [found] = collect_trust_anchors(rolesanywhere.client)
        assert grants_of(found.facts) == ()

    def test_refuses_one_whose_authority_is_not_told(self, rolesanywhere):
        lists(rolesanywhere, anchor({"x509CertificateData": "no certificate"}))
        with pytest.raises(AwsMalformed, match=r"source\.sourceData"):
            list(collect_trust_anchors(rolesanywhere.client))

    def test_raises_when_they_may_not_be_listed_instead_of_yielding_none(self, rolesanywhere):
        rolesanywhere.refuses("list_trust_anchors")
        with pytest.raises(AwsReadDenied, match="rolesanywhere:ListTrustAnchors"):
            list(collect_trust_anchors(rolesanywhere.client))


class TestCollectProfiles:
    def test_yields_the_roles_of_each_page_by_page(self, rolesanywhere):
        profile = {
            "profileArn": f"{ARN}:profile/{ANCHOR_ID}",
            "name": "scanners",
            "enabled": True,
            "roleArns": [ROLE],
        }
        rolesanywhere.answers("list_profiles", {"profiles": [], "nextToken": "more"}, pageSize=100)
        rolesanywhere.answers(
            "list_profiles", {"profiles": [profile]}, pageSize=100, nextToken="more"
        )
        [found] = collect_profiles(rolesanywhere.client)
        assert found.facts["role_arns"] == [ROLE]
        assert grants_of(found.facts) is None

    def test_raises_when_they_may_not_be_listed_instead_of_yielding_none(self, rolesanywhere):
        rolesanywhere.refuses("list_profiles")
        with pytest.raises(AwsReadDenied, match="rolesanywhere:ListProfiles"):
            list(collect_profiles(rolesanywhere.client))
