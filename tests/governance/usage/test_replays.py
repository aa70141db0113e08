"""What a draft would have done to recorded usage, on the small organization."""

import itertools

import pytest

from governance.posture.state.organization import CONTROL_TYPES
from governance.usage.replays import CallCount, replay_through
from policies import Evaluator, PolicySet, PolicyType, make_request, parse_decoded_policy
from policies.usage.joint import ReplayEffect
from tests.factories.edits import (
    LOG_ARCHIVE,
    MANAGEMENT,
    PAYMENTS,
    PAYMENTS_TEST,
    PROD,
    RETIRED,
    ROOT,
    SECURITY,
    TEST,
    WEBSITE,
    attached,
    created,
    detached,
    edited,
    moved,
    region_lock,
)
from tests.factories.policies import denying
from tests.factories.usage import used

EVERYTHING = parse_decoded_policy(
    {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]},
    PolicyType.IDENTITY_POLICY,
).document
REVOKED, GAINED = ReplayEffect.REVOKED, ReplayEffect.GAINED
MAYBE, UNCHANGED = ReplayEffect.MAYBE, ReplayEffect.UNCHANGED


@pytest.fixture
def replayed(simulated):
    """Return a function that replays records through a draft."""

    def run(operations, *records):
        return replay_through(simulated(*operations).drafted, records)

    return run


class TestReplay:
    def test_calls_that_a_new_deny_stops_are_revoked_most_calls_first(self, replayed):
        found = replayed(
            [edited("p-regio001", denying("ec2:*", "rds:*", "s3:DeleteBucket"))],
            used("s3:DeleteBucket", account_id=PAYMENTS_TEST, count=3),
            used("s3:DeleteBucket", account_id=PAYMENTS_TEST, count=4, region="us-east-1"),
            used("s3:DeleteBucket", account_id=LOG_ARCHIVE, count=50),
            used("s3:GetObject", account_id=PAYMENTS_TEST, count=1000),
        )
        (group,) = found.groups
        assert (group.effect, group.account_id, group.action) == (
            REVOKED,
            PAYMENTS_TEST,
            "s3:DeleteBucket",
        )
        assert group.count == CallCount(7, 0)
        assert group.regions == ("eu-central-1", "us-east-1")
        assert found.newly_denied == 7
        assert found.total == CallCount(1057, 0)
        assert found.by_account[LOG_ARCHIVE] == {UNCHANGED: CallCount(50, 0)}

    def test_calls_that_were_denied_anyway_are_not_newly_denied(self, replayed):
        found = replayed(
            [edited("p-regio001", denying("ec2:*", "rds:*", "s3:DeleteBucket"))],
            used("s3:DeleteBucket", account_id=PAYMENTS_TEST, count=5, denied=5),
        )
        assert found.newly_denied == 0
        assert found.by_effect[REVOKED] == CallCount(5, 5)

    def test_what_was_not_recorded_makes_an_effect_uncertain_by_key(self, replayed):
        lock = region_lock("eu-central-1").replace("aws:RequestedRegion", "aws:SourceVpce")
        found = replayed(
            [created(lock), attached("new-1", SECURITY)],
            used("ec2:RunInstances", account_id=LOG_ARCHIVE, unknown=("aws:SourceVpce",)),
        )
        (group,) = found.groups
        assert (group.effect, group.keys) == (MAYBE, ("aws:SourceVpce",))

    def test_service_linked_roles_and_the_management_account_are_not_bound(self, replayed):
        linked = "role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
        found = replayed(
            [attached("p-unatt001", ROOT), edited("p-unatt001", denying("ec2:*"))],
            used("ec2:RunInstances", account_id=MANAGEMENT),
            used(
                "ec2:RunInstances",
                account_id=LOG_ARCHIVE,
                principal=f"arn:aws:iam::{LOG_ARCHIVE}:{linked}",
                count=2,
            ),
        )
        assert not found.groups
        assert found.by_aws == CallCount(2, 0)

    def test_what_becomes_possible_is_gained(self, replayed):
        found = replayed(
            [detached("p-regio001", "ou-ab12-work0001")],
            used("ec2:RunInstances", account_id=PAYMENTS_TEST, count=3, denied=3),
        )
        (group,) = found.groups
        assert (group.effect, group.count) == (GAINED, CallCount(3, 3))

    def test_under_a_text_that_cannot_be_read_nothing_is_known(self, replayed):
        found = replayed(
            [edited("p-regio001", "{")],
            used("ec2:RunInstances", account_id=PAYMENTS_TEST, count=3),
            used("ec2:RunInstances", account_id=LOG_ARCHIVE, count=4),
        )
        assert found.not_known == CallCount(3, 0)
        assert found.not_known_accounts == {PAYMENTS_TEST}
        assert found.by_account.keys() == {LOG_ARCHIVE}
        assert found.newly_denied == 0

    def test_usage_of_an_account_outside_of_the_organization_is_not_known(self, replayed):
        found = replayed(
            [attached("p-unatt001", ROOT)], used("ec2:RunInstances", account_id="9" * 12, count=3)
        )
        assert (found.not_known, found.not_known_accounts) == (CallCount(3, 0), {"9" * 12})
        assert not found.by_account

    def test_a_principal_that_cannot_be_read_is_counted_and_said(self, replayed):
        found = replayed([], used("ec2:RunInstances", principal="someone"))
        assert found.not_known == CallCount(1, 0)
        assert "someone" in found.unreadable[0]


class TestAgainstEvaluate:
    def test_every_call_is_decided_as_evaluate_decides_it_in_both_states(self, simulated):
        operations = [
            edited("p-regio001", region_lock("eu-central-1")),
            attached("p-regio001", SECURITY),
            attached("p-unatt001", PROD),
            edited("p-unatt001", denying("s3:*")),
            moved(LOG_ARCHIVE, TEST),
            detached("p-FullAWSAccess", WEBSITE),
        ]
        drafted = simulated(*operations).drafted
        records = [
            used(action, account_id=account_id, region=region, resource=resource)
            for account_id, action, region, resource in itertools.product(
                (PAYMENTS, WEBSITE, PAYMENTS_TEST, LOG_ARCHIVE, RETIRED, MANAGEMENT),
                ("ec2:RunInstances", "s3:GetObject", "iam:CreateRole", "kms:Decrypt"),
                ("eu-central-1", "us-east-1"),
                ("*", "arn:aws:s3:::reports/a"),
            )
        ]
        effects = set()
        for record in records:
            found = replay_through(drafted, [record])
            (effect,) = found.by_account[record.account_id]
            before, after = (
                _allows(drafted, record, state)
                for state in (
                    {kind: drafted.before.control(kind) for kind in CONTROL_TYPES},
                    drafted.after,
                )
            )
            expected = UNCHANGED if before == after else REVOKED if before else GAINED
            assert effect is expected, record
            effects.add(effect)
        assert effects == {UNCHANGED, REVOKED, GAINED}


def _allows(drafted, record, state):
    assert EVERYTHING is not None
    scps, rcps = (state[kind].target_policies(record.account_id) for kind in CONTROL_TYPES)
    evaluator = Evaluator(
        PolicySet(
            drafted.before.organization,
            None if record.account_id == MANAGEMENT else scps,
            rcps,
            identity_policies=(EVERYTHING,),
        )
    )
    request = make_request(
        record.principal,
        record.action,
        record.resource,
        resource_account_id=record.account_id,
        context={"aws:RequestedRegion": record.region},
    )
    return not evaluator.evaluate(request).is_denied
