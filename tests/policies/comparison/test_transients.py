"""Intermediate states against the evaluator: all that they decide otherwise is listed."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from policies.comparison import (
    Difference,
    IntermediateStates,
    TransientKind,
    UndecidedDifference,
    UnknownTarget,
    find_transients,
)
from policies.compiled import Compiler, default_compiler
from policies.language.conditions.values import ContextValue
from policies.language.policy_types import PolicyType
from policies.targets import TargetTree
from tests.policies.comparison import random_organizations, random_resource_controls
from tests.policies.comparison.brute_force import Oracle, tree
from tests.policies.comparison.random_organizations import FULL, Organization, Vocabulary

ACCOUNT = "111111111111"
PLANS = 24
REQUESTS = 50
MOST_UNDECIDED = 0.05
"""Of what is reported."""


def denying(*actions: str) -> dict[str, object]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": list(actions), "Resource": "*"}],
    }


def allowing(*actions: str) -> dict[str, object]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}],
    }


def organization(root: list[dict[str, object]], account: list[dict[str, object]]) -> Organization:
    return Organization({"r-1": None, ACCOUNT: "r-1"}, {"r-1": root, ACCOUNT: account})


def trees(compiler: Compiler, *states: Organization) -> list[TargetTree]:
    return [tree(state, compiler) for state in states]


def found_between(*states: Organization) -> IntermediateStates:
    compiler = default_compiler()
    return find_transients(trees(compiler, *states), compiler=compiler, report_on=[ACCOUNT])


def listed(found: IntermediateStates) -> set[tuple[int, str, str]]:
    """The catalogue actions of all transients, with their state and kind."""
    catalogue = default_compiler().catalogue
    return {
        (one.state, one.kind.value, action)
        for one in found.transients
        if not one.difference.actions.are_unlisted
        for action in one.difference.actions.names(catalogue)
    }


class TestPlans:
    def test_attaching_before_detaching_at_one_target_has_no_transient(self):
        old, new = denying("s3:DeleteBucket", "ec2:StopInstances"), denying("s3:DeleteBucket")
        found = found_between(
            organization([FULL], [FULL, old]),
            organization([FULL], [FULL, old, new]),
            organization([FULL], [FULL, new]),
        )
        assert found.transients == ()
        assert found.undecided == ()

    def test_detaching_before_attaching_allows_for_a_while_what_both_deny(self):
        old, new = denying("s3:DeleteBucket", "ec2:StopInstances"), denying("s3:DeleteBucket")
        found = found_between(
            organization([FULL], [FULL, old]),
            organization([FULL], [FULL]),
            organization([FULL], [FULL, new]),
        )
        assert listed(found) == {(1, "allowed", "s3:DeleteBucket")}

    def test_swapping_allow_lists_by_detaching_first_denies_for_a_while_what_both_allow(self):
        old, new = allowing("s3:GetObject", "s3:PutObject"), allowing("s3:GetObject")
        found = found_between(
            organization([FULL], [old]),
            organization([FULL], []),
            organization([FULL], [new]),
        )
        assert listed(found) == {(1, "denied", "s3:GetObject")}

    def test_an_allow_list_at_two_levels_has_a_transient_at_the_level_that_goes_first(self):
        narrow = allowing("s3:GetObject", "ec2:StopInstances")
        found = found_between(
            organization([narrow], [FULL]),
            organization([narrow], [allowing("s3:GetObject")]),
            organization([FULL], [allowing("s3:GetObject")]),
            organization([FULL], [narrow]),
        )
        assert listed(found) == {
            (1, "denied", "ec2:StopInstances"),
            (2, "denied", "ec2:StopInstances"),
        }

    def test_two_states_have_nothing_between_them(self):
        assert found_between(organization([FULL], []), organization([], [FULL])).transients == ()

    def test_a_target_that_an_intermediate_state_lacks_is_not_decided_there(self):
        compiler = default_compiler()
        whole = organization([FULL], [FULL, denying("s3:DeleteBucket")])
        away = Organization({"r-1": None}, {"r-1": [FULL]})
        found = find_transients(trees(compiler, whole, away, whole), compiler=compiler)
        assert (found.transients, found.undecided) == ((), ())

    def test_a_target_of_neither_end_is_refused(self):
        compiler = default_compiler()
        states = trees(compiler, organization([FULL], []), organization([FULL], []))
        with pytest.raises(UnknownTarget, match="222222222222"):
            find_transients(states, compiler=compiler, report_on=["222222222222"])


def means(one: Difference | UndecidedDifference, request: dict[str, object], state: Oracle) -> bool:
    """Whether a request lies in what is reported, or may."""
    action = str(request["action"]).lower()
    index = default_compiler().catalogue.index_of.get(action)
    covered = one.actions.are_unlisted if index is None else bool(one.actions.bits >> index & 1)

    def lookup(key: str) -> ContextValue:
        return state.lookup(request, key)

    return covered and one.when.includes(action, str(request["resource"]), lookup) is not False


def check(seed: int, vocabulary: Vocabulary) -> Counter[str]:
    """Check a plan of three random edits; raise AssertionError where a state is told wrongly."""
    rng = random.Random(seed)
    compiler = default_compiler()
    policy_type = vocabulary.policy_type
    states = [random_organizations.organization(rng, variables=False, vocabulary=vocabulary)]
    for _ in range(3):
        states.append(
            random_organizations.edited(rng, states[-1], variables=False, vocabulary=vocabulary)
        )
    found = find_transients(
        [tree(state, compiler, policy_type) for state in states],
        compiler=compiler,
        policy_type=policy_type,
        organization=vocabulary.organization,
    )
    counts: Counter[str] = Counter()
    for account in (target_id for target_id in states[0].parents if target_id.isdecimal()):
        oracles = [Oracle(state, account, compiler, policy_type) for state in states]
        first, last = oracles[0], oracles[-1]
        transients = [one for one in found.transients if one.target_id == account]
        for one in transients:
            difference = one.difference
            witness = difference.witness.for_account(difference.account_id, account)
            shown = witness.as_json(compiler.catalogue)
            agreed = one.kind is TransientKind.DENIED
            assert first.passes(shown) is agreed, (seed, account, shown)
            assert last.passes(shown) is agreed, (seed, account, shown)
            assert oracles[one.state].passes(shown) is not agreed, (seed, account, shown)
            counts[one.kind] += 1
        for _ in range(REQUESTS):
            request = vocabulary.request(rng, account)
            if first.passes(request) is not last.passes(request):
                continue
            for number, oracle in enumerate(oracles[1:-1], 1):
                if oracle.passes(request) is first.passes(request):
                    continue
                counts["differing"] += 1
                reported: list[Difference | UndecidedDifference] = [
                    *(one.difference for one in transients if one.state == number),
                    *(
                        one.undecided
                        for one in found.undecided
                        if one.target_id == account and one.state == number
                    ),
                ]
                assert any(means(one, request, first) for one in reported), (
                    seed, account, number, request,
                )  # fmt: skip
    counts["undecided"] = len(found.undecided)
    return counts


@pytest.mark.parametrize("first_seed", [0, PLANS])
@pytest.mark.parametrize(
    "vocabulary",
    [random_organizations.SERVICE_CONTROL, random_resource_controls.RESOURCE_CONTROL],
    ids=["scp", "rcp"],
)
def test_no_request_is_decided_otherwise_outside_what_is_listed(vocabulary, first_seed):
    counts: Counter[str] = Counter()
    for seed in range(first_seed, first_seed + PLANS):
        counts += check(seed, vocabulary)
    assert counts[TransientKind.DENIED] > 0
    assert counts[TransientKind.ALLOWED] > 0
    assert counts["differing"] > 0
    reported = counts["undecided"] + counts[TransientKind.DENIED] + counts[TransientKind.ALLOWED]
    assert counts["undecided"] <= MOST_UNDECIDED * reported


def test_the_policy_type_decides_which_policies_are_meant():
    compiler = default_compiler()
    states = [organization([FULL], [FULL]), organization([FULL], []), organization([FULL], [FULL])]
    built = [tree(state, compiler) for state in states]
    service = find_transients(built, compiler=compiler)
    resource = find_transients(
        built, compiler=compiler, policy_type=PolicyType.RESOURCE_CONTROL_POLICY
    )
    assert service.transients
    assert resource.transients == ()
