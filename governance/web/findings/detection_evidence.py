"""The events that show a detection, as its page and the panel of its finding list them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.urls import reverse

from governance.detections.models import Detection, DetectionEvidence
from governance.detections.rules.predicate_names import PREDICATES
from governance.detections.selectors import detection_find, visible_evidence
from governance.detections.written_rules import rule_in_force
from governance.drift.explaining import actor_words
from governance.inbox.models import InboxItem
from governance.web.findings.frame import FindingScreen
from governance.web.findings.links import FindingLink, PrimaryAct
from inventory.cloudtrail.origin import SURFACE_LABELS, CallSurface, call_origin
from inventory.models import Account
from inventory.viewing import visible

_IN_PANEL: Final = 8


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """One event. `origin`: from where and by what; `text`: the record as JSON, empty: not stored.

    `until`: of a day's count, when the last call of it was; None: one event.
    """

    at: datetime
    until: datetime | None
    call: str
    who: str
    principal: str
    account: str
    account_id: str
    region: str
    origin: str
    issuer: str
    outcome: str
    count: int
    event_id: str
    text: str


def evidence_lines(rows: Iterable[DetectionEvidence], names: dict[str, str]) -> list[EvidenceLine]:
    """Return evidence as screens show it. `names`: of accounts."""
    return [_line(row, names) for row in rows]


def _line(row: DetectionEvidence, names: dict[str, str]) -> EvidenceLine:
    record = row.content or {}
    is_event = bool(row.event_source)
    origin = call_origin(record) if is_event and record else None
    parts: list[str] = []
    if origin is not None:
        if origin.surface is not CallSurface.UNKNOWN:
            parts.append(SURFACE_LABELS[origin.surface])
        parts.append(origin.address)
        if origin.mfa is not None:
            parts.append("with MFA" if origin.mfa else "without MFA")
    service = row.event_source.partition(".")[0]
    session = "" if origin is None else origin.session or origin.source_identity
    return EvidenceLine(
        at=row.at,
        until=None if is_event else row.last_at,
        call=f"{service}:{row.event_name}" if is_event else row.event_name,
        who=actor_words({"principal": row.principal, "session": session}),
        principal=row.principal,
        account=names.get(row.account_id, row.account_id),
        account_id=row.account_id,
        region=row.region,
        origin=", ".join(part for part in parts if part),
        issuer="" if origin is None else origin.issuer,
        outcome=str(record.get("errorCode") or "") if is_event else "",
        count=row.count,
        event_id=row.key if is_event else "",
        text=json.dumps(record, indent=2, ensure_ascii=False) if record else "",
    )


def unknown_words(detection: Detection) -> list[str]:
    """Return what could not be decided of a detection, in sentences."""
    return [
        f"{PREDICATES[name].means} Not known: {PREDICATES[name].unknown}"
        for name in detection.unknown
        if name in PREDICATES
    ]


def account_names(page: FindingScreen, detection: Detection) -> dict[str, str]:
    """Return the names of the accounts that a detection names, as far as the viewer sees them."""
    ids = {detection.account_id, detection.subject_account_id}
    ids |= set(detection.evidence.values_list("account_id", flat=True).distinct())
    rows = visible(Account.objects.all(), page.viewer).filter(
        connection=page.connection, account_id__in=sorted(ids - {""})
    )
    return dict(rows.order_by("seen_from").values_list("account_id", "name"))


def detection_evidence(page: FindingScreen, item: InboxItem) -> dict[str, Any]:
    """Return what a finding shows of its newest detection."""
    number = item.detail.get("detection_id")
    detection = detection_find(
        page.viewer, connection=page.connection, detection_id=int(number or 0)
    )
    if detection is None:
        return {}
    slug = page.connection.slug
    href = reverse("detection", kwargs={"slug": slug, "detection_id": detection.pk})
    rule = rule_in_force(page.connection, detection.rule_id)
    shown = visible_evidence(page.viewer, detection, most=_IN_PANEL)
    links = [FindingLink("Detection, timeline and event records", href)]
    if rule is not None:
        named = {"slug": slug, "detection_rule_id": rule.id}
        links.append(FindingLink("Detection rule", reverse("detection-rule", kwargs=named)))
    return {
        "evidence_template": "governance/findings/detection_evidence.html",
        "message": rule.document.why if rule is not None else "",
        "primary": PrimaryAct("Open detection", href, "radar"),
        "detection": detection,
        "lines": evidence_lines(shown.rows, account_names(page, detection)),
        "hidden": shown.hidden,
        "unknown": unknown_words(detection),
        "actor": None,
        "has_own_actor": True,
        "links": tuple(links),
    }
