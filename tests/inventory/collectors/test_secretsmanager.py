"""Secrets and the policies on them, read from answers as Secrets Manager gives them."""

import pytest

from inventory.aws.errors import AwsInconsistent, AwsPartlyDenied, AwsReadDenied
from inventory.collectors.secretsmanager import collect_secrets
from tests.inventory.collectors.resource_records import POLICY, read_until, record
from tests.inventory.stubs import stubbed

ARN = "arn:aws:secretsmanager:us-east-1:222222222222:secret:"


@pytest.fixture
def secrets():
    with stubbed("secretsmanager") as aws:
        yield aws


def lists(aws, *names):
    found = [{"ARN": f"{ARN}{each}-Ab12Cd", "Name": each} for each in names]
    aws.answers("list_secrets", {"SecretList": found}, MaxResults=100)


def has(aws, name, **policy):
    arn = f"{ARN}{name}-Ab12Cd"
    aws.answers("get_resource_policy", {"ARN": arn, "Name": name} | policy, SecretId=arn)


def secret(name, policy=None, **more):
    return record("secretsmanager", "Secret", f"{ARN}{name}-Ab12Cd", name, policy, **more)


class TestCollectSecrets:
    def test_yields_each_secret_with_its_policy_and_asks_for_no_value(self, secrets):
        lists(secrets, "db", "plain")
        has(secrets, "db", ResourcePolicy=POLICY)
        has(secrets, "plain")
        assert list(collect_secrets(secrets.client)) == [secret("db", POLICY), secret("plain")]
        assert set(secrets.log.calls) == {
            "secretsmanager:ListSecrets",
            "secretsmanager:GetResourcePolicy",
        }

    def test_marks_a_policy_that_may_not_be_read_as_unknown(self, secrets):
        lists(secrets, "db")
        secrets.refuses("get_resource_policy", "AccessDeniedException")
        found, _ = read_until(AwsPartlyDenied, collect_secrets, secrets.client)
        assert found == [secret("db", unknown={"policy": "AccessDeniedException"})]

    def test_is_incomplete_where_a_secret_is_listed_twice_and_not_found(self, secrets):
        for _ in range(2):
            lists(secrets, "odd")
            secrets.refuses("get_resource_policy", "ResourceNotFoundException")
        found, error = read_until(AwsInconsistent, collect_secrets, secrets.client)
        assert not found
        assert not error.listed_all

    def test_raises_when_secrets_may_not_be_listed_instead_of_yielding_none(self, secrets):
        secrets.refuses("list_secrets", "AccessDeniedException")
        with pytest.raises(AwsReadDenied, match="secretsmanager:ListSecrets"):
            list(collect_secrets(secrets.client))
