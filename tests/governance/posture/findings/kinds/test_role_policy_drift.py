"""Roles of one name that have other policies in one account than in most are found."""

from governance.posture.findings.finding import FindingSeverity
from governance.posture.findings.kinds.role_policy_drift import KIND
from tests.factories.principals import RoleFactory
from tests.governance.posture.findings.kinds.roles import accounts_read

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


class TestRolePolicyDrift:
    def roles(self, snapshot, *policies):
        accounts = accounts_read(snapshot, len(policies), "Security")
        for account, arn in zip(accounts, policies, strict=True):
            RoleFactory.create(
                connection=snapshot.connection,
                account_id=account.account_id,
                name="Audit",
                attached_policy_arns=[arn],
            )

    def test_the_one_that_may_everything_is_named_as_the_worse(self, snapshot, ask):
        self.roles(snapshot, READ_ONLY, ADMINISTRATOR, READ_ONLY)
        (found,) = ask(KIND)[0]
        assert found.severity is FindingSeverity.HIGH
        (_, role) = found.places
        assert (role.name, role.said) == ("Audit in own-1", "AdministratorAccess")
        assert ("The majority has", "ReadOnlyAccess") in found.measured

    def test_roles_with_the_same_policies_do_not_differ(self, snapshot, ask):
        self.roles(snapshot, READ_ONLY, READ_ONLY, READ_ONLY)
        assert ask(KIND)[0] == []
