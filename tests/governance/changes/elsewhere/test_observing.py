"""Inventory runs decide whether a plan that was handed out is applied."""

import json
from datetime import timedelta

import pytest

from governance.access.actors import system_actor
from governance.changes.elsewhere.approved import approved_result
from governance.changes.elsewhere.observing import observation_of, observe, observe_all
from governance.changes.elsewhere.verdict import verdict
from governance.changes.evidence.making import make_evidence
from governance.changes.evidence.storing import evidence_store
from governance.changes.life.transitions import NoSuchChangeRequest, locked_request, transition
from governance.changes.models import ChangeRequest
from governance.changes.states import ChangeState
from governance.edits.canonical_text import canonical_text
from inventory.models import Coverage, Policy, PolicyAttachment
from tests.factories.change_requests import change_request
from tests.factories.edits import NOW, PAYMENTS_TEST, SECURITY, attached, moved
from tests.factories.organization import AccountFactory
from tests.factories.policies import (
    PolicyAttachmentFactory,
    PolicyFactory,
    attached_policy,
    content,
    denying,
)
from tests.factories.runs import InventoryRunFactory
from tests.factories.versions import changed, ended
from tests.governance.changes.elsewhere.conftest import NEW_TEXT, OPERATIONS, STRICTER

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)
SCP = "SERVICE_CONTROL_POLICY"


def apply_regions(text=STRICTER):
    row = Policy.objects.as_of(None).get(policy_id="p-regio001")
    if row.seen_from >= LATER:
        Policy.objects.filter(pk=row.pk).update(content=content(text))
    else:
        changed(row, at=LATER, content=content(text))


def apply_new(connection, *targets, text=NEW_TEXT, **values):
    attached_policy(
        connection,
        text,
        *(targets or ("ou-ab12-prod0001",)),
        name="deny users",
        **{"policy_id": "p-made0001"} | values,
    )


def apply_detachment():
    ended(PolicyAttachment.objects.as_of(None).get(policy_id="p-insta001"), at=LATER)


def apply_all(connection):
    apply_regions()
    apply_new(connection)
    apply_detachment()


def seen(change_request, at=LATER):
    observe(connection=change_request.connection, now=at)
    return ChangeRequest.objects.get(pk=change_request.pk)


class TestObserve:
    def test_leaves_what_nobody_touched_handed_out(self, handed_out):
        assert seen(handed_out()).state == ChangeState.HANDED_OUT

    def test_closes_as_applied_what_stands_as_approved(self, handed_out, snapshot):
        made = handed_out()
        apply_all(snapshot.connection)
        assert seen(made).state == ChangeState.APPLIED
        assert seen(made).applied_at is not None

    def test_takes_another_layout_and_order_for_the_same(self, handed_out, snapshot):
        made = handed_out()
        apply_all(snapshot.connection)
        turned = json.loads(STRICTER)
        turned["Statement"][0]["Action"] = ["S3:*", "rds:*", "EC2:*"]
        turned["Statement"][0]["Sid"] = "Regions"
        apply_regions(json.dumps(turned, indent=4))
        assert seen(made).state == ChangeState.APPLIED

    def test_does_not_look_at_other_objects(self, handed_out, snapshot):
        made = handed_out()
        apply_all(snapshot.connection)
        attached_policy(snapshot.connection, denying("sns:*"), "ou-ab12-work0001")
        PolicyFactory.create(
            connection=snapshot.connection, name="deny users", type="TAG_POLICY", text="{}"
        )
        assert seen(made).state == ChangeState.APPLIED

    def test_knows_a_policy_created_again_by_type_and_name(self, handed_out, snapshot):
        made = handed_out()
        apply_all(snapshot.connection)
        for rows in (Policy.objects, PolicyAttachment.objects):
            row = rows.as_of(None).get(policy_id="p-regio001")
            ended(row, at=LATER + timedelta(minutes=1))
            row.pk, row.policy_id = None, "p-again001"
            row.seen_from, row.seen_until = LATER + timedelta(minutes=1), None
            row.save()
        assert seen(made).state == ChangeState.APPLIED

    def test_says_what_differs(self, handed_out, snapshot):
        made = handed_out()
        apply_regions(denying("ec2:*"))
        apply_new(snapshot.connection, "ou-ab12-prod0001", "222222222224")
        found = seen(made)
        assert found.state == ChangeState.DIFFERS
        assert "deny-regions has other statements than approved" in found.state_reason
        assert "deny users is attached, against the approval, to 222222222224" in found.state_reason
        assert "deny-instances is attached, against the approval" in found.state_reason

    def test_closes_what_differed_once_it_stands_as_approved(self, handed_out, snapshot):
        made = handed_out()
        apply_regions(denying("ec2:*"))
        assert seen(made).state == ChangeState.DIFFERS
        ChangeRequest.objects.filter(pk=made.pk).update(state_at=made.state_at)
        apply_all(snapshot.connection)
        assert seen(made).state == ChangeState.APPLIED

    def test_names_what_differs_by_now(self, handed_out, snapshot):
        made = handed_out()
        apply_regions(denying("ec2:*"))
        seen(made)
        ChangeRequest.objects.filter(pk=made.pk).update(state_at=made.state_at)
        apply_regions()
        found = seen(made)
        assert found.state == ChangeState.DIFFERS
        assert "statements" not in found.state_reason
        assert f"No {SCP} is called deny users" in found.state_reason

    def test_says_nothing_on_the_word_of_what_was_read_before(self, handed_out, snapshot):
        made = handed_out(at=LATER)
        apply_all(snapshot.connection)
        assert seen(made).state == ChangeState.HANDED_OUT
        assert "no inventory run has begun" in observation_of(made, now=LATER).problem

    def test_says_nothing_where_policies_were_not_read(self, handed_out, snapshot):
        made = handed_out()
        apply_all(snapshot.connection)
        Coverage.objects.filter(collector=f"organizations.policies.{SCP}").update(
            state=Coverage.State.DENIED, message="no ListPolicies"
        )
        assert seen(made).state == ChangeState.HANDED_OUT
        assert "no ListPolicies" in observation_of(made, now=LATER).problem

    def test_looks_at_every_connection_that_waits(self, handed_out, snapshot):
        made = handed_out()
        apply_all(snapshot.connection)
        assert observe_all(now=LATER) == 1
        assert observe_all(now=LATER) == 0
        made.refresh_from_db()
        assert made.state == ChangeState.APPLIED


