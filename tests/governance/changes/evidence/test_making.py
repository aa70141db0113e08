"""What the evidence of a change request says, on the small organization."""

from datetime import timedelta

import pytest

from governance.changes.evidence.findings import CheckLevel
from governance.changes.evidence.making import make_evidence
from governance.changes.evidence.storing import evidence_store, read_plan
from governance.changes.models import Evidence
from tests.factories.edits import (
    NOW,
    PAYMENTS,
    PAYMENTS_TEST,
    PROD,
    ROOT,
    SECURITY,
    WEBSITE,
    attached,
    detached,
    edited,
    moved,
)
from tests.factories.policies import denying


def codes(made):
    return {(one.code, one.level.value) for one in made.findings}


class TestMakeEvidence:
    def test_only_accounts_in_which_something_changes_are_affected(self, evidence):
        made = evidence(edited("p-regio001", denying("ec2:*", "rds:*", "s3:DeleteBucket")))
        assert [one.target_id for one in made.targets] == [PAYMENTS, WEBSITE, PAYMENTS_TEST]
        for one in made.targets:
            assert one.newly_denied
            assert (one.newly_allowed, one.undecided) == (False, False)
            assert one.policy_types == {"SERVICE_CONTROL_POLICY"}
            assert one.operations == {"update_policy"}
        (difference,) = made.content["effects"]["differences"]
        assert difference["actions"] == ["s3:DeleteBucket"]
        assert difference["witness"]["action"] == "s3:DeleteBucket"

    def test_an_edit_that_says_the_same_affects_nobody_and_says_so(self, evidence):
        made = evidence(edited("p-regio001", denying("rds:*", "ec2:*")))
        assert made.targets == ()
        assert ("proven_unchanged", "advisory") in codes(made)
        assert not made.blocked_by()

    def test_the_base_holds_what_the_plan_touches_and_nothing_else(self, evidence):
        made = evidence(attached("p-unatt001", PROD))
        assert list(made.base["policies"]) == ["p-unatt001"]
        assert list(made.base["targets"]) == [PROD]
        assert made.base["targets"][PROD]["accounts"] == [PAYMENTS, WEBSITE]

    def test_a_policys_new_text_touches_every_target_it_is_attached_to(self, evidence):
        made = evidence(edited("p-regio001", denying("ec2:*")))
        assert made.resolved_targets == ("ou-ab12-work0001",)

    @pytest.mark.parametrize(("target_id", "at_root"), [(ROOT, True), (SECURITY, False)])
    def test_tells_effects_of_edits_at_the_root(self, evidence, target_id, at_root):
        made = evidence(attached("p-unatt001", target_id))
        assert {one.at_root for one in made.targets} == {at_root}

    def test_an_edit_that_cannot_be_made_blocks(self, evidence):
        made = evidence(detached("p-unatt001", PROD))
        (finding,) = [one for one in made.findings if one.code == "operation_refused"]
        assert finding.level is CheckLevel.HARD
        assert finding.operation == 0

    def test_a_text_that_aws_refuses_blocks_with_its_line(self, evidence):
        made = evidence(edited("p-regio001", '{"Version": "2012-10-17",\n "Statement": 3}'))
        (finding,) = [one for one in made.findings if one.code == "policy_refused"]
        assert (finding.level, finding.line) == (CheckLevel.HARD, 2)

    def test_accounts_under_a_text_that_cannot_be_read_count_as_changed(self, evidence):
        made = evidence(edited("p-regio001", "{"))
        assert all(one.undecided for one in made.targets)
        assert {one.target_id for one in made.targets} == {PAYMENTS, WEBSITE, PAYMENTS_TEST}
        assert "accounts_unknown" in {one.code for one in made.findings}

    def test_a_target_left_without_an_allow_blocks(self, evidence):
        made = evidence(attached("p-unatt001", SECURITY), detached("p-FullAWSAccess", SECURITY))
        assert ("target_without_allow", "hard") in codes(made)

    def test_a_moved_account_is_affected_by_its_move(self, evidence):
        made = evidence(moved(PAYMENTS_TEST, PROD))
        (one,) = made.targets
        assert (one.target_id, one.operations) == (PAYMENTS_TEST, {"move_account"})


class TestEvidenceStore:
    def test_stores_the_same_evidence_once_with_its_digests(self, evidence):
        made = evidence(attached("p-unatt001", PROD))
        stored = evidence_store(made)
        assert evidence_store(made) == stored
        assert Evidence.objects.count() == 1
        assert stored.sha256 == made.sha256
        assert stored.plan_sha256 == made.plan_sha256
        assert read_plan(stored.plan) == made.plan

    @pytest.mark.parametrize("minutes", [0, 3000])
    def test_made_anew_it_concludes_the_same(self, requested, minutes):
        change_request = requested(attached("p-unatt001", PROD))
        first = make_evidence(change_request, now=NOW)
        again = make_evidence(change_request, now=NOW + timedelta(minutes=minutes))
        assert again.conclusions_sha256 == first.conclusions_sha256
        assert again.plan_sha256 == first.plan_sha256
        assert (again.sha256 == first.sha256) is (minutes == 0)
