"""Evidence on top of what was just read from AWS of policies and targets."""

import json

import pytest

from governance.changes.evidence.live_state import LiveReads
from governance.changes.evidence.making import make_evidence
from inventory.collecting.policies_now import FoundNow, PolicyNow, TargetNow
from tests.factories.edits import (
    LOG_ARCHIVE,
    NOW,
    PAYMENTS,
    PAYMENTS_TEST,
    PROD,
    SECURITY,
    TEST,
    WEBSITE,
    WORKLOADS,
    attached,
    detached,
    edited,
    moved,
)
from tests.factories.policies import denying

SCP = "SERVICE_CONTROL_POLICY"
FULL = "p-FullAWSAccess"
TAGS = json.dumps({"tags": {"cost": {"tag_key": {"@@assign": "Cost"}}}})


def read(**found):
    """Return what was read."""
    return LiveReads(read_at=NOW, found=FoundNow(**found))


def live(text, *target_ids):
    """Return what AWS has of p-regio001."""
    return read(policies={"p-regio001": PolicyNow(text, target_ids)})


def incomplete(made):
    """Return what evidence says of what was not read."""
    return [one.message for one in made.findings if one.code == "inventory_incomplete"]


class TestPolicies:
    def test_what_was_just_read_stands_in_place_of_what_the_run_read(self, requested):
        change_request = requested(edited("p-regio001", denying("ec2:*")))
        before = make_evidence(change_request, now=NOW)
        made = make_evidence(change_request, now=NOW, live=live(denying("ec2:*"), WORKLOADS))
        assert before.targets
        assert made.targets == ()
        assert made.plan_sha256 != before.plan_sha256
        assert made.content["live"] == {
            "read_at": NOW.isoformat(),
            "policy_ids": ["p-regio001"],
            "target_ids": [],
            "targets_left": 0,
            "places": [],
            "places_left": [],
            "problem": "",
        }

    def test_an_attachment_made_since_the_run_counts(self, requested, snapshot):
        change_request = requested(edited("p-regio001", denying("ec2:*")))
        text = snapshot.policies["deny-regions"].content.text
        made = make_evidence(change_request, now=NOW, live=live(text, WORKLOADS, SECURITY))
        assert LOG_ARCHIVE in {one.target_id for one in made.targets}
        assert made.base["policies"]["p-regio001"]["attached_to"] == [SECURITY, WORKLOADS]

    def test_a_text_written_since_the_run_is_the_one_that_is_reviewed(self, requested):
        change_request = requested(edited("p-regio001", denying("ec2:*")))
        made = make_evidence(change_request, now=NOW, live=live(denying("s3:*"), WORKLOADS))
        assert made.base["policies"]["p-regio001"]["text"] == denying("s3:*")

    def test_equal_live_reads_conclude_the_same(self, requested, snapshot):
        change_request = requested(edited("p-regio001", denying("ec2:*")))
        first = make_evidence(change_request, now=NOW)
        text = snapshot.policies["deny-regions"].content.text
        held = first.base["policies"]["p-regio001"]["attached_to"]
        again = make_evidence(change_request, now=NOW, live=live(text, *held))
        assert again.plan_sha256 == first.plan_sha256

    def test_aws_that_could_not_be_read_leaves_the_run_and_says_why(self, requested):
        change_request = requested(edited("p-regio001", denying("ec2:*")))
        refused = LiveReads(read_at=NOW, problem="AWS denied organizations:DescribePolicy.")
        made = make_evidence(change_request, now=NOW, live=refused)
        assert made.plan_sha256 == make_evidence(change_request, now=NOW).plan_sha256
        assert made.content["live"]["read_at"] is None
        assert "DescribePolicy" in made.content["live"]["problem"]

    def test_a_policy_that_is_gone_refuses_what_is_asked_of_it(self, requested):
        gone = read(policies={"p-regio001": None})
        made = make_evidence(requested(edited("p-regio001", denying("s3:*"))), now=NOW, live=gone)
        assert "operation_refused" in {one.code for one in made.blocked_by()}

    def test_a_target_that_no_run_has_read_is_said(self, requested, snapshot):
        text = snapshot.policies["deny-regions"].content.text
        strange = live(text, WORKLOADS, "ou-ab12-strange1")
        made = make_evidence(requested(edited("p-regio001", text)), now=NOW, live=strange)
        (finding,) = [one for one in made.findings if one.code == "inventory_incomplete"]
        assert "ou-ab12-strange1" in finding.message

    def test_a_management_policy_that_differs_since_the_run_is_said(self, requested):
        other = read(policies={"p-costs001": PolicyNow("{}", (WORKLOADS,))})
        made = make_evidence(requested(edited("p-costs001", TAGS)), now=NOW, live=other)
        (finding,) = [one for one in made.findings if one.code == "inventory_incomplete"]
        assert "not in AWS as the newest run read it" in finding.message


