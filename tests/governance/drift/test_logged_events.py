"""Drift is explained by the newest logged write to what it is about, between two looks."""

from datetime import timedelta

import pytest

from governance.drift.explaining import explanation_words
from governance.drift.logged_events import explain_late, write_of_resource
from inventory.models import LoggedEvent, LogSource
from tests.factories.drift import drift_item
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT

pytestmark = pytest.mark.django_db
MANAGEMENT, PAYMENTS = "111111111111", "222222222222"
BETWEEN = FIRST_RUN_AT + (SECOND_RUN_AT - FIRST_RUN_AT) / 2
SESSION = f"arn:aws:sts::{MANAGEMENT}:assumed-role/Admin/eve@example.com"
SEEN = {"first_seen_at": SECOND_RUN_AT, "last_seen_at": SECOND_RUN_AT}
LATER = SECOND_RUN_AT + timedelta(hours=1)


@pytest.fixture
def logged(connection):
    """Return a function that stores a write as its event has it."""
    LogSource.objects.create(
        connection=connection,
        name="organization",
        bucket="logs",
        bucket_region="eu-central-1",
        account_id=MANAGEMENT,
        read_from=FIRST_RUN_AT.date(),
    )

    def store(name, parameters, *, at=BETWEEN, account=MANAGEMENT, source="organizations", **more):
        return LoggedEvent.objects.create(
            connection=connection,
            event_id=f"{name}-{at.isoformat()}",
            at=at,
            day=at.date(),
            account_id=account,
            region="us-east-1",
            event_source=f"{source}.amazonaws.com",
            event_name=name,
            principal=f"arn:aws:iam::{MANAGEMENT}:role/Admin",
            event={
                "requestParameters": parameters,
                "userIdentity": {"type": "AssumedRole", "arn": SESSION},
                "sourceIPAddress": "198.51.100.7",
                "sessionCredentialFromConsole": "true",
                **more,
            },
        )

    return store


@pytest.mark.parametrize(
    ("subject", "name", "parameters"),
    [
        ("policy:p-new00001", "UpdatePolicy", {"policyId": "p-new00001"}),
        ("write:policy:p-new00001", "DeletePolicy", {"policyId": "p-new00001"}),
        (
            "attachment:p-new00001:ou-1",
            "DetachPolicy",
            {"policyId": "p-new00001", "targetId": "ou-1"},
        ),
        ("unit:ou-1", "UpdateOrganizationalUnit", {"organizationalUnitId": "ou-1"}),
        (f"account:{PAYMENTS}", "MoveAccount", {"accountId": PAYMENTS}),
        ("policy_type:TAG_POLICY", "DisablePolicyType", {"policyType": "TAG_POLICY"}),
        (
            "trusted_service:config.amazonaws.com",
            "DisableAWSServiceAccess",
            {"servicePrincipal": "config.amazonaws.com"},
        ),
    ],
)
def test_a_write_between_two_looks_explains_what_it_is_about(
    connection, logged, subject, name, parameters
):
    logged(name, parameters)
    item = drift_item(connection, subject=subject, **SEEN)
    explain_late(connection, now=LATER)
    item.refresh_from_db()
    explained = item.explained_by or {}
    assert explained["source"] == "CloudTrail"
    assert explained["call"] == f"organizations:{name}"
    assert explained["address"] == "198.51.100.7"
    assert explained["surface"] == "console"
    assert explanation_words(item) == "role Admin (eve@example.com)"


@pytest.mark.parametrize(
    ("parameters", "at", "more"),
    [
        ({"policyId": "p-other001"}, BETWEEN, {}),
        ({"policyId": "p-new00001"}, FIRST_RUN_AT - timedelta(hours=1), {}),
        ({"policyId": "p-new00001"}, BETWEEN, {"errorCode": "AccessDenied"}),
    ],
)
def test_another_object_an_earlier_write_and_a_failed_one_explain_nothing(
    connection, logged, parameters, at, more
):
    logged("UpdatePolicy", parameters, at=at, **more)
    item = drift_item(connection, subject="policy:p-new00001", **SEEN)
    assert explain_late(connection, now=LATER) == 0
    item.refresh_from_db()
    assert explanation_words(item) == "Not found in the logs"


def test_what_a_change_request_explains_stays(connection, logged):
    logged("UpdatePolicy", {"policyId": "p-new00001"})
    own = {"source": "Orgwarden", "principal": "change request #3", "change_number": 3}
    item = drift_item(connection, subject="policy:p-new00001", **SEEN, explained_by=own)
    assert explain_late(connection, now=LATER) == 0
    item.refresh_from_db()
    assert explanation_words(item) == "change request #3"


def test_without_a_log_source_it_says_so(connection):
    item = drift_item(connection, subject="policy:p-new00001")
    assert explanation_words(item) == "No log source"


@pytest.mark.parametrize(
    ("arn", "name", "parameters"),
    [
        (
            "arn:aws:sqs:eu-west-1:{0}:jobs",
            "SetQueueAttributes",
            {"queueUrl": "https://sqs.eu-west-1.amazonaws.com/{0}/jobs"},
        ),
        (
            "arn:aws:ecr:eu-west-1:{0}:repository/team/app",
            "SetRepositoryPolicy",
            {"repositoryName": "team/app"},
        ),
        (
            "arn:aws:secretsmanager:eu-west-1:{0}:secret:mail-AbCdEf",
            "PutResourcePolicy",
            {"secretId": "mail"},
        ),
        (
            "arn:aws:kms:eu-west-1:{0}:key/1a2b",
            "CreateGrant",
            {"keyId": "arn:aws:kms:eu-west-1:{0}:key/1a2b"},
        ),
    ],
)
def test_a_resource_is_explained_by_the_write_that_names_it_in_its_way(
    connection, logged, arn, name, parameters
):
    given = {key: value.format(PAYMENTS) for key, value in parameters.items()}
    logged(name, given, account=PAYMENTS, source="any")
    found = write_of_resource(connection, arn.format(PAYMENTS), PAYMENTS, until=LATER)
    assert found is not None
    assert found.call == f"any:{name}"
    other = f"{arn.format(PAYMENTS)}s"
    assert write_of_resource(connection, other, PAYMENTS, until=LATER) is None


def test_a_write_before_the_last_look_explains_nothing(connection, logged):
    logged("UpdateAssumeRolePolicy", {"roleName": "deploy"}, account=PAYMENTS, source="iam")
    arn = f"arn:aws:iam::{PAYMENTS}:role/deploy"
    found = write_of_resource(
        connection, arn, PAYMENTS, until=LATER + timedelta(days=1), since=LATER
    )
    assert found is None


def test_trust_is_explained_by_the_write_to_the_role(connection, logged):
    logged("UpdateAssumeRolePolicy", {"roleName": "deploy"}, account=PAYMENTS, source="iam")
    arn = f"arn:aws:iam::{PAYMENTS}:role/ci/deploy"
    found = write_of_resource(connection, arn, PAYMENTS, until=LATER)
    assert found is not None
    assert found.call == "iam:UpdateAssumeRolePolicy"
    assert write_of_resource(connection, f"{arn}er", PAYMENTS, until=LATER) is None
