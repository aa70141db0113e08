"""Levels that many accounts share are found."""

from governance.posture.findings.kinds.flat_tree import KIND
from governance.posture.findings.thresholds import USUAL
from tests.factories.organization import AccountFactory


class TestFlatTree:
    def test_an_ou_with_many_accounts_and_no_ou_below_is_found(self, snapshot, ask):
        prod = snapshot.units["Prod"]
        for number in range(USUAL.flat_accounts_directly):
            AccountFactory.create(
                connection=snapshot.connection, parent=prod, name=f"shop-{number}"
            )
        (found,) = ask(KIND)[0]
        assert found.places[0].key == prod.target_id
        assert found.threshold == {"accounts_directly": USUAL.flat_accounts_directly}

    def test_an_ou_with_few_accounts_is_not(self, ask):
        assert ask(KIND)[0] == []
