"""Detections: the list of what rules found in the logs, and one with its timeline."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.access.owners.targets import target_tree
from governance.detections.closing import CannotCloseDetection, detections_close
from governance.detections.judgeable import read_for_rules
from governance.detections.models import Detection
from governance.detections.naming import policy_names, subject_name
from governance.detections.rules.document import SUBJECT_LABELS, DetectionSubjectKind
from governance.detections.selectors import detection_find, detections, visible_evidence
from governance.detections.shown import OUTSIDE, DetectionsShown, VisibleDetection
from governance.detections.written_rules import rule_in_force
from governance.drift.explaining import actor_words
from governance.filtering.detections import DetectionFilters
from governance.web.findings.detection_evidence import (
    account_names,
    evidence_lines,
    unknown_words,
)
from governance.web.findings.frame import FindingScreen
from governance.web.parts.bulk import BulkButton
from governance.web.parts.keyset import KeysetListPage
from governance.web.parts.lists import Column
from governance.web.parts.markup import sentence
from governance.web.parts.pages import Crumb, Tab
from governance.web.parts.targets import page_href

_EVENTS_SHOWN = 200


class DetectionRow:
    """A detection in words. `names`: of accounts, as far as they are shown, and of policies."""

    def __init__(
        self, detection: Detection, shown: VisibleDetection, slug: str, names: dict[str, str]
    ) -> None:
        self.detection = detection
        self.shown = shown
        self.pk = detection.pk
        self.href = reverse("detection", kwargs={"slug": slug, "detection_id": detection.pk})
        self.subject = subject_name(shown.subject_id, names) or OUTSIDE
        kind = DetectionSubjectKind(detection.subject_kind)
        self.subject_kind = SUBJECT_LABELS[kind]
        is_who_shown = shown.principal == detection.principal
        self.who = actor_words({"principal": shown.principal}) if is_who_shown else OUTSIDE
        if shown.principal in names:
            self.who = f"account {names[shown.principal]}"
        self.account = names.get(shown.account_id, shown.account_id)
        # Who may not see the account is shown no id of it, and no link.
        self.account_id = shown.account_id if shown.account_id in names else ""
        is_known = shown.subject_id.isdecimal() and shown.subject_id in names
        self.subject_href = page_href(slug, shown.subject_id) if is_known else ""
        if kind is DetectionSubjectKind.POLICY and shown.subject_id in names:
            self.subject_href = reverse(
                "policy", kwargs={"slug": slug, "policy_id": shown.subject_id}
            )


def _policy_names(page: FindingScreen, rows: Sequence[Detection]) -> Mapping[str, str]:
    """Return the names of policies, where detections are about any."""
    kinds = {row.subject_kind for row in rows}
    return policy_names(page.connection) if DetectionSubjectKind.POLICY in kinds else {}


class DetectionsPage(FindingScreen, KeysetListPage):
    """What rules found in the logs, the newest first."""

    required_right = rights.VIEW_FINDINGS
    template_name = "governance/findings/detections.html"
    filterset_class = DetectionFilters
    row_template = "governance/findings/detection_row.html"
    default_sort = "-last"
    page_size = 25
    search_label = "Detection or principal"
    export_name = "detections"
    row_noun = "detection,detections"
    empty_title = "Nothing detected"
    empty_text = "No rule found anything in the logs that were read."
    page_title = "Detections"
    tab = "detection"
    columns = (
        Column("id", "", (), lambda row: row.pk, hidden=True),
        Column(
            "severity", "Severity", ("severity_rank", "last_at"), lambda row: row.detection.severity
        ),
        Column("title", "Detection", ("title", "last_at"), lambda row: row.detection.title),
        Column("rule", "", (), lambda row: row.detection.rule_id, hidden=True),
        Column("subject", "Subject", (), lambda row: row.shown.subject_id),
        Column("principal", "Who did it", (), lambda row: row.shown.principal),
        Column("account_id", "", (), lambda row: row.shown.account_id, hidden=True),
        Column(
            "count", "Calls", ("count", "last_at"), lambda row: row.detection.count, numeric=True
        ),
        Column("first_at", "", (), lambda row: row.detection.first_at, hidden=True),
        Column("last", "Last seen", ("last_at",), lambda row: row.detection.last_at, numeric=True),
        Column(
            "state",
            "State",
            ("closed_as", "last_at"),
            lambda row: row.detection.closed_as or "open",
        ),
    )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the list, or a file of it."""
        return super().get(request, *args, **kwargs)

    def get_rows(self) -> "QuerySet[Any]":
        """Return the detections that this person may see."""
        return detections(self.viewer, connection=self.connection)

    def bulk_buttons(self) -> Sequence[BulkButton]:
        """Return what can be done to many detections."""
        if not self.may(rights.WORK_ON_FINDINGS, None):
            return []
        return [BulkButton("Close", "check", self.href("detections-close"))]

    def enrich(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Put detections into words."""
        names = {one.target_id: one.name for one in target_tree(self.connection).by_id.values()}
        names |= _policy_names(self, rows)
        shown = DetectionsShown(self.viewer, self.connection)
        return [DetectionRow(row, shown.of(row), self.connection.slug, names) for row in rows]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add whether logs are read at all."""
        return super().get_context_data(read=read_for_rules(self.connection), **kwargs)


class DetectionPage(FindingScreen):
    """One detection: why it matters, its events as a timeline, what to do; takes its closing."""

    required_right = rights.VIEW_FINDINGS
    post_right = rights.WORK_ON_FINDINGS
    template_name = "governance/findings/detection.html"
    detection: Detection

    def begin(self) -> None:
        """Find the detection.

        :raises Http404: there is none of this number that this person may see.
        """
        super().begin()
        number = self.kwargs["detection_id"]
        found = detection_find(self.viewer, connection=self.connection, detection_id=number)
        if found is None:
            raise Http404(f"There is no detection {number} here.")
        self.detection = found

    def get_title(self) -> str:
        """Return what was found."""
        return self.detection.title

    def get_tabs(self) -> Sequence[Tab]:
        """Show none: this is one detection."""
        return []

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the lists above."""
        return [
            Crumb("Findings", self.href("findings")),
            Crumb("Detections", self.href("detections")),
            Crumb(self.get_title()),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add rule, events and what can be done."""
        detection = self.detection
        names = {**account_names(self, detection), **_policy_names(self, [detection])}
        shown = visible_evidence(self.viewer, detection, most=_EVENTS_SHOWN)
        rule = rule_in_force(self.connection, detection.rule_id)
        facts = DetectionsShown(self.viewer, self.connection).of(detection)
        account_id = facts.subject_account_id or facts.account_id
        return super().get_context_data(
            detection=detection,
            rule=rule.document if rule else None,
            row=DetectionRow(detection, facts, self.connection.slug, names),
            lines=evidence_lines(shown.rows, names),
            hidden=shown.hidden,
            unknown=unknown_words(detection),
            account_id=account_id,
            account_name=names.get(account_id, account_id),
            closings=Detection.DetectionClosing.choices,
            may_close=detection.closed_at is None
            and self.may(rights.WORK_ON_FINDINGS, account_id or ""),
            may_contain=detection.closed_at is None
            and bool(account_id)
            and self.may(rights.EMERGENCY_CHANGE, None),
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Close the detection."""
        try:
            detections_close(
                by=self.by,
                viewer=self.viewer,
                connection=self.connection,
                detection_ids=[self.detection.pk],
                closed_as=request.POST.get("closed_as", ""),
                reason=request.POST.get("reason", ""),
                now=self.now,
            )
        except (CannotCloseDetection, MayNot) as error:
            messages.error(request, sentence(error))
        else:
            messages.success(request, "Detection closed.")
        return HttpResponseRedirect(self.href("detection", detection_id=self.detection.pk))
