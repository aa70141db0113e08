"""The comparison against the evaluator: each random request, before and after."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

from policies.comparison import Comparison, compare
from policies.compiled import Compiler, Level, default_compiler
from policies.evaluation.evaluate import Evaluator
from policies.evaluation.layers import Decider
from policies.evaluation.policy_set import PolicySet, TargetPolicies
from policies.evaluation.request import Request, make_request
from policies.language.conditions.values import ABSENT, ContextValue
from policies.language.document import PolicyDocument
from policies.language.parse import parse_decoded_policy
from policies.language.policy_types import PolicyType
from policies.targets import Target, TargetTree
from tests.policies.comparison import random_organizations
from tests.policies.comparison.random_organizations import Organization

SCP = PolicyType.SERVICE_CONTROL_POLICY


def documents(listed: Sequence[Any]) -> tuple[PolicyDocument, ...]:
    found: list[PolicyDocument] = []
    for item in listed:
        parsed = parse_decoded_policy(item, SCP)
        assert parsed.document is not None, parsed.diagnostics
        found.append(parsed.document)
    return tuple(found)


def tree(organization: Organization, compiler: Compiler) -> TargetTree:
    levels: dict[str, Level] = {
        target_id: compiler.level(documents(listed))
        for target_id, listed in organization.policies.items()
    }
    return TargetTree(
        Target(target_id, parent_id, levels[target_id])
        for target_id, parent_id in organization.parents.items()
    )


class Oracle:
    """Whether the SCPs of one state let a request of an account pass, by the evaluator."""

    def __init__(self, organization: Organization, account: str, compiler: Compiler) -> None:
        levels = tuple(
            TargetPolicies(target_id, documents(organization.policies[target_id]))
            for target_id in organization.path(account)
        )
        policies = PolicySet(service_control_policies=levels)
        self.evaluator = Evaluator(policies, compiler, policies_alone=True)

    def passes(self, request: dict[str, object]) -> bool:
        decision = self.evaluator.evaluate(made(request))
        assert decision.decision != "unknown"
        denied = decision.decision != "allowed"
        return not (denied and Decider.SERVICE_CONTROL_POLICY in decision.decided_by)

    def lookup(self, request: dict[str, object], key: str) -> ContextValue:
        built = made(request)
        derived = self.evaluator.caller(built.principal, built.resource_account_id).derived
        value: ContextValue = built.context.get(key, derived.get(key, ABSENT))
        return value


def made(request: dict[str, Any]) -> Request:
    return make_request(
        request["principal"],
        request["action"],
        request["resource"],
        resource_account_id=request.get("resource_account_id"),
        context=request["context"],
    )


def compared(before: Organization, after: Organization) -> Comparison:
    compiler = default_compiler()
    return compare(tree(before, compiler), tree(after, compiler), compiler=compiler)


def check(seed: int, *, variables: bool, requests: int) -> Counter[str]:
    """Check one random edit; raise AssertionError where the comparison is wrong."""
    rng = random.Random(seed)
    compiler = default_compiler()
    before = random_organizations.organization(rng, variables=variables)
    after = random_organizations.edited(rng, before, variables=variables)
    comparison = compared(before, after)
    counts: Counter[str] = Counter(edits=1, unchanged=int(comparison.is_unchanged))
    for account, found in comparison.targets.items():
        if not account.isdecimal():
            continue
        was, becomes = (Oracle(state, account, compiler) for state in (before, after))
        for differences, passing, stopping in (
            (found.newly_denied, was, becomes),
            (found.newly_allowed, becomes, was),
        ):
            for difference in differences:
                witness = difference.witness.for_account(difference.account_id, account)
                shown = witness.as_json(compiler.catalogue)
                assert passing.passes(shown), (seed, account, difference.when.words, shown)
                assert not stopping.passes(shown), (seed, account, difference.when.words, shown)
                counts["differences"] += 1
        counts["undecided"] += len(found.undecided)
        for _ in range(requests):
            request = random_organizations.request(rng, account)
            counts["requests"] += 1
            first, second = was.passes(request), becomes.passes(request)
            if first is second:
                continue
            counts["differing"] += 1
            differences = found.newly_denied if first else found.newly_allowed
            index = compiler.catalogue.index_of.get(str(request["action"]).lower())

            def meant(item, index=index, request=request, was=was) -> bool:
                right = (
                    item.actions.are_unlisted
                    if index is None
                    else bool(item.actions.bits >> index & 1)
                )
                return (
                    right
                    and item.when.includes(
                        str(request["action"]).lower(),
                        str(request["resource"]),
                        lambda key: was.lookup(request, key),
                    )
                    is not False
                )

            assert any(map(meant, (*differences, *found.undecided))), (seed, account, request)
    return counts


def check_same_meaning(seed: int) -> None:
    """Check that another writing of one organization is proven to change nothing."""
    rng = random.Random(seed)
    before = random_organizations.organization(rng, variables=True)
    after = random_organizations.same_meaning(rng, before)
    assert compared(before, after).is_unchanged, seed
