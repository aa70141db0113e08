"""What the logs say of a change, in its evidence: findings, the conclusion, the predictions."""

from datetime import timedelta
from functools import partial

import pytest

from governance.changes.evidence.making import make_evidence
from governance.changes.evidence.storing import evidence_store
from tests.factories.edits import (
    LOG_ARCHIVE,
    MANAGEMENT,
    NOW,
    PAYMENTS,
    PAYMENTS_TEST,
    SECURITY,
    WEBSITE,
    attached,
    created,
    edited,
    region_lock,
)
from tests.factories.logs import stored_usage
from tests.factories.policies import denying
from tests.factories.usage import log_days, log_source, used
from tests.governance.changes.evidence.test_making import codes

DENY_DELETION = edited("p-regio001", denying("ec2:*", "rds:*", "s3:DeleteBucket"))
ACTIVE = (MANAGEMENT, PAYMENTS, WEBSITE, PAYMENTS_TEST, LOG_ARCHIVE)


@pytest.fixture
def logs(snapshot, settings):
    """A source whose logs of the last week were read; usage is replayed over that week."""
    settings.USAGE_REPLAY_DAYS = 7
    source = log_source(snapshot.connection, listed_at=NOW)
    log_days(source, ACTIVE, until=NOW.date(), days=7)
    return source


def test_without_a_log_source_the_evidence_concludes_as_before_and_says_not_known(evidence):
    made = evidence(DENY_DELETION)
    assert "usage" not in made.conclusions
    assert made.content["usage"]["state"] == "no_source"
    assert not any(code.startswith("usage") for code, _ in codes(made))
    assert evidence_store(made).usage_denied == "not_known"


def test_calls_that_would_be_denied_are_a_soft_finding_that_names_who_makes_them(
    snapshot, evidence, logs
):
    stored_usage(
        snapshot.connection,
        used("s3:DeleteBucket", account_id=PAYMENTS_TEST, count=3),
        used("s3:GetObject", account_id=PAYMENTS, count=5),
    )
    made = evidence(DENY_DELETION)
    (finding,) = [one for one in made.findings if one.code == "usage_denied"]
    assert finding.level == "soft"
    assert finding.message == (
        "Calls of the last 7 days would have been denied: role Deploy to s3:DeleteBucket in "
        "payments-test."
    )
    assert finding.target_ids == (PAYMENTS_TEST,)
    assert finding in made.blocked_by()
    assert made.conclusions["usage"]["denies"] == "yes"
    assert made.content["predictions"]["denied_uses"] == [
        {
            "account_id": PAYMENTS_TEST,
            "principal": f"arn:aws:iam::{PAYMENTS_TEST}:role/Deploy",
            "action": "s3:DeleteBucket",
        }
    ]
    assert evidence_store(made).usage_denied == "yes"


def test_more_calls_of_the_same_use_conclude_the_same_and_another_use_does_not(
    snapshot, requested, logs
):
    change_request = requested(DENY_DELETION)
    deletes = partial(used, "s3:DeleteBucket", account_id=PAYMENTS_TEST)
    stored_usage(snapshot.connection, deletes(count=3))
    first = make_evidence(change_request, now=NOW)
    stored_usage(snapshot.connection, deletes(count=30, at=NOW - timedelta(days=1)))
    again = make_evidence(change_request, now=NOW + timedelta(hours=1))
    assert again.plan_sha256 == first.plan_sha256
    assert again.sha256 != first.sha256
    other = f"arn:aws:iam::{PAYMENTS_TEST}:user/ann"
    stored_usage(snapshot.connection, deletes(principal=other))
    assert make_evidence(change_request, now=NOW).plan_sha256 != first.plan_sha256


def test_logs_that_become_incomplete_are_worth_knowing_and_conclude_the_same(
    snapshot, requested, logs
):
    change_request = requested(DENY_DELETION)
    stored_usage(snapshot.connection, used("s3:GetObject", account_id=PAYMENTS_TEST))
    first = make_evidence(change_request, now=NOW)
    assert first.usage_denied == "no"
    later = make_evidence(change_request, now=NOW + timedelta(days=2))
    assert ("usage_incomplete", "advisory") in codes(later)
    assert later.usage_denied == "not_known"
    assert later.plan_sha256 == first.plan_sha256


def test_what_was_not_recorded_may_deny_calls_depending_on_its_key(snapshot, evidence, logs):
    lock = region_lock("vpce-1").replace("aws:RequestedRegion", "aws:SourceVpce")
    stored_usage(
        snapshot.connection,
        used("ec2:RunInstances", account_id=LOG_ARCHIVE, unknown=("aws:SourceVpce",)),
    )
    made = evidence(created(lock), attached("new-1", SECURITY))
    (finding,) = [one for one in made.findings if one.code == "usage_may_be_denied"]
    assert finding.level == "advisory"
    assert "depending on aws:SourceVpce: role Deploy to ec2:RunInstances" in finding.message
    assert made.conclusions["usage"]["denies"] == "perhaps"
