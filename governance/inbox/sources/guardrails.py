"""Guardrails that do not hold: one item a guardrail and a part of the tree right below the root."""

from collections.abc import Iterator
from typing import Final

from django.db.models import Max

from governance.access.owners.severity import WEIGHT_OF, EffectWeight
from governance.access.owners.targets import ROOT, OwnedTarget, OwnedTree, target_tree
from governance.baseline.guardrails.definitions import GuardrailInForce, guardrails_in_force
from governance.baseline.guardrails.excepting import excepted_accounts
from governance.baseline.guardrails.models import (
    GuardrailDefinition,
    GuardrailReading,
    GuardrailResult,
)
from governance.inbox.models import InboxItem
from governance.inbox.sources.registry import FoundItem, InboxSource, SourceReading
from inventory.digests import sha256
from inventory.models import Connection

Outcome = GuardrailResult.ResultOutcome
_BY_OUTCOME: Final = {Outcome.FAILS: "fails", Outcome.UNDECIDED: "undecided"}
# Of the exceptions in force: their numbers by guardrail and account.
Excepted = dict[str, dict[str, int]]


def guardrails_mark(connection: Connection) -> str:
    """Return what changes whenever a result, a guardrail or an exception does."""
    rows = GuardrailResult.objects.filter(connection=connection)
    definitions = GuardrailDefinition.objects.filter(connection=connection)
    excepted = {
        guardrail_id: sorted(accounts.items())
        for guardrail_id, accounts in sorted(excepted_accounts(connection).items())
    }
    return repr(
        (
            rows.order_by("-pk").values_list("pk", flat=True).first(),
            rows.aggregate(at=Max("seen_until"))["at"],
            definitions.order_by("-pk").values_list("pk", flat=True).first(),
            sha256(repr(excepted)),
        )
    )


def read_guardrails(connection: Connection) -> SourceReading:
    """Return where guardrails fail or are undecided; what is not covered is not judged."""
    readings = dict(
        GuardrailReading.objects.filter(connection=connection).values_list(
            "guardrail_id", "problem"
        )
    )
    if not readings:
        return SourceReading(problem="Guardrails were not evaluated yet.")
    problems = {guardrail_id for guardrail_id, problem in readings.items() if problem}
    tree = target_tree(connection)
    in_force = guardrails_in_force(connection)
    enabled = {one.id: one for one in in_force.values() if one.enabled}
    tops = _tops(tree)
    uncovered = {
        (guardrail_id, tops.get(account_id, ""))
        for guardrail_id, account_id in GuardrailResult.objects.as_of(None)
        .filter(connection=connection, outcome=Outcome.NOT_COVERED)
        .values_list("guardrail_id", "account_id")
    }
    return SourceReading(
        items=_items(connection, tree, tops, enabled, uncovered),
        unjudged=lambda item: (
            _guardrail_of(item) in problems or (_guardrail_of(item), item.target_id) in uncovered
        ),
    )


def _guardrail_of(item: InboxItem) -> str:
    return str(item.detail.get("guardrail_id", ""))


def _tops(tree: OwnedTree) -> dict[str, str]:
    """Return for each target the id of its OU right below the root, or of the root itself."""
    found: dict[str, str] = {}
    for one in tree.by_id.values():
        if one.kind == ROOT:
            found[one.target_id] = one.target_id
            continue
        parent = tree.by_id.get(one.parent_id)
        above = found.get(one.parent_id, "")
        is_top = parent is not None and parent.kind == ROOT and one.kind != "ACCOUNT"
        found[one.target_id] = one.target_id if is_top else above
    return found


def _items(
    connection: Connection,
    tree: OwnedTree,
    tops: dict[str, str],
    enabled: dict[str, GuardrailInForce],
    uncovered: set[tuple[str, str]],
) -> Iterator[FoundItem]:
    covered = excepted_accounts(connection)
    failing: dict[tuple[str, str, str], list[str]] = {}
    excepted: dict[tuple[str, str, str], list[str]] = {}
    rows = GuardrailResult.objects.as_of(None).filter(
        connection=connection, outcome__in=list(_BY_OUTCOME), guardrail_id__in=list(enabled)
    )
    for guardrail_id, account_id, outcome in rows.values_list(
        "guardrail_id", "account_id", "outcome"
    ):
        key = (guardrail_id, tops.get(account_id, ""), outcome)
        into = excepted if account_id in covered.get(guardrail_id, ()) else failing
        into.setdefault(key, []).append(account_id)
    for key in sorted({*failing, *excepted}):
        guardrail_id, top_id, outcome = key
        accounts = failing.get(key) or excepted[key]
        yield _item(
            enabled[guardrail_id],
            tree.by_id.get(top_id),
            accounts,
            outcome,
            is_excepted=key not in failing,
            is_whole=(guardrail_id, top_id) not in uncovered,
        )


def _item(
    guardrail: GuardrailInForce,
    top: OwnedTarget | None,
    accounts: list[str],
    outcome: str,
    *,
    is_excepted: bool,
    is_whole: bool,
) -> FoundItem:
    document = guardrail.document
    fails = outcome == Outcome.FAILS
    weight = WEIGHT_OF[document.severity]
    return FoundItem(
        key=f"{guardrail.id}:{top.target_id if top else ''}:{outcome}",
        kind=guardrail.id,
        title=f"Fails: {document.title}" if fails else f"Undecided: {document.title}",
        target_kind=top.kind if top else "ACCOUNT",
        target_id=top.target_id if top else accounts[0],
        target_name=top.name if top else accounts[0],
        account_ids=tuple(accounts),
        accounts=len(accounts),
        # What is undecided is no better than what protects less than meant.
        weight=weight if fails else min(weight, EffectWeight.WEAKENS),
        environment_at=_environment_at(top, accounts),
        excepted=is_excepted,
        detail={
            "label": "Fails" if fails else "Undecided",
            "remedy": document.remedy.text,
            "guardrail_id": guardrail.id,
            "outcome": outcome,
            "is_whole": is_whole,
        },
    )


def _environment_at(top: OwnedTarget | None, accounts: list[str]) -> str:
    if len(accounts) == 1:
        return accounts[0]
    return top.target_id if top is not None and top.kind != ROOT else ""


SOURCE: Final = InboxSource(InboxItem.Source.GUARDRAIL, guardrails_mark, read_guardrails)
