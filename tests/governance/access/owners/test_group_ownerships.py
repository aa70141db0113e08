"""What groups own, asked before somebody comes into one or it is deleted."""

import pytest
from django.contrib.auth.models import User

from governance.access.actors import command_actor
from governance.access.groups import CannotChangeGroup, group_delete, group_members_set
from governance.access.owners.deciding import CannotDecide, grant_confirm, grant_refuse
from governance.access.owners.group_ownerships import group_decides_in_production, group_owns
from governance.audit import actions
from governance.audit.models import AuditEntry
from tests.factories.owners import (
    OwnerRuleFactory,
    OwnerRuleValueFactory,
    OwnershipFactory,
    TagConfirmationFactory,
    acting,
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

    @pytest.fixture
    def deciding(self, connection, target_id, team):
        OwnershipFactory.create(
            connection=connection, target_id=target_id("Prod"), group=team, confirmed_at=NOW
        )
        return team

    def test_that_own_production_take_somebody_in_with_a_second_person(
        self, deciding, ada, ben, by
    ):
        both = [ada.pk, ben.pk]
        done = group_members_set(actor=by, group_id=deciding.pk, user_ids=both, now=NOW)
        again = group_members_set(actor=by, group_id=deciding.pk, user_ids=both, now=NOW)
        assert done.proposals == again.proposals
        (proposal,) = done.proposals
        assert (proposal.user, proposal.joined_group, proposal.what) == (ben, deciding, "team")
        assert list(deciding.user_set.all()) == [ada]

        for alone in (by.user_id, ben.pk):
            who = acting(User.objects.get(pk=alone))
            with pytest.raises(CannotDecide, match="you"):
                grant_confirm(by=who, proposal_id=proposal.pk, now=NOW)
        grant_confirm(by=acting_as("security"), proposal_id=proposal.pk, now=NOW)

        assert set(deciding.user_set.all()) == {ada, ben}
        entry = AuditEntry.objects.filter(action=actions.GROUP_CHANGE).latest("pk")
        assert entry.after == {"members": sorted([ada.username, ben.username])}

    def test_stay_closed_to_who_is_refused_and_let_go_at_once(self, deciding, ada, ben, by):
        (proposal,) = group_members_set(
            actor=by, group_id=deciding.pk, user_ids=[ben.pk], now=NOW
        ).proposals
        assert not deciding.user_set.exists()
        grant_refuse(by=acting_as("security"), proposal_id=proposal.pk, now=NOW)
        assert not deciding.user_set.exists()

    def test_are_filled_by_commands_without_a_second_person(self, deciding, ada, ben, by):
        group_members_set(
            actor=command_actor("tests"), group_id=deciding.pk, user_ids=[ada.pk, ben.pk], now=NOW
        )
        assert set(deciding.user_set.all()) == {ada, ben}

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
