"""Whether protected roles can still do what they must."""

import json

import pytest

from governance.approvals.models import SettingVersion
from governance.changes.evidence.findings import CheckLevel
from governance.changes.evidence.protected_roles import (
    ProtectedRolesInvalid,
    own_roles,
    proposed_roles,
    read_protected_roles,
)
from tests.factories.edits import (
    LOG_ARCHIVE,
    NOW,
    PAYMENTS,
    PAYMENTS_TEST,
    ROOT,
    SECURITY,
    TEST,
    attached,
    created,
    detached,
)
from tests.factories.people import UserFactory
from tests.factories.principals import RoleFactory

DEPLOYER = "arn:aws:iam::*:role/Deployer"


def deny(action, **condition):
    element = {"Effect": "Deny", "Action": action, "Resource": "*"}
    if condition:
        element["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [element]})


@pytest.fixture
def protected(snapshot):
    """Protect a deployment role, which must be able to describe stacks and pass roles."""
    person = UserFactory.create()
    SettingVersion.objects.create(
        connection=snapshot.connection,
        kind=SettingVersion.Kind.PROTECTED_ROLES,
        version=1,
        state=SettingVersion.State.ACTIVE,
        content={
            "roles": [
                {
                    "name": "Deployer",
                    "purpose": "deployment",
                    "role_pattern": DEPLOYER,
                    "actions": ["cloudformation:DescribeStacks", "iam:PassRole"],
                }
            ]
        },
        proposed_by=person,
        proposed_at=NOW,
        decided_by=UserFactory.create(),
        decided_at=NOW,
    )


def of_roles(made):
    return [one for one in made.findings if one.code.endswith("protected_role")]


@pytest.mark.usefixtures("protected")
class TestLockedOut:
    @pytest.mark.parametrize(
        "text",
        [
            deny("iam:*"),
            deny("iam:PassRole", ArnLike={"aws:PrincipalArn": DEPLOYER}),
            deny("*", ArnNotLike={"aws:PrincipalArn": "arn:aws:iam::*:role/Admin"}),
            # IAM answers in us-east-1 alone, so this denies it in every request.
            deny("iam:*", StringNotEquals={"aws:RequestedRegion": "eu-west-1"}),
        ],
    )
    def test_a_role_denied_what_it_must_do_blocks(self, evidence, text):
        made = evidence(created(text), attached("new-1", SECURITY))
        (finding,) = of_roles(made)
        assert (finding.code, finding.level) == ("locks_out_protected_role", CheckLevel.HARD)
        assert finding.target_ids == (LOG_ARCHIVE,)
        assert "Deployer (Deployment)" in finding.message
        (found,) = made.content["protected_roles"]["found"]
        assert ":role/Deployer" in found["witness"]["principal"]

    @pytest.mark.parametrize(
        "text",
        [
            deny("iam:*", ArnNotLike={"aws:PrincipalArn": DEPLOYER}),
            deny("iam:DeleteRole"),
            deny("s3:*"),
            deny("iam:*", ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:role/Guest"}),
        ],
    )
    def test_what_spares_it_is_proven_to(self, evidence, text):
        made = evidence(created(text), attached("new-1", SECURITY))
        assert of_roles(made) == []
        assert made.content["protected_roles"]["found"] == []

    def test_what_denies_it_in_some_requests_may_be_overridden(self, evidence):
        text = deny("iam:PassRole", StringEquals={"iam:PassedToService": "ec2.amazonaws.com"})
        (finding,) = of_roles(evidence(created(text), attached("new-1", SECURITY)))
        assert (finding.code, finding.level) == ("may_lock_out_protected_role", CheckLevel.SOFT)
        assert "ec2.amazonaws.com" in finding.message

    def test_a_target_without_an_allow_locks_it_out(self, evidence):
        made = evidence(attached("p-unatt001", TEST), detached("p-FullAWSAccess", TEST))
        assert "locks_out_protected_role" in {one.code for one in of_roles(made)}
        assert {account for one in of_roles(made) for account in one.target_ids} == {PAYMENTS_TEST}

    def test_what_it_could_not_do_before_is_no_finding(self, evidence):
        # Below Prod an allow list lets nothing of IAM through.
        made = evidence(created(deny("iam:*")), attached("new-1", PAYMENTS))
        assert of_roles(made) == []


class TestProtectedRoles:
    def test_orgwardens_own_roles_are_protected_by_default(self, snapshot):
        patterns = {role.role_pattern for role in own_roles(snapshot.connection)}
        assert f"arn:aws:iam::*:role/{snapshot.connection.audit_role_name}" in patterns
        assert snapshot.connection.organization_role_arn in patterns

    def test_an_scp_that_locks_out_the_audit_role_blocks_without_any_setting(self, evidence):
        made = evidence(created(deny("iam:Get*")), attached("new-1", ROOT))
        assert {one.level for one in of_roles(made)} == {CheckLevel.HARD}

    def test_roles_are_proposed_by_the_names_found(self, snapshot):
        connection = snapshot.connection
        for account_id in (PAYMENTS, LOG_ARCHIVE):
            RoleFactory.create(connection=connection, account_id=account_id, name="BreakGlass")
        RoleFactory.create(connection=connection, account_id=PAYMENTS, name="terraform-apply")
        RoleFactory.create(connection=connection, account_id=PAYMENTS, name="Developer")
        from inventory.store.names import keep_names

        keep_names(["BreakGlass", "terraform-apply", "Developer"], connection=connection)
        found = {one.name: one for one in proposed_roles(connection)}
        assert found["BreakGlass"].role_pattern == "arn:aws:iam::*:role/BreakGlass"
        assert PAYMENTS in found["terraform-apply"].role_pattern
        assert "Developer" not in found

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"role_pattern": "Admin"}, "give a role's ARN"),
            ({"purpose": "fun"}, "give one of the purposes"),
            ({"actions": ["iam:NoSuchThing"]}, "AWS has no action iam:NoSuchThing"),
            ({"name": " "}, "give a name"),
            ({"other": 1}, "give name, purpose, role_pattern and actions"),
        ],
    )
    def test_a_content_of_another_form_is_refused(self, change, said):
        role = {"name": "A", "purpose": "audit", "role_pattern": DEPLOYER, "actions": []}
        with pytest.raises(ProtectedRolesInvalid, match=said):
            read_protected_roles([{**role, **change}])
