"""Effect guardrails in the reference organization: cold, after one edit, and the mutation test.

Half of the guardrails say what an SCP of the organization says, with its exemptions; the others are
about other actions, roles, regions and resources. RCPs bind the same accounts.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from benchmarks.organizations import (
    ORGANIZATION_ID,
    REGIONS,
    SERVICES,
    VERBS,
    ReferenceOrganization,
    ReferenceResourceControls,
)
from benchmarks.tables import Figure, Statistic, measured, print_figures, print_table
from policies.compiled import Compiler, default_compiler
from policies.full_access import full_access
from policies.guardrails import (
    EffectGuardrail,
    GuardrailChecker,
    GuardrailOutcome,
    MutatedPolicy,
    MutationReport,
    mutation_test,
)
from policies.language.json_reader import JsonValue
from policies.language.parse import parse_decoded_policy
from policies.language.policy_types import PolicyType
from policies.targets import Target, TargetTree

GUARDRAILS = 40
_MANAGEMENT = "999999999999"


def run() -> None:
    """Measure 40 guardrails in 10,000 accounts."""
    compiler = default_compiler()
    organization = ReferenceOrganization(compiler, words=5)
    controls = ReferenceResourceControls(compiler, words=5, accounts=0)
    guardrails = made_guardrails(organization)
    found: list[Counter[GuardrailOutcome]] = []
    cold = measured(
        f"{GUARDRAILS} guardrails, 10,000 accounts, cold",
        [lambda: _count(_checker(compiler, organization, controls), guardrails, found)],
        5.0,
        Statistic.MAX,
    )
    warm = _checker(compiler, organization, controls)
    _count(warm, guardrails, [])
    after = [
        partial(_count_after, warm, _changed(organization.tree, edit.after), guardrails)
        for edit in organization.edits(24)
    ]
    edited = measured("the same after one SCP's edit", after, 0.5, Statistic.P95)
    reports: list[MutationReport] = []
    policies = _policies(organization)
    mutated = measured(
        f"mutation test of {len(policies)} SCPs with 5 statements each",
        [lambda: reports.append(mutation_test(warm, guardrails, policies))],
        60.0,
        Statistic.MAX,
    )
    print_table("Effect guardrails", [cold, edited, mutated])
    report = reports[0]
    outcomes = found[0]
    print_figures(
        "Of all guardrails in all accounts",
        [
            *(Figure(outcome.value, outcomes[outcome]) for outcome in GuardrailOutcome),
            Figure("statements that protect nothing", len(report.protecting_nothing)),
            Figure("guardrails that no removal breaks", len(report.unbroken)),
            Figure(
                "statements that all guardrails need"
                + ("" if report.is_smallest else " (none can be left out)"),
                len(report.needed),
            ),
        ],
    )


def _policies(organization: ReferenceOrganization) -> list[MutatedPolicy]:
    """Return the organization's SCPs with what they are attached to."""
    targets: dict[int, set[str]] = {}
    for target_id, attached in organization.attached.items():
        for number in attached:
            targets.setdefault(number, set()).add(target_id)
    found = []
    for number, policy in enumerate(organization.policies):
        document = parse_decoded_policy(dict(policy), organization.policy_type).document
        if number and document is not None:
            attached_to = frozenset(targets.get(number, ()))
            found.append(MutatedPolicy(f"p-{number:03}", document, attached_to))
    return found


def _checker(
    compiler: Compiler, organization: ReferenceOrganization, controls: ReferenceResourceControls
) -> GuardrailChecker:
    # RCPs stand at the root and at the OUs right below it; elsewhere RCPFullAWSAccess alone.
    levels = iter(
        target.level
        for target in controls.tree.by_id.values()
        if target.parent_id in (None, "r-root")
    )
    full = compiler.level([full_access(PolicyType.RESOURCE_CONTROL_POLICY)])
    bound = TargetTree(
        Target(
            target.target_id,
            target.parent_id,
            next(levels) if target.parent_id in (None, "r-root") else full,
        )
        for target in organization.tree.by_id.values()
    )
    return GuardrailChecker(
        compiler,
        organization.tree,
        bound,
        _MANAGEMENT,
        organization_id=ORGANIZATION_ID,
    )


def _count(
    checker: GuardrailChecker,
    guardrails: Sequence[EffectGuardrail],
    found: list[Counter[GuardrailOutcome]],
) -> None:
    results = checker.check(guardrails)
    outcomes = Counter(
        outcome for of_guardrail in results.values() for outcome in of_guardrail.outcomes()
    )
    found.append(outcomes)


def _count_after(
    checker: GuardrailChecker, changed: Sequence[Target], guardrails: Sequence[EffectGuardrail]
) -> None:
    _count(checker.replaced(service_control=changed), guardrails, [])


def _changed(before: TargetTree, after: TargetTree) -> list[Target]:
    return [
        target for target_id, target in after.by_id.items() if before.by_id[target_id] != target
    ]


def made_guardrails(organization: ReferenceOrganization) -> list[EffectGuardrail]:
    """Return seeded guardrails."""
    rng = random.Random("guardrails")
    attached = {number for listed in organization.attached.values() for number in listed}
    denies = [
        statement
        for number in sorted(attached - {0})
        for statement in _listed(organization.policies[number]["Statement"])
        if _actions(statement)
    ]
    at_root = [
        statement
        for number in organization.attached["r-root"][1:]
        for statement in _listed(organization.policies[number]["Statement"])
        if _actions(statement)
    ]
    said = [*at_root, *rng.sample(denies, GUARDRAILS // 2 - len(at_root))]
    guardrails = [_as_guardrail(number, one) for number, one in enumerate(said)]
    while len(guardrails) < GUARDRAILS:
        guardrails.append(_another(len(guardrails), organization, rng))
    return guardrails


def _listed(value: object) -> list[dict[str, Any]]:
    return value if isinstance(value, list) else []


def _actions(statement: dict[str, Any]) -> tuple[str, ...]:
    return _known(statement.get("Action", ()))


def _known(patterns: Iterable[str]) -> tuple[str, ...]:
    """Return those of some patterns that match an action."""
    catalogue = default_compiler().catalogue
    return tuple(pattern for pattern in patterns if catalogue.bits(pattern))


def _as_guardrail(number: int, statement: dict[str, Any]) -> EffectGuardrail:
    """Return a guardrail that a statement which denies makes hold."""
    condition = statement.get("Condition", {})
    unless: dict[str, JsonValue] = {}
    if "Null" in condition:
        unless["Null"] = dict.fromkeys(condition["Null"], "false")
    if "BoolIfExists" in condition:
        unless["Bool"] = dict.fromkeys(condition["BoolIfExists"], "true")
    return EffectGuardrail(
        id=f"said-{number}",
        actions=_actions(statement),
        principals_except=tuple(condition.get("ArnNotLike", {}).get("aws:PrincipalArn", ())),
        unless=unless,
    )


def _another(
    number: int, organization: ReferenceOrganization, rng: random.Random
) -> EffectGuardrail:
    services = rng.sample(SERVICES, rng.randint(1, 2))
    unless: dict[str, JsonValue] = {}
    if rng.random() < 0.4:
        unless = {"StringEquals": {"aws:RequestedRegion": list(rng.sample(REGIONS, 3))}}
    return EffectGuardrail(
        id=f"another-{number}",
        actions=_known(f"{service}:{rng.choice(VERBS[:5])}*" for service in services)
        or ("iam:Create*",),
        resources=("*",) if rng.random() < 0.4 else (),
        principals_except=tuple(rng.sample(organization.role_patterns, rng.randint(0, 3))),
        unless=unless,
    )