class TestPlansOfMoreThanPolicies:
    def test_are_applied_once_places_and_types_are_as_approved(self, handed_out, snapshot):
        made = handed_out(
            [
                {
                    "kind": "move_account",
                    "target_id": "222222222224",
                    "parent_id": "ou-ab12-prod0001",
                },
                {
                    "kind": "rename_organizational_unit",
                    "target_id": "ou-ab12-test0001",
                    "name": "T",
                },
                {"kind": "enable_policy_type", "policy_type": "BACKUP_POLICY"},
            ]
        )
        assert seen(made).state == ChangeState.HANDED_OUT
        changed(snapshot.units["Test"], at=LATER, name="T")
        found = seen(made)
        assert found.state == ChangeState.DIFFERS
        assert "Policy type BACKUP_POLICY is not enabled" in found.state_reason
        assert "payments-test is in T" in found.state_reason
        ChangeRequest.objects.filter(pk=made.pk).update(state_at=made.state_at)
        changed(snapshot.accounts["payments-test"], at=LATER, parent_id="ou-ab12-prod0001")
        snapshot.root.policy_types["BACKUP_POLICY"] = "ENABLED"
        snapshot.root.save()
        assert seen(made).state == ChangeState.APPLIED

    def test_a_deleted_policy_must_be_gone(self, handed_out):
        made = handed_out([{"kind": "delete_policy", "policy_id": "p-unatt001"}])
        assert seen(made).state == ChangeState.HANDED_OUT
        ended(Policy.objects.get(policy_id="p-unatt001"), at=LATER)
        assert seen(made).state == ChangeState.APPLIED


class TestCanonicalText:
    def test_tells_other_statements_apart(self):
        assert canonical_text(denying("a:*"), SCP) != canonical_text(denying("b:*"), SCP)
        allowing = denying("a:*").replace("Deny", "Allow")
        assert canonical_text(denying("a:*"), SCP) != canonical_text(allowing, SCP)

    def test_tells_a_version_apart_in_which_variables_are_plain_text(self):
        old = denying("a:*").replace("2012-10-17", "2008-10-17")
        assert canonical_text(denying("a:*"), SCP) != canonical_text(old, SCP)

    def test_settings_are_equal_whatever_their_order(self):
        one, other = '{"tags": {"a": {}, "b": {}}}', '{"tags":{"b":{},"a":{}}}'
        assert canonical_text(one, "TAG_POLICY") == canonical_text(other, "TAG_POLICY")

    def test_leaves_what_is_no_policy_as_it_is(self):
        assert canonical_text("no json", SCP) == "no json"


