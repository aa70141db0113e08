"""Who has to approve a change, by what it changes where."""

from datetime import timedelta

import pytest

from governance.access.owners.models import Absence, DeputyTerm
from governance.approvals.effects import TargetEffect
from governance.approvals.forms import SettingInvalid
from governance.approvals.requirements import required_conclusions
from governance.approvals.rules import APPROVAL_RULES, OPERATIONS, read_rules
from governance.edits.operations import OperationKind
from inventory.viewing import Place
from tests.factories.owners import group_of
from tests.factories.people import UserFactory, give_role, person
from tests.governance.approvals.conftest import NOW

DAY = timedelta(days=1)


def names(people, *users):
    """Return of ids the names, among these people."""
    return {user.username for user in users if user.pk in people}


def away(user, deputy=None):
    span = {"starts_at": NOW - DAY, "ends_at": NOW + DAY, "created_at": NOW}
    Absence.objects.create(user=user, **span)
    if deputy is not None:
        DeputyTerm.objects.create(user=user, deputy=deputy, **span)


@pytest.fixture
def rules(connection):
    """Return a function that makes rules of the default ones, changed."""

    def made(*rows, **values):
        content = {**APPROVAL_RULES.default(connection), **values}
        everything = content["rules"][0]
        content["rules"] = [
            everything,
            *({**everything, "name": f"Rule {number}", **row} for number, row in enumerate(rows)),
        ]
        return read_rules(1, APPROVAL_RULES.clean(connection, content))

    return made


@pytest.mark.django_db
class TestOwners:
    def test_targets_of_one_owner_are_one_requirement_whose_accounts_are_counted(
        self, needed, own, testing, ada, sam
    ):
        own("Test", ada)
        (one,) = needed("Test", "payments-test")
        assert (one.entitled, one.count, one.account_count) == ({ada.pk}, 1, 1)
        assert (one.label, one.needs_security, one.problem) == ("Owners of OU Test", False, "")

    def test_each_owner_of_what_changes_has_to_agree(self, needed, own, testing, ada, ben, sam):
        own("Test", ada)
        own("Security", ben)
        assert {(one.label, one.entitled) for one in needed("Test", "log-archive")} == {
            ("Owners of OU Test", frozenset({ada.pk})),
            ("Owners of OU Security", frozenset({ben.pk})),
        }

    def test_production_and_the_root_need_security_and_a_fresh_proof(self, needed, own, ada, sam):
        own("Root", ada)
        for name in ("Root", "payments"):
            (one,) = needed(name)
            assert (one.needs_security, one.needs_step_up) == (True, True)
            assert (one.entitled, one.security) == ({ada.pk}, {sam.pk})

    def test_what_an_edit_at_the_root_changes_needs_security_wherever_it_is(
        self, needed, own, testing, target_id, ada, sam
    ):
        own("Test", ada)
        effect = TargetEffect(target_id("payments-test"), newly_denied=True, at_root=True)
        (one,) = needed(effects=[effect])
        assert (one.entitled, one.security, one.needs_step_up) == ({ada.pk}, {sam.pk}, True)

    def test_a_target_proven_unchanged_needs_nobody_and_an_undecided_one_its_owner(
        self, needed, own, testing, target_id, ada, ben
    ):
        own("Test", ada)
        own("Security", ben)
        unchanged = TargetEffect(target_id("log-archive"))
        undecided = TargetEffect(target_id("payments-test"), undecided=True)
        assert [one.entitled for one in needed(effects=[unchanged, undecided])] == [{ada.pk}]

    def test_a_change_without_any_effect_needs_one_who_may_review_everything(
        self, needed, connection, target_id, ada, ben, sam
    ):
        narrow = person("approver", Place(connection.pk, target_id("Test")))
        (one,) = needed(effects=[TargetEffect(target_id("Test"))], excluded=[ben])
        assert (one.count, one.source) == (1, "reviewers")
        assert one.entitled == {ada.pk, sam.pk}
        assert narrow.pk not in one.entitled

    def test_a_target_that_the_inventory_does_not_have_counts_as_the_root(
        self, needed, own, ada, sam
    ):
        own("Root", ada)
        (one,) = needed(effects=[TargetEffect("new-unit", newly_allowed=True)])
        assert (one.entitled, one.needs_security) == ({ada.pk}, True)


