"""Roles that most accounts of an OU have are found missing in the others."""

from governance.posture.findings.kinds.role_name_drift import KIND
from tests.factories.principals import RoleFactory
from tests.governance.posture.findings.kinds.roles import accounts_read


class TestRoleNameDrift:
    def test_a_role_is_missing_where_most_have_it(self, snapshot, ask):
        accounts = accounts_read(snapshot, 4, "Security")
        for account in accounts[1:]:
            RoleFactory.create(
                connection=snapshot.connection, account_id=account.account_id, name="Audit"
            )
        # log-archive of the same OU lacks it too: 3 of 5 are no majority of three quarters.
        assert ask(KIND)[0] == []
        RoleFactory.create(
            connection=snapshot.connection,
            account_id=snapshot.accounts["log-archive"].account_id,
            name="Audit",
        )
        (found,) = ask(KIND)[0]
        assert found.places[0].name == "own-0"
