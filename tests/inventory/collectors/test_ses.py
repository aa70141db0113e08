"""Identities and their policies, read from answers as SES gives them."""

import pytest

from inventory.aws.errors import AwsPartlyDenied, AwsReadDenied
from inventory.collectors.ses import collect_identities
from tests.inventory.collectors.resource_records import POLICY, read_until, record
from tests.inventory.stubs import stubbed

ARN = "arn:aws:ses:us-east-1:222222222222:identity/"


@pytest.fixture
def ses():
    with stubbed("sesv2") as aws:
        yield aws


def lists(aws, *names):
    found = [{"IdentityType": "DOMAIN", "IdentityName": each} for each in names]
    aws.answers("list_email_identities", {"EmailIdentities": found}, PageSize=1000)


def has(aws, name, **policies):
    aws.answers("get_email_identity_policies", {"Policies": policies}, EmailIdentity=name)


def identity(name, policy=None, **more):
    return record("ses", "identity", ARN + name, name, policy, **more)


class TestCollectIdentities:
    def test_yields_each_identity_with_its_policies_or_none(self, ses):
        lists(ses, "mail.example", "plain.example")
        has(ses, "mail.example", partner=POLICY)
        has(ses, "plain.example")
        assert list(collect_identities(ses.client)) == [
            identity("mail.example", POLICY, facts={"policies": {"partner": POLICY}}),
            identity("plain.example"),
        ]

    def test_marks_policies_that_may_not_be_read_as_unknown(self, ses):
        lists(ses, "mail.example")
        ses.refuses("get_email_identity_policies", "AccessDeniedException")
        found, _ = read_until(AwsPartlyDenied, collect_identities, ses.client)
        assert found == [identity("mail.example", unknown={"policy": "AccessDeniedException"})]

    def test_leaves_out_an_identity_that_was_deleted_meanwhile(self, ses):
        lists(ses, "mail.example")
        ses.refuses("get_email_identity_policies", "NotFoundException", http_status_code=404)
        lists(ses)
        assert list(collect_identities(ses.client)) == []

    def test_raises_when_identities_may_not_be_listed_instead_of_yielding_none(self, ses):
        ses.refuses("list_email_identities", "AccessDeniedException")
        with pytest.raises(AwsReadDenied, match="ses:ListEmailIdentities"):
            list(collect_identities(ses.client))
