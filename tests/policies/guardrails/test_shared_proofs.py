"""What checkers of one organization share never changes an answer."""

import os
import random
from dataclasses import replace

from policies.compiled import default_compiler
from policies.full_access import full_access
from policies.guardrails import EffectGuardrail, GuardrailChecker, GuardrailOutcome
from policies.language.json_reader import JsonValue
from policies.targets import Target, TargetTree
from tests.policies.comparison import random_resource_controls as rcps
from tests.policies.comparison.brute_force import RCP, SCP, tree
from tests.policies.guardrails.random_guardrails import asked, guardrail

SEEDS = int(os.environ.get("ORGWARDEN_GUARDRAILS", "64")) // 8
STATES = 4
ONE, TWO = "ou-ab12-11111111", "ou-ab12-22222222"
HERE, THERE = "111111111111", "222222222222"


def fresh(state, ids):
    return GuardrailChecker(default_compiler(), *state, **ids)


def changed(rng, before):
    """Return a tree with levels exchanged, and perhaps an account at another place."""
    targets = list(before.by_id.values())
    one, other = rng.choice(targets), rng.choice(targets)
    edited = {
        one.target_id: Target(one.target_id, one.parent_id, other.level),
        other.target_id: Target(other.target_id, other.parent_id, one.level),
    }
    accounts = [target for target in targets if target.is_account and target.parent_id]
    if accounts and rng.random() < 0.5:
        moved = edited.get((one := rng.choice(accounts)).target_id, one)
        parent = rng.choice(sorted(before.parent_ids))
        edited[moved.target_id] = Target(moved.target_id, parent, moved.level)
    return before.replaced(edited.values())


def outcomes(checker, guardrails):
    return {
        guardrail_id: {account: result.outcome for account, result in results.items()}
        for guardrail_id, results in checker.check(guardrails).items()
    }


def test_answers_after_edits_and_moves_are_those_of_a_checker_that_knows_nothing():
    seen: set[GuardrailOutcome] = set()
    for seed in range(SEEDS):
        rng = random.Random(f"shared {seed}")
        given = asked(rng, variables=seed % 4 == 0)
        compiler = default_compiler()
        guardrails = [given.guardrail]
        guardrails.append(replace(guardrail(rng, given.scps, given.rcps), id="another"))
        ids = {"organization_id": rcps.ORGANIZATION} if rng.random() < 0.5 else {}
        states = [
            (
                tree(given.scps, compiler, SCP),
                None if given.rcps is None else tree(given.rcps, compiler, RCP),
            )
        ]
        for _ in range(STATES - 1):
            scps, of_rcps = states[-1]
            after = changed(rng, scps)
            if of_rcps is not None:
                moved = [
                    Target(target_id, after.by_id[target_id].parent_id, target.level)
                    for target_id, target in of_rcps.by_id.items()
                ]
                of_rcps = of_rcps.replaced(moved)
            states.append((after, of_rcps))
        checkers = [fresh(states[0], ids)]
        for state in states[1:]:
            checkers.append(checkers[0].under(*state))
        # The first answers last: what the others learnt is not true of it everywhere.
        for checker, state in reversed(list(zip(checkers, states, strict=True))):
            found = outcomes(checker, guardrails)
            assert found == outcomes(fresh(state, ids), guardrails), seed
            seen.update(outcome for answers in found.values() for outcome in answers.values())
    assert {GuardrailOutcome.HOLDS, GuardrailOutcome.FAILS} <= seen


def test_moved_accounts_are_asked_again_where_a_path_decides():
    compiler = default_compiler()
    full = compiler.level([full_access(SCP)])
    path = f"o-ab12345678/r-ab12/{ONE}/*"
    condition: dict[str, JsonValue] = {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": [path]}}
    inside = EffectGuardrail(id="inside", actions=("s3:GetObject",), unless=condition)
    before = TargetTree(
        [
            Target("r-ab12", None, full),
            Target(ONE, "r-ab12", full),
            Target(TWO, "r-ab12", full),
            Target(HERE, ONE, full),
            Target(THERE, "r-ab12", full),
        ]
    )
    checker = GuardrailChecker(compiler, before, organization_id="o-ab12345678")
    holds, fails = GuardrailOutcome.HOLDS, GuardrailOutcome.FAILS
    assert outcomes(checker, [inside]) == {"inside": {HERE: holds, THERE: fails}}
    moved = checker.replaced(service_control=[Target(HERE, TWO, full), Target(THERE, ONE, full)])
    assert outcomes(moved, [inside]) == {"inside": {HERE: fails, THERE: holds}}
    assert outcomes(checker, [inside]) == {"inside": {HERE: holds, THERE: fails}}
