"""OUs that hold production beside other accounts are found, told by tags and names."""

import pytest

from governance.access.owners.environments import named_environment
from governance.posture.findings.finding import FindingSeverity
from governance.posture.findings.kinds.mixed_environments import (
    KIND,
    ProductionOrNot,
    environment_of,
)
from tests.factories.organization import AccountFactory
from tests.factories.owners import LabelFactory


class TestNamedEnvironment:
    @pytest.mark.parametrize(
        ("text", "environment"),
        [
            ("payments-prod", "production"),
            ("Production", "production"),
            ("payments-non-prod", "test"),
            ("pre_prod", "staging"),
            ("payments test", "test"),
            ("shop-uat", "staging"),
            ("sbx-7", "sandbox"),
            ("shared", "shared"),
            ("shared-services", None),
            ("product-catalogue", None),
            ("contest", None),
            ("", None),
        ],
    )
    def test_is_told_by_whole_words(self, text, environment):
        assert named_environment(text) == environment

    def test_a_tag_goes_before_the_name(self):
        found, by = environment_of("payments-prod", {"Environment": "test"})
        assert found is ProductionOrNot.OTHER
        assert by == "tag Environment=test"

    def test_the_name_tells_where_the_tag_says_nothing_known(self):
        found, _ = environment_of("payments-prod", {"env": "blue"})
        assert found is ProductionOrNot.PRODUCTION


class TestMixedEnvironments:
    def test_production_beside_a_test_account_is_found_and_named(self, snapshot, ask):
        AccountFactory.create(
            connection=snapshot.connection, parent=snapshot.units["Test"], name="shop-prod"
        )
        (found,) = ask(KIND)[0]
        assert found.places[0].key == snapshot.units["Test"].target_id
        assert found.severity is FindingSeverity.HIGH
        assert "shop-prod" in [place.name for place in found.places]

    def test_what_is_set_by_hand_goes_before_names_and_tags(self, snapshot, ask):
        made = AccountFactory.create(
            connection=snapshot.connection, parent=snapshot.units["Test"], name="shop-prod"
        )
        LabelFactory.create(connection=snapshot.connection, target_id=made.account_id, value="test")
        assert ask(KIND)[0] == []

        LabelFactory.create(
            connection=snapshot.connection,
            target_id=snapshot.accounts["payments-test"].account_id,
            value="production",
        )
        (found,) = ask(KIND)[0]
        assert [place.said for place in found.places[1:]] == ["production, by label, set here"]

    def test_what_an_ou_is_for_is_what_was_set(self, snapshot, ask):
        LabelFactory.create(
            connection=snapshot.connection,
            target_id=snapshot.accounts["website"].account_id,
            value="sandbox",
        )
        LabelFactory.create(
            connection=snapshot.connection,
            target_id=snapshot.units["Prod"].target_id,
            value="production",
        )
        (found,) = ask(KIND)[0]
        assert [place.name for place in found.places[1:]] == ["website"]
        assert ("The OU is for", "production, by label, set here") in found.measured

    def test_an_ou_of_one_environment_is_not_accused(self, ask):
        assert ask(KIND)[0] == []
