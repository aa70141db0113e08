"""The evidence of one SCP's edit at 10,000 accounts, intermediate states included.

The SCP is attached to ten OUs and rolled out in three rings (one, three and six of them). Measured
is all that the engine does for the evidence: the plan and its states, effects with witnesses and
counts, every intermediate state, the proof for protected roles, limits after each step, the
sentence, the affected accounts and the conclusions with their digest. Reading the rows of the
organization, of lint and of owners is left out; the organization is compiled before.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import django

from benchmarks.organizations import EDITS, ReferenceOrganization
from benchmarks.simulator import compiled_organization, policy_id_of
from benchmarks.tables import Figure, Row, Statistic, measured, print_figures, print_table
from policies.compiled import default_compiler

if TYPE_CHECKING:
    from governance.changes.planning import PlanBase
    from governance.edits.operations import Operation

_TODAY: Final = date(2026, 11, 24)
_EDITS: Final = 24
_WARM_UP: Final = 2
_TARGETS: Final = 10
_RINGS: Final = (("Canary", 1), ("Some", 3), ("Rest", 6))
_TARGET_SECONDS: Final = 5.0
# Two processors: a load below this leaves one of them to the measurement.
_QUIET: Final = 1.0

_Edit = tuple["PlanBase", "list[Operation]", "list[dict[str, Any]]"]


def run() -> None:
    """Measure edits that change something, on 10,000 accounts."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.config.settings.test")
    django.setup()
    busy = os.getloadavg()[0]
    reference = ReferenceOrganization(default_compiler(), words=5)
    edits = list(_edits(reference))
    sizes: list[int] = []
    steps: list[int] = []
    calls = [_call(edit, sizes, steps) for edit in edits]
    for call in calls[:_WARM_UP]:
        call()
    rows: list[Row] = [
        measured("evidence of an edit, 10 targets, 3 rings", calls, _TARGET_SECONDS, Statistic.P95)
    ]
    used = sorted(rows[0].processor)
    print_table(
        f"Evidence at 10,000 accounts, {len(edits)} edits of SCPs; "
        f"machine {'quiet' if busy < _QUIET else 'not quiet'} (load {busy:.1f} at the beginning)",
        rows,
    )
    print_figures(
        "What it takes and holds",
        [
            Figure("processor seconds of an edit, p95", round(Statistic.P95.of(used), 2)),
            Figure("steps of a plan, at most", max(steps)),
            Figure("characters of effects as JSON, at most", max(sizes)),
        ],
    )


def _call(edit: _Edit, sizes: list[int], steps: list[int]) -> Callable[[], None]:
    from governance.changes.evidence.affected import affected_targets
    from governance.changes.evidence.checks_found import limit_findings
    from governance.changes.evidence.contents import (
        ChangeEffects,
        conclusions_of,
        effects_json,
        headline_json,
        lockout_json,
        transient_json,
    )
    from governance.changes.evidence.digests import conclusions_digest
    from governance.changes.evidence.intermediate import transients_of
    from governance.changes.evidence.lockout import locked_out
    from governance.changes.evidence.plans import PlannedChange
    from governance.changes.evidence.protected_roles import ProtectedPurpose, ProtectedRolePattern
    from governance.changes.planning import delta_of, plan_of, states_of
    from governance.effects.headline import headline

    base, operations, rings = edit
    roles = [
        ProtectedRolePattern(purpose.value, purpose, f"arn:aws:iam::*:role/Orgwarden-{purpose}")
        for purpose in ProtectedPurpose
    ]

    def call() -> None:
        plan = plan_of(base, operations, rings, policy_ids="keep", number=1, today=_TODAY)
        planned = PlannedChange(plan, states_of(plan, base), delta_of(base, operations).drafted)
        found = ChangeEffects(planned.final)
        effects = found.effects
        transients = transients_of(planned)
        lockouts = locked_out(planned, roles, effects=effects, transients=transients)
        findings = list(limit_findings(planned, today=_TODAY))
        targets = affected_targets(effects, planned.final, operations, {})
        conclusions = conclusions_of(
            found=found,
            management=(),
            transients=transients,
            findings=findings,
            targets=targets,
            required=(),
        )
        conclusions_digest(conclusions)
        told = effects_json(found)
        headline({"headline": headline_json(found, planned, ())})
        lockout_json(roles, lockouts)
        list(map(transient_json, transients))
        steps.append(len(plan.steps))
        sizes.append(len(json.dumps(told)))

    return call


def _edits(reference: ReferenceOrganization) -> Iterator[_Edit]:
    """Yield edits of SCPs, each attached to ten OUs that have a free slot, and its rings."""
    from governance.changes.planning import PlanBase
    from governance.edits.collected_policies import NOTHING_ELSE_COLLECTED
    from governance.edits.draft import draft
    from governance.edits.operations import Operation, OperationKind

    organization = compiled_organization(reference)
    attached = organization.service_control.attached
    units = [target_id for target_id in reference.parents if target_id.startswith("ou-")]
    kinds = [kind for kind in EDITS if kind in ("remove", "widen", "region")]
    rng = random.Random("evidence")
    made = 0
    while made < _EDITS:
        number, document = reference.edited_policy(rng, kinds[made % len(kinds)])
        if number == 0:
            continue
        policy_id = policy_id_of(number)
        held = [
            target_id
            for target_id, policies in attached.items()
            if any(policy.policy_id == policy_id for policy in policies)
        ]
        free = [unit for unit in units if len(attached[unit]) < 4 and unit not in held]
        chosen = rng.sample(free, _TARGETS)
        placed = draft(
            organization,
            [
                Operation(kind, policy_id=policy_id, target_id=target_id)
                for kind, target_ids in (
                    (OperationKind.DETACH_POLICY, held),
                    (OperationKind.ATTACH_POLICY, chosen),
                )
                for target_id in target_ids
            ],
        ).as_organization()
        edit = Operation(
            OperationKind.UPDATE_POLICY, policy_id=policy_id, text=json.dumps(document)
        )
        yield PlanBase(placed, NOTHING_ELSE_COLLECTED), [edit], _rings(chosen)
        made += 1


def _rings(targets: list[str]) -> list[dict[str, Any]]:
    rings, left = [], list(targets)
    for name, count in _RINGS:
        chosen, left = left[:count], left[count:]
        rings.append({"name": name, "targets": chosen, "soak_minutes": 60, "gate": "manual"})
    return rings
