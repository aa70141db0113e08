"""Trying a guardrail against the organization before it is saved."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from governance.baseline.guardrails.documents import GuardrailDocument
from governance.baseline.guardrails.effects import (
    EffectRequest,
    decide_effects,
    engine_guardrails,
)
from governance.baseline.guardrails.findings import GuardrailFinding, Outcome, worst_of
from governance.baseline.guardrails.outcome_counts import WORST_FIRST, OutcomeCounts
from governance.baseline.guardrails.parameters import ParameterUnset
from governance.baseline.guardrails.proofs import filled_proof
from governance.baseline.guardrails.scoping import ScopeDirectory
from governance.baseline.guardrails.state_facts import account_states
from governance.baseline.guardrails.state_judging import judge_states
from governance.posture.state.organization import CompiledOrganization, load_organization
from inventory.models import Connection
from inventory.viewing import Viewer, targets_seen

_AT_ONCE = 250


@dataclass(frozen=True, slots=True)
class TriedResult:
    """What would be found in one account, its own id put in.

    `counterexample`: a request, where an effect fails. `keys`: those that leave it undecided.
    """

    account_id: str
    outcome: Outcome
    because: str
    counterexample: Mapping[str, Any] | None
    keys: tuple[str, ...]


def tried_result(account_id: str, finding: GuardrailFinding) -> TriedResult:
    """Return a finding as it reads in an account."""
    content = filled_proof(
        {"because": finding.because, "counterexample": finding.counterexample}, account_id
    )
    return TriedResult(
        account_id,
        finding.outcome,
        content["because"],
        content["counterexample"],
        finding.keys,
    )


@dataclass(frozen=True, slots=True)
class TriedGuardrail:
    """What would be found of a guardrail, in the accounts of its scope that the viewer may see.

    `problem`: a parameter that it needs and that has no value; empty: none is missing.
    """

    document: GuardrailDocument
    found: Mapping[str, GuardrailFinding]
    problem: str = ""

    @property
    def counts(self) -> OutcomeCounts:
        """How many accounts are how."""
        numbers = dict.fromkeys(Outcome.values, 0)
        for one in self.found.values():
            numbers[one.outcome.value] += 1
        return OutcomeCounts(**numbers)

    def worst_first(self, most: int) -> list[TriedResult]:
        """Return the first `most` results, the worst first, then by account id."""
        order = {name: place for place, name in enumerate(WORST_FIRST)}
        ordered = sorted(self.found.items(), key=lambda item: (order[item[1].outcome], item[0]))
        return [tried_result(account_id, finding) for account_id, finding in ordered[:most]]


def try_guardrail(
    viewer: Viewer,
    *,
    connection: Connection,
    document: GuardrailDocument,
    organization: CompiledOrganization | None = None,
) -> TriedGuardrail:
    """Work a guardrail out in its scope, and store nothing.

    `organization`: decide its effects under these policies instead of those in force, such as
    those of a draft.
    """
    directory = ScopeDirectory(connection)
    whole = organization or load_organization(Viewer(sees_inventory=True), connection=connection)
    seen = targets_seen(viewer, connection)
    try:
        scope_ids = [
            account_id
            for account_id in directory.account_ids(document.scope)
            if seen.holds_account(account_id)
        ]
        effects = engine_guardrails(document, directory.parameters)
    except ParameterUnset as error:
        return TriedGuardrail(document, {}, str(error))
    by_effect: Mapping[str, GuardrailFinding] = {}
    if document.effect:
        request = EffectRequest(document.id, scope_ids, effects)
        by_effect = decide_effects(whole, [request])[document.id]
    by_state: dict[str, GuardrailFinding] = {}
    if document.state:
        for start in range(0, len(scope_ids), _AT_ONCE):
            states = account_states(
                connection,
                scope_ids[start : start + _AT_ONCE],
                document.state,
                organization_id=whole.organization.organization_id or "",
            )
            for account_id, state in states.items():
                by_state[account_id] = judge_states(document.state, state)
    return TriedGuardrail(
        document,
        {
            account_id: worst_of(
                part[account_id] for part in (by_effect, by_state) if account_id in part
            )
            for account_id in scope_ids
        },
    )
