"""What groups own, asked before somebody comes into one or it is deleted."""

import pytest

from governance.access.groups import CannotChangeGroup, group_delete, group_members_set
from governance.access.owners.group_ownerships import group_decides_in_production, group_owns
from tests.factories.owners import (
    OwnerRuleFactory,
    OwnerRuleValueFactory,
    OwnershipFactory,
    TagConfirmationFactory,
    acting_as,
    group_of,
)
from tests.governance.access.owners.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(ada):
    return group_of("team", ada)


class TestGroupOwns:
    def test_names_what_it_owns_by_hand_or_by_a_rule(self, connection, target_id, team):
        assert group_owns(team) == ""
        rule = OwnerRuleFactory.create(connection=connection)
        OwnerRuleValueFactory.create(rule=rule, value="web", group=team)
        assert group_owns(team) == "what bears the tag owner=web"
        OwnershipFactory.create(connection=connection, target_id=target_id("Test"), group=team)
        assert group_owns(team).startswith(target_id("Test"))


class TestGroups:
    @pytest.fixture
    def by(self, db):
        return acting_as("administrator").actor

    def test_nobody_comes_into_one_that_owns_production(
        self, connection, target_id, team, ada, ben, by
    ):
        OwnershipFactory.create(
            connection=connection, target_id=target_id("Prod"), group=team, confirmed_at=NOW
        )
        with pytest.raises(CannotChangeGroup, match="OU Prod"):
            group_members_set(actor=by, group_id=team.pk, user_ids=[ada.pk, ben.pk], now=NOW)
        group_members_set(actor=by, group_id=team.pk, user_ids=[], now=NOW)
        assert not team.user_set.exists()

    def test_one_that_owns_something_is_not_removed(self, connection, target_id, team, by):
        row = OwnershipFactory.create(
            connection=connection, target_id=target_id("Test"), group=team
        )
        with pytest.raises(CannotChangeGroup, match="another owner first"):
            group_delete(actor=by, group_id=team.pk, now=NOW)
        row.ended_at = NOW
        row.save()
        group_delete(actor=by, group_id=team.pk, now=NOW)


class TestDecidesInProduction:
    def test_of_what_counts_and_is_production(self, connection, target_id, team):
        row = OwnershipFactory.create(
            connection=connection, target_id=target_id("Workloads"), group=team
        )
        assert group_decides_in_production(team) == ""
        row.confirmed_at = NOW
        row.save()
        assert group_decides_in_production(team) == "OU Workloads"

    def test_not_of_what_is_known_to_be_no_production(self, connection, target_id, team):
        OwnershipFactory.create(
            connection=connection, target_id=target_id("Test"), group=team, confirmed_at=NOW
        )
        assert group_decides_in_production(team) == ""

    def test_of_confirmed_tags_too(self, connection, target_id, team):
        TagConfirmationFactory.create(
            connection=connection, target_id=target_id("payments"), tag_value="x", group=team
        )
        assert group_decides_in_production(team) == "account payments"
