"""Each kind of structural drift: seen, gone, back, and resolved in each way that it has.

One organization behind the simulator's rules, in which one thing after the other is changed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from governance.access.viewers import viewer_of
from governance.changes.drift.restoring import change_restore
from governance.changes.evidence.collected import collected_state
from governance.changes.evidence.plans import planned_change
from governance.drift.ignoring import ignore_rule_end
from governance.drift.models import DriftEvent, DriftItem, IgnoreRule
from governance.drift.resolving import CannotResolve, drift_adopt, drift_ignore
from governance.edits.operations import read_operations
from governance.inbox.acting import findings_assign, findings_return, findings_snooze
from governance.inbox.models import InboxItem
from governance.inbox.refreshing import refresh_inbox
from tests.governance.changes.drift.test_flows import agreed, finish, look
from tests.governance.changes.rollout.aws import SCP, copied, text_of
from tests.governance.changes.rollout.conftest import fresh, scene
from tests.governance.drift.conftest import acting

__all__ = ["agreed", "look", "scene"]

A, UNIT, ROOT, GUARD = "200000000000", "ou-ab12-workload", "r-ab12", "p-guard00"
SERVICE = "guardduty.amazonaws.com"
OTHER_SERVICE = "inspector2.amazonaws.com"
KIND = DriftItem.Kind


def delegating(account_id):
    """Return a resource policy by which an account may manage policies."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account_id}:root"},
        "Action": ["organizations:DescribePolicy", "organizations:ListPolicies"],
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


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
    ForeignEdit(
        KIND.POLICY_TAGS_CHANGED,
        "TagResource",
        {"ResourceId": GUARD, "Tags": [{"Key": "team", "Value": "security"}]},
    ),
    ForeignEdit(KIND.DELEGATION_POLICY_CHANGED, "PutResourcePolicy", {"Content": delegating(A)}),
)
# No change request writes these: AWS or the person who adopts has to put them right.
WITHOUT_EDIT = {
    *(KIND.ACCOUNT_ADDED, KIND.ACCOUNT_REMOVED, KIND.DELEGATION_CHANGED),
    *(KIND.TRUSTED_ACCESS_DISABLED, KIND.TRUSTED_ACCESS_ENABLED, KIND.DELEGATION_POLICY_CHANGED),
}
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


def set_aside(connection, user, now):
    """Assign and snooze each finding of drift, and open it again; return the states of each act."""
    refresh_inbox(connection, now=now, sources={"drift"})
    rows = InboxItem.objects.filter(source="drift").exclude(state="resolved")
    ids = list(rows.values_list("pk", flat=True))
    asked = {"by": acting(user), "connection": connection, "viewer": viewer_of(user)}
    asked |= {"item_ids": ids, "now": now}
    states = []
    findings_assign(**asked, assignee=user)
    states.append(set(rows.values_list("state", flat=True)))
    until = now.date() + timedelta(days=7)
    findings_snooze(**asked, until=until, reason="Later.")
    states.append(set(rows.values_list("state", flat=True)))
    findings_return(**asked)
    states.append(set(rows.values_list("state", flat=True)))
    return states


@pytest.fixture
def act(scene, look):
    """Return what people do with drift, by name: each takes items, and looks again."""
    common = {"by": acting(scene.approver), "connection": scene.connection}

    def adopt(items):
        ids = [item.pk for item in items]
        drift_adopt(**common, item_ids=ids, reason="So be it.", now=scene.clock.now)

    def ignore(items):
        until = scene.clock.now.date() + timedelta(days=30)
        for item in items:
            drift_ignore(
                **common, item_ids=[item.pk], reason="No harm.", until=until, now=scene.clock.now
            )

    def end_rules():
        for rule in IgnoreRule.objects.filter(ended_at=None):
            ignore_rule_end(**common, number=rule.number, now=scene.clock.now)

    def revert(items):
        request = change_restore(
            **common, item_ids=[item.pk for item in items], now=scene.clock.now
        )
        planned = planned_change(
            collected_state(scene.connection),
            read_operations(request.operations),
            [],
            policy_ids="keep",
            number=request.number,
            today=scene.clock.now.date(),
        )
        made = scene.request(planned.plan.steps, number=request.number + 1000)
        rollout = scene.start(made)
        scene.carry_on(rollout)
        finish(scene, rollout, look)

    return SimpleNamespace(adopt=adopt, ignore=ignore, end_rules=end_rules, revert=revert)


@pytest.mark.usefixtures("spare", "agreed")
class TestForeignEditsOfEveryKind:
    @pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.kind)
    def test_is_seen_gone_back_and_resolved_each_way(self, scene, look, spare, act, edit):
        before = copied(scene.aws.organization)
        given = {
            name: spare.get(name, "") if value == "spare" else value
            for name, value in edit.given.items()
        }
        scene.aws.console(edit.call, **given)
        broken = copied(scene.aws.organization)
        seen = look()
        found = [item for (kind, _), item in seen.items() if kind == edit.kind]
        assert found, list(seen)
        assert all(item.desired != item.collected for item in seen.values())

        scene.aws.organization = copied(before)
        assert look() == {}
        scene.aws.organization = copied(broken)
        again = look()
        assert {item.pk for item in again.values()} == {item.pk for item in seen.values()}
        assert {item.reopened for item in again.values()} == {1}
        assert happened(found[0]) == ["seen", "gone", "back"]

        assert set_aside(scene.connection, scene.approver, scene.clock.now) == [
            {"assigned"},
            {"snoozed"},
            {"assigned"},
        ]
        act.ignore(again.values())
        assert look() == {}
        act.end_rules()
        assert look().keys() == again.keys()

        if edit.kind in WITHOUT_EDIT:
            with pytest.raises(CannotResolve, match="no change request"):
                act.revert(again.values())
            scene.aws.organization = copied(before)
        else:
            act.revert(again.values())
        assert look() == {}
        assert fresh(found[0]).resolution == "as agreed again"

        scene.aws.organization = copied(broken)
        third = look()
        act.adopt(third.values())
        assert look() == {}
        adopted = {fresh(item).resolution for item in third.values()}
        assert all(one.startswith("adopted in baseline version") for one in adopted), adopted
        scene.aws.organization = copied(before)
        assert look() != {}


def happened(item):
    """Return what happened to an item, in its order."""
    return [one.what for one in DriftEvent.objects.filter(item=item).order_by("at", "pk")]
