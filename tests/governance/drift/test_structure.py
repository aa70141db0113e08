"""Drift of the structure: each kind with both sides, found for what changed, never lost."""

import pytest

from governance.drift.finding import refresh_drift
from governance.drift.models import DriftItem
from tests.factories.policies import (
    PolicyAttachmentFactory,
    PolicyFactory,
    content,
    denying,
)
from tests.factories.second_state import second_run, second_state
from tests.factories.times import SECOND_RUN_AT, THIRD_RUN_AT
from tests.factories.versions import changed
from tests.governance.drift.conftest import ADOPTED_AT, FOUND_AT

KIND = DriftItem.Kind
EFFECT = DriftItem.DriftEffect
TEST = "ou-ab12-test0001"


@pytest.fixture
def drifted(snapshot, baseline, find):
    """One change of every sort, behind the product's back."""
    second_state(snapshot)
    return find()


class TestKinds:
    def test_nothing_differs_from_what_was_just_adopted(self, baseline, connection):
        assert not DriftItem.objects.filter(connection=connection).exists()

    def test_each_kind_is_found_once_with_its_place(self, drifted):
        assert set(drifted) == {
            (KIND.ACCOUNT_MOVED, "222222222223", "parent"),
            (KIND.ACCOUNT_REMOVED, "444444444441", "existence"),
            (KIND.ACCOUNT_ADDED, "333333333332", "existence"),
            (KIND.OU_ADDED, "ou-ab12-sand0001", "existence"),
            (KIND.OU_RENAMED, "ou-ab12-sec00001", "name"),
            (KIND.OU_DELETED, "ou-ab12-susp0001", "existence"),
            (KIND.POLICY_UPDATED, "p-regio001", "content"),
            (KIND.POLICY_UPDATED, "p-insta001", "name"),
            (KIND.POLICY_REMOVED, "p-unatt001", "existence"),
            (KIND.POLICY_ADDED, "p-users001", "existence"),
            (KIND.POLICY_DETACHED_FROM_OU, "ou-ab12-sec00001", "attachment"),
            (KIND.POLICY_TYPE_CHANGED, "TAG_POLICY", "enabled"),
            (KIND.TRUSTED_ACCESS_ENABLED, "guardduty.amazonaws.com", "enabled"),
            (KIND.DELEGATION_CHANGED, "guardduty.amazonaws.com", "delegation"),
            (KIND.DELEGATION_POLICY_CHANGED, "organization", "content"),
        }

    def test_both_sides_stand_side_by_side(self, drifted):
        moved = drifted[KIND.ACCOUNT_MOVED, "222222222223", "parent"]
        assert moved.desired["path"] == "Root / Workloads / Prod"
        assert moved.collected["path"] == "Root / Workloads / Test"
        text = drifted[KIND.POLICY_UPDATED, "p-regio001", "content"]
        assert "dynamodb" in text.collected["text"]
        assert "dynamodb" not in text.desired["text"]
        added = drifted[KIND.POLICY_ADDED, "p-users001", "existence"]
        assert added.desired is None
        assert [one["id"] for one in added.collected["targets"]] == [TEST]

    def test_what_newly_denies_and_what_newly_allows_are_told_apart(self, drifted):
        effects = {key: item.effect for key, item in drifted.items()}
        assert effects[KIND.POLICY_UPDATED, "p-regio001", "content"] == EFFECT.DENIES
        assert effects[KIND.POLICY_ADDED, "p-users001", "existence"] == EFFECT.DENIES
        assert effects[KIND.ACCOUNT_MOVED, "222222222223", "parent"] == EFFECT.ALLOWS
        assert effects[KIND.POLICY_UPDATED, "p-insta001", "name"] == EFFECT.COSMETIC
        assert effects[KIND.OU_ADDED, "ou-ab12-sand0001", "existence"] == EFFECT.STRUCTURE

    def test_an_effect_is_shown_by_a_request(self, drifted):
        moved = drifted[KIND.ACCOUNT_MOVED, "222222222223", "parent"]
        (example,) = [
            one for one in moved.effect_detail["examples"] if one["effect"] == EFFECT.ALLOWS
        ]
        assert example["account_id"] == "222222222223"
        assert example["action"]

    def test_of_actions_that_no_list_has_is_shown_by_its_own_policys_request(
        self, snapshot, baseline, find
    ):
        second_run(snapshot)
        for name, target_id in (("oldone", TEST), ("oldtwo", "ou-ab12-sec00001")):
            policy = PolicyFactory.create(
                connection=snapshot.connection,
                seen_from=SECOND_RUN_AT,
                policy_id=f"p-{name}",
                name=name,
                text=denying(f"{name}:*"),
            )
            PolicyAttachmentFactory.create(
                connection=snapshot.connection,
                seen_from=SECOND_RUN_AT,
                policy_id=policy.policy_id,
                target_id=target_id,
            )
        added = [item for (kind, *_), item in find().items() if kind == KIND.POLICY_ADDED]
        assert len(added) == 2
        for item in added:
            assert item.effect == EFFECT.DENIES
            assert item.effect_detail["denied_actions"] == 0
            assert item.effect_detail["denies_in_accounts"] == 1
            for example in item.effect_detail["examples"]:
                assert example["action"].startswith(f"{item.target_name}:")
                assert [example["account_id"]] == item.effect_detail["denies_in"]

    def test_production_counts_more(self, drifted):
        moved = drifted[KIND.ACCOUNT_MOVED, "222222222223", "parent"]
        assert moved.effect_detail["production"]
        # Newly allows, in production.
        assert moved.severity == "high"
        assert drifted[KIND.POLICY_UPDATED, "p-insta001", "name"].severity == "low"


