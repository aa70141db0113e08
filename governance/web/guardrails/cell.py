"""One guardrail in one account: what was found, by which proof, since when."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from django.http import Http404
from django.urls import reverse

from governance.access import rights
from governance.baseline.guardrails.definitions import guardrails_in_force
from governance.baseline.guardrails.models import GuardrailResult
from governance.baseline.guardrails.selectors import (
    excepted_by,
    guardrail_result,
    proof_of,
    result_history,
)
from governance.inbox.models import InboxItem
from governance.inbox.selectors import inbox_items
from governance.posture.requests.questions import Question
from governance.presentation.why_denied_address import query_of
from governance.web.guardrails.frame import GuardrailScreen
from governance.web.parts.pages import ConnectionPage, Crumb, Tab
from governance.web.parts.who_can_links import who_can_href
from inventory.models import Account
from inventory.selectors.freshness import AUTHORIZATION_POLICY_TYPES, GUARDRAIL_TABLES
from inventory.selectors.hierarchy import Level, levels

_DAYS: Final = 90
_RELATED: Final = 3


def cell_panel(page: ConnectionPage, guardrail_id: str, account_id: str) -> dict[str, Any] | None:
    """Return what the panel shows of a result; None: there is none that this person may see."""
    guardrail = guardrails_in_force(page.connection, as_of=page.as_of).get(guardrail_id)
    result = guardrail_result(
        page.viewer,
        connection=page.connection,
        guardrail_id=guardrail_id,
        account_id=account_id,
        as_of=page.as_of,
    )
    if guardrail is None or result is None:
        return None
    slug = page.connection.slug
    proof = proof_of(result)
    exception = None
    if page.as_of is None:
        exception = excepted_by(page.connection, [result]).get(result.pk)
    document = guardrail.document
    named = {"slug": slug, "guardrail_id": guardrail_id, "account_id": account_id}
    return {
        "guardrail": guardrail,
        "title": document.title,
        "result": result,
        "account_name": result.account_name or account_id,
        "outcome": "excepted" if exception else result.outcome,
        "exception": exception,
        "severity": document.severity.value,
        "lead": _lead(result.outcome, proof),
        "because": proof.get("because", ""),
        "keys": proof.get("keys") or [],
        "read": [_facts(one) for one in proof.get("read") or ()],
        "counterexample": counterexample_of(slug, account_id, proof.get("counterexample")),
        "levels": _levels(page, account_id),
        "history": history_bar(page, guardrail_id, account_id),
        "related": _related(page, account_id),
        "remedy": document.remedy,
        "can_draft": document.remedy.policy_type is not None
        and result.outcome != GuardrailResult.ResultOutcome.HOLDS
        and page.may(rights.PROPOSE_CHANGE, None),
        "fix_href": reverse("guardrail-fix", kwargs={"slug": slug, "guardrail_id": guardrail_id}),
        "page_href": reverse("guardrail-cell", kwargs=named),
        "guardrail_href": reverse("guardrail", kwargs={"slug": slug, "guardrail_id": guardrail_id}),
    }


def _lead(outcome: str, proof: Mapping[str, Any]) -> str:
    """Say the result in one sentence."""
    request = proof.get("counterexample") or {}
    if outcome == GuardrailResult.ResultOutcome.FAILS and request.get("action"):
        return f"{request['action']} is not denied here, though it should be."
    return {
        GuardrailResult.ResultOutcome.HOLDS.value: "It holds in this account.",
        GuardrailResult.ResultOutcome.FAILS.value: "It does not hold in this account.",
        GuardrailResult.ResultOutcome.UNDECIDED.value: "Whether it holds here is undecided.",
    }.get(outcome, "The data it is based on could not be read here.")


def counterexample_of(
    slug: str, account_id: str, request: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """Return a request that should be denied and is not, with the addresses that explain it."""
    if not request:
        return None
    principal: Any = request.get("principal", "")
    if isinstance(principal, Mapping):
        principal = principal.get("arn") or principal.get("id") or ""
    context: Mapping[str, Any] = request.get("context") or {}
    pairs = [
        (key, tuple(map(str, value)) if isinstance(value, list) else (str(value),))
        for key, value in context.items()
        if value is not None
    ]
    action, resource = str(request.get("action", "")), str(request.get("resource", "*"))
    question = Question(
        principal=str(principal),
        action=action,
        resource=resource,
        resource_account_id=account_id,
        context=tuple(pairs),
    )
    return {
        "principal": principal,
        "action": action,
        "resource": resource,
        "context": [(key, ", ".join(values)) for key, values in pairs],
        "trace_href": f"{reverse('why-denied', kwargs={'slug': slug})}?{query_of(question)}",
        "who_can_href": who_can_href(
            slug, as_of_text="", action=action, resource=resource, under=account_id
        )
        if ":" in action and "*" not in action
        else "",
    }


def _facts(read: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(name.replace("_", " "), _said(value)) for name, value in read.items()]


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_said(inner)}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_said, value)) or "none"
    return "not known" if value is None else str(value)


def _levels(page: ConnectionPage, account_id: str) -> list[Level]:
    """Return each level from the root down, with the policies that it adds."""
    chain = levels(page.viewer, connection=page.connection, target_id=account_id, as_of=page.as_of)
    return [
        replace(
            level,
            policies=tuple(
                policy
                for policy in level.policies
                if policy.type in ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")
                and not policy.is_default
            ),
        )
        for level in chain
    ]


def history_bar(page: ConnectionPage, guardrail_id: str, account_id: str) -> dict[str, Any]:
    """Return the last days of a result as parts of a line, the oldest first."""
    rows: Sequence[GuardrailResult] = list(
        result_history(
            page.viewer,
            connection=page.connection,
            guardrail_id=guardrail_id,
            account_id=account_id,
        )
    )
    total = _DAYS * 86_400
    start = page.now.timestamp() - total
    parts = []
    for row in reversed(rows):
        begins = max(row.seen_from.timestamp(), start)
        ends = row.seen_until.timestamp() if row.seen_until else page.now.timestamp()
        if ends <= start:
            continue
        parts.append(
            {
                "outcome": row.outcome,
                "label": row.get_outcome_display(),
                "x": round(100 * (begins - start) / total, 2),
                "width": max(1.0, round(100 * (ends - begins) / total, 2)),
                "from": row.seen_from,
                "days": max(1, round((ends - begins) / 86_400)),
            }
        )
    return {"parts": parts, "since": rows[0].seen_from if rows else None}


def _related(page: ConnectionPage, account_id: str) -> list[InboxItem]:
    """Return drift that stands in the account, the worst first."""
    rows = inbox_items(page.viewer, connection=page.connection).filter(
        account_id=account_id, source=InboxItem.Source.DRIFT
    )
    open_rows = rows.exclude(state=InboxItem.State.RESOLVED)
    return list(open_rows.order_by("severity_rank", "first_seen_at")[:_RELATED])


class GuardrailCellReading(GuardrailScreen):
    """What the page and the panel share. Sets `panel`."""

    required_right = rights.VIEW_GUARDRAILS
    shows_tables = GUARDRAIL_TABLES
    shows_policy_types = AUTHORIZATION_POLICY_TYPES
    panel: dict[str, Any]

    def begin(self) -> None:
        """Find the result.

        :raises Http404: there is none that this person may see.
        """
        super().begin()
        guardrail_id, account_id = self.kwargs["guardrail_id"], self.kwargs["account_id"]
        found = cell_panel(self, guardrail_id, account_id)
        if found is None:
            raise Http404(f"There is no result of {guardrail_id} in {account_id}.")
        self.panel = found

    def shown_account_id(self) -> str | None:
        """Return the account of the result."""
        return str(self.kwargs["account_id"])

    def get_title(self) -> str:
        """Return the guardrail and the account."""
        return f"{self.panel['title']} in {self.panel['account_name']}"

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the matrix, the guardrail and the account."""
        return [
            Crumb("Guardrails", self.href("guardrails")),
            Crumb(self.kwargs["guardrail_id"], self.panel["guardrail_href"]),
            Crumb(self.panel["account_name"]),
        ]

    def get_tabs(self) -> Sequence[Tab]:
        """Show none: this is one result."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what was found, and the account."""
        account = Account.objects.as_of(self.as_of).filter(
            connection=self.connection, account_id=self.kwargs["account_id"]
        )
        return super().get_context_data(panel=self.panel, account=account.first(), **kwargs)


class GuardrailCellPanel(GuardrailCellReading):
    """The panel beside the matrix."""

    required_right = rights.VIEW_GUARDRAILS
    template_name = "governance/guardrails/panel.html"


class GuardrailCellPage(GuardrailCellReading):
    """The result at its own address."""

    required_right = rights.VIEW_GUARDRAILS
    template_name = "governance/guardrails/cell.html"
