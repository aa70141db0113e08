"""Certificate authorities and their policies, read from answers as AWS Private CA gives them."""

import pytest

from inventory.aws.errors import AwsPartlyDenied, AwsReadDenied, AwsThrottled
from inventory.collectors.acm_pca import collect_certificate_authorities
from tests.inventory.collectors.resource_records import POLICY, read_until, record
from tests.inventory.stubs import stubbed

LIST, GET = "list_certificate_authorities", "get_policy"
ARN = "arn:aws:acm-pca:us-east-1:222222222222:certificate-authority/"


@pytest.fixture
def acm_pca():
    with stubbed("acm-pca") as aws:
        yield aws


def listed(identifier, common_name=None, status="ACTIVE"):
    named = {"Subject": {"CommonName": common_name}} if common_name else {"Subject": {}}
    configuration = {"KeyAlgorithm": "RSA_2048", "SigningAlgorithm": "SHA256WITHRSA", **named}
    return {
        "Arn": ARN + identifier,
        "Status": status,
        "CertificateAuthorityConfiguration": configuration,
    }


def lists(aws, *authorities, **more):
    aws.answers(LIST, {"CertificateAuthorities": list(authorities)} | more)


def authority(identifier, name, policy=None, **more):
    return record("acm-pca", "certificate-authority", ARN + identifier, name, policy, **more)


class TestCollectCertificateAuthorities:
    def test_yields_each_with_its_policy_or_none_page_by_page(self, acm_pca):
        lists(acm_pca, listed("a1", "Devices"), NextToken="more")
        acm_pca.answers(GET, {"Policy": POLICY}, ResourceArn=f"{ARN}a1")
        second = {"CertificateAuthorities": [listed("b2")]}
        acm_pca.answers(LIST, second, MaxResults=100, NextToken="more")
        acm_pca.refuses(GET, "ResourceNotFoundException")
        found = list(collect_certificate_authorities(acm_pca.client))
        assert found == [authority("a1", "Devices", POLICY), authority("b2", "b2")]

    def test_leaves_out_one_that_is_deleted_and_could_be_restored(self, acm_pca):
        lists(acm_pca, listed("a1", status="DELETED"))
        assert list(collect_certificate_authorities(acm_pca.client)) == []

    def test_marks_a_policy_that_may_not_be_read_as_unknown_and_reads_the_others(self, acm_pca):
        lists(acm_pca, listed("a1", "Devices"), listed("b2", "Servers"))
        acm_pca.refuses(GET, "AccessDeniedException")
        acm_pca.answers(GET, {"Policy": POLICY}, ResourceArn=f"{ARN}b2")
        found, error = read_until(AwsPartlyDenied, collect_certificate_authorities, acm_pca.client)
        unread = authority("a1", "Devices", unknown={"policy": "AccessDeniedException"})
        assert found == [unread, authority("b2", "Servers", POLICY)]
        assert error.listed_all

    def test_is_incomplete_where_aws_throttles_until_patience_ends(self, acm_pca):
        lists(acm_pca, listed("a1"))
        acm_pca.throttles(GET, 8, "ThrottlingException")
        found, error = read_until(AwsThrottled, collect_certificate_authorities, acm_pca.client)
        assert found == []
        assert not error.listed_all

    def test_raises_when_they_may_not_be_listed_instead_of_yielding_none(self, acm_pca):
        acm_pca.refuses(LIST, "AccessDeniedException")
        with pytest.raises(AwsReadDenied, match="acm-pca:ListCertificateAuthorities"):
            list(collect_certificate_authorities(acm_pca.client))
