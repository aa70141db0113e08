"""What exactly an exception lets happen, for whom and where: by the engine, in its scope."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from governance.access.owners.targets import ACCOUNT, target_tree
from governance.baseline.exceptions.terms import ExceptionTerms
from governance.baseline.guardrails.definitions import guardrail_in_force
from governance.baseline.guardrails.documents import GuardrailDocument
from governance.baseline.guardrails.effects import (
    EffectRequest,
    decide_effects,
    engine_guardrails,
)
from governance.baseline.guardrails.findings import GuardrailFinding, Outcome
from governance.baseline.guardrails.parameters import ParameterUnset, parameters_of
from governance.baseline.guardrails.scoping import ScopeDirectory
from governance.baseline.guardrails.trying import tried_result, try_guardrail
from governance.posture.state.organization import load_organization
from inventory.models import Connection
from inventory.viewing import Viewer

WHOLE: Final = Viewer(sees_inventory=True)
_MOST_SHOWN: Final = 20


def accounts_of(connection: Connection, target_ids: tuple[str, ...]) -> frozenset[str]:
    """Return the accounts that targets are or hold."""
    tree = target_tree(connection)
    return frozenset(
        below.target_id for one in target_ids for below in tree.below(one) if below.kind == ACCOUNT
    )


def exempting(document: GuardrailDocument, principals: tuple[str, ...]) -> GuardrailDocument:
    """Return a guardrail that exempts some principals besides."""
    return replace(
        document,
        effect=tuple(
            replace(one, principals_except=(*one.principals_except, *principals))
            for one in document.effect
        ),
    )


def beyond_principals(
    connection: Connection,
    document: GuardrailDocument,
    principals: tuple[str, ...],
    account_ids: list[str],
) -> Mapping[str, GuardrailFinding]:
    """Return what is found of a guardrail's effects for everybody but some principals."""
    organization = load_organization(WHOLE, connection=connection)
    parameters = parameters_of(connection)
    try:
        effects = engine_guardrails(exempting(document, principals), parameters)
        request = EffectRequest(document.id, account_ids, effects)
    except ParameterUnset as error:
        request = EffectRequest(document.id, account_ids, problem=str(error))
    return decide_effects(organization, [request])[document.id]


def exception_proof(
    connection: Connection, terms: ExceptionTerms, *, now: datetime
) -> dict[str, Any]:
    """Work out what an exception lets happen: as JSON.

    `counts`: accounts in its scope by what is found there without it. `allowed`: the actions that
    it is about, on what, for whom. `counterexamples`: requests that pass today, each confirmed by
    the evaluator. `beyond`: accounts in which the guardrail does not hold for others than the
    exception's principals; it does not cover these.
    """
    guardrail = guardrail_in_force(connection, terms.guardrail_id)
    if guardrail is None:
        return {}
    document = guardrail.document
    directory = ScopeDirectory(connection)
    wanted = accounts_of(connection, terms.target_ids)
    tried = try_guardrail(WHOLE, connection=connection, document=document)
    found = {one: finding for one, finding in tried.found.items() if one in wanted}
    counts = dict.fromkeys(Outcome.values, 0)
    for finding in found.values():
        counts[finding.outcome.value] += 1
    allowed: list[dict[str, Any]] = []
    try:
        allowed = [
            {
                "actions": list(one.actions),
                "resources": list(one.resources) or ["*"],
                "unless": one.unless,
                "principals": list(terms.principals) or ["*"],
            }
            for one in engine_guardrails(document, directory.parameters)
        ]
    except ParameterUnset:
        allowed = []
    failing = [one for one, finding in found.items() if finding.outcome is Outcome.FAILS]
    beyond: list[dict[str, Any]] = []
    if terms.principals and document.effect and failing:
        for one, finding in beyond_principals(
            connection, document, terms.principals, failing
        ).items():
            if finding.outcome is not Outcome.HOLDS:
                beyond.append(_shown(one, finding))
    return {
        "guardrail_sha256": document.digest,
        "worked_out_at": now.isoformat(),
        "accounts": len(found),
        "counts": counts,
        "allowed": allowed,
        "counterexamples": [_shown(one, found[one]) for one in failing[:_MOST_SHOWN]],
        "failing": len(failing),
        "beyond": beyond[:_MOST_SHOWN],
        "beyond_count": len(beyond),
        "problem": tried.problem,
    }


def _shown(account_id: str, finding: GuardrailFinding) -> dict[str, Any]:
    shown = tried_result(account_id, finding)
    return {
        "account_id": account_id,
        "outcome": shown.outcome.value,
        "because": shown.because,
        "request": shown.counterexample,
    }
