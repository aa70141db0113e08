"""Owners as they are read: by hand, by rules over tags, with confirmations and time."""

from datetime import timedelta

import pytest

from governance.access.owners.gaps import owner_gaps
from governance.access.owners.models import Ownership, TagConfirmation
from governance.access.owners.reading import owners_state
from governance.access.owners.selectors import owners_of, owners_of_all
from tests.factories.organization import AccountFactory
from tests.factories.owners import (
    LabelFactory,
    OwnerRuleFactory,
    OwnerRuleValueFactory,
    OwnershipFactory,
    TagConfirmationFactory,
    group_of,
    owners_at,
)
from tests.factories.times import FIRST_RUN_AT
from tests.factories.versions import changed
from tests.governance.access.owners.conftest import NOW

pytestmark = pytest.mark.django_db


def names(owners):
    return [one.party.name for one in owners]


@pytest.fixture
def of(connection, target_id):
    return lambda name, **values: owners_at(connection, target_id(name), **values)


class TestByHand:
    def test_holds_below_until_another_owner_stands_there(
        self, connection, target_id, of, ada, ben
    ):
        OwnershipFactory.create(connection=connection, target_id=target_id("Root"), user=ada)
        OwnershipFactory.create(connection=connection, target_id=target_id("Test"), user=ben)

        assert names(of("payments-test").owners) == ["ben"]
        assert of("payments-test").source_words == "inherited from OU Test"
        assert names(of("log-archive").owners) == ["ada"]
        assert names(of("Test").owners) == ["ben"]

    def test_in_production_counts_once_a_second_person_has_confirmed(
        self, connection, target_id, of, ada, ben
    ):
        row = OwnershipFactory.create(
            connection=connection, target_id=target_id("Workloads"), user=ada, created_by=ada
        )

        assert of("payments").entitled == ()
        assert names(of("payments").owners) == ["ada"]
        assert of("payments").awaits
        assert names(of("payments-test").entitled) == ["ada"]
        row.confirmed_at, row.confirmed_by = NOW, ben
        row.save()
        assert names(of("payments").entitled) == ["ada"]

    def test_who_left_gives_way_to_the_owner_above(self, connection, target_id, of, ada, ben):
        OwnershipFactory.create(connection=connection, target_id=target_id("Root"), user=ada)
        OwnershipFactory.create(connection=connection, target_id=target_id("Test"), user=ben)
        ben.is_active = False
        ben.save()

        assert names(of("payments-test").entitled) == ["ada"]
        gaps = owner_gaps(owners_state(connection), now=NOW)
        assert names(gaps.left) == ["ben"]

    def test_a_group_counts_while_somebody_active_is_in_it(self, connection, target_id, of, ada):
        group = group_of("payments", ada)
        OwnershipFactory.create(connection=connection, target_id=target_id("Test"), group=group)

        assert of("Test").entitled[0].party.members == {ada.pk}
        group.user_set.clear()
        assert of("Test").entitled == ()

    def test_the_past_is_told_as_it_was(self, connection, target_id, of, ada, ben):
        OwnershipFactory.create(
            connection=connection,
            target_id=target_id("Test"),
            user=ada,
            created_at=FIRST_RUN_AT,
            ended_at=FIRST_RUN_AT + timedelta(hours=2),
        )
        OwnershipFactory.create(
            connection=connection,
            target_id=target_id("Test"),
            user=ben,
            created_at=FIRST_RUN_AT + timedelta(hours=2),
        )

        assert names(of("Test", as_of=FIRST_RUN_AT + timedelta(hours=1)).owners) == ["ada"]
        assert names(of("Test", as_of=FIRST_RUN_AT + timedelta(hours=2)).owners) == ["ben"]
        assert names(of("Test").owners) == ["ben"]

    def test_no_such_target_has_no_owners(self, connection):
        assert owners_of(connection, "999999999999") is None


