"""Drift and rollouts over the simulator's rules: own edits, foreign ones, the way back.

AWS is changed behind the product's back, a run reads it, and what differs is put right.
"""

from datetime import timedelta

import pytest

from governance.baseline.structure.adopting import baseline_adopt
from governance.baseline.structure.models import BaselineVersion
from governance.baseline.structure.versions import structure_of
from governance.changes.drift.restoring import change_restore
from governance.changes.life.transitions import transition
from governance.changes.models import ChangeRequest
from governance.changes.rollout.journal import ROLLOUT_ACTOR
from governance.changes.states import ChangeState
from governance.drift.finding import refresh_drift
from governance.drift.models import DriftItem
from tests.factories.rollouts import staged_copy, steps
from tests.governance.changes.drift.reading import read_organization
from tests.governance.changes.rollout.aws import text_of
from tests.governance.changes.rollout.conftest import fresh, scene
from tests.governance.drift.conftest import acting

__all__ = ["scene"]

A, B, C = "200000000000", "200000000001", "200000000002"
KIND = DriftItem.Kind
NEW = text_of("new")


@pytest.fixture
def look(scene):
    """Return a function that runs the inventory, looks for drift, and returns what is open."""

    def found():
        scene.clock.now += timedelta(hours=1)
        read_organization(scene.connection, scene.aws, at=scene.clock.now)
        refresh_drift(scene.connection, now=scene.clock.now)
        items = DriftItem.objects.filter(connection=scene.connection, state="open")
        return {(item.kind, item.target_id): item for item in items}

    return found


@pytest.fixture
def agreed(scene, look):
    """The baseline as the first run saw the organization."""
    look()
    baseline_adopt(
        by=acting(scene.approver),
        connection=scene.connection,
        reason="As it should be.",
        now=scene.clock.now,
    )
    assert look() == {}


def finish(scene, rollout, look):
    """Have the run after the last step seen, so that the request is applied."""
    look()
    request = ChangeRequest.objects.get(pk=rollout.change_request_id)
    rollout.refresh_from_db()
    rollout.ended_at = scene.clock.now
    rollout.save()
    transition(request, ChangeState.APPLIED, actor=ROLLOUT_ACTOR, now=scene.clock.now)


@pytest.mark.usefixtures("agreed")
class TestForeignEdits:
    @pytest.mark.parametrize(
        ("call", "given", "back", "kind"),
        [
            (
                "UpdatePolicy",
                {"PolicyId": "p-guard00", "Content": NEW},
                {"PolicyId": "p-guard00", "Content": text_of("old")},
                KIND.POLICY_UPDATED,
            ),
            (
                "MoveAccount",
                {
                    "AccountId": A,
                    "SourceParentId": "ou-ab12-workload",
                    "DestinationParentId": "r-ab12",
                },
                {
                    "AccountId": A,
                    "SourceParentId": "r-ab12",
                    "DestinationParentId": "ou-ab12-workload",
                },
                KIND.ACCOUNT_MOVED,
            ),
            (
                "UpdateOrganizationalUnit",
                {"OrganizationalUnitId": "ou-ab12-workload", "Name": "Load"},
                {"OrganizationalUnitId": "ou-ab12-workload", "Name": "Workloads"},
                KIND.OU_RENAMED,
            ),
        ],
    )
    def test_is_seen_closes_when_taken_back_and_reopens(self, scene, look, call, given, back, kind):
        scene.aws.console(call, **given)
        ((found, item),) = look().items()
        assert found[0] == kind
        scene.aws.console(call, **back)
        assert look() == {}
        scene.aws.console(call, **given)
        ((_, again),) = look().items()
        assert (again.pk, again.reopened) == (item.pk, 1)

    def test_an_attachment_is_seen_both_ways(self, scene, look):
        scene.aws.console("DetachPolicy", PolicyId="p-guard00", TargetId=A)
        scene.aws.console("AttachPolicy", PolicyId="p-guard00", TargetId="ou-ab12-workload")
        found = look()
        assert set(found) == {
            (KIND.POLICY_DETACHED_FROM_ACCOUNT, A),
            (KIND.POLICY_ATTACHED_TO_OU, "ou-ab12-workload"),
        }
        assert found[KIND.POLICY_DETACHED_FROM_ACCOUNT, A].effect == "cosmetic"

    def test_is_brought_back_by_the_draft_that_the_product_makes(self, scene, look):
        scene.aws.console("UpdatePolicy", PolicyId="p-guard00", Content=NEW)
        (item,) = look().values()
        assert item.effect == "both"
        request = change_restore(
            by=acting(scene.approver),
            connection=scene.connection,
            item_ids=[item.pk],
            now=scene.clock.now,
        )
        (operation,) = request.operations
        plan = steps((1, "UpdatePolicy", {"PolicyId": "p-guard00", "Content": operation["text"]}))
        rollout = scene.start(scene.request(plan, number=99))
        scene.carry_on(rollout)
        finish(scene, rollout, look)
        assert look() == {}
        item.refresh_from_db()
        assert item.state == "resolved"


@pytest.mark.usefixtures("agreed")
class TestOwnEdits:
    def test_a_rollout_is_no_drift_in_any_of_its_steps(self, scene, look):
        rollout = scene.start(scene.request(staged_copy([[A], [B]], text=NEW)))
        seen = []
        scene.aws.watch = lambda _aws: seen.append(look())
        scene.carry_on(rollout)
        assert len(seen) > 8
        assert [found for found in seen if found] == []

    def test_the_baseline_follows_what_was_applied(self, scene, look):
        rollout = scene.start(scene.request(staged_copy([[A], [B]], text=NEW), number=7))
        scene.carry_on(rollout)
        finish(scene, rollout, look)
        version = BaselineVersion.objects.latest("number")
        assert (version.source, version.change_number, version.made_by) == ("change", 7, None)
        assert structure_of(version).policies["p-guard00"].text == NEW
        assert look() == {}

    def test_a_foreign_edit_within_its_targets_stops_it(self, scene, look):
        request = scene.request(
            staged_copy([[A], [B]], text=NEW),
            rings=[
                {
                    "number": number,
                    "name": f"Ring {number}",
                    "targets": [target],
                    "soak_minutes": 0,
                    "gate": "manual",
                }
                for number, target in ((1, A), (2, B))
            ],
        )
        rollout = scene.start(request)
        scene.carry_on(rollout)
        assert fresh(request).state == "waiting_for_go"
        scene.aws.console("DetachPolicy", PolicyId="p-FullAWSAccess", TargetId=C)
        assert set(look()) == {(KIND.POLICY_DETACHED_FROM_ACCOUNT, C)}
        assert fresh(request).state == "waiting_for_go"
        scene.aws.console("DetachPolicy", PolicyId="p-guard00", TargetId=B)
        assert (KIND.POLICY_DETACHED_FROM_ACCOUNT, B) in look()
        stopped = fresh(request)
        assert stopped.state == "halted"
        assert "someone else wrote within its targets" in stopped.state_reason
