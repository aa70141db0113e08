"""What a draft newly denies and allows, for which accounts, shown by which request."""

from typing import Any

import pytest

from governance.effects import comparing
from governance.effects.breakdown import EffectGrouping
from governance.effects.request_effects import Verdict
from governance.effects.results import effects_result
from governance.web.simulator.wording import shown_effect
from inventory.models import CollectedSpan, Root
from policies import load_catalogue
from tests.factories.edits import (
    LOG_ARCHIVE,
    PAYMENTS,
    PAYMENTS_TEST,
    PROD,
    RETIRED,
    ROOT,
    SECURITY,
    TEST,
    WEBSITE,
    WORKLOADS,
    attached,
    created,
    deleted,
    detached,
    edited,
    moved,
    region_lock,
)
from tests.factories.organization import AccountFactory
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory, denying
from tests.factories.times import FIRST_RUN_AT


def kinds(simulated):
    """Return the verdicts with their accounts."""
    return [(effect.verdict, effect.account_ids) for effect in simulated.effects.effects]


class TestEffects:
    def test_an_empty_draft_changes_nothing(self, simulated):
        found = simulated()
        assert not found.drafted.affected_accounts
        assert not found.effects.effects
        assert not found.effects.unknown

    def test_an_edit_is_told_for_all_accounts_it_reaches_at_once(self, simulated):
        found = simulated(edited("p-regio001", denying("ec2:*", "rds:*", "s3:DeleteBucket")))
        assert found.drafted.affected_accounts == {PAYMENTS, WEBSITE, PAYMENTS_TEST}
        (effect,) = found.effects.effects
        assert effect.verdict is Verdict.NEWLY_DENIED
        assert effect.account_ids == (PAYMENTS, PAYMENTS_TEST, WEBSITE)
        assert load_catalogue().actions(effect.action_bits) == ["s3:DeleteBucket"]
        assert not effect.is_conditional

    def test_a_widened_region_list_allows_that_region_with_a_witness(self, simulated):
        found = simulated(
            created(region_lock("eu-west-1")),
            attached("new-1", SECURITY),
            edited("p-regio001", denying("rds:*")),
        )
        assert {effect.verdict for effect in found.effects.effects} == {
            Verdict.NEWLY_DENIED,
            Verdict.NEWLY_ALLOWED,
        }
        denied = found.effects.effects[0]
        witness = found.witnesses.of(denied)
        assert denied.account_ids == (LOG_ARCHIVE,)
        assert denied.is_conditional
        assert "`aws:RequestedRegion`" in denied.when
        assert witness.account_id == LOG_ARCHIVE
        assert LOG_ARCHIVE in witness.principal
        assert witness.action.startswith("ec2:")
        assert witness.allowed_before
        assert witness.decider.words == "at Security, statement 1 of Fresh"
        assert witness.decider.sid == "Regions"

    def test_a_newly_allowed_request_tells_what_denied_it_before(self, simulated):
        found = simulated(detached("p-insta001", WEBSITE), edited("p-regio001", denying("rds:*")))
        allowed = [e for e in found.effects.effects if e.verdict is Verdict.NEWLY_ALLOWED]
        assert {account for effect in allowed for account in effect.account_ids} == {PAYMENTS_TEST}
        witness = found.witnesses.of(allowed[0])
        assert not witness.allowed_before
        assert witness.decider.words == "at Workloads, statement 1 of deny-regions"

    def test_where_nothing_allows_it_the_level_is_named(self, simulated):
        found = simulated(detached("p-FullAWSAccess", TEST), attached("p-allow001", TEST))
        witnesses = [found.witnesses.of(effect) for effect in found.effects.effects]
        assert {w.decider.words for w in witnesses} == {"at Test, where nothing allows it"}

    def test_a_moved_account_gets_what_its_new_place_denies(self, simulated):
        found = simulated(moved(LOG_ARCHIVE, WORKLOADS))
        assert found.drafted.affected_accounts == {LOG_ARCHIVE}
        assert {verdict for verdict, _ in kinds(found)} == {Verdict.NEWLY_DENIED}
        services = {share.key for share in found.breakdown(EffectGrouping.SERVICE)}
        assert services == {"ec2", "rds"}

    def test_a_moved_unit_takes_its_accounts_along(self, simulated):
        found = simulated(moved(TEST, ROOT))
        assert found.drafted.affected_accounts == {PAYMENTS_TEST}
        assert {verdict for verdict, _ in kinds(found)} == {Verdict.NEWLY_ALLOWED}

    def test_a_deleted_policy_binds_nowhere_any_more(self, simulated):
        found = simulated(deleted("p-leave001"))
        (effect,) = found.effects.effects
        assert (effect.unlisted, effect.with_unlisted) == (False, True)
        assert effect.verdict is Verdict.NEWLY_ALLOWED
        assert set(effect.account_ids) == {PAYMENTS_TEST, LOG_ARCHIVE, RETIRED}
        assert found.drafted.detached_to_delete == {"deny-leaving": 1}

    def test_the_management_account_is_bound_by_nothing(self, simulated):
        found = simulated(attached("p-unatt001", ROOT))
        assert "111111111111" not in found.drafted.affected_accounts
        assert all("111111111111" not in accounts for _, accounts in kinds(found))

    def test_operations_follow_one_another(self, simulated):
        found = simulated(attached("p-unatt001", PROD), detached("p-unatt001", PROD))
        assert not found.drafted.problems
        assert not found.effects.effects

    def test_an_edit_that_says_the_same_changes_nothing(self, simulated):
        found = simulated(edited("p-regio001", denying("rds:*", "ec2:*")))
        assert not found.effects.effects
        assert not found.effects.unknown


