"""What SCPs allow and nobody used: unused only where its use would have been recorded."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from governance.changes.proposals.unused import NothingToDeny, unused_proposal
from governance.posture.state.organization import load_organization
from governance.usage.unused import ServiceUse, unused_access
from inventory.models import UnmappedCall
from inventory.service_facts import TRAIL
from inventory.viewing import Place, Viewer
from policies import PolicyType, policy_limits
from policies.catalogue import load_catalogue
from tests.factories.edits import (
    LOG_ARCHIVE,
    MANAGEMENT,
    NOW,
    PAYMENTS,
    PAYMENTS_TEST,
    ROOT,
    TEST,
    WEBSITE,
    WORKLOADS,
)
from tests.factories.logs import stored_usage
from tests.factories.policies import attached_policy, denying
from tests.factories.service_configurations import configuration
from tests.factories.usage import USED_AT, log_days, log_source, used

pytestmark = pytest.mark.django_db
ACTIVE = (PAYMENTS, WEBSITE, PAYMENTS_TEST, LOG_ARCHIVE)
LOGGED = {
    "bucket": "example-cloudtrail-logs",
    "key_prefix": "trails",
    "owner_account_id": MANAGEMENT,
    "management_events": "all",
    "excluded_sources": [],
    "data_events": ["AWS::S3::Object"],
    "partial_data_events": [],
}


@pytest.fixture
def source(snapshot):
    return log_source(snapshot.connection, listed_at=NOW)


@pytest.fixture
def logs(source):
    """Logs of the last week of every account, without a gap."""
    log_days(source, ACTIVE, until=NOW.date(), days=7)
    return source


@pytest.fixture
def trail(snapshot):
    """Return a function that stores what the source's trail logs."""

    def store(**facts):
        return configuration(
            snapshot.connection, TRAIL, MANAGEMENT, name="everything", **{**LOGGED, **facts}
        )

    return store


@pytest.fixture
def found(snapshot, viewer):
    """Return a function that tells what a target's accounts did not use in a week."""

    def ask(target_id=TEST, viewer=viewer, now=NOW, **how):
        organization = load_organization(viewer, connection=snapshot.connection)
        return unused_access(
            viewer,
            connection=snapshot.connection,
            organization=organization,
            target_id=target_id,
            now=now,
            days=7,
            **how,
        )

    return ask


def service(found, prefix):
    return next(one for one in found.services if one.prefix == prefix)


