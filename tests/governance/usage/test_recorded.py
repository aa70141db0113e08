"""Stored usage replayed through a draft, and what is said of the logs that it rests on."""

import json
from datetime import datetime, timedelta

import pytest

from governance.edits.operations import Operation, OperationKind
from governance.usage.recorded import is_quick_replay, replay_recorded
from governance.usage.replays import replay_through, unchanged_accounts
from governance.usage.verdicts import UsageDenied
from governance.usage.wording import calls_words, usage_sentence
from inventory.viewing import Place, Viewer
from tests.factories.edits import (
    LOG_ARCHIVE,
    MANAGEMENT,
    NOW,
    PAYMENTS,
    PAYMENTS_TEST,
    SECURITY,
    TEST,
    WEBSITE,
    attached,
    edited,
    moved,
)
from tests.factories.logs import stored_usage
from tests.factories.policies import denying
from tests.factories.usage import log_days, log_source, used

ACTIVE = (MANAGEMENT, PAYMENTS, WEBSITE, PAYMENTS_TEST, LOG_ARCHIVE)
DENY_DELETION = edited("p-regio001", denying("ec2:*", "rds:*", "s3:DeleteBucket"))


def enabled_rcps() -> Operation:
    return Operation(OperationKind.ENABLE_POLICY_TYPE, policy_type="RESOURCE_CONTROL_POLICY")


def rcp() -> Operation:
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    return Operation(
        OperationKind.CREATE_POLICY,
        policy_id="new-1",
        name="Fresh",
        policy_type="RESOURCE_CONTROL_POLICY",
        text=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )


@pytest.fixture
def replayed(simulated, snapshot, viewer):
    """Return a function that replays the usage of a week through the denial of s3:DeleteBucket."""

    def run(viewer=viewer):
        return replay_recorded(
            viewer,
            connection=snapshot.connection,
            states=simulated(DENY_DELETION).drafted,
            now=NOW,
            days=7,
        )

    return run