class TestChangesToldByThemselves:
    """Where an answer would have very many differences, each change is one."""

    @pytest.fixture
    def effects(self, simulated, monkeypatch):
        monkeypatch.setattr(comparing, "MOST_SHOWN_BOXES", 0)
        text = denying("ec2:*", "s3:DeleteBucket")
        return simulated(created(text), attached("new-1", ROOT))

    def test_a_change_is_one_difference_with_the_accounts_where_something_is_left(self, effects):
        effect = effects.effects.effects[0]
        assert not effect.unlisted
        assert effect.verdict is Verdict.NEWLY_DENIED
        assert effect.account_ids == (LOG_ARCHIVE, PAYMENTS, PAYMENTS_TEST, RETIRED, WEBSITE)

    def test_its_actions_are_told_for_each_account_less_what_others_deny_anyway(self, effects):
        effect = effects.effects.effects[0]
        assert not effect.unlisted
        actions = {
            account_id: load_catalogue().actions(part.actions.bits)
            for part in effect.parts
            for account_id in part.account_ids
        }
        assert actions[PAYMENTS_TEST] == ["s3:DeleteBucket"]
        assert "ec2:RunInstances" in actions[LOG_ARCHIVE]
        assert "s3:DeleteBucket" in actions[LOG_ARCHIVE]

    def test_counts_by_place_and_by_service_are_those_of_each_account(self, effects):
        by_account = {share.key: share for share in effects.breakdown(EffectGrouping.ACCOUNT)}
        assert by_account[PAYMENTS_TEST].denied == 1
        assert by_account[LOG_ARCHIVE].denied > 100
        by_service = {share.key: share for share in effects.breakdown(EffectGrouping.SERVICE)}
        assert by_service["ec2"].accounts == 2
        assert by_service["s3"].accounts == 5

    def test_actions_that_change_in_every_request_are_not_told_as_conditional(self, effects):
        assert not effects.effects.changed_in_condition

    def test_the_result_names_what_is_denied_anyway_and_where(self, effects):
        result: Any = effects_result(effects)
        (anyway,) = result["differences"][0]["denied_anyway"]
        assert anyway["actions"] == ["ec2:*"]
        accounts = [
            account_id
            for group in anyway["account_groups"]
            for account_id in result["account_groups"][group]
        ]
        assert sorted(accounts) == [PAYMENTS, WEBSITE, PAYMENTS_TEST]

    def test_the_page_tells_it_too(self, effects):
        effect = effects.effects.effects[0]
        assert not effect.unlisted
        shown = shown_effect(effects, effect, "acme")
        assert shown.denied_anyway == (
            "In 3 accounts other policies deny some of these actions anyway."
        )

    def test_what_conditions_of_others_deny_is_excepted_in_words(
        self, snapshot, simulated, monkeypatch
    ):
        lock = PolicyFactory.create(
            connection=snapshot.connection,
            seen_from=FIRST_RUN_AT,
            name="lock",
            text=region_lock("eu-west-1", action="s3:*"),
        )
        PolicyAttachmentFactory.create(
            connection=snapshot.connection,
            seen_from=FIRST_RUN_AT,
            policy_id=lock.policy_id,
            target_id=SECURITY,
        )
        monkeypatch.setattr(comparing, "MOST_SHOWN_BOXES", 0)
        found = simulated(created(denying("s3:DeleteBucket")), attached("new-1", ROOT))
        assert {effect.when: effect.account_ids for effect in found.effects.unmerged} == {
            "always": (PAYMENTS, PAYMENTS_TEST, RETIRED, WEBSITE),
            "always, except requests that other policies deny": (LOG_ARCHIVE,),
        }
        (row,) = found.effects.effects
        assert row.when == "always, except requests that other policies deny"
        assert set(row.account_ids) == {LOG_ARCHIVE, PAYMENTS, PAYMENTS_TEST, RETIRED, WEBSITE}