class TestVerdict:
    def verdict_of(self, made, digest=None, at=LATER):
        return verdict(made.connection, made.number, digest or made.plan_sha256, now=at)

    def test_allows_the_approved_digest(self, handed_out):
        found = self.verdict_of(handed_out())
        assert found.may_be_applied
        assert found.state == "handed_out"

    def test_refuses_another_digest(self, handed_out):
        found = self.verdict_of(handed_out(), "0" * 64)
        assert not found.may_be_applied
        assert "digest" in found.reasons[0]

    def test_refuses_what_is_not_approved(self, asked):
        found = self.verdict_of(asked())
        assert found.reasons == ("it is not approved: its state is in review",)

    def test_refuses_what_is_applied_already(self, handed_out, snapshot):
        made = handed_out()
        apply_all(snapshot.connection)
        seen(made)
        assert self.verdict_of(made).reasons == ("it is applied already",)

    def test_refuses_once_somebody_else_changed_what_was_reviewed(self, handed_out):
        made = handed_out()
        apply_regions(denying("kms:*"))
        found = self.verdict_of(made)
        assert not found.may_be_applied
        assert found.reasons[0].startswith("deny-regions differs from when it was reviewed")

    def test_lets_a_pipeline_finish_what_it_began(self, handed_out):
        made = handed_out()
        apply_regions()
        assert seen(made).state == ChangeState.DIFFERS
        assert self.verdict_of(made).may_be_applied

    def test_knows_no_other_numbers(self, snapshot):
        with pytest.raises(NoSuchChangeRequest):
            verdict(snapshot.connection, 404, "0" * 64, now=LATER)


class TestVerdictOnWhatWasProven:
    """With evidence as a check makes it."""

    @pytest.fixture
    def proven(self, snapshot, author):
        def make(*operations):
            asked = change_request(
                snapshot.connection,
                author,
                operations=[one.as_json() for one in operations],
                applied="elsewhere",
            )
            made = make_evidence(asked, now=NOW)
            asked.evidence, asked.plan_sha256 = evidence_store(made), made.plan_sha256
            asked.state = ChangeState.IN_REVIEW
            asked.save()
            return transition(
                locked_request(asked.pk), ChangeState.APPROVED, actor=system_actor("t"), now=NOW
            )

        return make

    def test_an_account_that_joined_a_target_takes_the_yes_back(self, proven, snapshot):
        made = proven(attached("p-unatt001", SECURITY))
        before = verdict(made.connection, made.number, made.plan_sha256, now=LATER)
        common = {"connection": snapshot.connection, "seen_from": LATER}
        InventoryRunFactory.create(connection=snapshot.connection, started_at=LATER)
        account = AccountFactory.create(parent=snapshot.units["Security"], **common)
        PolicyAttachmentFactory.create(
            policy_id="p-FullAWSAccess",
            target_id=account.account_id,
            target_type="ACCOUNT",
            **common,
        )
        found = verdict(made.connection, made.number, made.plan_sha256, now=LATER)
        more = set(found.reasons) - set(before.reasons)
        (said,) = more
        assert said.startswith("its basis changed since it was approved: ")
        assert "the accounts that are affected" in said

    def test_an_approval_that_nobody_gave_counts_for_nothing(self, proven):
        made = proven(attached("p-unatt001", SECURITY))
        found = verdict(made.connection, made.number, made.plan_sha256, now=NOW)
        assert any("an approval no longer counts" in one for one in found.reasons)

    def test_a_plan_of_ous_and_moves_that_nobody_began_stays_handed_out(self, proven):
        made = proven(moved(PAYMENTS_TEST, SECURITY))
        assert seen(made).state == ChangeState.HANDED_OUT


class TestTheBaseThatWasReviewed:
    def test_counts_where_it_was_read_after_the_run(self, asked, handed_out, snapshot):
        made = handed_out([OPERATIONS[3]])
        read_live = {"name": "deny-instances", "type": SCP, "text": denying("ec2:Stop*")}
        made.evidence.base = {
            "policies": {"p-insta001": {**read_live, "attached_to": ["222222222223", "r-ab12"]}}
        }
        made.evidence.save()
        (policy,) = approved_result(made).policies
        assert (policy.text, policy.target_ids) == (denying("ec2:Stop*"), ("r-ab12",))