class TestUnusedAccess:
    def test_without_logs_nothing_is_unused(self, found, trail):
        trail()
        seen = found()
        assert not seen.is_known
        assert {one.state for one in seen.services} == {ServiceUse.NOT_KNOWN}
        assert not any(one.unused for one in seen.services)

    def test_a_service_that_nobody_called_is_unused_and_the_called_action_is_used(
        self, found, trail, logs, snapshot
    ):
        trail()
        stored_usage(
            snapshot.connection,
            used("sqs:CreateQueue", account_id=PAYMENTS_TEST),
            used("sns:CreateTopic", account_id=PAYMENTS),
        )
        seen = found()
        sqs, sns = service(seen, "sqs"), service(seen, "sns")
        assert (sqs.state, sqs.used.bit_count(), sqs.last_day) == (
            ServiceUse.USED,
            1,
            USED_AT.date(),
        )
        assert (sns.state, sns.last_day) == (ServiceUse.UNUSED, None)
        assert sns.unused | sns.not_known | sns.used == sns.allowed

    def test_what_an_scp_denies_is_not_listed(self, found, trail, logs, snapshot):
        trail()
        attached_policy(snapshot.connection, denying("sns:*"), PAYMENTS_TEST)
        assert "sns" not in {one.prefix for one in found().services}
        assert service(found(LOG_ARCHIVE), "sns").state == ServiceUse.UNUSED

    @pytest.mark.parametrize(
        ("facts", "action", "reason"),
        [
            ({}, "dynamodb:PutItem", "data_events"),
            (
                {
                    "data_events": ["AWS::DynamoDB::Table"],
                    "partial_data_events": ["AWS::DynamoDB::Table"],
                },
                "dynamodb:PutItem",
                "data_events",
            ),
            ({"management_events": "write"}, "dynamodb:ListTables", "management_events"),
            ({"excluded_sources": ["dynamodb.amazonaws.com"]}, "dynamodb:CreateTable", "source"),
            ({"data_events": None}, "dynamodb:CreateTable", "trail"),
            ({}, "dynamodb:StartAwsBackupJob", "no_event"),
        ],
    )
    def test_an_action_that_the_trail_would_not_record_is_not_known(
        self, found, trail, logs, facts, action, reason
    ):
        trail(**facts)
        one = service(found(), "dynamodb")
        assert action not in _names(one.unused)
        assert action in _names(one.not_known)
        assert one.reasons[reason] > 0

    def test_data_events_that_are_logged_whole_tell_that_nobody_wrote_an_item(
        self, found, trail, logs
    ):
        trail(data_events=["AWS::DynamoDB::Table"])
        assert "dynamodb:PutItem" in _names(service(found(), "dynamodb").unused)

    def test_a_trail_that_was_not_collected_makes_everything_not_known(self, found, logs):
        assert {one.state for one in found().services} == {ServiceUse.NOT_KNOWN}

    def test_what_an_earlier_version_of_the_trail_left_out_is_not_known(
        self, found, trail, logs, snapshot
    ):
        before = trail(data_events=[])
        before.seen_until = NOW - timedelta(days=2)
        before.save()
        now = trail(data_events=["AWS::DynamoDB::Table"])
        now.seen_from = before.seen_until
        now.save()
        assert "dynamodb:PutItem" in _names(service(found(), "dynamodb").not_known)

    def test_a_service_with_events_that_are_not_mapped_is_not_known(
        self, found, trail, logs, snapshot
    ):
        trail()
        UnmappedCall.objects.create(
            connection=snapshot.connection, day=NOW.date(), event_source="sns.amazonaws.com",
            event_name="Unheard", count=4,
        )  # fmt: skip
        one = service(found(), "sns")
        assert (one.state, one.unused, found().unmapped_events) == (ServiceUse.NOT_KNOWN, 0, 4)
        assert one.reasons["unmapped"] > 0

    def test_a_gap_in_an_accounts_logs_leaves_no_use_recorded_rather_than_unused(
        self, found, trail, source
    ):
        trail()
        log_days(source, [PAYMENTS_TEST], until=NOW.date(), days=5)
        seen = found()
        assert service(seen, "sns").state == ServiceUse.NOT_RECORDED
        assert seen.health.reasons[0].startswith("Logs begin on")

    def test_logs_of_other_accounts_do_not_make_a_targets_logs_incomplete(
        self, found, trail, source
    ):
        trail()
        log_days(source, [PAYMENTS_TEST], until=NOW.date(), days=7)
        assert service(found(PAYMENTS_TEST), "sns").state == ServiceUse.UNUSED
        assert service(found(ROOT), "sns").state == ServiceUse.NOT_RECORDED

    def test_calls_of_service_linked_roles_and_of_others_are_no_use_of_an_scps_room(
        self, found, trail, logs, snapshot
    ):
        trail()
        linked = f"arn:aws:iam::{PAYMENTS_TEST}:role/aws-service-role/x.amazonaws.com/Linked"
        stranger = f"arn:aws:iam::{PAYMENTS}:role/Deploy"
        stored_usage(
            snapshot.connection,
            used("sns:CreateTopic", account_id=PAYMENTS_TEST, principal=linked),
            used("sns:DeleteTopic", account_id=PAYMENTS_TEST, principal=stranger),
        )
        assert service(found(), "sns").used == 0

    def test_what_lies_below_is_counted_by_the_same_rule(self, found, trail, logs, snapshot):
        trail()
        stored_usage(snapshot.connection, used("sqs:CreateQueue", account_id=PAYMENTS_TEST))
        below = {one.target.target_id: one for one in found(WORKLOADS).below}
        assert below[TEST].services == found(TEST).counts()
        assert below[TEST].services[ServiceUse.USED] == 1

    def test_is_the_same_of_what_is_remembered_until_proposals_read_anew(
        self, found, trail, logs, snapshot
    ):
        trail()
        long_ago = USED_AT - timedelta(days=30)
        stored_usage(
            snapshot.connection,
            used("sqs:CreateQueue", account_id=PAYMENTS_TEST),
            used("sqs:CreateQueue", account_id=PAYMENTS),
            used("kms:Decrypt", account_id=PAYMENTS_TEST, at=long_ago),
        )
        assert found(WORKLOADS, remembered=True) == found(WORKLOADS)
        assert found(TEST, remembered=True) == found(TEST)
        stored_usage(snapshot.connection, used("sns:CreateTopic", account_id=PAYMENTS_TEST))
        assert service(found(TEST, remembered=True), "sns").state == ServiceUse.UNUSED
        assert service(found(TEST), "sns").state == ServiceUse.USED

    def test_who_sees_one_ou_is_told_of_it_alone(self, found, trail, logs, snapshot):
        trail()
        viewer = Viewer(True, (frozenset({Place(snapshot.connection.pk, TEST)}),))
        seen = found(TEST, viewer=viewer)
        assert seen.account_ids == found(TEST).account_ids
        with pytest.raises(KeyError):
            found(LOG_ARCHIVE, viewer=viewer)

    def test_no_scp_binds_the_management_account(self, found, trail, logs, snapshot):
        trail()
        seen = found(MANAGEMENT)
        assert seen.account_ids == ()
        with pytest.raises(NothingToDeny, match="no SCP binds"):
            unused_proposal(snapshot.connection, seen, ["sns"])


