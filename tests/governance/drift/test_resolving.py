"""Drift is put right in each way: adopted, brought back by a change request, ignored."""

from datetime import timedelta

import pytest

from governance.access.owners.acting import MayNot
from governance.audit.models import AuditEntry
from governance.baseline.structure.adopting import CannotAdoptBaseline, baseline_adopt
from governance.baseline.structure.versions import structure_of
from governance.changes.drift.restoring import change_restore
from governance.drift.finding import refresh_drift
from governance.drift.ignoring import (
    IgnoreRuleInvalid,
    ignore_rule_add,
    ignore_rule_end,
    ignore_rules_end_due,
)
from governance.drift.models import DriftItem
from governance.drift.putting_back import preview_putting_back
from governance.drift.resolving import CannotResolve, drift_adopt, drift_ignore
from tests.factories.people import person
from tests.factories.second_state import second_run, second_state
from tests.factories.times import THIRD_RUN_AT
from tests.factories.versions import changed
from tests.governance.drift.conftest import FOUND_AT, acting

KIND = DriftItem.Kind
MOVED = (KIND.ACCOUNT_MOVED, "222222222223", "parent")
TEXT = (KIND.POLICY_UPDATED, "p-regio001", "content")
REMOVED = (KIND.POLICY_REMOVED, "p-unatt001", "existence")
SERVICE = (KIND.TRUSTED_ACCESS_ENABLED, "guardduty.amazonaws.com", "enabled")


@pytest.fixture
def drifted(snapshot, baseline, find):
    second_state(snapshot)
    return find()


def resolved(connection):
    return set(
        DriftItem.objects.filter(connection=connection, state="resolved").values_list(
            "kind", "target_id", "attribute"
        )
    )


class TestAdopt:
    def test_the_baseline_takes_the_collected_side_and_the_drift_closes(
        self, drifted, connection, sam
    ):
        version = drift_adopt(
            by=acting(sam),
            connection=connection,
            item_ids=[drifted[MOVED].pk, drifted[TEXT].pk],
            reason="Agreed with the teams.",
            now=FOUND_AT,
        )
        assert version is not None
        assert (version.number, version.source) == (2, "drift")
        structure = structure_of(version)
        assert structure.accounts["222222222223"].parent_id == "ou-ab12-test0001"
        assert "dynamodb" in structure.policies["p-regio001"].text
        assert resolved(connection) == {MOVED, TEXT}
        item = DriftItem.objects.get(pk=drifted[MOVED].pk)
        assert item.resolution == "adopted in baseline version 2"
        assert [event.what for event in item.events.all()] == ["seen", "adopted", "gone"]

    def test_all_of_it_can_be_adopted_at_once(self, drifted, connection, sam):
        drift_adopt(
            by=acting(sam),
            connection=connection,
            item_ids=[item.pk for item in drifted.values()],
            reason="As it is.",
            now=FOUND_AT,
        )
        assert not DriftItem.objects.exclude(state="resolved").exists()

    def test_who_and_why_are_recorded(self, drifted, connection, sam):
        drift_adopt(
            by=acting(sam),
            connection=connection,
            item_ids=[drifted[MOVED].pk],
            reason="Agreed.",
            now=FOUND_AT,
        )
        made = AuditEntry.objects.filter(action__in=("baseline.adopt", "drift.resolve"))
        assert [one.actor_name for one in made.order_by("pk")] == ["sam"] * 3

    def test_a_viewer_may_not(self, drifted, connection):
        with pytest.raises(MayNot):
            drift_adopt(
                by=acting(person("viewer")),
                connection=connection,
                item_ids=[drifted[MOVED].pk],
                reason="Why not.",
                now=FOUND_AT,
            )

    def test_what_cannot_be_verified_is_not_adopted(self, drifted, snapshot, connection, sam, find):
        second_run(snapshot, at=THIRD_RUN_AT, states={"organizations.accounts": "denied"})
        find(now=THIRD_RUN_AT)
        with pytest.raises(CannotResolve, match="could not be verified"):
            drift_adopt(
                by=acting(sam),
                connection=connection,
                item_ids=[drifted[MOVED].pk],
                reason="Agreed.",
                now=THIRD_RUN_AT,
            )

    def test_an_incomplete_reading_is_no_baseline(self, snapshot, connection, sam):
        second_run(snapshot, states={"organizations.accounts": "denied"})
        with pytest.raises(CannotAdoptBaseline, match=r"organizations\.accounts \(AWS refused\)"):
            baseline_adopt(by=acting(sam), connection=connection, reason="All.", now=FOUND_AT)

    def test_a_part_is_adopted_and_the_rest_stays(self, drifted, connection, sam):
        version = baseline_adopt(
            by=acting(sam),
            connection=connection,
            target_id="ou-ab12-work0001",
            reason="Workloads as it is.",
            now=FOUND_AT,
        )
        assert version.target_id == "ou-ab12-work0001"
        refresh_drift(connection, now=FOUND_AT)
        assert MOVED in resolved(connection)
        assert (KIND.OU_RENAMED, "ou-ab12-sec00001", "name") not in resolved(connection)