class TestTargets:
    def test_a_policy_attached_at_the_console_counts_where_another_is_attached(self, requested):
        change_request = requested(attached("p-unatt001", TEST))
        denied = PolicyNow(denying("dynamodb:*"), (TEST,), "deny-dynamo", SCP)
        at_console = read(
            policies={"p-conso001": denied},
            targets={TEST: TargetNow("", {SCP: (FULL, "p-conso001")})},
        )
        before = make_evidence(change_request, now=NOW)
        made = make_evidence(change_request, now=NOW, live=at_console)
        assert before.base["targets"][TEST]["attached"][SCP] == [FULL]
        assert made.base["targets"][TEST]["attached"][SCP] == [FULL, "p-conso001"]
        assert incomplete(made) == []

    def test_what_the_console_has_denied_already_is_no_news(self, requested, snapshot):
        text = snapshot.policies["unattached"].content.text
        same = PolicyNow(text, (TEST,), "the-same", SCP)
        made = make_evidence(
            requested(attached("p-unatt001", TEST)),
            now=NOW,
            live=read(
                policies={"p-conso001": same},
                targets={TEST: TargetNow("", {SCP: (FULL, "p-conso001")})},
            ),
        )
        assert make_evidence(requested(attached("p-unatt001", TEST)), now=NOW).targets
        assert made.targets == ()

    def test_a_policy_detached_at_the_console_cannot_be_detached_again(self, requested):
        gone = read(targets={WORKLOADS: TargetNow("", {SCP: (FULL,)})})
        made = make_evidence(requested(detached("p-regio001", WORKLOADS)), now=NOW, live=gone)
        (refused,) = [one for one in made.blocked_by() if one.code == "operation_refused"]
        assert "is not attached" in refused.message

    def test_an_account_moved_since_the_run_is_where_aws_has_it_and_is_said(self, requested):
        change_request = requested(attached("p-unatt001", WORKLOADS))
        elsewhere = read(targets={PAYMENTS_TEST: TargetNow(SECURITY, {SCP: (FULL,)})})
        before = make_evidence(change_request, now=NOW)
        made = make_evidence(change_request, now=NOW, live=elsewhere)
        assert {one.target_id for one in before.targets} == {PAYMENTS_TEST}
        assert made.targets == ()
        assert PAYMENTS_TEST not in made.base["targets"][WORKLOADS]["accounts"]
        (said,) = incomplete(made)
        assert "payments-test was moved to Security since the newest run" in said

    def test_a_move_that_was_made_already_is_refused(self, requested):
        there = read(targets={PAYMENTS_TEST: TargetNow(SECURITY, {})})
        made = make_evidence(requested(moved(PAYMENTS_TEST, SECURITY)), now=NOW, live=there)
        assert "operation_refused" in {one.code for one in made.blocked_by()}

    def test_a_parent_that_no_run_has_read_and_an_account_that_left_are_said(self, requested):
        strange = read(
            targets={
                PAYMENTS_TEST: TargetNow("ou-ab12-strange1", {}),
                LOG_ARCHIVE: None,
            }
        )
        made = make_evidence(requested(attached("p-unatt001", WORKLOADS)), now=NOW, live=strange)
        said = " ".join(incomplete(made))
        assert "payments-test was moved to ou-ab12-strange1" in said
        assert "log-archive is not in AWS any more" in said

    def test_another_management_policy_at_a_target_is_said_once(self, requested):
        more = read(targets={TEST: TargetNow("", {"TAG_POLICY": ("p-other001",)})})
        made = make_evidence(requested(attached("p-costs001", TEST)), now=NOW, live=more)
        (said,) = incomplete(made)
        assert "Test has other policies of the type TAG_POLICY" in said

    def test_targets_as_the_run_read_them_conclude_the_same(self, requested):
        change_request = requested(attached("p-unatt001", TEST))
        first = make_evidence(change_request, now=NOW)
        same = read(
            targets={
                TEST: TargetNow("", {SCP: (FULL,)}),
                PAYMENTS_TEST: TargetNow(TEST, {SCP: (FULL,)}),
            }
        )
        assert make_evidence(change_request, now=NOW, live=same).plan_sha256 == first.plan_sha256