@pytest.fixture
def logs(snapshot):
    """A source whose logs of the last week were read."""
    source = log_source(snapshot.connection, listed_at=NOW)
    log_days(source, ACTIVE, until=NOW.date(), days=7)
    return source


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.django_db
class TestReplayRecorded:
    def test_without_a_log_source_nothing_is_known_and_no_count_is_a_number(self, replayed):
        found = replayed()
        assert (found.state, found.replay, found.conclusion) == ("no_source", None, None)
        assert found.denied is UsageDenied.NOT_KNOWN
        assert found.result["calls"] is None
        assert found.result["newly_denied"] is None
        said = usage_sentence(found.result)
        assert (said.state, said.title) == ("unknown", "Use in the last 7 days: not known.")

    def test_counts_each_use_over_the_days_asked_for(self, replayed, snapshot, logs):
        stored_usage(
            snapshot.connection,
            used("s3:DeleteBucket", account_id=PAYMENTS_TEST, count=3, at=at("2026-11-20T08:00Z")),
            used("s3:DeleteBucket", account_id=PAYMENTS_TEST, count=4, at=at("2026-11-18T08:00Z")),
            used("s3:DeleteBucket", account_id=PAYMENTS_TEST, count=9, at=at("2026-11-17T08:00Z")),
            used("s3:GetObject", account_id=PAYMENTS, count=93),
        )
        found = replayed()
        assert found.state == "complete"
        (group,) = found.result["groups"]
        assert (group["calls"], group["last_at"]) == (7, "2026-11-20T08:00:00Z")
        assert found.result["calls"] == 100
        assert found.denied is UsageDenied.YES
        said = usage_sentence(found.result)
        assert said.title == "7 of 100 calls in 7 days would have been denied."
        assert said.text == "Role Deploy to s3:DeleteBucket."

    def test_where_nothing_would_be_denied_says_so_of_all_and_of_some_accounts(
        self, replayed, snapshot, logs
    ):
        stored_usage(
            snapshot.connection,
            used("s3:GetObject", account_id=PAYMENTS, count=41_000_000),
            used("s3:GetObject", account_id=WEBSITE, count=1_250_000),
        )
        found = replayed()
        assert found.denied is UsageDenied.NO
        assert usage_sentence(found.result).title == (
            "0 of 42 million calls in 7 days would have been denied."
        )
        assert usage_sentence(found.result, {WEBSITE}).title == (
            "0 of 1.2 million calls in your accounts in 7 days would have been denied."
        )

    def test_incomplete_logs_never_prove_that_nothing_is_denied(self, replayed, snapshot):
        source = log_source(snapshot.connection, listed_at=NOW)
        log_days(source, ACTIVE, until=NOW.date() - timedelta(days=2), days=3)
        stored_usage(snapshot.connection, used("s3:GetObject", count=5))
        found = replayed()
        assert found.state == "incomplete"
        assert found.denied is UsageDenied.NOT_KNOWN
        said = usage_sentence(found.result)
        assert said.state == "partial"
        assert said.text.startswith("The logs are incomplete. Logs begin on 2026-11-20")

    def test_a_source_without_a_recorded_call_is_not_known(self, replayed, logs):
        found = replayed()
        assert found.denied is UsageDenied.NOT_KNOWN
        assert usage_sentence(found.result).state == "unknown"

    def test_somebody_who_sees_a_part_is_told_of_its_calls_alone(self, replayed, snapshot, logs):
        stored_usage(
            snapshot.connection,
            used("s3:DeleteBucket", account_id=PAYMENTS_TEST, count=3),
            used("s3:DeleteBucket", account_id=PAYMENTS, count=4),
        )
        limit = frozenset({Place(snapshot.connection.pk, TEST)})
        found = replayed(Viewer(sees_inventory=True, limits=(limit,)))
        assert found.result["calls"] == 3
        assert [one["account_id"] for one in found.result["by_account"]] == [PAYMENTS_TEST]

    def test_the_conclusion_holds_whose_calls_but_neither_counts_nor_times(
        self, replayed, snapshot, logs
    ):
        stored_usage(
            snapshot.connection, used("s3:DeleteBucket", account_id=PAYMENTS_TEST, count=3)
        )
        first = replayed().conclusion
        assert first["denies"] == "yes"
        assert first["uses"] == 1
        again = used("s3:DeleteBucket", account_id=PAYMENTS_TEST, region="us-east-1", count=70)
        stored_usage(snapshot.connection, again)
        assert replayed().conclusion == first
        other = used("s3:DeleteBucket", account_id=PAYMENTS_TEST, principal=_role("Other"))
        stored_usage(snapshot.connection, other)
        assert replayed().conclusion != first

    def test_what_no_change_can_touch_is_counted_as_it_would_be_replayed(
        self, simulated, snapshot, viewer, logs
    ):
        linked = "role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
        records = [
            used("s3:DeleteBucket", account_id=PAYMENTS_TEST, count=2),
            used("s3:DeleteBucket", account_id=LOG_ARCHIVE, count=3, denied=1),
            used(
                "ecs:RunTask",
                account_id=LOG_ARCHIVE,
                principal=f"arn:aws:iam::{LOG_ARCHIVE}:{linked}",
                count=5,
            ),
            used("s3:DeleteBucket", account_id=LOG_ARCHIVE, principal=_role("Deploy"), count=7),
            used("kms:Decrypt", account_id=LOG_ARCHIVE, principal="s3.amazonaws.com", count=11),
            used("s3:DeleteBucket", account_id="9" * 12, count=13),
        ]
        stored_usage(snapshot.connection, *records)
        drafted = simulated(DENY_DELETION).drafted
        assert unchanged_accounts(drafted) >= {LOG_ARCHIVE, MANAGEMENT}
        found = replay_recorded(
            viewer, connection=snapshot.connection, states=drafted, now=NOW, days=7
        )
        assert found.replay == replay_through(drafted, records)
        assert found.replay is not None
        assert found.replay.by_account[LOG_ARCHIVE].keys() == {"revoked", "unchanged"}

    @pytest.mark.parametrize(
        "operations",
        [[moved(PAYMENTS_TEST, SECURITY)], [enabled_rcps(), rcp(), attached("new-1", SECURITY)]],
        ids=["a move", "a resource control policy"],
    )
    def test_moves_and_rcps_may_touch_calls_in_any_account(self, simulated, operations):
        assert unchanged_accounts(simulated(*operations).drafted) == frozenset()

    def test_few_uses_are_replayed_at_once(self, snapshot, viewer, settings):
        stored_usage(snapshot.connection, used("s3:GetObject"), used("s3:PutObject"))
        where = {"connection": snapshot.connection, "now": NOW, "days": 7}
        settings.USAGE_REPLAY_AT_ONCE = 2
        assert is_quick_replay(viewer, **where)
        settings.USAGE_REPLAY_AT_ONCE = 1
        assert not is_quick_replay(viewer, **where)


def _role(name: str) -> str:
    return f"arn:aws:iam::{PAYMENTS_TEST}:role/{name}"


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, "1 call"),
        (4100, "4,100 calls"),
        (1_000_000, "1 million calls"),
        (1_990_000, "1.9 million calls"),
        (41_300_000, "41 million calls"),
        (2_500_000_000, "2.5 billion calls"),
    ],
)
def test_calls_are_rounded_down_in_words(count, words):
    assert calls_words(count) == words