@pytest.mark.django_db
class TestEntitlement:
    def test_an_owner_without_the_right_to_review_there_does_not_count_and_it_says_so(
        self, needed, own, testing, connection, target_id, sam
    ):
        elsewhere = person("approver", Place(connection.pk, target_id("Prod")), username="eve")
        own("Test", elsewhere)
        administrator = person("administrator", username="root")
        (one,) = needed("Test")
        assert one.entitled == frozenset()
        assert "Nobody can approve as owner." in one.problem
        assert "eve has no right to review there (role Approver)" in one.problem
        assert administrator.username in one.problem

    def test_who_took_part_does_not_count_and_the_owner_above_joins(
        self, needed, own, testing, ada, ben
    ):
        own("Test", ada)
        own("Workloads", ben)
        (one,) = needed("Test", excluded=[ada])
        assert (one.entitled, one.escalated) == ({ben.pk}, 1)

    def test_a_deputy_counts_while_the_owner_is_away(self, needed, own, testing, ada, ben):
        own("Test", ada)
        away(ada, ben)
        (one,) = needed("Test")
        assert (one.entitled, one.escalated) == ({ben.pk}, 0)

    def test_an_owner_away_without_a_deputy_is_replaced_by_the_owner_above(
        self, needed, own, testing, ada, ben
    ):
        own("Test", ada)
        own("Root", ben)
        away(ada)
        (one,) = needed("Test")
        assert one.entitled == {ben.pk}
        away(ben)
        (one,) = needed("Test")
        assert "ada is away." in one.problem

    def test_a_deputy_who_took_part_does_not_count(self, needed, own, testing, ada, ben):
        own("Test", ada)
        away(ada, ben)
        (one,) = needed("Test", excluded=[ben])
        assert one.entitled == frozenset()

    def test_a_deputy_does_not_agree_in_the_name_of_who_took_part(
        self, needed, own, testing, rules, ada, ben
    ):
        own("Test", ada)
        away(ada, ben)
        (one,) = needed("Test", excluded=[ada])
        assert one.entitled == frozenset()
        platform = group_of("platform", ada)
        of_group = rules({"from": "group", "group": platform.name})
        (by_group,) = [
            one for one in needed("Test", excluded=[ada], rules=of_group) if one.source == "group"
        ]
        assert by_group.entitled == frozenset()
        # An owner too, ben agrees in his own name.
        own("Test", ben)
        (one,) = needed("Test", excluded=[ada])
        assert one.entitled == {ben.pk}

    def test_owners_above_may_agree_once_nobody_acted_for_so_long(
        self, needed, own, testing, ada, ben, sam
    ):
        give_role(sam, "approver")
        own("Test", ada)
        own("Workloads", ben)
        own("Root", sam)
        found = {}
        for hours in (0, 47, 48, 96, 1000):
            (one,) = needed("Test", waiting_since=NOW - timedelta(hours=hours))
            found[hours] = one.entitled
        ada, ben, sam = ada.pk, ben.pk, sam.pk
        two, all_three = {ada, ben}, {ada, ben, sam}
        assert found == {0: {ada}, 47: {ada}, 48: two, 96: all_three, 1000: all_three}

    def test_people_switched_off_and_programs_never_count(self, needed, own, testing, ada):
        program = person("approver", username="deployer")
        program.profile.kind = "service account"
        program.profile.save()
        gone = person("security", username="gone", is_active=False)
        own("Test", group_of("platform", ada, program, gone))
        (one,) = needed("Test")
        assert one.entitled == {ada.pk}
        (prod,) = needed("Prod")
        assert prod.security == frozenset()
        assert "Nobody with the role Security can approve here." in prod.problem

    def test_who_is_named_owner_but_not_confirmed_is_named_in_the_problem(self, needed, own, ada):
        own("Prod", ada, confirmed=False)
        (one,) = needed("payments")
        assert "ada does not count yet as owner of account payments" in one.problem

    def test_the_conclusion_stays_the_same_whoever_is_away(self, needed, own, testing, ada, ben):
        own("Test", ada)
        own("Workloads", ben)
        before = required_conclusions(needed("Test", "payments-test"))
        away(ada)
        after = required_conclusions(needed("Test", "payments-test"))
        assert before == after
        assert before[0]["owners"] == ["person:ada"]


