"""Guardrails in a report: how many accounts are how, and what fails where, by which proof."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, QuerySet

from governance.access.owners.targets import ACCOUNT
from governance.baseline.guardrails.definitions import GuardrailInForce, guardrails_in_force
from governance.baseline.guardrails.excepting import excepted_accounts
from governance.baseline.guardrails.models import (
    GuardrailProof,
    GuardrailReading,
    GuardrailResult,
)
from governance.baseline.guardrails.outcome_counts import WORST_FIRST, OutcomeCounts
from governance.baseline.guardrails.proofs import filled_proof
from governance.baseline.guardrails.selectors import SEVERITY_ORDER, guardrail_results
from governance.reports.subtree import ReportedSubtree
from inventory.models import Connection
from inventory.viewing import Viewer

_Outcome = GuardrailResult.ResultOutcome
_COUNTED: Final = (*(one.value for one in _Outcome), "excepted")
_CHUNK: Final = 5000


@dataclass(frozen=True, slots=True)
class _SameProof:
    """Results that rest on one proof. `is_excepted`: an exception covers them."""

    outcome: str
    is_excepted: bool
    proof_id: int


@dataclass(slots=True)
class _SubtreeResult:
    """What was found of one guardrail in a subtree."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_COUNTED, 0))
    alike: dict[_SameProof, list[tuple[str, datetime, int | None]]] = field(default_factory=dict)


def guardrail_section(
    viewer: Viewer, *, connection: Connection, subtree: ReportedSubtree
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the guardrails that are enabled, the worst first, and those that are disabled.

    `results` of a guardrail: what does not hold or could not be decided, accounts with the same
    proof together; `results_for` puts the id of one of them into it. `read_at`: when it was worked
    out last, None: never. `problem`: why it could not be.
    """
    chosen = "" if subtree.is_root else subtree.target.target_id
    is_account = subtree.target.kind == ACCOUNT
    rows = guardrail_results(
        viewer,
        connection=connection,
        account_id=chosen if is_account else "",
        under="" if is_account else chosen,
    )
    found = _found(connection, rows)
    proofs = GuardrailProof.objects.in_bulk(
        {one.proof_id for each in found.values() for one in each.alike}
    )
    readings = {
        one.guardrail_id: one for one in GuardrailReading.objects.filter(connection=connection)
    }
    in_force = guardrails_in_force(connection).values()
    enabled = [
        _guardrail(one, found.get(one.id, _SubtreeResult()), readings.get(one.id), proofs, subtree)
        for one in in_force
        if one.enabled
    ]
    disabled = [
        {
            "id": one.id,
            "title": one.document.title,
            "severity": one.document.severity.value,
            "reason": one.reason,
            "disabled_by": one.made_by,
            "disabled_at": one.made_at.isoformat() if one.made_at else None,
        }
        for one in in_force
        if not one.enabled
    ]
    return sorted(enabled, key=_worst_first), disabled


def _found(connection: Connection, rows: "QuerySet[GuardrailResult]") -> dict[str, _SubtreeResult]:
    found: dict[str, _SubtreeResult] = {}
    held = rows.filter(outcome=_Outcome.HOLDS).order_by().values("guardrail_id")
    for guardrail_id, count in held.annotate(n=Count("pk")).values_list("guardrail_id", "n"):
        found.setdefault(guardrail_id, _SubtreeResult()).counts[_Outcome.HOLDS] = count
    covered = excepted_accounts(connection)
    others = rows.exclude(outcome=_Outcome.HOLDS).order_by("guardrail_id", "account_id")
    for guardrail_id, account_id, outcome, since, proof_id in others.values_list(
        "guardrail_id", "account_id", "outcome", "seen_from", "proof_id"
    ).iterator(chunk_size=_CHUNK):
        number = covered.get(guardrail_id, {}).get(account_id)
        own = found.setdefault(guardrail_id, _SubtreeResult())
        own.counts[outcome if number is None else "excepted"] += 1
        own.alike.setdefault(_SameProof(outcome, number is not None, proof_id), []).append(
            (account_id, since, number)
        )
    return found


def _guardrail(
    guardrail: GuardrailInForce,
    found: _SubtreeResult,
    reading: GuardrailReading | None,
    proofs: Mapping[int, GuardrailProof],
    subtree: ReportedSubtree,
) -> dict[str, Any]:
    document = guardrail.document
    counts = OutcomeCounts(**found.counts)
    return {
        "id": guardrail.id,
        "title": document.title,
        "why": document.why,
        "topic": document.topic.value,
        "severity": document.severity.value,
        "kind": document.kind,
        "version": guardrail.version,
        "is_changed": guardrail.is_changed,
        "references": {name.value: list(ids) for name, ids in document.references},
        "remedy": document.remedy.text,
        "read_at": reading.read_at.isoformat() if reading else None,
        "problem": reading.problem if reading else "",
        "accounts": counts.accounts,
        "counts": asdict(counts),
        "worst": counts.worst,
        "results": sorted(
            (
                _results(one, accounts, proofs[one.proof_id], subtree)
                for one, accounts in found.alike.items()
            ),
            key=lambda each: (WORST_FIRST.index(each["outcome"]), -len(each["accounts"])),
        ),
    }


def _results(
    alike: _SameProof,
    accounts: Iterable[tuple[str, datetime, int | None]],
    proof: GuardrailProof,
    subtree: ReportedSubtree,
) -> dict[str, Any]:
    named = sorted(
        (
            {
                "account_id": account_id,
                "name": subtree.name_of(account_id),
                "since": since.isoformat(),
                "exception": number,
            }
            for account_id, since, number in accounts
        ),
        key=lambda one: (str(one["name"]).casefold(), str(one["account_id"])),
    )
    return {
        "outcome": "excepted" if alike.is_excepted else alike.outcome,
        "found": alike.outcome,
        **{name: proof.content.get(name) for name in ("because", "counterexample", "keys")},
        "accounts": named,
    }


def results_for(results: Mapping[str, Any], account_id: str = "") -> Mapping[str, Any]:
    """Return results that rest on one proof with the id of one of their accounts put in.

    `account_id`: empty: of the first one.
    """
    return filled_proof(results, account_id or results["accounts"][0]["account_id"])


def _worst_first(one: Mapping[str, Any]) -> tuple[int, int, int, str]:
    worst = one["worst"]
    return (
        WORST_FIRST.index(worst) if worst else len(WORST_FIRST),
        SEVERITY_ORDER[one["severity"]],
        -one["counts"]["fails"],
        one["id"],
    )
