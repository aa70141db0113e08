"""OUs that hold production beside other accounts are found, told by tags and names."""

import pytest

from governance.posture.findings.finding import FindingSeverity
from governance.posture.findings.kinds.mixed_environments import (
    KIND,
    Environment,
    environment_of,
    named_environment,
)
from tests.factories.organization import AccountFactory


class TestNamedEnvironment:
    @pytest.mark.parametrize(
        ("text", "environment"),
        [
            ("payments-prod", Environment.PRODUCTION),
            ("Production", Environment.PRODUCTION),
            ("payments-non-prod", Environment.OTHER),
            ("pre_prod", Environment.OTHER),
            ("payments test", Environment.OTHER),
            ("product-catalogue", Environment.UNKNOWN),
            ("contest", Environment.UNKNOWN),
            ("", Environment.UNKNOWN),
        ],
    )
    def test_is_told_by_whole_words(self, text, environment):
        assert named_environment(text) is environment

    def test_a_tag_goes_before_the_name(self):
        found, by = environment_of("payments-prod", {"Environment": "test"})
        assert found is Environment.OTHER
        assert by == "tag Environment=test"

    def test_the_name_tells_where_the_tag_says_nothing_known(self):
        assert environment_of("payments-prod", {"env": "blue"})[0] is Environment.PRODUCTION


class TestMixedEnvironments:
    def test_production_beside_a_test_account_is_found_and_named(self, snapshot, ask):
        AccountFactory.create(
            connection=snapshot.connection, parent=snapshot.units["Test"], name="shop-prod"
        )
        (found,) = ask(KIND)[0]
        assert found.places[0].key == snapshot.units["Test"].target_id
        assert found.severity is FindingSeverity.HIGH
        assert "shop-prod" in [place.name for place in found.places]

    def test_an_ou_of_one_environment_is_not_accused(self, ask):
        assert ask(KIND)[0] == []
