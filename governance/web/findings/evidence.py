"""What each source has to show of a finding, for the panel and the page."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from django.urls import reverse
from django.utils.http import urlencode

from governance.access import rights
from governance.baseline.guardrails.definitions import guardrail_in_force
from governance.baseline.guardrails.selectors import guardrail_results
from governance.drift.models import DriftItem
from governance.drift.resolving import is_structural
from governance.drift.selectors import drift_find
from governance.drift.weighing import MOST_NAMED
from governance.inbox.models import InboxItem
from governance.inbox.shown import VisibleFinding
from governance.posture.findings.structure import ready_findings
from governance.posture.trust.closing import may_be_closed
from governance.posture.trust.drafting import may_be_drafted
from governance.posture.trust.models import TrustFinding
from governance.web.findings.actor import trust_actor, unexplained
from governance.web.findings.detection_evidence import detection_evidence
from governance.web.findings.frame import FindingScreen
from governance.web.findings.links import FindingLink, PrimaryAct
from governance.web.findings.sides import side_lines
from governance.web.findings.trust_compared import (
    TrustComparisons,
    compared_in,
    trust_comparisons,
)
from governance.web.parts.actors import actor_of
from inventory.selectors.hierarchy import accounts
from inventory.viewing import sees_whole, targets_seen, visible

_ACCOUNTS_SHOWN: Final = 12
_ACCOUNTS_TEMPLATE: Final = "governance/findings/accounts_evidence.html"
_COMPARED_TEMPLATE: Final = "governance/findings/trust_compared.html"
_EXCEPT_NOTE: Final = "Exceptions are approved by someone else and end on their last day."
Effect = DriftItem.DriftEffect


Evidence = Callable[[FindingScreen, InboxItem], dict[str, Any]]


def evidence_of(page: FindingScreen, item: InboxItem, seen: VisibleFinding) -> dict[str, Any]:
    """Return what the source of a finding has to show of it. `seen`: how much of it is seen."""
    shown = {"links": (), "actor": None, **_EVIDENCE[item.source](page, item)}
    if not seen.is_whole:
        shown |= _accounts_seen(page, item)
    if not (shown["actor"] or shown.get("change_number") or shown.get("has_own_actor")):
        shown |= unexplained(page, item)
    return shown


def _structure(page: FindingScreen, item: InboxItem) -> dict[str, Any]:
    report = ready_findings(page.viewer, connection=page.connection)
    found = report.finding(item.source_key) if report is not None else None
    if found is None:
        return {}
    named = {"slug": page.connection.slug, "finding_key": item.source_key}
    return {
        **_compared(compared_in(found, page.viewer, connection=page.connection, as_of=None)),
        "measured": [(one.label, one.value) for one in found.measured],
        "places": len(found.places),
        "links": (FindingLink("Evidence and places", reverse("finding", kwargs=named)),),
    }


def _compared(compared: TrustComparisons | None) -> dict[str, Any]:
    """Return trust policies laid side by side, as the panel shows them; nothing without any."""
    return {"compared": compared, "evidence_template": _COMPARED_TEMPLATE} if compared else {}


def _accounts_seen(page: FindingScreen, item: InboxItem) -> dict[str, Any]:
    """Return the accounts of a finding that are seen, where it concerns others too."""
    if item.source == InboxItem.Source.GUARDRAIL or not item.account_ids:
        return {}
    rows = accounts(page.viewer, connection=page.connection)
    rows = rows.filter(account_id__in=item.account_ids).order_by("name", "account_id")
    named = list(rows.values_list("account_id", "name")[: _ACCOUNTS_SHOWN + 1])
    slug = page.connection.slug
    return {
        "evidence_template": _ACCOUNTS_TEMPLATE,
        "named_accounts": [
            (name, reverse("account", kwargs={"slug": slug, "account_id": account_id}))
            for account_id, name in named[:_ACCOUNTS_SHOWN]
        ],
        "more_accounts": len(named) > _ACCOUNTS_SHOWN,
    }


def _trust(page: FindingScreen, item: InboxItem) -> dict[str, Any]:
    rows = visible(TrustFinding.objects.all(), page.viewer).filter(
        connection=page.connection, key=item.source_key
    )
    found = rows.order_by("-seen_from").first()
    if found is None:
        return {}
    alike_arn = str(found.evidence.get("alike_arn", ""))
    return {
        **_compared(
            trust_comparisons(
                page.viewer,
                connection=page.connection,
                majority_arn=alike_arn,
                other_arns=[item.target_id] if alike_arn else [],
                as_of=None,
            )
        ),
        "message": found.message,
        "actor": trust_actor(page, item),
        "subject_arn": item.target_id if item.target_id.startswith("arn:") else "",
        "links": (*_fix_links(page, found), *_edge_links(page, found.edge_key)),
    }


def _fix_links(page: FindingScreen, finding: TrustFinding) -> tuple[FindingLink, ...]:
    drafts = may_be_drafted(finding) or may_be_closed(finding)
    if finding.seen_until is not None or not drafts:
        return ()
    named = {"slug": page.connection.slug, "trust_finding_key": finding.key}
    return (FindingLink("Policy that fixes it", reverse("trust-fix", kwargs=named)),)


def _edge_links(page: FindingScreen, edge_key: str) -> tuple[FindingLink, ...]:
    if not edge_key:
        return ()
    named = {"slug": page.connection.slug, "edge_key": edge_key}
    return (FindingLink("Edge, guards and both policies", reverse("trust-edge", kwargs=named)),)


def _guardrail(page: FindingScreen, item: InboxItem) -> dict[str, Any]:
    guardrail_id = str(item.detail.get("guardrail_id", ""))
    guardrail = guardrail_in_force(page.connection, guardrail_id)
    slug = page.connection.slug
    if guardrail is None:
        return {}
    results = guardrail_results(
        page.viewer,
        connection=page.connection,
        guardrail_id=guardrail_id,
        outcomes=[str(item.detail.get("outcome", ""))],
    ).filter(account_id__any_of=list(item.account_ids))
    shown = list(results.order_by("account_id")[: _ACCOUNTS_SHOWN + 1])
    href = reverse("guardrail", kwargs={"slug": slug, "guardrail_id": guardrail_id})
    return {
        "message": guardrail.document.why,
        "evidence_template": _ACCOUNTS_TEMPLATE,
        "named_accounts": [
            (
                one.account_name or one.account_id,
                reverse(
                    "guardrail-cell",
                    kwargs={
                        "slug": slug,
                        "guardrail_id": guardrail_id,
                        "account_id": one.account_id,
                    },
                ),
            )
            for one in shown[:_ACCOUNTS_SHOWN]
        ],
        "more_accounts": len(shown) > _ACCOUNTS_SHOWN,
        "more_accounts_where": ", on the guardrail's page",
        "some_unread": not item.detail.get("is_whole"),
        "primary": _except_act(page, item, guardrail_id),
        "primary_note": _EXCEPT_NOTE if page.may(rights.ASK_EXCEPTION, None) else "",
        "links": (FindingLink("Guardrail, remedy and history", href),),
    }


def _except_act(page: FindingScreen, item: InboxItem, guardrail_id: str) -> PrimaryAct | None:
    """Return the way to ask for an exception where the guardrail fails, of what is seen there."""
    if item.state == InboxItem.State.RESOLVED:
        return None
    seen = targets_seen(page.viewer, page.connection)
    accounts = [one for one in item.account_ids if seen.holds_account(one)]
    # Of many accounts their OU: the form has room for both.
    if len(accounts) > _ACCOUNTS_SHOWN and seen.holds_wholly(item.target_id):
        accounts = [item.target_id]
    return _asked_exception(page, guardrail_id, accounts)


def _asked_exception(
    page: FindingScreen, guardrail_id: str, target_ids: Sequence[str]
) -> PrimaryAct | None:
    """Return the way to ask for an exception at some targets, None without the right."""
    if not page.may(rights.ASK_EXCEPTION, None):
        return None
    asked = [("guardrail_id", guardrail_id), ("targets", ", ".join(target_ids))]
    ask = reverse("exception-ask", kwargs={"slug": page.connection.slug})
    return PrimaryAct("Except", f"{ask}?{urlencode(asked)}", "hourglass")


def _landing_zone(page: FindingScreen, item: InboxItem) -> dict[str, Any]:
    # What it follows from names other accounts.
    because = (
        str(item.detail.get("because", "")) if sees_whole(page.viewer, page.connection) else ""
    )
    href = reverse("landing-zone", kwargs={"slug": page.connection.slug})
    return {
        "message": because[:1].upper() + because[1:],
        "links": (FindingLink("Landing zone, evidence and core accounts", href),),
    }


def _drift(page: FindingScreen, item: InboxItem) -> dict[str, Any]:
    number = item.detail.get("drift_id")
    drift = drift_find(page.viewer, connection=page.connection, item_id=int(number or 0))
    if drift is None:
        return {}
    primary, note = _drift_act(page, item, drift)
    detail = drift.effect_detail
    return {
        "evidence_template": "governance/findings/drift_evidence.html",
        "drift": drift,
        "primary": primary,
        "primary_note": note,
        "sides": side_lines(
            drift.desired, drift.collected, opens=drift.effect in (Effect.ALLOWS, Effect.BOTH)
        ),
        "effect_lines": _effect_lines(detail, drift),
        "examples": _examples(detail.get("examples") or ()),
        "actor": actor_of(drift.explained_by) if drift.explained_by else None,
        "change_number": (drift.explained_by or {}).get("change_number"),
        "links": _edge_links(page, str((drift.collected or {}).get("edge_key") or ""))
        if drift.kind == DriftItem.Kind.TRUST_OUTSIDE_CONTRACT
        else (),
    }


def _drift_act(
    page: FindingScreen, item: InboxItem, drift: DriftItem
) -> tuple[PrimaryAct | None, str]:
    """Return the usual way to put an open item right, and what that does; nothing elsewhere."""
    slug = page.connection.slug
    if drift.state != DriftItem.State.OPEN:
        return None, ""
    if drift.kind == DriftItem.Kind.GUARDRAIL_FAILS:
        found = (drift.collected or {}).get("accounts", ())
        named = [str(one["account_id"]) for one in found]
        whole = (drift.collected or {}).get("count") == len(named)
        targets = named if whole and len(named) <= _ACCOUNTS_SHOWN else [drift.place_id]
        asks = _asked_exception(page, drift.target_id, targets)
        return asks, _EXCEPT_NOTE if asks else ""
    if drift.kind == DriftItem.Kind.TRUST_OUTSIDE_CONTRACT:
        edge_key = (drift.collected or {}).get("edge_key")
        if not edge_key or not page.may(rights.DECLARE_CONTRACT, None):
            return None, ""
        declare = reverse("contract-declare", kwargs={"slug": slug})
        act = PrimaryAct("Declare a contract", f"{declare}?edge={edge_key}", "file-certificate")
        return act, "Owners of the target approve contracts."
    if not is_structural(drift) or not page.may(rights.PROPOSE_CHANGE, None):
        return None, ""
    act_href = reverse("finding-act", kwargs={"slug": slug})
    reach = f"{drift.accounts:,} {'account' if drift.accounts == 1 else 'accounts'}"
    label = f"Revert for {reach}" if drift.accounts else "Revert"
    asked = urlencode([("act", "revert"), ("item", str(item.pk))])
    revert = PrimaryAct(label, f"{act_href}?{asked}", "arrow-back-up")
    return revert, "Revert drafts a change request. AWS changes only after approval."


def _effect_lines(detail: Mapping[str, Any], drift: DriftItem) -> list[tuple[str, str, str]]:
    """Return icon, what, and a note for each thing that drift does to permissions."""
    found = []
    for name, icon, words, places in (
        ("allowed_actions", "circle-plus", "Newly allowed", "allows_in"),
        ("denied_actions", "circle-minus", "Newly denied", "denies_in"),
        ("undecided_actions", "help-circle", "Undecided", ""),
    ):
        count = int(detail.get(name) or 0)
        named = len(detail.get(places) or ())
        accounts = int(detail.get(f"{places}_accounts") or named)
        # Drift that was found before all were counted names the first of them.
        at_least = "at least " if accounts == named == MOST_NAMED else ""
        noun = "account" if accounts == 1 else "accounts"
        where = f" in {at_least}{accounts:,} {noun}" if accounts else ""
        if count:
            actions = f"{count:,} {'action' if count == 1 else 'actions'}"
            found.append((icon, words, f"{actions}{where}"))
        elif accounts:
            found.append((icon, words, f"Only unknown actions,{where}"))
    if detail.get("problem"):
        found.append(("help-circle", "Not decided", str(detail["problem"])))
    if not found:
        said = drift.get_effect_display()
        found.append(("check", str(said), "No request changes."))
    return found


def _examples(examples: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "principal": one.get("principal", ""),
            "action": one.get("action", ""),
            "resource": one.get("resource", ""),
            "account": one.get("account_name") or one.get("account_id", ""),
            "context": [
                (key, ", ".join(map(str, values)))
                for key, values in (one.get("context") or {}).items()
            ],
            "said": "Allowed now, denied as agreed"
            if one.get("effect") == Effect.ALLOWS
            else "Denied now, allowed as agreed",
        }
        for one in examples
    ][:2]


_EVIDENCE: Final[dict[str, Evidence]] = {
    InboxItem.Source.STRUCTURE: _structure,
    InboxItem.Source.TRUST: _trust,
    InboxItem.Source.GUARDRAIL: _guardrail,
    InboxItem.Source.DRIFT: _drift,
    InboxItem.Source.LANDING_ZONE: _landing_zone,
    InboxItem.Source.DETECTION: detection_evidence,
}