class TestBaselineMovedToo:
    def test_the_side_as_of_then_is_shown_as_well(self, drifted, snapshot, connection, sam, find):
        drift_adopt(
            by=acting(sam),
            connection=connection,
            item_ids=[drifted[MOVED].pk],
            reason="Agreed.",
            now=FOUND_AT,
        )
        second_run(snapshot, at=THIRD_RUN_AT)
        (website,) = type(snapshot.accounts["website"]).objects.filter(
            account_id="222222222223", seen_until=None
        )
        changed(website, at=THIRD_RUN_AT, parent_id="ou-ab12-sec00001")
        item = find(now=THIRD_RUN_AT)[MOVED]
        assert item.desired["parent_id"] == "ou-ab12-test0001"
        assert item.collected["parent_id"] == "ou-ab12-sec00001"
        assert item.base["parent_id"] == "ou-ab12-test0001"
        assert item.reopened == 1


class TestRevert:
    def test_a_draft_brings_the_desired_side_back(self, drifted, connection, sam):
        request = change_restore(
            by=acting(sam),
            connection=connection,
            item_ids=[drifted[MOVED].pk, drifted[TEXT].pk, drifted[REMOVED].pk],
            now=FOUND_AT,
        )
        assert request.state == "draft"
        assert [one["kind"] for one in request.operations] == [
            "move_account",
            "create_policy",
            "update_policy",
        ]
        assert "newly allows" in request.reason
        assert "No log source" in request.reason
        item = DriftItem.objects.get(pk=drifted[MOVED].pk)
        assert item.state == "open"
        assert [event.what for event in item.events.all()] == ["seen", "revert"]

    def test_its_effect_is_shown_before(self, drifted, connection, viewer):
        shown = preview_putting_back(
            viewer, connection=connection, items=[drifted[MOVED], drifted[TEXT]], now=FOUND_AT
        )
        assert shown.denied_accounts == 1
        assert shown.allowed_accounts > 0
        assert shown.problems == ()

    def test_what_no_edit_brings_back_is_refused(self, drifted, connection, sam):
        with pytest.raises(CannotResolve, match="no change request restores"):
            change_restore(
                by=acting(sam),
                connection=connection,
                item_ids=[drifted[SERVICE].pk],
                now=FOUND_AT,
            )

    def test_an_account_needs_its_ou_back_too(self, drifted, connection, sam, snapshot, find):
        gone = (KIND.OU_DELETED, "ou-ab12-susp0001", "existence")
        request = change_restore(
            by=acting(sam), connection=connection, item_ids=[drifted[gone].pk], now=FOUND_AT
        )
        (operation,) = request.operations
        assert (operation["kind"], operation["name"]) == ("create_organizational_unit", "Suspended")


class TestIgnore:
    def until(self, days):
        return FOUND_AT.date() + timedelta(days=days)

    def test_what_a_rule_matches_is_ignored_until_its_end(self, drifted, connection, sam, find):
        drift_ignore(
            by=acting(sam),
            connection=connection,
            item_ids=[drifted[MOVED].pk],
            reason="A trial.",
            until=self.until(1),
            now=FOUND_AT,
        )
        item = DriftItem.objects.get(pk=drifted[MOVED].pk)
        assert item.state == "ignored"
        assert find()[MOVED].state == "ignored"
        ignore_rules_end_due(connection, now=FOUND_AT + timedelta(days=1))
        item.refresh_from_db()
        assert item.state == "ignored"
        ignore_rules_end_due(connection, now=FOUND_AT + timedelta(days=2))
        item.refresh_from_db()
        assert item.state == "open"
        assert [event.what for event in item.events.all()][-1] == "ignore rule ended"

    def test_a_rule_of_a_place_holds_below_it_alone(self, drifted, connection, sam):
        ignore_rule_add(
            by=acting(sam),
            connection=connection,
            target_id="ou-ab12-work0001",
            reason="Being rebuilt.",
            until=self.until(10),
            now=FOUND_AT,
        )
        ignored = DriftItem.objects.filter(state="ignored").values_list("target_id", flat=True)
        assert set(ignored) == {"222222222223", "p-regio001", "p-users001", "p-insta001"}

    def test_a_rule_that_is_ended_ignores_no_more(self, drifted, connection, sam):
        rule = ignore_rule_add(
            by=acting(sam),
            connection=connection,
            kind=KIND.OU_RENAMED,
            reason="Names do no harm.",
            until=self.until(10),
            now=FOUND_AT,
        )
        assert DriftItem.objects.filter(state="ignored").count() == 1
        ignore_rule_end(by=acting(sam), connection=connection, number=rule.number, now=FOUND_AT)
        assert not DriftItem.objects.filter(state="ignored").exists()

    def test_a_rule_for_everything_or_without_a_reason_is_refused(self, connection, sam):
        with pytest.raises(IgnoreRuleInvalid) as refused:
            ignore_rule_add(
                by=acting(sam),
                connection=connection,
                reason=" ",
                until=self.until(-1),
                now=FOUND_AT,
            )
        assert set(refused.value.errors) == {"kind", "reason", "until"}