class TestWhatIsUnknown:
    def test_a_text_that_cannot_be_read_makes_all_it_reaches_unknown(self, simulated):
        found = simulated(edited("p-regio001", '{"Version": "2012-10-17", "Statement": ['))
        assert not found.effects.effects
        (unknown,) = found.effects.unknown
        assert unknown.reason == "the text of deny-regions cannot be read"
        assert set(unknown.account_ids) == {PAYMENTS, WEBSITE, PAYMENTS_TEST}

    def test_a_stored_policy_that_cannot_be_read_does_so_only_where_something_changes(
        self, simulated, snapshot
    ):
        broken = PolicyFactory.create(
            connection=snapshot.connection, seen_from=FIRST_RUN_AT, name="broken", text="{nothing"
        )
        PolicyAttachmentFactory.create(
            connection=snapshot.connection,
            seen_from=FIRST_RUN_AT,
            policy_id=broken.policy_id,
            target_id=TEST,
        )
        found = simulated(edited("p-regio001", denying("rds:*")))
        assert [one.account_ids for one in found.effects.unknown] == [(PAYMENTS_TEST,)]
        assert all(PAYMENTS_TEST not in accounts for _, accounts in kinds(found))
        assert not simulated(attached("p-unatt001", SECURITY)).effects.unknown

    def test_nothing_is_told_where_the_policies_were_never_read(self, simulated, snapshot):
        CollectedSpan.objects.filter(
            collector__startswith="organizations.policies.SERVICE"
        ).delete()
        found = simulated(attached("p-unatt001", SECURITY))
        assert not found.effects.effects

    def test_an_account_whose_place_was_not_collected_is_unknown(self, simulated, snapshot):
        lost = AccountFactory.create(
            connection=snapshot.connection, seen_from=FIRST_RUN_AT, parent_id="ou-ab12-gone0001"
        )
        found = simulated(attached("p-unatt001", SECURITY))
        assert [one.account_ids for one in found.effects.unknown] == [(lost.account_id,)]
        assert not simulated().effects.unknown

    def test_policies_of_a_type_that_is_not_enabled_change_nothing(self, simulated, snapshot):
        Root.objects.update(policy_types={})
        found = simulated(attached("p-unatt001", SECURITY))
        assert not found.effects.effects
        assert [check.code for check in found.checks if check.mark == "refused"] == [
            "type_not_enabled"
        ]


class TestBreakdown:
    def test_counts_by_unit_account_service_and_access_level(self, simulated):
        found = simulated(edited("p-regio001", denying("ec2:*", "rds:*", "s3:DeleteBucket")))
        units = {
            share.label: (share.accounts, share.denied)
            for share in found.breakdown(EffectGrouping.UNIT)
        }
        assert units == {"Prod": (2, 1), "Test": (1, 1)}
        accounts = {share.label for share in found.breakdown(EffectGrouping.ACCOUNT)}
        assert accounts == {"payments", "website", "payments-test"}
        (service,) = found.breakdown(EffectGrouping.SERVICE)
        assert (service.key, service.accounts, service.denied) == ("s3", 3, 1)
        (level,) = found.breakdown(EffectGrouping.ACCESS_LEVEL)
        assert (level.key, level.denied, level.allowed) == ("Write", 1, 0)

    def test_has_a_place_for_accounts_that_are_unknown(self, simulated):
        found = simulated(edited("p-regio001", "{"))
        shares = {
            share.label: share.unknown_accounts for share in found.breakdown(EffectGrouping.UNIT)
        }
        assert shares == {"Prod": 2, "Test": 1}

    def test_the_reach_names_whole_units(self, simulated):
        found = simulated(edited("p-regio001", denying("s3:DeleteBucket", "rds:*", "ec2:*")))
        (effect,) = found.effects.effects
        (place,) = found.reaches.of(effect.account_ids)
        assert (place.name, place.accounts, place.whole) == ("Workloads", 3, True)
        (place,) = found.reaches.of((PAYMENTS,))
        assert (place.name, place.kind) == ("payments", "ACCOUNT")
