"""What the difference between two states meant, by the engine."""

import pytest

from governance.effects.of_two_states import StatesEffects, effects_between
from governance.effects.request_effects import Verdict
from tests.factories.policies import PolicyAttachmentFactory, content
from tests.factories.second_state import second_run, second_state
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT
from tests.factories.versions import changed, ended

PAYMENTS, WEBSITE, PAYMENTS_TEST = "222222222222", "222222222223", "222222222224"
LOG_ARCHIVE, RETIRED, MANAGEMENT = "333333333331", "444444444441", "111111111111"


@pytest.fixture
def meaning(snapshot, viewer):
    """Return a function that tells what the difference of the first two runs meant."""

    def run() -> StatesEffects:
        return effects_between(
            viewer, connection=snapshot.connection, before=FIRST_RUN_AT, after=SECOND_RUN_AT
        )

    return run


def accounts(found, verdict):
    return set(found.effects.accounts(verdict))


class TestMeaning:
    def test_names_who_lost_and_gained_actions_and_shows_a_witness(self, snapshot, meaning):
        second_state(snapshot)
        found = meaning()
        # Detached FullAWSAccess; a new SCP; the move out of an allow list.
        assert accounts(found, Verdict.NEWLY_DENIED) >= {LOG_ARCHIVE, PAYMENTS_TEST}
        assert accounts(found, Verdict.NEWLY_ALLOWED) == {WEBSITE}
        lost = next(effect for effect in found.effects.effects if LOG_ARCHIVE in effect.account_ids)
        witness = found.witnesses.of(lost)
        assert witness.allowed_before
        assert witness.decider.target_name == "Protection"

    def test_does_not_compare_accounts_of_one_state_only(self, snapshot, meaning):
        later = second_state(snapshot)
        found = meaning()
        assert [name.target_id for name in found.times.only_after] == [later.added_account_id]
        assert [name.target_id for name in found.times.only_before] == [RETIRED]
        assert not {RETIRED, later.added_account_id} & found.effects.compared

    def test_leaves_out_the_management_account(self, snapshot, meaning):
        PolicyAttachmentFactory.create(
            connection=snapshot.connection,
            policy_id="p-insta001",
            target_id="r-ab12",
            seen_from=SECOND_RUN_AT,
        )
        second_run(snapshot)
        assert MANAGEMENT not in meaning().times.affected_accounts
        assert LOG_ARCHIVE in accounts(meaning(), Verdict.NEWLY_DENIED)

    def test_is_nothing_where_only_names_differ(self, snapshot, meaning):
        changed(snapshot.accounts["payments"], at=SECOND_RUN_AT, name="other")
        second_run(snapshot)
        assert meaning().effects.effects == ()
        assert meaning().times.affected_accounts == frozenset()

    def test_tells_what_the_disabling_of_a_type_gave_back(self, snapshot, meaning):
        changed(snapshot.root, at=SECOND_RUN_AT, policy_types={"TAG_POLICY": "ENABLED"})
        second_run(snapshot)
        assert accounts(meaning(), Verdict.NEWLY_ALLOWED) >= {PAYMENTS, WEBSITE, LOG_ARCHIVE}
        assert accounts(meaning(), Verdict.NEWLY_DENIED) == set()

    def test_does_not_know_of_accounts_below_a_policy_that_cannot_be_read(self, snapshot, meaning):
        changed(snapshot.policies["deny-regions"], at=SECOND_RUN_AT, content=content("{"))
        second_run(snapshot)
        found = meaning()
        assert found.effects.unknown_accounts == {PAYMENTS, WEBSITE, PAYMENTS_TEST}
        assert found.effects.effects == ()
        assert "deny-regions cannot be read" in found.effects.unknown[0].reason

    def test_knows_nothing_where_a_type_had_never_been_read(self, snapshot, meaning):
        changed(
            snapshot.root,
            at=SECOND_RUN_AT,
            policy_types={
                "SERVICE_CONTROL_POLICY": "ENABLED",
                "RESOURCE_CONTROL_POLICY": "ENABLED",
            },
        )
        second_run(snapshot)
        reasons = [unknown.reason for unknown in meaning().effects.unknown]
        assert reasons == ["the resource control policies were never read completely"]

    def test_does_not_know_of_accounts_whose_place_was_not_collected(self, snapshot, meaning):
        ended(snapshot.units["Test"], at=SECOND_RUN_AT)
        second_run(snapshot)
        found = meaning()
        assert PAYMENTS_TEST in found.effects.unknown_accounts
        assert PAYMENTS_TEST not in {name.target_id for name in found.times.only_before}

    def test_sees_through_an_ou_that_moved(self, snapshot, meaning):
        security, test = snapshot.units["Security"], snapshot.units["Test"]
        path = f"{security.path}{test.target_id}/"
        changed(test, at=SECOND_RUN_AT, parent_id=security.target_id, path=path)
        changed(snapshot.accounts["payments-test"], at=SECOND_RUN_AT, path=path)
        second_run(snapshot)
        found = meaning()
        assert found.times.affected_accounts == {PAYMENTS_TEST}
        # Out from under deny-regions of Workloads.
        assert accounts(found, Verdict.NEWLY_ALLOWED) == {PAYMENTS_TEST}