@pytest.mark.django_db
class TestRules:
    def test_rules_add_up_at_a_target(self, needed, own, testing, rules, target_id, ada, ben):
        own("Test", group_of("platform", ada, ben))
        more = rules({"targets": [target_id("Workloads")], "count": 2, "step_up": True})
        (one,) = needed("payments-test", rules=more)
        assert (one.count, one.needs_step_up) == (2, True)
        assert one.rules == ("Owners of what changes", "Rule 0")

    def test_a_group_may_be_asked_beside_the_owners(self, needed, own, testing, rules, ada, ben):
        own("Test", ada)
        group_of("network", ada, ben, UserFactory.create())
        found = needed("Test", rules=rules({"from": "group", "group": "network"}))
        assert [(one.label, names(one.entitled, ada, ben)) for one in found] == [
            ("Owners of OU Test", {"ada"}),
            ("Group network", {"ada", "ben"}),
        ]

    @pytest.mark.parametrize(
        ("scope", "matches"),
        [
            ({"targets": ["ou-ab12-test0001"]}, True),
            ({"targets": ["ou-ab12-prod0001"]}, False),
            ({"environments": ["test"]}, True),
            ({"environments": ["production"]}, False),
            ({"tags": ["owner=payments"]}, True),
            ({"tags": ["owner=web"]}, False),
            ({"policy_types": ["SERVICE_CONTROL_POLICY"]}, True),
            ({"policy_types": ["TAG_POLICY"]}, False),
            ({"operations": ["attach_policy"]}, True),
            ({"operations": ["move_account"]}, False),
            ({"effect": "newly_denied"}, True),
            ({"effect": "newly_allowed"}, False),
            ({"environments": ["test"], "effect": "newly_allowed"}, False),
        ],
    )
    def test_a_rule_asks_where_all_of_its_scope_matches(
        self, needed, own, testing, rules, target_id, ada, scope, matches
    ):
        own("Test", ada)
        effect = TargetEffect(
            target_id("payments-test"),
            newly_denied=True,
            policy_types=frozenset({"SERVICE_CONTROL_POLICY"}),
            operations=frozenset({"attach_policy"}),
        )
        (one,) = needed(effects=[effect], rules=rules({**scope, "count": 2}))
        assert one.count == (2 if matches else 1)

    def test_what_is_undecided_matches_rules_of_either_effect(
        self, needed, own, testing, rules, target_id, ada
    ):
        own("Test", ada)
        for effect in ("newly_denied", "newly_allowed"):
            (one,) = needed(
                effects=[TargetEffect(target_id("Test"), undecided=True)],
                rules=rules({"effect": effect, "count": 3}),
            )
            assert one.count == 3

    def test_every_operation_of_a_change_can_be_named(self):
        refused = {OperationKind.MOVE_ORGANIZATIONAL_UNIT}
        assert {one.value for one in set(OperationKind) - refused} <= set(OPERATIONS)

    @pytest.mark.parametrize(
        ("row", "path", "said"),
        [
            ({"count": 0}, "rules.1.count", "give a number from 1 to 10"),
            ({"from": "group"}, "rules.1.group", "name the group whose members approve"),
            ({"from": "group", "group": "nobody"}, "rules.1.group", "there is no group nobody"),
            ({"name": "owners of what changes"}, "rules.1.name", "another rule has this name"),
            ({"name": " "}, "rules.1.name", "this may not be empty"),
            ({"tags": ["prod"]}, "rules.1.tags", "write tags as key=value, not prod"),
            ({"targets": ["ou-none"]}, "rules.1.targets", "no root, OU or account is ou-none"),
            ({"effect": "both"}, "rules.1.effect", "choose one of any"),
            ({"policy_types": ["SCP"]}, "rules.1.policy_types", "SCP is not known"),
            ({"extra": 1}, "rules.1.extra", "there is no such member"),
        ],
    )
    def test_a_rule_that_is_wrong_is_refused_by_its_place(self, rules, row, path, said):
        with pytest.raises(SettingInvalid) as refused:
            rules(row)
        assert said in refused.value.errors[path]

    def test_rules_have_to_match_every_change(self, connection):
        content = APPROVAL_RULES.default(connection)
        content["rules"] = content["rules"][1:]
        with pytest.raises(SettingInvalid, match="one rule has to match every change"):
            APPROVAL_RULES.clean(connection, content)

    def test_the_defaults_are_a_valid_content(self, connection):
        default = APPROVAL_RULES.default(connection)
        assert APPROVAL_RULES.clean(connection, default) == default
