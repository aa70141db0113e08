"""Closing many detections at once."""

from collections.abc import Sequence
from typing import Any

from django import forms

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.detections.closing import CannotCloseDetection, detections_close
from governance.detections.models import Detection
from governance.detections.selectors import detections
from governance.web.findings.frame import FindingScreen
from governance.web.parts.ages import exact
from governance.web.parts.bulk import BulkActPage, BulkDone, ChosenRow, ReasonForm
from governance.web.parts.markup import counted
from governance.web.parts.pages import Crumb


class DetectionsCloseForm(ReasonForm):
    """What they were, and how somebody knows."""

    closed_as = forms.ChoiceField(label="What it was", choices=Detection.DetectionClosing.choices)
    field_order = ("closed_as", "reason")


class DetectionsClosePage(BulkActPage, FindingScreen):
    """Closes the chosen detections for one reason."""

    required_right = rights.VIEW_FINDINGS
    post_right = rights.WORK_ON_FINDINGS
    verb = "Close"
    noun = "detection,detections"
    effect = "They no longer count as open. One that is found again is open again."
    form_class = DetectionsCloseForm
    refusals = (CannotCloseDetection, MayNot)

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the lists above and this act."""
        return [
            Crumb("Findings", self.href("findings")),
            Crumb("Detections", self.back_href()),
            Crumb("Close"),
        ]

    def back_href(self) -> str:
        """Return the list."""
        return self.href("detections")

    def chosen(self, keys: Sequence[str]) -> Sequence[ChosenRow]:
        """Return the detections; those that are closed or lie elsewhere stay."""
        rows = detections(self.viewer, connection=self.connection).filter(pk__in=keys)
        return [
            ChosenRow(
                str(row.pk),
                row.title,
                f"Last seen {exact(row.last_at)}",
                self.href("detection", detection_id=row.pk),
                self._stays(row),
            )
            for row in rows.order_by("-last_at", "pk")
        ]

    def _stays(self, row: Detection) -> str:
        if row.closed_at is not None:
            return "it is closed"
        place = row.subject_account_id or row.account_id
        if not self.may(rights.WORK_ON_FINDINGS, place or ""):
            return "you may not work on findings where it happened"
        return ""

    def act(self, keys: Sequence[str], given: dict[str, Any]) -> BulkDone:
        """Close them."""
        closed = detections_close(
            by=self.by,
            viewer=self.viewer,
            connection=self.connection,
            detection_ids=[int(key) for key in keys],
            closed_as=given["closed_as"],
            reason=given["reason"],
            now=self.now,
        )
        return BulkDone(f"{counted(len(closed), self.noun)} closed.", self.back_href())
