"""Labels of accounts and OUs: set, by rules, confirmed, and certified again."""

import pytest

from governance.access.owners.acting import MayNot
from governance.access.owners.deciding import (
    grant_confirm,
)
from governance.access.owners.labelling import (
    CannotLabel,
    label_rule_end,
    label_rule_set,
    label_set,
)
from governance.access.owners.labels import LabelSource, label_map
from governance.access.owners.models import GrantProposal
from governance.access.owners.models.labels import LabelKind
from governance.access.owners.recertification import (
    CannotRecertify,
    overdue_roles,
    owners_recertify,
    roles_recertify,
)
from governance.access.owners.rules import (
    CannotConfirmTag,
    CannotRule,
    ShownTag,
    owner_rule_end,
    owner_rule_set,
    rule_preview,
    tag_owners_confirm,
)
from governance.audit.models import AuditEntry
from inventory.viewing import Place
from tests.factories.owners import (
    OwnerRuleFactory,
    OwnershipFactory,
    acting,
    acting_as,
    group_of,
    owners_at,
    party,
)
from tests.factories.people import UserFactory, give_role, person, token_of
from tests.governance.access.owners.conftest import NOW

pytestmark = pytest.mark.django_db


def actions():
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


@pytest.fixture
def security(db):
    return acting_as("security", username="sam")


@pytest.fixture
def administrator(db):
    return acting_as("administrator", username="root")


class TestLabels:
    def set(self, connection, target, value, by, kind=LabelKind.ENVIRONMENT):
        return label_set(
            by=by, connection=connection, target_id=target, kind=kind, value=value, now=NOW
        )

    def test_holds_below_and_goes_before_names_and_tags(self, connection, target_id, security):
        self.set(connection, target_id("Test"), "production", security)

        found = label_map(connection).environment(target_id("payments-test"))
        assert (found.value, found.source) == ("production", LabelSource.TAG) or (
            found.source_words == "set on OU Test"
        )

    def test_says_where_it_comes_from(self, connection, target_id, security):
        labels = label_map(connection)
        assert labels.environment(target_id("Prod")).source_words == "guessed from the name"
        assert (
            labels.environment(target_id("payments")).source_words
            == "guessed from tag environment=prod"
        )
        assert labels.environment(target_id("log-archive")).source_words == "not known"
        self.set(connection, target_id("Security"), "shared", security)
        labels = label_map(connection)
        assert labels.environment(target_id("log-archive")).source_words == "set on OU Security"
        assert labels.environment(target_id("Security")).source_words == "set here"
        assert labels.environment(target_id("log-archive")).protected

    def test_taking_out_of_production_waits_for_a_second_person(
        self, connection, target_id, security, administrator
    ):
        done = self.set(connection, target_id("Workloads"), "development", security)

        assert done.waits
        assert label_map(connection).is_protected(target_id("payments"))
        grant_confirm(by=administrator, proposal_id=GrantProposal.objects.get().pk, now=NOW)
        assert not label_map(connection).is_protected(target_id("Prod"))

    def test_giving_what_is_not_known_an_environment_does_not_wait(
        self, connection, target_id, security
    ):
        assert not self.set(connection, target_id("Security"), "test", security).waits

    def test_a_confirmed_label_takes_the_place_of_the_one_before(
        self, connection, target_id, security, administrator
    ):
        self.set(connection, target_id("Prod"), "production", security)
        self.set(connection, target_id("Prod"), "staging", security)
        assert label_map(connection).environment(target_id("Prod")).value == "production"
        self.set(connection, target_id("Prod"), "test", security)
        waiting = GrantProposal.objects.get(state="proposed")
        grant_confirm(by=administrator, proposal_id=waiting.pk, now=NOW)

        assert label_map(connection).environment(target_id("Prod")).value == "test"

    def test_the_label_of_production_is_replaced_not_taken_away(
        self, connection, target_id, security
    ):
        self.set(connection, target_id("Test"), "production", security)
        with pytest.raises(CannotLabel, match="second person"):
            self.set(connection, target_id("Test"), "", security)

    def test_criticality_is_apart(self, connection, target_id, security):
        self.set(connection, target_id("Prod"), "high", security, LabelKind.CRITICALITY)

        found = label_map(connection).criticality(target_id("website"))
        assert (found.value, found.source_words) == ("high", "set on OU Prod")
        with pytest.raises(CannotLabel, match="critical, high, medium, low"):
            self.set(connection, target_id("Prod"), "prod", security, LabelKind.CRITICALITY)

    def test_a_rule_reads_a_tag_and_a_tag_alone_does_not_lower_what_is_named_production(
        self, connection, organization, target_id, administrator
    ):
        organization.accounts["website"].tags["tier"] = "blue"
        organization.accounts["website"].save()
        rule = label_rule_set(
            by=administrator,
            connection=connection,
            kind=LabelKind.ENVIRONMENT,
            tag_key="tier",
            values={"Blue": "test"},
            now=NOW,
        )

        found = label_map(connection).environment(target_id("website"))
        assert (found.value, found.source_words) == ("test", "from tag tier=blue")
        assert found.protected
        label_rule_end(by=administrator, connection=connection, rule_id=rule.pk, now=NOW)
        assert label_map(connection).environment(target_id("website")).value == "production"


