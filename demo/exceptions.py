"""Exceptions of the demo's people, active, waiting and a draft, and an ignore rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from demo.agreements import answer_agreement, ids_by_name

if TYPE_CHECKING:
    from governance.access.owners.acting import ActingPerson
    from governance.baseline.exceptions.models import GuardrailException
    from inventory.models import Connection


@dataclass(frozen=True, slots=True)
class DemoException:
    """An exception to ask for. `target`: an account's name or an OU's path. `rests`: the state it
    is brought to. `mitigation`: what takes the guardrail's place; empty: it is a waiver."""

    rests: str
    guardrail_id: str
    target: str
    reason: str
    until_days: int
    mitigation: str = ""


DEMO_EXCEPTIONS: Final = (
    DemoException(
        "active",
        "no-iam-users",
        "crm-prod",
        "The CRM's connector can sign in with access keys alone.",
        until_days=120,
        mitigation="Its keys are replaced every 30 days and work from its addresses only.",
    ),
    DemoException(
        "active",
        "config-records-everything",
        "Sandbox",
        "Sandboxes are emptied every month, and nobody reads their history.",
        until_days=9,
    ),
    DemoException(
        "proposed",
        "security-hub-is-on",
        "Sandbox/Engineering",
        "Findings of sandboxes are noise until the new standard is out.",
        until_days=60,
    ),
    DemoException(
        "draft",
        "no-default-vpcs",
        "booking-dev",
        "The load test starts from the default VPC.",
        until_days=30,
    ),
)
_RENAMED: Final = "Policies get names after their OU; the old ones are agreed until then."


def ensure_exceptions(connection: "Connection", *, now: datetime) -> list[str]:
    """Ask for the demo's exceptions and bring each to its state; return the states, in order.

    Also ignores drift of policies' names for a while. Empty: there are exceptions already, or
    people are missing.
    """
    from demo.changes import demo_people
    from governance.baseline.exceptions.models import GuardrailException
    from governance.drift.ignoring import ignore_rule_add
    from governance.drift.models import DriftItem

    people = demo_people()
    if people is None or GuardrailException.objects.filter(connection=connection).exists():
        return []
    targets = ids_by_name(connection)
    states = [
        _asked(one, targets[one.target], people, connection, now).state
        for one in DEMO_EXCEPTIONS
        if one.target in targets
    ]
    ignore_rule_add(
        by=people["security"],
        connection=connection,
        kind=DriftItem.Kind.POLICY_UPDATED,
        attribute="name",
        reason=_RENAMED,
        until=now.date() + timedelta(days=45),
        now=now,
    )
    return states


def _asked(
    demo: DemoException,
    target_id: str,
    people: "Mapping[str, ActingPerson]",
    connection: "Connection",
    now: datetime,
) -> "GuardrailException":
    """Have the author ask, and the owners answer as it wants them to."""
    from governance.baseline.exceptions.approving import exception_standing
    from governance.baseline.exceptions.asking import exception_ask
    from governance.baseline.exceptions.deciding import exception_review, exception_submit
    from governance.baseline.exceptions.terms import read_exception_terms

    author = people["author"]
    given: dict[str, Any] = {
        "guardrail_id": demo.guardrail_id,
        "kind": "mitigated" if demo.mitigation else "waiver",
        "targets": [target_id],
        "reason": demo.reason,
        "mitigation": demo.mitigation,
        "until": (now.date() + timedelta(days=demo.until_days)).isoformat(),
    }
    terms = read_exception_terms(given, connection, today=now.date(), by=author.user)
    made = exception_ask(by=author, connection=connection, terms=terms, now=now)
    if demo.rests != "draft":
        exception_submit(by=author, exception_id=made.pk, now=now)
        made.refresh_from_db()
    if demo.rests == "active":
        review = partial(exception_review, exception_id=made.pk)
        answer_agreement(made, people, exception_standing, review, "approve", now=now)
    made.refresh_from_db()
    return made
