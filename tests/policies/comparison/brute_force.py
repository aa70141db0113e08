"""The comparison against the evaluator: each random request, before and after."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

from policies.comparison import Comparison, compare
from policies.comparison.compare import MOST_TOLD_BOXES
from policies.comparison.describer import NEVER_PERMITTED
from policies.compiled import Compiler, PolicyLevel, default_compiler
from policies.evaluation.evaluate import Evaluator
from policies.evaluation.layers import Decider
from policies.evaluation.policy_set import PolicySet, TargetPolicies
from policies.evaluation.request import OrganizationIds, Request, make_request
from policies.language.conditions.values import ABSENT, ContextValue
from policies.language.document import PolicyDocument
from policies.language.parse import parse_decoded_policy
from policies.language.policy_types import PolicyType
from policies.targets import Target, TargetTree
from tests.policies.comparison import random_organizations
from tests.policies.comparison.random_organizations import Organization, Vocabulary
from tests.policies.reference.from_question import reference_answer

SCP = PolicyType.SERVICE_CONTROL_POLICY
RCP = PolicyType.RESOURCE_CONTROL_POLICY
_LEVELS = {SCP: "service_control_policies", RCP: "resource_control_policies"}
_DECIDERS = {SCP: Decider.SERVICE_CONTROL_POLICY, RCP: Decider.RESOURCE_CONTROL_POLICY}


def documents(listed: Sequence[Any], policy_type: PolicyType = SCP) -> tuple[PolicyDocument, ...]:
    found: list[PolicyDocument] = []
    for item in listed:
        parsed = parse_decoded_policy(item, policy_type)
        assert parsed.document is not None, parsed.diagnostics
        assert policy_type is SCP or not parsed.errors, parsed.errors
        found.append(parsed.document)
    return tuple(found)


def tree(
    organization: Organization, compiler: Compiler, policy_type: PolicyType = SCP
) -> TargetTree:
    levels: dict[str, PolicyLevel] = {
        target_id: compiler.level(documents(listed, policy_type))
        for target_id, listed in organization.policies.items()
    }
    return TargetTree(
        Target(target_id, parent_id, levels[target_id])
        for target_id, parent_id in organization.parents.items()
    )


class Oracle:
    """Whether the SCPs (or RCPs) of one state let a request pass, by the evaluator.

    `account`: the one whose levels bind: the caller's for SCPs, the resource's for RCPs.
    """

    def __init__(
        self,
        organization: Organization,
        account: str,
        compiler: Compiler,
        policy_type: PolicyType = SCP,
    ) -> None:
        self.path = organization.path(account)
        self.policies = organization.policies
        self.policy_type = policy_type
        levels = tuple(
            TargetPolicies(target_id, documents(organization.policies[target_id], policy_type))
            for target_id in self.path
        )
        policy_set = (
            PolicySet(service_control_policies=levels)
            if policy_type is SCP
            else PolicySet(resource_control_policies=levels)
        )
        self.evaluator = Evaluator(policy_set, compiler, policies_alone=True)

    def passes(self, request: dict[str, object]) -> bool:
        decision = self.evaluator.evaluate(made(request))
        assert decision.decision != "unknown"
        denied = decision.decision != "allowed"
        return not (denied and _DECIDERS[self.policy_type] in decision.decided_by)

    def reference_passes(self, request: dict[str, object]) -> bool:
        """Whether no RCP denies a request, by the reference that shares no code with the engine."""
        assert self.policy_type is RCP
        levels = [{"target_id": one, "policies": self.policies[one]} for one in self.path]
        question = {
            "request": request,
            "identity_policies": [random_organizations.FULL],
            _LEVELS[RCP]: levels,
        }
        return reference_answer(question) != "explicitDeny"

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


def compared(
    before: Organization,
    after: Organization,
    policy_type: PolicyType = SCP,
    known: OrganizationIds | None = None,
    *,
    by_change: bool = False,
) -> Comparison:
    compiler = default_compiler()
    return compare(
        tree(before, compiler, policy_type),
        tree(after, compiler, policy_type),
        compiler=compiler,
        policy_type=policy_type,
        organization=known,
        most_boxes=0 if by_change else MOST_TOLD_BOXES,
    )


def check(
    seed: int,
    *,
    variables: bool,
    requests: int,
    vocabulary: Vocabulary = random_organizations.SERVICE_CONTROL,
    by_change: bool = False,
) -> Counter[str]:
    """Check one random edit; raise AssertionError where the comparison is wrong.

    Counts the `differences` and the `undecided` of all accounts, and the `requests`. `by_change`:
    tell each change by itself, less what other policies deny.
    """
    rng = random.Random(seed)
    compiler = default_compiler()
    policy_type = vocabulary.policy_type
    before = random_organizations.organization(rng, variables=variables, vocabulary=vocabulary)
    after = random_organizations.edited(rng, before, variables=variables, vocabulary=vocabulary)
    # Every other comparison of RCPs is told which organization it is.
    known = vocabulary.organization if seed % 2 else None
    comparison = compared(before, after, policy_type, known, by_change=by_change)
    counts: Counter[str] = Counter(edits=1, unchanged=int(comparison.is_unchanged))
    for account, found in comparison.targets.items():
        if not account.isdecimal():
            continue
        was, becomes = (Oracle(state, account, compiler, policy_type) for state in (before, after))
        for differences, passing, stopping in (
            (found.newly_denied, was, becomes),
            (found.newly_allowed, becomes, was),
        ):
            for difference in differences:
                witness = difference.witness.for_account(difference.account_id, account)
                shown = witness.as_json(compiler.catalogue)
                assert passing.passes(shown), (seed, account, difference.when.words, shown)
                assert not stopping.passes(shown), (seed, account, difference.when.words, shown)
                if policy_type is RCP and NEVER_PERMITTED not in (difference.remark or ""):
                    assert passing.reference_passes(shown), (seed, account, shown)
                    assert not stopping.reference_passes(shown), (seed, account, shown)
                counts["differences"] += 1
                counts["unusual"] += difference.remark is not None
                counts["of_change"] += difference.change is not None
                counts["left"] += difference.when.path is not None
        counts["undecided"] += len(found.undecided)
        for _ in range(requests):
            request = vocabulary.request(rng, account)
            counts["requests"] += 1
            first, second = was.passes(request), becomes.passes(request)
            index = compiler.catalogue.index_of.get(str(request["action"]).lower())

            def meant(item, index=index, request=request, was=was) -> bool | None:
                right = (
                    item.actions.are_unlisted
                    if index is None
                    else bool(item.actions.bits >> index & 1)
                )
                return right and item.when.includes(
                    str(request["action"]).lower(),
                    str(request["resource"]),
                    lambda key: was.lookup(request, key),
                )

            for differences, is_right in (
                (found.newly_denied, first and not second),
                (found.newly_allowed, second and not first),
            ):
                if is_right:
                    counts["differing"] += 1
                    told = (*differences, *found.undecided)
                    assert any(meant(one) is not False for one in told), (seed, account, request)
                elif index is not None and "/aws-service-role/" not in str(request["principal"]):
                    wrong = [one for one in differences if meant(one) is True]
                    assert not wrong, (seed, account, request, wrong[0].when.words)
    return counts


def check_same_meaning(
    seed: int,
    vocabulary: Vocabulary = random_organizations.SERVICE_CONTROL,
    *,
    by_change: bool = False,
) -> None:
    """Check that another writing of one organization is proven to change nothing."""
    rng = random.Random(seed)
    before = random_organizations.organization(rng, variables=True, vocabulary=vocabulary)
    after = random_organizations.same_meaning(rng, before)
    found = compared(before, after, vocabulary.policy_type, by_change=by_change)
    assert found.is_unchanged, seed