def below(*, places=(WORKLOADS,), **more):
    """Return the accounts below Workloads as the run read them, but for what is given."""
    here = {
        WORKLOADS: {},
        PROD: {PAYMENTS: "payments", WEBSITE: "website"},
        TEST: {PAYMENTS_TEST: "payments-test"},
    }
    return read(places=places, accounts={**here, **more.pop("accounts", {})}, **more)


class TestAccountsBelowTargets:
    @pytest.fixture
    def on_workloads(self, requested):
        return requested(attached("p-unatt001", WORKLOADS))

    def test_the_accounts_that_the_run_read_conclude_the_same(self, on_workloads):
        first = make_evidence(on_workloads, now=NOW)
        again = make_evidence(on_workloads, now=NOW, live=below())
        assert incomplete(again) == []
        assert again.plan_sha256 == first.plan_sha256
        assert again.content["live"]["places"] == [WORKLOADS]

    def test_an_account_that_joined_moves_the_base_and_blocks_until_a_run_has_read_it(
        self, on_workloads
    ):
        joined = {TEST: {PAYMENTS_TEST: "payments-test", "555555555551": "newcomer"}}
        made = make_evidence(on_workloads, now=NOW, live=below(accounts=joined))
        (said,) = incomplete(made)
        assert "account newcomer (555555555551) joined Test since the newest run" in said
        assert said in {one.message for one in made.blocked_by()}
        assert made.plan_sha256 != make_evidence(on_workloads, now=NOW).plan_sha256

    def test_an_account_in_an_ou_that_no_run_has_read_is_said(self, on_workloads):
        joined = {"ou-ab12-newou001": {"555555555551": "newcomer"}}
        (said,) = incomplete(make_evidence(on_workloads, now=NOW, live=below(accounts=joined)))
        assert "newcomer (555555555551) joined ou-ab12-newou001" in said

    def test_a_known_account_that_was_moved_below_the_target_counts_where_it_is(self, on_workloads):
        joined = {TEST: {PAYMENTS_TEST: "payments-test", LOG_ARCHIVE: "log-archive"}}
        made = make_evidence(on_workloads, now=NOW, live=below(accounts=joined))
        assert LOG_ARCHIVE in {one.target_id for one in made.targets}
        assert LOG_ARCHIVE in made.base["targets"][WORKLOADS]["accounts"]
        (said,) = incomplete(made)
        assert "log-archive was moved to Test since the newest run" in said

    def test_an_account_that_left_the_target_is_said(self, on_workloads):
        made = make_evidence(on_workloads, now=NOW, live=below(accounts={TEST: {}}))
        (said,) = incomplete(made)
        assert "payments-test is not below Workloads any more" in said

    def test_what_was_not_read_to_its_end_says_nothing_of_who_left(self, on_workloads):
        partly = below(places=(), places_left=(WORKLOADS,), accounts={TEST: {}})
        made = make_evidence(on_workloads, now=NOW, live=partly)
        assert incomplete(made) == []
        assert made.content["live"]["places_left"] == [WORKLOADS]
