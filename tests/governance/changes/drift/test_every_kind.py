"""Each kind of structural drift: seen after a run, closed when it is gone, opened when it is back.

One organization behind the simulator's rules, in which one thing after the other is changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from governance.drift.models import DriftEvent, DriftItem
from tests.governance.changes.drift.test_flows import agreed, look
from tests.governance.changes.rollout.aws import SCP, copied, text_of
from tests.governance.changes.rollout.conftest import scene

__all__ = ["agreed", "look", "scene"]

A, UNIT, ROOT, GUARD = "200000000000", "ou-ab12-workload", "r-ab12", "p-guard00"
SERVICE = "guardduty.amazonaws.com"
OTHER_SERVICE = "inspector2.amazonaws.com"
KIND = DriftItem.Kind


@dataclass(frozen=True)
class ForeignEdit:
    """A call at the console, and the kind of drift that it is; others may come with it."""

    kind: str
    call: str
    given: Mapping[str, Any]


EDITS = (
    ForeignEdit(
        KIND.ACCOUNT_MOVED,
        "MoveAccount",
        {"AccountId": A, "SourceParentId": UNIT, "DestinationParentId": ROOT},
    ),
    ForeignEdit(
        KIND.ACCOUNT_ADDED,
        "CreateAccount",
        {"AccountName": "new", "Email": "new@example.com"},
    ),
    ForeignEdit(
        KIND.POLICY_UPDATED, "UpdatePolicy", {"PolicyId": GUARD, "Content": text_of("new")}
    ),
    ForeignEdit(
        KIND.POLICY_ADDED,
        "CreatePolicy",
        {"Name": "more", "Description": "", "Type": SCP, "Content": text_of("more")},
    ),
    ForeignEdit(KIND.POLICY_ATTACHED_TO_OU, "AttachPolicy", {"PolicyId": GUARD, "TargetId": UNIT}),
    ForeignEdit(
        KIND.POLICY_DETACHED_FROM_ACCOUNT, "DetachPolicy", {"PolicyId": GUARD, "TargetId": A}
    ),
    ForeignEdit(
        KIND.POLICY_ATTACHED_TO_ACCOUNT,
        "AttachPolicy",
        {"PolicyId": GUARD, "TargetId": "111111111111"},
    ),
    ForeignEdit(KIND.OU_ADDED, "CreateOrganizationalUnit", {"ParentId": ROOT, "Name": "Lab"}),
    ForeignEdit(
        KIND.OU_RENAMED,
        "UpdateOrganizationalUnit",
        {"OrganizationalUnitId": UNIT, "Name": "Load"},
    ),
    ForeignEdit(KIND.OU_DELETED, "DeleteOrganizationalUnit", {"OrganizationalUnitId": "spare"}),
    ForeignEdit(KIND.POLICY_REMOVED, "DeletePolicy", {"PolicyId": "spare"}),
    ForeignEdit(
        KIND.POLICY_DETACHED_FROM_OU,
        "DetachPolicy",
        {"PolicyId": GUARD, "TargetId": "spare"},
    ),
    ForeignEdit(
        KIND.ACCOUNT_REMOVED, "RemoveAccountFromOrganization", {"AccountId": "200000000002"}
    ),
    ForeignEdit(
        KIND.POLICY_TYPE_CHANGED,
        "EnablePolicyType",
        {"RootId": ROOT, "PolicyType": "TAG_POLICY"},
    ),
    ForeignEdit(
        KIND.TRUSTED_ACCESS_DISABLED,
        "DisableAWSServiceAccess",
        {"ServicePrincipal": SERVICE},
    ),
    ForeignEdit(
        KIND.TRUSTED_ACCESS_ENABLED,
        "EnableAWSServiceAccess",
        {"ServicePrincipal": OTHER_SERVICE},
    ),
    ForeignEdit(
        KIND.DELEGATION_CHANGED,
        "RegisterDelegatedAdministrator",
        {"AccountId": A, "ServicePrincipal": SERVICE},
    ),
)
# What other sources find: the tests of each of them show the same life.
OF_OTHER_SOURCES = {
    *(KIND.CONTROL_INEFFECTIVE, KIND.LANDING_ZONE_ROLE, KIND.GUARDRAIL_FAILS),
    *(KIND.TRUST_OUTSIDE_CONTRACT, KIND.LOGGING_OFF, KIND.WRITE_UNEXPLAINED),
}


def test_every_kind_is_among_the_edits_or_found_by_another_source():
    assert {edit.kind for edit in EDITS} | OF_OTHER_SOURCES == set(KIND)


@pytest.fixture
def spare(scene):
    """Things that nothing holds, so that they can be deleted, and a trusted service."""
    for name in ("Spare", "Guarded"):
        scene.aws.console("CreateOrganizationalUnit", ParentId=ROOT, Name=name)
    units = {one.name: one.unit_id for one in scene.aws.organization.units.values()}
    scene.aws.console("AttachPolicy", PolicyId=GUARD, TargetId=units["Guarded"])
    scene.aws.console(
        "CreatePolicy", Name="spare", Description="", Type=SCP, Content=text_of("spare")
    )
    scene.aws.console("EnableAWSServiceAccess", ServicePrincipal=SERVICE)
    return {
        "OrganizationalUnitId": units["Spare"],
        "TargetId": units["Guarded"],
        "PolicyId": scene.aws.policy_named("spare").policy_id,
    }


@pytest.mark.usefixtures("spare", "agreed")
class TestForeignEditsOfEveryKind:
    def test_are_seen_with_both_sides_close_when_gone_and_reopen_with_their_history(
        self, scene, look, spare
    ):
        before = copied(scene.aws.organization)
        for edit in EDITS:
            scene.aws.organization = copied(before)
            given = {
                name: spare.get(name, "") if value == "spare" else value
                for name, value in edit.given.items()
            }
            scene.aws.console(edit.call, **given)
            broken = copied(scene.aws.organization)
            seen = look()
            found = [item for (kind, _), item in seen.items() if kind == edit.kind]
            assert found, (edit, list(seen))
            assert all(item.desired != item.collected for item in seen.values()), edit

            scene.aws.organization = copied(before)
            assert look() == {}, edit

            scene.aws.organization = broken
            again = look()
            assert {item.pk for item in again.values()} == {item.pk for item in seen.values()}
            assert {item.reopened for item in again.values()} == {1}, edit
            happened = DriftEvent.objects.filter(item=found[0]).order_by("at", "pk")
            assert [one.what for one in happened] == ["seen", "gone", "back"], edit
        scene.aws.organization = copied(before)
        assert look() == {}
