"""One edge: what it is, what guards it, what blocks it, and both policies."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse

from governance.posture.requests.questions import Question
from governance.posture.trust.closing import may_be_closed, may_be_closed_by_callers
from governance.posture.trust.drafting import may_be_drafted
from governance.posture.trust.models import TrustEdge, TrustFinding
from governance.posture.trust.selectors import edge_history, edge_of, findings_of_edges
from governance.presentation.trust_wording import (
    GUARD_LABELS,
    edge_sentence,
    edge_source,
    edge_target,
    last_part,
    state_words,
)
from governance.presentation.why_denied_address import query_of
from governance.web.parts.pages import ConnectionPage
from governance.web.parts.who_can_links import who_can_href
from governance.web.trust.contract_labels import contract_of_panel
from governance.web.trust.groups import names_of, severities_of, state_look_of
from governance.web.trust.identity_side import identity_side
from governance.web.trust.policy_marks import marked_statement, weak_texts
from inventory.policy_types import policy_type
from inventory.selectors.hierarchy import AttachedPolicy, levels
from policies.trust import TrustPrincipalKind

SCP: Final = "SERVICE_CONTROL_POLICY"
RCP: Final = "RESOURCE_CONTROL_POLICY"
_NAMED: Final = {TrustPrincipalKind.ROLE, TrustPrincipalKind.USER}
Crossing = TrustEdge.Crossing


@dataclass(frozen=True, slots=True)
class ShownGuard:
    """A guard in words."""

    label: str
    key: str
    operator: str
    values: Sequence[str]
    holds: bool
    leaves_open: str


@dataclass(frozen=True, slots=True)
class ControlLine:
    """The SCPs or RCPs that bind one side. `policies`: from the root down; FullAWSAccess left out.

    `state`: a key of the looks; `words`: what they do to the edge.
    """

    state: str
    words: str
    policies: Sequence[AttachedPolicy]


def edge_panel(page: ConnectionPage, key: str) -> dict[str, Any] | None:
    """Return what the panel and the page of an edge show; None: there is no such edge then."""
    edge = edge_of(page.viewer, connection=page.connection, key=key, as_of=page.as_of)
    return None if edge is None else panel_of(page, edge)


def panel_of(page: ConnectionPage, edge: TrustEdge) -> dict[str, Any]:
    """Return what the panel shows of an edge."""
    names = names_of([edge])
    found = findings_of_edges(
        page.viewer, connection=page.connection, keys=[edge.key], as_of=page.as_of
    ).get(edge.key, [])
    worst = severities_of(found)
    first = edge_history(page.viewer, connection=page.connection, key=edge.key).last()
    weak = weak_texts(guards=edge.guards, principal_id=edge.principal_id, has_finding=bool(found))
    return {
        "edge": edge,
        "title": Crossing(edge.crossing).label,
        "sentence": edge_sentence(edge, names),
        "source": edge_source(edge, names),
        "target": edge_target(edge, names),
        "state": state_words(edge),
        "state_look": state_look_of(edge, worst),
        "severity": worst,
        "first_seen": first.seen_from if first is not None else edge.seen_from,
        "findings": [_finding(page, one, edge) for one in sorted(found, key=lambda one: one.code)],
        "guards": [_guard(one) for one in edge.guards],
        "holding": sum(bool(one.get("holds")) for one in edge.guards),
        "controls": _controls(page, edge, names),
        "contract": contract_of_panel(page, edge),
        "blocked_words": _blocked_words(edge),
        "witness": _witness(page, edge),
        "policy": marked_statement(edge.content.text, edge.statement, weak=weak)
        if edge.content
        else None,
        "policy_title": "Trust policy"
        if edge.source == TrustEdge.Source.TRUST_POLICY
        else "Resource policy",
        "permissions": identity_side(page, edge),
        "links": _links(page, edge),
        "page_href": reverse(
            "trust-edge", kwargs={"slug": page.connection.slug, "edge_key": edge.key}
        ),
    }


def _finding(page: ConnectionPage, finding: TrustFinding, edge: TrustEdge) -> dict[str, Any]:
    remedy: Mapping[str, Any] = finding.remedy or {}
    written = remedy.get("statement") or remedy.get("condition")
    return {
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "fix": remedy.get("text", ""),
        "written": json.dumps(written, indent=2, ensure_ascii=False) if written else "",
        # Of what is collected now: a finding that is over has no draft.
        "fix_href": reverse(
            "trust-fix", kwargs={"slug": page.connection.slug, "trust_finding_key": finding.key}
        )
        if finding.seen_until is None
        and (
            may_be_drafted(finding)
            or may_be_closed(finding)
            or may_be_closed_by_callers(finding, edge)
        )
        else "",
    }


def _guard(guard: Mapping[str, Any]) -> ShownGuard:
    return ShownGuard(
        label=GUARD_LABELS.get(guard["kind"], guard["kind"]),
        key=guard.get("key", ""),
        operator=guard.get("operator", ""),
        values=guard.get("values") or [],
        holds=bool(guard.get("holds")),
        leaves_open=guard.get("leaves_open", ""),
    )


def _blocked_words(edge: TrustEdge) -> str:
    if edge.state == TrustEdge.EdgeState.BLOCKED:
        return state_words(edge).removeprefix("Blocked ").capitalize() or "Yes"
    return "Undecided" if edge.state == TrustEdge.EdgeState.UNDECIDED else "No"


def _controls(page: ConnectionPage, edge: TrustEdge, names: Mapping[str, str]) -> list[ControlLine]:
    """Say what the caller's SCPs and the resource's RCPs do to an edge."""
    sides = []
    if edge.principal_account_id in names:
        sides.append((edge.principal_account_id, SCP))
    sides.append((edge.account_id, RCP))
    by = (edge.blocked_by or {}).get("by", "").upper()
    lines = []
    for account_id, kind in sides:
        chain = levels(
            page.viewer, connection=page.connection, target_id=account_id, as_of=page.as_of
        )
        attached = [
            policy
            for level in chain
            for policy in level.policies
            if policy.type == kind and not policy.is_default
        ]
        code, name = policy_type(kind).code, names.get(account_id, account_id)
        s = "s" if len(attached) == 1 else ""
        count = f"{len(attached):,} {code}{'' if s else 's'} on {name}"
        if by == kind:
            state, words = "trust_blocked", f"{count} block{s} it"
        elif edge.state == TrustEdge.EdgeState.UNDECIDED:
            state, words = "undecided", f"{count}: undecided"
        elif not attached:
            state, words = "exempt", f"No {code} on {name}"
        else:
            state, words = "effect", f"{count} allow{s} it"
        lines.append(ControlLine(state, words, attached))
    return lines


def _witness(page: ConnectionPage, edge: TrustEdge) -> dict[str, Any] | None:
    request: Mapping[str, Any] | None = edge.witness
    if not request:
        return None
    principal = request.get("principal", "")
    if isinstance(principal, dict):
        principal = principal.get("arn") or principal.get("id") or ""
    context: Mapping[str, Any] = request.get("context") or {}
    pairs = [
        (key, tuple(map(str, value)) if isinstance(value, list) else (str(value),))
        for key, value in context.items()
        if value is not None
    ]
    action = str(request.get("action", ""))
    resource = str(request.get("resource", "*"))
    question = Question(
        principal=str(principal),
        action=action,
        resource=resource,
        resource_account_id=edge.account_id,
        context=tuple(pairs),
    )
    as_of = page.as_of.isoformat() if page.as_of else ""
    return {
        "principal": principal,
        "action": action,
        "resource": resource,
        "context": [(key, ", ".join(values)) for key, values in pairs],
        "href": f"{reverse('why-denied', kwargs={'slug': page.connection.slug})}"
        f"?{query_of(question, as_of=as_of)}",
    }


def _links(page: ConnectionPage, edge: TrustEdge) -> dict[str, str]:
    """Return the addresses of both ends, empty where there is no page of one."""
    slug = page.connection.slug
    query = f"?as_of={page.as_of:%Y-%m-%dT%H:%M:%SZ}" if page.as_of else ""
    is_role = edge.service == "iam" and ":role/" in edge.resource_arn
    links = {
        "target": reverse("principal", kwargs={"slug": slug, "arn": edge.resource_arn}) + query
        if is_role
        else reverse("resource-policy", kwargs={"slug": slug, "resource_arn": edge.resource_arn})
        + query,
        "source": "",
        "who_can": "",
    }
    is_inside = getattr(edge, "principal_account_name", None) is not None
    if is_inside and edge.principal_kind in _NAMED:
        links["source"] = (
            reverse("principal", kwargs={"slug": slug, "arn": edge.principal_id}) + query
        )
    elif is_inside:
        named = {"slug": slug, "account_id": edge.principal_account_id}
        links["source"] = reverse("account", kwargs=named) + query
        if edge.actions and "*" not in edge.actions[0]:
            links["who_can"] = who_can_href(
                slug,
                as_of_text=page.request.GET.get("as_of", ""),
                action=edge.actions[0],
                resource=edge.resource_arn,
                under=edge.principal_account_id,
            )
    return links


def title_of(edge: TrustEdge) -> str:
    """Return a short title of an edge: whom into what."""
    names = names_of([edge])
    source = edge_source(edge, names)
    who = last_part(edge.principal_id) if edge.principal_kind in _NAMED else source.name
    return f"{who} to {edge.resource_name}"
