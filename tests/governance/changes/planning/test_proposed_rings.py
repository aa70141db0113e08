"""Rings that are proposed from what accounts are for."""

from governance.changes.planning.proposed_rings import propose_rings
from tests.governance.changes.planning.organizations import (
    OLD,
    PAY,
    PROD,
    ROOT,
    TEST,
    TRY,
    WEB,
    WORK,
    base,
)

ORGANIZATION = base({}, {}).organization


def proposed(targets, owners=None, **environments):
    by_account = {PAY: "production", WEB: "production", TRY: "test", OLD: "sandbox"}
    by_account |= {account_id[1:]: value for account_id, value in environments.items()}
    rings = propose_rings(ORGANIZATION, targets, by_account, owners)
    return [(one["name"], one["targets"], one["gate"]) for one in rings]


class TestProposeRings:
    def test_begin_where_it_hurts_least(self):
        assert proposed([PROD, TEST, OLD]) == [
            ("Staging and sandbox", [OLD], "automatic"),
            ("Test", [TEST], "automatic"),
            ("Production", [PROD], "manual"),
        ]

    def test_try_a_change_of_an_ou_above_in_the_earlier_environments_below_it(self):
        assert proposed([WORK]) == [
            ("Staging and sandbox", [OLD], "automatic"),
            ("Test", [TEST], "automatic"),
            ("Production", [WORK], "manual"),
        ]

    def test_take_an_unknown_environment_for_production(self):
        (only,) = proposed([TEST], **{f"_{TRY}": None})
        assert only[:2] == ("Production", [TEST])

    def test_split_production_by_size_and_keep_an_owners_targets_together(self):
        every = {f"_{one}": "production" for one in (TRY, OLD)}
        assert [ring[:2] for ring in proposed([PROD, TEST, OLD], **every)] == [
            ("Production, smaller part", [OLD, TEST]),
            ("Production", [PROD]),
        ]
        owners = {PROD: "a", TEST: "a", OLD: "b"}
        assert [ring[:2] for ring in proposed([PROD, TEST, OLD], owners, **every)] == [
            ("Production, smaller part", [OLD]),
            ("Production", [PROD, TEST]),
        ]

    def test_hold_no_target_that_is_not_there(self):
        assert proposed(["ou-ab12-gone0001"]) == []
        assert proposed([ROOT])[-1][1] == [ROOT]