class TestLife:
    def test_a_text_written_otherwise_is_no_drift(self, snapshot, baseline, find):
        second_run(snapshot)
        text = denying("RDS:*", "EC2:*")
        changed(snapshot.policies["deny-regions"], at=SECOND_RUN_AT, content=content(text))
        assert find() == {}

    def test_it_closes_when_it_is_as_agreed_and_comes_back_with_its_history(
        self, snapshot, baseline, find
    ):
        second_run(snapshot)
        website = snapshot.accounts["website"]
        there = changed(website, at=SECOND_RUN_AT, parent_id=TEST)
        (item,) = find().values()
        second_run(snapshot, at=THIRD_RUN_AT)
        back = changed(there, at=THIRD_RUN_AT, parent_id=website.parent_id)
        assert find(now=THIRD_RUN_AT) == {}
        item.refresh_from_db()
        assert (item.state, item.resolution) == ("resolved", "as agreed again")
        fourth = THIRD_RUN_AT + (THIRD_RUN_AT - SECOND_RUN_AT)
        second_run(snapshot, at=fourth)
        changed(back, at=fourth, parent_id=TEST)
        (again,) = find(now=fourth).values()
        assert again.pk == item.pk
        assert (again.reopened, again.first_seen_at) == (1, fourth)
        assert [event.what for event in again.events.all()] == ["seen", "gone", "back"]

    def test_what_cannot_be_read_is_neither_resolved_nor_verified(self, snapshot, baseline, find):
        second_run(snapshot)
        there = changed(snapshot.accounts["website"], at=SECOND_RUN_AT, parent_id=TEST)
        find()
        denied = {"organizations.accounts": "denied"}
        second_run(snapshot, at=THIRD_RUN_AT, states=denied)
        changed(there, at=THIRD_RUN_AT, parent_id="ou-ab12-prod0001")
        (item,) = find(now=THIRD_RUN_AT).values()
        assert (item.state, item.verified) == ("open", False)
        fourth = THIRD_RUN_AT + (THIRD_RUN_AT - SECOND_RUN_AT)
        second_run(snapshot, at=fourth)
        assert find(now=fourth) == {}

    def test_a_second_look_writes_nothing(self, snapshot, baseline, find, connection):
        second_state(snapshot)
        find()
        again = refresh_drift(connection, now=FOUND_AT)
        assert (again.appeared, again.written) == (0, 0)

    def test_without_a_baseline_nothing_is_drift(self, snapshot, connection):
        second_state(snapshot)
        refresh_drift(connection, now=ADOPTED_AT)
        assert not DriftItem.objects.exists()
