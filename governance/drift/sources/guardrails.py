"""Guardrails that held and hold no more, by the OU of the accounts in which they fail."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any, Final

from django.db.models import Exists, Max, OuterRef

from governance.access.owners.labels import LabelMap, label_map
from governance.access.owners.severity import WEIGHT_OF, severity_of
from governance.baseline.guardrails.definitions import guardrails_in_force
from governance.baseline.guardrails.excepting import excepted_accounts
from governance.baseline.guardrails.models import GuardrailResult
from governance.drift.difference import DriftWeight, Effect, FoundDifference, Kind, Severity
from governance.drift.sources.source import SourceFindings, SourceLook
from governance.drift.weighing import is_production
from inventory.digests import sha256
from inventory.models import Account, Connection

_MOST_NAMED: Final = 50
_Outcome = GuardrailResult.ResultOutcome


class GuardrailDrift:
    """Finds guardrails that hold no more. One item a guardrail and OU."""

    prefix = "guardrail:"

    def mark(self, connection: Connection) -> str:
        """Return what is equal while no result and no exception changed."""
        rows = GuardrailResult.objects.filter(connection=connection)
        began = rows.aggregate(at=Max("seen_from"))["at"]
        ended = rows.aggregate(at=Max("seen_until"))["at"]
        excepted = {
            name: dict(sorted(held.items()))
            for name, held in sorted(excepted_accounts(connection).items())
        }
        return f"{began}|{ended}|{sha256(repr(excepted))}"

    def find(self, look: SourceLook) -> SourceFindings:
        """Return the guardrails that fail in accounts in which they held before."""
        connection = look.connection
        held_before = GuardrailResult.objects.filter(
            connection=connection,
            guardrail_id=OuterRef("guardrail_id"),
            account_id=OuterRef("account_id"),
            outcome=_Outcome.HOLDS,
            seen_until__lte=OuterRef("seen_from"),
        )
        failing = (
            GuardrailResult.objects.filter(
                Exists(held_before),
                connection=connection,
                seen_until__isnull=True,
                outcome=_Outcome.FAILS,
            )
            .select_related("proof")
            .order_by("account_id")
        )
        parents = self._parents(connection)
        groups: dict[tuple[str, str], list[GuardrailResult]] = defaultdict(list)
        for result in failing:
            place_id = parents.get(result.account_id)
            if place_id:
                groups[result.guardrail_id, place_id].append(result)
        unread = self._unread(look, parents)
        if not groups:
            return SourceFindings(unread=unread)
        guardrails = guardrails_in_force(connection)
        exceptions = excepted_accounts(connection)
        labels = label_map(connection)
        found, excepted = [], set[str]()
        for (guardrail_id, place_id), results in groups.items():
            known = guardrails.get(guardrail_id)
            if known is None or not known.enabled:
                continue
            covered = exceptions.get(guardrail_id, {})
            open_ones = [one for one in results if one.account_id not in covered]
            made = _difference(known.document, place_id, open_ones or results, labels)
            if not open_ones:
                excepted.add(made.subject)
            found.append(made)
        return SourceFindings(found, unread, excepted)

    def _parents(self, connection: Connection) -> Mapping[str, str]:
        rows = Account.objects.filter(connection=connection, seen_until__isnull=True)
        return dict(rows.values_list("account_id", "parent_id"))

    def _unread(self, look: SourceLook, parents: Mapping[str, str]) -> set[str]:
        """Return the subjects of items of which some account cannot be told any more."""
        ids = {item.target_id for item in look.items}
        unknown = GuardrailResult.objects.filter(
            connection=look.connection,
            guardrail_id__in=ids,
            seen_until__isnull=True,
            outcome__in=(_Outcome.UNDECIDED, _Outcome.NOT_COVERED),
        )
        pairs = set(unknown.values_list("guardrail_id", "account_id"))
        return {
            item.subject
            for item in look.items
            if any(
                (item.target_id, one["account_id"]) in pairs
                for one in (item.collected or {}).get("accounts", ())
            )
        }


def _difference(
    document: Any, place_id: str, results: Collection[GuardrailResult], labels: LabelMap
) -> FoundDifference:
    accounts = [
        {
            "account_id": one.account_id,
            "because": str(one.proof.content.get("because", "")),
            "counterexample": one.proof.content.get("counterexample"),
        }
        for one in results
    ]
    known = [labels.environment(one.account_id) for one in results]
    severity = severity_of(WEIGHT_OF[document.severity.value], accounts=len(accounts), labels=known)
    weight = DriftWeight(
        Effect.ALLOWS if document.kind == "effect" else Effect.STRUCTURE,
        Severity(severity),
        len(accounts),
        {"production": is_production(known)},
    )
    return FoundDifference(
        kind=Kind.GUARDRAIL_FAILS,
        subject=f"{GuardrailDrift.prefix}{document.id}:{place_id}",
        target_kind="guardrail",
        target_id=document.id,
        target_name=document.title,
        place_id=place_id,
        attribute="outcome",
        desired={"outcome": _Outcome.HOLDS.value},
        collected={
            "outcome": _Outcome.FAILS.value,
            "count": len(accounts),
            "accounts": accounts[:_MOST_NAMED],
        },
        account_id=accounts[0]["account_id"] if len(accounts) == 1 else "",
        weight=weight,
    )
