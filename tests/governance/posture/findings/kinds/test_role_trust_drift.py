"""Roles of one name that let in others in one account than in most are found."""

from governance.posture.findings.kinds.role_trust_drift import KIND
from tests.factories.principals import RoleFactory
from tests.governance.posture.findings.kinds.roles import accounts_read, trusting


class TestRoleTrustDrift:
    def test_trust_in_the_own_account_is_alike_everywhere(self, snapshot, ask):
        for account in accounts_read(snapshot, 3, "Security"):
            RoleFactory.create(
                connection=snapshot.connection,
                account_id=account.account_id,
                name="Deploy",
                trust_policy=trusting(f"arn:aws:iam::{account.account_id}:root"),
            )
        assert ask(KIND)[0] == []

    def test_the_one_that_trusts_others_is_named(self, snapshot, ask):
        accounts = accounts_read(snapshot, 3, "Security")
        for number, account in enumerate(accounts):
            who = "999999999999" if number == 1 else account.account_id
            RoleFactory.create(
                connection=snapshot.connection,
                account_id=account.account_id,
                name="Deploy",
                trust_policy=trusting(f"arn:aws:iam::{who}:root"),
            )
        (found,) = ask(KIND)[0]
        assert [place.name for place in found.places[1:]] == ["Deploy in own-1"]
        assert found.threshold["majority"] == 0.6