class TestProposal:
    def test_denies_the_unused_actions_but_to_roles_for_rescue_and_nothing_not_known(
        self, found, trail, logs, snapshot
    ):
        trail()
        stored_usage(snapshot.connection, used("dynamodb:ListTables", account_id=PAYMENTS_TEST))
        seen = found()
        made = unused_proposal(snapshot.connection, seen, ["dynamodb", "athena"])
        (text,) = made.texts
        (statement,) = json.loads(text)["Statement"]
        assert _matched(statement["Action"]) == seen.unused_of(["dynamodb", "athena"])
        assert "dynamodb:PutItem" not in _names(_matched(statement["Action"]))
        assert (
            f"arn:aws:iam::*:role/{snapshot.connection.audit_role_name}"
            in (statement["Condition"]["ArnNotLike"]["aws:PrincipalArn"])
        )
        assert [one.kind for one in made.operations] == ["create_policy", "attach_policy"]
        assert made.operations[1].target_id == TEST
        assert "2026-11-18 to 2026-11-24" in made.reason

    def test_is_split_where_one_policy_would_be_larger_than_aws_takes(
        self, found, trail, logs, snapshot, monkeypatch
    ):
        trail()
        seen = found()
        limits = replace(policy_limits(PolicyType.SERVICE_CONTROL_POLICY), characters=2000)
        monkeypatch.setattr("governance.changes.proposals.unused.policy_limits", lambda _: limits)
        prefixes = [one.prefix for one in seen.services][:200]
        made = unused_proposal(snapshot.connection, seen, prefixes)
        assert len(made.texts) > 1
        assert max(map(len, made.texts)) <= 2000
        actions = [
            each for text in made.texts for each in json.loads(text)["Statement"][0]["Action"]
        ]
        assert _matched(actions) == seen.unused_of(prefixes)

    def test_says_so_where_nothing_is_known_to_be_unused(self, found, trail, snapshot):
        trail()
        with pytest.raises(NothingToDeny, match="no action that is known to be unused"):
            unused_proposal(snapshot.connection, found(), ["sns"])


def _names(bits):
    return load_catalogue().actions(bits)


def _matched(patterns):
    return load_catalogue().union(patterns)
