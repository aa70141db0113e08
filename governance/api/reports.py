"""/reports: what is known of a subtree, made once, as JSON and as OSCAL assessment results."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.api.parts.endpoints import DetailEndpoint, OrganizationEndpoint
from governance.api.parts.jobs import JobDetail, JobRepresentation, answer_or_queue, answers_of
from governance.api.parts.list_endpoint import by
from governance.api.parts.pagination import page_of, page_request
from governance.api.parts.problems import NOT_READY, PERMISSION_DENIED, Problem
from governance.api.parts.representations import BodyRepresentation, Representation, read_body
from governance.jobs.life import job_find
from governance.jobs.models import Job
from governance.presentation.report_oscal import oscal_results
from governance.presentation.report_text import report_document
from governance.reports.making import NoSuchSubtree, report_request, reports_made
from governance.reports.models import SubtreeReport

_TOPIC = "Reports"


class NewReportRepresentation(BodyRepresentation):
    """What a report is to be about."""

    target_id = serializers.CharField(
        max_length=68, help_text="The root, an OU or an account, with all below it."
    )


class ReportRepresentation(JobRepresentation):
    """A report, and what it says once it is complete."""

    target_id = serializers.CharField()
    result = serializers.JSONField(
        allow_null=True, help_text="What the report says; see docs/guardrails.md."
    )


class ReportSummaryRepresentation(JobRepresentation):
    """A report, without what it says."""

    target_id = serializers.CharField()
    requested_by = serializers.CharField(help_text="The name of who asked for it.")


class ReportPageRepresentation(Representation):
    """A page of reports."""

    results = ReportSummaryRepresentation(many=True)
    next = serializers.URLField(allow_null=True)


class OscalRepresentation(Representation):
    """OSCAL's own document."""

    def get_fields(self) -> dict[str, "serializers.Field[Any, Any, Any, Any]"]:
        """Return the one member, by the name that OSCAL has for it."""
        said = "OSCAL 1.1.2 assessment results, as NIST's schema describes them."
        return {"assessment-results": serializers.JSONField(help_text=said)}


class ReportDetail(JobDetail):
    """One report."""

    topic = _TOPIC
    rights = {"GET": rights.MAKE_REPORT}
    representation = ReportRepresentation
    job_model = SubtreeReport
    job_noun = "report"
    job_route = "report"

    @classmethod
    def members(cls, job: Any) -> Mapping[str, Any]:
        """Return what the report is about, and what it says."""
        return {
            "target_id": job.target_id,
            "result": None if job.result is None else report_document(job.result),
        }

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get a report: how far it is, and what it says once it is complete."""
        return self.answer_with_job()


class ReportOscal(DetailEndpoint):
    """One report as OSCAL assessment results."""

    topic = _TOPIC
    rights = {"GET": rights.MAKE_REPORT}
    representation = OscalRepresentation
    takes_as_of = False

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get a report as OSCAL assessment results, version 1.1.2."""
        job_id = self.kwargs["job_id"]
        job = job_find(
            SubtreeReport, self.viewer, connection=self.connection, job_id=job_id, now=self.now
        )
        if job is None or job.state == Job.State.FAILED:
            raise self.missing(f"report {job_id}")
        if job.result is None:
            raise Problem(NOT_READY, "the report is being made", wait=2)
        return self.answer(oscal_results(job.pk, job.result))


class ReportList(OrganizationEndpoint):
    """Reports."""

    topic = _TOPIC
    rights = {"GET": rights.MAKE_REPORT, "POST": rights.MAKE_REPORT}
    representation = ReportSummaryRepresentation
    page_representation = ReportPageRepresentation
    takes = NewReportRepresentation
    answers = {202: answers_of(ReportRepresentation, "")[202]}
    queryset = SubtreeReport.objects.none()
    orderings = {"requested_at": by("requested_at", "pk")}
    usual_ordering = "-requested_at"

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        return super().parameters() | {"limit", "cursor", "ordering"}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the reports of who sees the same part of the organization, the newest first."""
        asked = page_request(request, self.orderings, usual=self.usual_ordering)
        rows = reports_made(self.viewer, connection=self.connection, now=self.now)
        page = page_of(rows.order_by(), asked)
        only = self.only()
        return self.respond_with(page, [self._summary(one, only) for one in page.rows])

    def _summary(self, job: SubtreeReport, only: set[str] | None) -> dict[str, Any]:
        """Return what is shown of a report, or those of its fields that were asked for."""
        asker = job.requested_by.get_username()
        serialized = ReportDetail.serialized_state(self, job)
        whole = {**serialized, "target_id": job.target_id, "requested_by": asker}
        return whole if only is None else {name: whole[name] for name in whole if name in only}

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Make a report of the root, an OU or an account with all below it.

        It says what you may see there, and that there is more if there is. Answers 202 with the
        address of the report, which stays for a week.
        """
        target_id = read_body(NewReportRepresentation, request)["target_id"]

        def queue() -> Job:
            return report_request(
                by=self.by,
                viewer=self.viewer,
                connection=self.connection,
                target_id=target_id,
                now=self.now,
            )

        try:
            return answer_or_queue(self, request, ReportDetail, at_once=lambda: None, queue=queue)
        except NoSuchSubtree as error:
            raise ValidationError({"target_id": [str(error)]}) from error
        except MayNot as error:
            raise Problem(PERMISSION_DENIED, str(error)) from error