class TestRules:
    def test_is_set_replaced_and_ended(self, connection, security, ada, ben, target_id):
        rule = owner_rule_set(
            by=security, connection=connection, tag_key="owner", values={"web": party(ada)}, now=NOW
        )
        again = owner_rule_set(
            by=security, connection=connection, tag_key="owner", values={"web": party(ben)}, now=NOW
        )

        assert again.pk != rule.pk
        assert owners_at(connection, target_id("website")).owners[0].party.name == "ben"
        owner_rule_end(by=security, connection=connection, rule_id=again.pk, now=NOW)
        assert owners_at(connection, target_id("website")).owners == ()
        assert actions() == ["owner_rule.set", "owner_rule.set", "owner_rule.end"]

    def test_preview_says_what_it_would_find(self, connection, ada, target_id):
        OwnershipFactory.create(connection=connection, target_id=target_id("payments"), user=ada)

        found = rule_preview(connection, tag_key="owner", values={"web": party(ada)})

        assert (len(found.matches), found.named) == (4, 1)
        assert found.unnamed == {"security": 1, "payments": 2}
        assert found.taken == {target_id("payments")}
        assert rule_preview(connection, tag_key="Owner", values={}).matches == ()

    def test_needs_the_right_for_the_whole_organization(self, connection, target_id):
        by = acting(person("security", Place(connection.pk, target_id("Prod"))))
        with pytest.raises(MayNot):
            owner_rule_set(by=by, connection=connection, tag_key="owner", values={}, now=NOW)

    def test_refuses_no_key(self, connection, security):
        with pytest.raises(CannotRule):
            owner_rule_set(by=security, connection=connection, tag_key=" ", values={}, now=NOW)


class TestConfirmingTags:
    @pytest.fixture
    def shown(self, connection, target_id, ada, administrator):
        OwnerRuleFactory.create(connection=connection, created_by=administrator.user)
        team = group_of("payments", ada)
        return ShownTag(target_id("payments"), "owner", "payments", party(team))

    def confirm(self, connection, by, *shown):
        return tag_owners_confirm(by=by, connection=connection, shown=shown, now=NOW)

    def test_counts_from_then_on(self, connection, target_id, security, shown):
        assert self.confirm(connection, security, shown) == 1
        assert owners_at(connection, target_id("payments")).entitled[0].party.name == "payments"
        assert actions() == ["owner.confirm"]

    def test_what_changed_since_it_was_shown_is_not_confirmed(
        self, connection, security, shown, ben
    ):
        other = ShownTag(shown.target_id, "owner", "payments", party(ben))
        with pytest.raises(CannotConfirmTag, match="changed"):
            self.confirm(connection, security, shown, other)
        assert actions() == []

    def test_who_gains_or_wrote_the_rule_does_not_confirm(
        self, connection, security, administrator, shown
    ):
        with pytest.raises(CannotConfirmTag, match="wrote the rule"):
            self.confirm(connection, administrator, shown)
        security.user.groups.add(shown.key.pk)
        with pytest.raises(CannotConfirmTag, match="own account payments yourself"):
            self.confirm(connection, security, shown)

    def test_needs_the_right_and_a_session(self, connection, security, shown):
        with pytest.raises(MayNot):
            self.confirm(connection, acting_as("author"), shown)
        token, _ = token_of(security.user, "inventory.view_connection")
        with pytest.raises(MayNot):
            self.confirm(connection, acting(security.user, token=token), shown)


class TestRecertifying:
    def test_begins_the_time_again(self, connection, target_id, security, ada):
        row = OwnershipFactory.create(connection=connection, target_id=target_id("Test"), user=ada)

        owners_recertify(by=security, connection=connection, ownership_ids=[row.pk], now=NOW)

        assert owners_at(connection, target_id("Test")).owners[0].since == NOW
        assert actions() == ["owner.recertify"]
        with pytest.raises(CannotRecertify):
            owners_recertify(by=security, connection=connection, ownership_ids=[row.pk, 0], now=NOW)

    def test_lists_overdue_roles_and_leaves_ones_own_to_others(self, administrator):
        other = UserFactory.create()
        row = give_role(other, "viewer")
        own = administrator.user.role_assignments.get()
        assert {one.pk for one in overdue_roles(now=NOW)} == {row.pk, own.pk}

        roles_recertify(by=administrator, assignment_ids=[row.pk], now=NOW)

        assert [one.pk for one in overdue_roles(now=NOW)] == [own.pk]
        with pytest.raises(CannotRecertify, match="your own"):
            roles_recertify(by=administrator, assignment_ids=[own.pk], now=NOW)
