"""Containing an account or a principal: planned, simulated, and drafted for an emergency."""

import json

import pytest

from governance.access.actors import user_actor
from governance.access.owners.acting import ActingPerson, MayNot
from governance.changes.proposals.containment import (
    CannotContain,
    Containment,
    change_contain,
    containment_plan,
    possible_containments,
)
from governance.changes.proposals.effects import proposed_effect
from inventory.viewing import Viewer
from tests.factories.edits import NOW
from tests.factories.organization import OrganizationalUnitFactory
from tests.factories.people import person
from tests.factories.times import FIRST_RUN_AT

pytestmark = pytest.mark.django_db
MANAGEMENT, PAYMENTS = "111111111111", "222222222222"
ROLE = f"arn:aws:iam::{PAYMENTS}:role/ci/deploy"
WHOLE = Viewer(sees_inventory=True)


@pytest.fixture
def connection(snapshot):
    return snapshot.connection


def plan(connection, kind, **given):
    asked = {"account_id": PAYMENTS, "principal": "", "now": NOW, **given}
    return containment_plan(connection, kind, **asked)


def acting(role):
    user = person(role)
    return ActingPerson(user, user_actor(user))


def test_an_account_is_denied_everything_but_to_the_roles_that_look_into_it(connection):
    made = plan(connection, Containment.DENY_ACCOUNT)
    (statement,) = json.loads(made.text)["Statement"]
    assert (statement["Effect"], statement["Action"]) == ("Deny", "*")
    spared = statement["Condition"]["ArnNotLike"]["aws:PrincipalArn"]
    assert f"arn:aws:iam::*:role/{connection.audit_role_name}" in spared
    effect = proposed_effect(WHOLE, connection=connection, operations=made.operations, now=NOW)
    assert effect.denied_actions > 100
    assert effect.denied_accounts == 1
    assert effect.usage["state"] == "no_source"


def test_a_role_that_is_contained_is_not_spared(connection):
    own = f"arn:aws:iam::{PAYMENTS}:role/{connection.audit_role_name}"
    made = plan(connection, Containment.DENY_ACCOUNT, principal=own)
    assert f"arn:aws:iam::*:role/{connection.audit_role_name}" not in made.text


def test_a_principal_is_denied_alone_and_its_sessions_can_be_ended(connection):
    made = plan(connection, Containment.DENY_PRINCIPAL, principal=ROLE)
    (statement,) = json.loads(made.text)["Statement"]
    assert statement["Condition"] == {"ArnEquals": {"aws:PrincipalArn": ROLE}}
    assert made.operations[1].target_id == PAYMENTS
    (revoked,) = json.loads(made.revocation)["Statement"]
    issued = revoked["Condition"]["DateLessThan"]["aws:TokenIssueTime"]
    assert issued == f"{NOW:%Y-%m-%dT%H:%M:%SZ}"


def test_an_account_moves_to_the_quarantine_unit_where_there_is_one(connection):
    unit = OrganizationalUnitFactory.create(
        connection=connection,
        target_id="ou-ab12-quar0001",
        name="Quarantine",
        parent_id="r-ab12",
        path="r-ab12/ou-ab12-quar0001/",
        seen_from=FIRST_RUN_AT,
    )
    (operation,) = plan(connection, Containment.MOVE_ACCOUNT).operations
    assert (operation.target_id, operation.parent_id) == (PAYMENTS, unit.target_id)


def test_without_a_quarantine_unit_nothing_moves(connection):
    assert Containment.MOVE_ACCOUNT not in possible_containments(connection, PAYMENTS, "")
    with pytest.raises(CannotContain, match="no other OU"):
        plan(connection, Containment.MOVE_ACCOUNT)


def test_nothing_contains_the_management_account(connection):
    assert possible_containments(connection, MANAGEMENT, "") == ()
    with pytest.raises(CannotContain, match="no SCP binds the management account"):
        plan(connection, Containment.DENY_ACCOUNT, account_id=MANAGEMENT)


def test_the_draft_needs_the_right_to_emergencies_and_a_reason(connection):
    asked = {
        "connection": connection,
        "kind": Containment.DENY_ACCOUNT,
        "account_id": PAYMENTS,
        "principal": ROLE,
        "now": NOW,
    }
    with pytest.raises(MayNot):
        change_contain(by=acting("author"), reason="Stolen keys.", **asked)
    sam = acting("security")
    with pytest.raises(CannotContain, match="say what happened"):
        change_contain(by=sam, reason=" ", **asked)
    made = change_contain(by=sam, reason="Stolen keys.", **asked)
    assert made.state == "draft"
    assert [one["kind"] for one in made.operations] == ["create_policy", "attach_policy"]