class TestByTag:
    @pytest.fixture(autouse=True)
    def rule(self, connection):
        return OwnerRuleFactory.create(connection=connection)

    def test_names_a_group_a_user_name_or_an_email(self, connection, of, ada):
        payments = group_of("Payments", ada)
        log = AccountFactory.create(
            connection=connection, name="logs", tags={"owner": "ADA@example.org"}
        )

        assert of("payments").owners[0].party.key.pk == payments.pk
        assert names(owners_at(connection, log.account_id).owners) == ["ada"]

    def test_a_value_of_the_rule_goes_before_names(self, rule, of, ada, ben):
        group_of("payments", ada)
        OwnerRuleValueFactory.create(rule=rule, value="Payments", user=ben)

        assert names(of("payments").owners) == ["ben"]

    def test_counts_only_once_confirmed_and_not_for_another_value_or_owner(
        self, connection, target_id, of, ada, ben
    ):
        group = group_of("payments", ada)
        assert of("payments").entitled == ()

        row = TagConfirmationFactory.create(
            connection=connection,
            target_id=target_id("payments"),
            tag_value="payments",
            group=group,
        )
        assert names(of("payments").entitled) == ["payments"]
        TagConfirmation.objects.filter(pk=row.pk).update(group=None, user=ben)
        assert of("payments").entitled == ()

    def test_a_tag_that_changed_and_changed_back_is_confirmed_anew(
        self, organization, target_id, connection, of, ada
    ):
        group = group_of("payments", ada)
        TagConfirmationFactory.create(
            connection=connection,
            target_id=target_id("payments"),
            tag_value="payments",
            group=group,
            confirmed_at=FIRST_RUN_AT + timedelta(hours=1),
        )
        assert of("payments").entitled
        account = organization.accounts["payments"]
        other = changed(account, at=FIRST_RUN_AT + timedelta(hours=2), tags={"owner": "mallory"})
        changed(other, at=FIRST_RUN_AT + timedelta(hours=3), tags=account.tags)

        assert names(of("payments").owners) == ["payments"]
        assert of("payments").entitled == ()

    def test_a_tag_taken_away_and_put_back_is_confirmed_anew(
        self, organization, target_id, connection, of, ada
    ):
        group = group_of("payments", ada)
        TagConfirmationFactory.create(
            connection=connection,
            target_id=target_id("payments"),
            tag_value="payments",
            group=group,
            confirmed_at=FIRST_RUN_AT + timedelta(hours=1),
        )
        account = organization.accounts["payments"]
        other = changed(account, at=FIRST_RUN_AT + timedelta(hours=2), tags={})
        changed(other, at=FIRST_RUN_AT + timedelta(hours=3), tags=account.tags)

        assert of("payments").entitled == ()

    def test_another_change_of_the_account_keeps_the_confirmation(
        self, organization, target_id, connection, of, ada
    ):
        group = group_of("payments", ada)
        TagConfirmationFactory.create(
            connection=connection,
            target_id=target_id("payments"),
            tag_value="payments",
            group=group,
            confirmed_at=FIRST_RUN_AT + timedelta(hours=1),
        )
        account = organization.accounts["payments"]
        changed(account, at=FIRST_RUN_AT + timedelta(hours=2), name="payments-2")

        assert names(of("payments").entitled) == ["payments"]

    def test_an_owner_by_hand_goes_before_a_tag(self, connection, target_id, of, ada, ben):
        group_of("payments", ada)
        OwnershipFactory.create(
            connection=connection, target_id=target_id("payments"), user=ben, confirmed_at=NOW
        )

        assert names(of("payments").owners) == ["ben"]

    def test_an_unconfirmed_tag_does_not_keep_the_owner_above_from_counting(
        self, connection, target_id, of, ada, ben
    ):
        group_of("payments", ada)
        OwnershipFactory.create(
            connection=connection, target_id=target_id("Workloads"), user=ben, confirmed_at=NOW
        )

        assert names(of("payments").owners) == ["payments"]
        assert names(of("payments").entitled) == ["ben"]

    def test_who_a_value_means_is_not_guessed_between_two(self, connection, of, ada, ben):
        ben.email = "payments"
        ada.email = "payments"
        ben.save()
        ada.save()

        assert of("payments").owners == ()
        gaps = owner_gaps(owners_state(connection), now=NOW)
        assert {one.tag_value for one in gaps.unnamed} == {"payments", "security", "web"}

    def test_a_rule_that_matches_nothing_is_a_gap(self, connection):
        OwnerRuleFactory.create(connection=connection, tag_key="Team", position=1)

        gaps = owner_gaps(owners_state(connection), now=NOW)

        assert [one.rule.tag_key for one in gaps.idle_rules] == ["Team"]


class TestGaps:
    def test_lists_accounts_that_nobody_owns_but_not_closed_ones(self, connection, target_id, ada):
        OwnershipFactory.create(connection=connection, target_id=target_id("Workloads"), user=ada)

        gaps = owner_gaps(owners_state(connection), now=NOW)

        assert {one.name for one in gaps.unowned} == {"management", "log-archive"}

    def test_limits_what_it_tells_to_what_may_be_seen(self, connection, target_id):
        gaps = owner_gaps(owners_state(connection), seen=[target_id("payments")], now=NOW)

        assert [one.name for one in gaps.unowned] == ["payments"]
        assert gaps.idle_rules == ()

    def test_lists_owners_that_nobody_looked_at_for_half_a_year(
        self, connection, target_id, ada, settings
    ):
        settings.OWNERS_RECERTIFY_DAYS = 180
        row = OwnershipFactory.create(
            connection=connection,
            target_id=target_id("Test"),
            user=ada,
            created_at=NOW - timedelta(days=180),
        )

        assert names(owner_gaps(owners_state(connection), now=NOW).overdue) == ["ada"]
        Ownership.objects.filter(pk=row.pk).update(recertified_at=NOW)
        assert owner_gaps(owners_state(connection), now=NOW).overdue == ()


class TestMany:
    def test_takes_as_many_queries_for_many_targets_rules_and_owners(
        self, connection, ada, django_assert_max_num_queries
    ):
        OwnerRuleFactory.create(connection=connection)
        for number in range(4):
            OwnerRuleFactory.create(connection=connection, tag_key=f"o{number}")
        for number in range(40):
            account = AccountFactory.create(
                connection=connection, tags={"owner": f"person-{number}", "o1": "ada"}
            )
            OwnershipFactory.create(connection=connection, target_id=account.account_id, user=ada)

        with django_assert_max_num_queries(12):
            found = owners_of_all(connection)

        assert len(found) == 52

    def test_labels_are_read_with_them(self, connection, target_id):
        LabelFactory.create(connection=connection, target_id=target_id("Test"), value="production")

        state = owners_state(connection)

        assert state.labels.is_protected(target_id("payments-test"))
