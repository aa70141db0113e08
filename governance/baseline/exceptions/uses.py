"""Where active exceptions cover now that a guardrail does not hold."""

from collections.abc import Collection
from datetime import datetime

from governance.approvals.agreements.changing import State
from governance.baseline.exceptions.models import ExceptionUse, GuardrailException
from governance.baseline.exceptions.proving import accounts_of, beyond_principals
from governance.baseline.guardrails.definitions import guardrail_in_force
from governance.baseline.guardrails.excepting import ExceptedAccounts
from governance.baseline.guardrails.findings import Outcome
from governance.baseline.guardrails.models import GuardrailResult
from inventory.models import Connection


def excepted_now(connection: Connection) -> ExceptedAccounts:
    """Return the results that active exceptions cover: guardrail id → account id → number."""
    rows = ExceptionUse.objects.filter(
        exception__connection=connection, exception__state=State.ACTIVE
    ).order_by("exception__number")
    found: dict[str, dict[str, int]] = {}
    for guardrail_id, account_id, number in rows.values_list(
        "exception__guardrail_id", "account_id", "exception__number"
    ):
        found.setdefault(guardrail_id, {}).setdefault(account_id, number)
    return found


def refresh_uses(
    connection: Connection, guardrail_ids: Collection[str] | None, *, now: datetime
) -> dict[str, set[str]]:
    """Bring uses up to results; return by guardrail the accounts in which one began or ended.

    `guardrail_ids`: only exceptions from these; None: from all.
    """
    rows = GuardrailException.objects.filter(connection=connection, state=State.ACTIVE)
    if guardrail_ids is not None:
        rows = rows.filter(guardrail_id__in=list(guardrail_ids))
    changed: dict[str, set[str]] = {}
    for exception in rows.select_related("connection"):
        moved = exception_uses_refresh(exception, now=now)
        if moved:
            changed.setdefault(exception.guardrail_id, set()).update(moved)
    return changed


def exception_uses_refresh(exception: GuardrailException, *, now: datetime) -> set[str]:
    """Bring the uses of one exception up to results; return the accounts of which one changed."""
    known = set(exception.uses.values_list("account_id", flat=True))
    used = _used(exception) if exception.state == State.ACTIVE else set()
    if gone := known - used:
        exception.uses.filter(account_id__in=sorted(gone)).delete()
    began = sorted(used - known)
    ExceptionUse.objects.bulk_create(
        ExceptionUse(exception=exception, account_id=account_id, since=now) for account_id in began
    )
    if used:
        GuardrailException.objects.filter(pk=exception.pk).update(used_at=now)
        exception.used_at = now
    return gone | set(began)


def _used(exception: GuardrailException) -> set[str]:
    """Return the accounts in which it does not hold, as far as the exception goes."""
    connection = exception.connection
    wanted = accounts_of(connection, tuple(exception.target_ids))
    rows = GuardrailResult.objects.as_of(None).filter(
        connection=connection,
        guardrail_id=exception.guardrail_id,
        account_id__any_of=sorted(wanted),
    )
    failing = set(
        rows.exclude(outcome=GuardrailResult.ResultOutcome.HOLDS).values_list(
            "account_id", flat=True
        )
    )
    guardrail = guardrail_in_force(connection, exception.guardrail_id)
    if not failing or guardrail is None:
        return set()
    if not exception.principals:
        return failing
    # For others than its principals the guardrail has to hold there.
    found = beyond_principals(
        connection, guardrail.document, tuple(exception.principals), sorted(failing)
    )
    return {one for one, finding in found.items() if finding.outcome is Outcome.HOLDS}
