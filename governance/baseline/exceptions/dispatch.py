"""Apply exceptions whose state changed, and exceptions to results that were computed again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from governance.approvals.agreements.changing import State
from governance.baseline.exceptions.kind import EXCEPTION
from governance.baseline.exceptions.models import GuardrailException
from governance.baseline.exceptions.uses import (
    excepted_now,
    exception_uses_refresh,
    refresh_uses,
)
from governance.baseline.guardrails.excepting import register_excepting
from governance.baseline.guardrails.models import GuardrailResult
from governance.baseline.guardrails.signals import results_refreshed
from governance.baseline.guardrails.tallies import refresh_tallies
from inventory.models import Connection

END_DUE: Final = "exceptions.end_due"


def follow_state(*, exception: GuardrailException, to: State, now: datetime, **_: Any) -> None:
    """Have an exception cover results once it is active, and none once it has ended."""
    if to not in (State.ACTIVE, State.ENDED):
        return
    changed = exception_uses_refresh(exception, now=now)
    refresh_tallies(exception.connection, [exception.guardrail_id], moment=now)
    results_refreshed.send(
        sender=GuardrailResult,
        connection=exception.connection,
        moment=now,
        written={exception.guardrail_id: changed} if changed else {},
        now=now,
    )


def follow_results(
    *, connection: Connection, written: Mapping[str, set[str]], now: datetime, **_: Any
) -> None:
    """Work out where exceptions are used, now that results differ."""
    if written:
        refresh_uses(connection, list(written), now=now)


def register() -> None:
    """Follow the states of exceptions, and results; say which results are excepted."""
    EXCEPTION.state_changed.connect(follow_state, dispatch_uid="exceptions.uses")
    results_refreshed.connect(follow_results, dispatch_uid="exceptions.uses")
    register_excepting(excepted_now)
