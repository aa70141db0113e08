"""Which statements guardrails need: what each removal breaks, and the smallest set."""

import json
from itertools import combinations
from random import Random

import pytest

from policies.compiled import default_compiler
from policies.full_access import full_access
from policies.guardrails import (
    EffectGuardrail,
    GuardrailChecker,
    GuardrailOutcome,
    MutatedPolicy,
    UnbrokenReason,
    mutation_test,
    needed_statements,
)
from policies.guardrails.needed_statements import smallest_needed
from policies.language.parse import parse_policy
from policies.language.policy_types import PolicyType
from policies.targets import Target, TargetTree

SCP = PolicyType.SERVICE_CONTROL_POLICY
RCP = PolicyType.RESOURCE_CONTROL_POLICY
ONE, TWO = "111111111111", "222222222222"
EXEMPT = {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Admin"}}


def document(*actions, policy_type=SCP, **elements):
    statements = [
        {"Effect": "Deny", "Action": action, "Resource": "*", **elements} for action in actions
    ]
    if policy_type is RCP:
        statements = [{**one, "Principal": "*"} for one in statements]
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    made = parse_policy(text, policy_type)
    assert made.document is not None
    return made.document


def reported(guardrails, policies):
    """Attach (id, document, targets) to a root with two accounts, and test the guardrails."""
    compiler = default_compiler()

    def tree(policy_type):
        def level(target_id):
            own = [
                text
                for _, text, targets in policies
                if target_id in targets and text.policy_type is policy_type
            ]
            return compiler.level([full_access(policy_type), *own])

        return TargetTree(
            Target(one, above, level(one))
            for one, above in (("r-1", None), (ONE, "r-1"), (TWO, "r-1"))
        )

    checker = GuardrailChecker(compiler, tree(SCP), tree(RCP))
    mutated = [MutatedPolicy(name, text, frozenset(targets)) for name, text, targets in policies]
    return mutation_test(checker, guardrails, mutated)


STOP = EffectGuardrail("stop", ("cloudtrail:StopLogging",))
USERS = EffectGuardrail("users", ("iam:CreateUser",))


class TestMutationTest:
    def test_names_the_guardrails_and_accounts_that_notice(self):
        found = reported([STOP, USERS], [("p-1", document("cloudtrail:*", "iam:*"), {"r-1"})])
        assert [dict(one.breaks) for one in found.statements] == [
            {"stop": (ONE, TWO)},
            {"users": (ONE, TWO)},
        ]
        assert found.protecting_nothing == ()
        assert [one.number for one in found.needed] == [0, 1]
        assert found.is_smallest

    def test_a_statement_that_another_repeats_protects_nothing_where_both_are(self):
        found = reported(
            [STOP],
            [
                ("p-1", document("cloudtrail:*"), {"r-1"}),
                ("p-2", document("cloudtrail:Stop*"), {ONE}),
            ],
        )
        assert dict(found.statements[0].breaks) == {"stop": (TWO,)}
        assert [one.policy_id for one in found.protecting_nothing] == ["p-2"]
        assert [one.policy_id for one in found.needed] == ["p-1"]

    def test_says_that_several_statements_make_a_guardrail_hold(self):
        found = reported(
            [STOP],
            [
                ("p-1", document("cloudtrail:*"), {"r-1"}),
                ("p-2", document("cloudtrail:*"), {"r-1"}),
            ],
        )
        assert found.unbroken == {"stop": UnbrokenReason.REDUNDANT}
        assert len(found.needed) == 1
        assert found.is_smallest

    def test_two_exemptions_that_have_nobody_in_common_need_each_other(self):
        other = {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Other"}}
        found = reported(
            [STOP],
            [
                ("p-1", document("cloudtrail:*", Condition=EXEMPT), {"r-1"}),
                ("p-2", document("cloudtrail:*", Condition=other), {"r-1"}),
            ],
        )
        assert all("stop" in one.breaks for one in found.statements)
        assert len(found.needed) == 2

    def test_guardrails_that_hold_nowhere_or_by_themselves_are_named(self):
        nobody = EffectGuardrail("nobody", ("iam:CreateUser",), principals_except=("*",))
        found = reported([USERS, nobody], [("p-1", document("cloudtrail:*"), {"r-1"})])
        assert found.unbroken == {
            "users": UnbrokenReason.HOLDS_NOWHERE,
            "nobody": UnbrokenReason.WITHOUT_DENIES,
        }
        assert found.needed == ()

    def test_an_rcp_can_stand_in_for_an_scp(self):
        bucket = EffectGuardrail("bucket", ("s3:DeleteBucket",))
        found = reported(
            [bucket],
            [
                ("p-1", document("s3:*"), {"r-1"}),
                ("p-2", document("s3:DeleteBucket", policy_type=RCP), {ONE}),
            ],
        )
        assert dict(found.statements[0].breaks) == {"bucket": (TWO,)}
        assert [one.policy_id for one in found.needed] == ["p-1"]


class _AnyOf:
    """Holds with at least one item of each of some sets, as a guardrail of many denies may."""

    def __init__(self, sets):
        self.sets = sets
        self.places = frozenset().union(*sets)

    def holds_with(self, places):
        return all(one & places for one in self.sets)


@pytest.mark.parametrize("seed", range(20))
def test_the_smallest_set_is_as_small_as_trying_all_finds(seed):
    rng = Random(seed)
    items = range(8)
    needs = [
        _AnyOf([frozenset(rng.sample(items, rng.randint(1, 3))) for _ in range(rng.randint(1, 3))])
        for _ in range(4)
    ]
    found = smallest_needed(needs)
    assert found.is_smallest
    assert all(need.holds_with(found.places) for need in needs)
    smaller = (frozenset(one) for one in combinations(items, max(len(found.places) - 1, 0)))
    assert not any(all(need.holds_with(one) for need in needs) for one in smaller)


@pytest.mark.parametrize("bound", [("_MOST_STEPS", 1), ("_MOST_STEPS", 4), ("_MOST_ROUNDS", 1)])
@pytest.mark.parametrize("seed", range(10))
def test_a_search_that_is_cut_short_finds_a_set_of_which_none_can_be_left_out(
    monkeypatch, bound, seed
):
    monkeypatch.setattr(needed_statements, *bound)
    rng = Random(seed)
    ring = [frozenset({at, (at + 1) % 7}) for at in range(7)]
    needs = [_AnyOf(rng.sample(ring, 3)) for _ in range(6)] + [_AnyOf(ring)]
    found = smallest_needed(needs)
    assert not found.is_smallest
    assert all(need.holds_with(found.places) for need in needs)
    for one in found.places:
        assert not all(need.holds_with(found.places - {one}) for need in needs)


def test_a_checker_with_replaced_targets_decides_as_a_new_one():
    compiler = default_compiler()
    full = full_access(SCP)
    before = TargetTree(
        [
            Target("r-1", None, compiler.level([full])),
            Target(ONE, "r-1", compiler.level([full, document("cloudtrail:*")])),
            Target(TWO, "r-1", compiler.level([full])),
        ]
    )
    checker = GuardrailChecker(compiler, before)
    outcomes = [one.outcome for one in checker.check([STOP])["stop"].values()]
    assert outcomes == [GuardrailOutcome.HOLDS, GuardrailOutcome.FAILS]
    changed = [Target("r-1", None, compiler.level([full, document("cloudtrail:Stop*")]))]
    after = checker.replaced(service_control=changed)
    assert {one.outcome for one in after.check([STOP])["stop"].values()} == {GuardrailOutcome.HOLDS}
    assert [one.outcome for one in checker.check([STOP])["stop"].values()] == outcomes
