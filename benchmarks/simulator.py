"""The simulator's answer after an edit of the reference organization's SCPs.

What is measured is what happens between the edit and the answer: the edit done, limits checked and
accounts counted (the first part), then every difference with its confirmed witness, grouped over
accounts, the statement that decides each of the first twenty, and the counts by OU. The
organization is compiled before, as it is in a process that has served it once.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import django

from benchmarks.organizations import EDITS, ReferenceOrganization
from benchmarks.simulator_edits import FULL_ACCESS, allow_list_edits
from benchmarks.tables import Figure, Row, Statistic, measured, print_figures, print_table
from policies.compiled import default_compiler

if TYPE_CHECKING:
    from governance.edits.operations import Operation
    from governance.posture.state.organization import CompiledOrganization

_SHOWN: Final = 20
_TODAY: Final = date(2026, 11, 24)


def run() -> None:
    """Measure edits of texts and of what allows, on 10,000 and 500 accounts."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.config.settings.test")
    django.setup()
    for accounts, words in ((10_000, 0), (10_000, 5), (10_000, 16), (500, 5)):
        reference = ReferenceOrganization(default_compiler(), words=words, accounts=accounts)
        organization = compiled_organization(reference)
        rows: list[Row] = []
        figures: list[Figure] = []
        name = f"{accounts:,} accounts, {words} of 80 role patterns *word*"
        kinds = [("text", [[one] for one in _operations(reference)])]
        if words == 5:  # these have five such patterns, too
            kinds += allow_list_edits(reference)
        for kind, edits in kinds:
            named = name if kind == "text" else f"{accounts:,} accounts, {kind}"
            firsts, wholes, groups = _calls(organization, edits)
            rows.append(measured(f"{named}: first part", firsts, 0.3, Statistic.P95))
            rows.append(measured(f"{named}: whole answer", wholes, 1.0, Statistic.P95))
            figures.append(Figure(f"{named}: differences told of one edit, at most", max(groups)))
        print_table("Simulator after an edit: 64 of texts, 12 of each kind of allow list", rows)
        print_figures("What the answers hold", figures)


def _calls(
    organization: CompiledOrganization, edits: list[list[Operation]]
) -> tuple[list[Callable[[], object]], list[Callable[[], object]], list[int]]:
    from governance.edits.checks import checks
    from governance.edits.draft import draft
    from governance.effects.breakdown import EffectGrouping
    from governance.effects.of_edits import Simulated

    groups = [0]

    def first(operations: list[Operation]) -> Simulated:
        drafted = draft(organization, operations)
        made = Simulated(drafted, checks(drafted, today=_TODAY))
        assert made.drafted.affected_accounts is not None  # noqa: S101
        return made

    def whole(operations: list[Operation]) -> None:
        simulated = first(operations)
        for effect in simulated.effects.effects[:_SHOWN]:
            simulated.witnesses.of(effect)
            simulated.reaches.of(effect.account_ids)
        simulated.breakdown(EffectGrouping.UNIT)
        groups.append(len(simulated.effects.effects))

    return (
        [lambda one=one: first(one) for one in edits],  # type: ignore[misc]
        [lambda one=one: whole(one) for one in edits],  # type: ignore[misc]
        groups,
    )


def _operations(reference: ReferenceOrganization) -> list[Operation]:
    """Return seeded edits of texts: statements taken out, widened, reordered, regions added."""
    from governance.edits.operations import Operation, OperationKind

    rng = random.Random("simulator")
    made: list[Operation] = []
    kinds = [kind for kind in EDITS if kind in ("remove", "widen", "region", "reorder")]
    while len(made) < 64:
        number, document = reference.edited_policy(rng, kinds[len(made) % len(kinds)])
        made.append(
            Operation(
                OperationKind.UPDATE_POLICY,
                policy_id=policy_id_of(number),
                text=json.dumps(document),
            )
        )
    return made


def policy_id_of(number: int) -> str:
    return FULL_ACCESS if number == 0 else f"p-{number:08}"


def compiled_organization(reference: ReferenceOrganization) -> CompiledOrganization:
    """Return the reference organization as rows would make it."""
    from governance.posture.state.organization import (
        RCP,
        SCP,
        CompiledOrganization,
        ControlPolicies,
        ControlPolicy,
        InForce,
        TargetName,
    )
    from policies.evaluation.request import OrganizationIds
    from policies.language.parse import parse_policy
    from policies.targets import Target, TargetTree

    policies = []
    for number, document in enumerate(reference.policies):
        parsed = parse_policy(json.dumps(document), SCP)
        policy_id = policy_id_of(number)
        policies.append(
            ControlPolicy(policy_id, policy_id, number == 0, str(number), parsed.document, ())
        )
    chosen: dict[tuple[int, ...], tuple[ControlPolicy, ...]] = {}
    attached = {}
    for target_id, numbers in reference.attached.items():
        if numbers not in chosen:
            chosen[numbers] = tuple(policies[number] for number in numbers)
        attached[target_id] = chosen[numbers]
    nothing = default_compiler().level_of(())
    bare = TargetTree(
        Target(target, parent, nothing) for target, parent in reference.parents.items()
    )
    names = {
        target: _name(TargetName, target, parent) for target, parent in reference.parents.items()
    }
    return CompiledOrganization(
        key=("reference", id(reference)),
        organization=OrganizationIds("o-reference", None),
        root_id="r-root",
        names=names,
        unplaced={},
        service_control=ControlPolicies(
            SCP,
            InForce.IN_FORCE,
            reference.tree,
            attached,
            {policy.policy_id: policy for policy in policies},
        ),
        resource_control=ControlPolicies(RCP, InForce.NOT_ENABLED, bare, {}, {}),
    )


def _name(made: Any, target_id: str, parent_id: str | None) -> Any:
    kind = "ACCOUNT" if target_id.isdecimal() else "ORGANIZATIONAL_UNIT"
    return made(target_id, "ROOT" if parent_id is None else kind, target_id, parent_id)


if __name__ == "__main__":
    run()
