"""What is found of all guardrails in an account, or in the accounts of an OU."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from governance.access.owners.targets import ACCOUNT, target_tree
from governance.baseline.guardrails.definitions import GuardrailInForce, guardrails_in_force
from governance.baseline.guardrails.excepting import excepted_accounts
from governance.baseline.guardrails.models import GuardrailResult
from governance.baseline.guardrails.outcome_counts import (
    NO_ACCOUNTS,
    OutcomeCounts,
    counts_by_guardrail,
)
from governance.baseline.guardrails.selectors import SEVERITY_ORDER, guardrail_results
from inventory.models import Connection
from inventory.viewing import Viewer

_FAILS = GuardrailResult.ResultOutcome.FAILS


@dataclass(frozen=True, slots=True)
class PlaceFailure:
    """A guardrail that fails in a place, in `fails` accounts, of which `result` is one."""

    guardrail: GuardrailInForce
    fails: int
    result: GuardrailResult


@dataclass(frozen=True, slots=True)
class PlaceOutcomes:
    """`counts`: of the results of a place. `failing`: guardrails, the worst first, of `total`."""

    counts: OutcomeCounts
    failing: tuple[PlaceFailure, ...]
    total: int


def outcomes_at(
    viewer: Viewer,
    *,
    connection: Connection,
    target_id: str,
    as_of: datetime | None = None,
    shown: int = 5,
) -> PlaceOutcomes:
    """Return what is found in an account, or in the accounts at and below an OU or the root.

    Counts only accounts that the viewer may see; of guardrails that are disabled nothing.
    """
    tree = target_tree(connection, as_of=as_of)
    target = tree.by_id.get(target_id)
    if target is None:
        return PlaceOutcomes(NO_ACCOUNTS, (), 0)
    in_force = {
        one.id: one for one in guardrails_in_force(connection, as_of=as_of).values() if one.enabled
    }
    covered = excepted_accounts(connection) if as_of is None else {}
    is_account = target.kind == ACCOUNT
    if is_account:
        found = _of_account(viewer, connection, target_id, as_of, covered)
    else:
        units = [one.target_id for one in tree.below(target_id) if one.kind != ACCOUNT]
        found = counts_by_guardrail(viewer, connection=connection, under=units, as_of=as_of)
    counts = {name: one for name, one in found.items() if name in in_force}
    failing = sorted(
        (name for name, one in counts.items() if one.fails),
        key=lambda name: (
            SEVERITY_ORDER[in_force[name].document.severity],
            -counts[name].fails,
            name,
        ),
    )
    examples = _examples(
        guardrail_results(
            viewer,
            connection=connection,
            account_id=target_id if is_account else "",
            under="" if is_account else target_id,
            outcomes=[_FAILS],
            as_of=as_of,
        ),
        failing[:shown],
        covered,
    )
    return PlaceOutcomes(
        sum(counts.values(), NO_ACCOUNTS),
        tuple(
            PlaceFailure(in_force[name], counts[name].fails, examples[name])
            for name in failing[:shown]
            if name in examples
        ),
        len(failing),
    )


def _of_account(
    viewer: Viewer,
    connection: Connection,
    account_id: str,
    as_of: datetime | None,
    covered: Mapping[str, Mapping[str, int]],
) -> dict[str, OutcomeCounts]:
    rows = guardrail_results(viewer, connection=connection, account_id=account_id, as_of=as_of)
    found = {}
    for guardrail_id, outcome in rows.values_list("guardrail_id", "outcome"):
        is_excepted = outcome != "holds" and account_id in covered.get(guardrail_id, ())
        found[guardrail_id] = OutcomeCounts(**{"excepted" if is_excepted else outcome: 1})
    return found


def _examples(
    rows: "QuerySet[GuardrailResult]",
    guardrail_ids: list[str],
    covered: Mapping[str, Mapping[str, int]],
) -> dict[str, GuardrailResult]:
    """Return a failing result of each guardrail that no exception covers, in one query."""
    if not guardrail_ids:
        return {}
    excepted = Q(pk__in=[])
    for guardrail_id in guardrail_ids:
        if covered.get(guardrail_id):
            excepted |= Q(guardrail_id=guardrail_id, account_id__in=list(covered[guardrail_id]))
    chosen = rows.filter(guardrail_id__in=guardrail_ids).exclude(excepted)
    chosen = chosen.order_by("guardrail_id", "account_id").distinct("guardrail_id")
    return {one.guardrail_id: one for one in chosen}
