"""/detections and /detection-rules: what rules found in the logs, and the rules."""

from functools import cached_property
from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.api.parts.endpoints import OrganizationEndpoint
from governance.api.parts.list_endpoint import by
from governance.api.parts.pagination import page_of, page_request
from governance.api.parts.problems import CONFLICT, NOT_FOUND, PERMISSION_DENIED, Problem
from governance.api.parts.representations import BodyRepresentation, Representation, read_body
from governance.detections.closing import (
    LONGEST_REASON,
    CannotCloseDetection,
    NoSuchDetection,
    detections_close,
)
from governance.detections.models import Detection
from governance.detections.selectors import (
    detection_find,
    detections,
    visible_evidence,
)
from governance.detections.shown import DetectionsShown, VisibleDetection
from governance.filtering.detections import DetectionFilters
from inventory.selectors.logs import reads_logs

_TOPIC = "Detections"


class DetectionSummaryRepresentation(Representation):
    """What a rule found about one subject within one window."""

    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    rule_id = serializers.CharField()
    title = serializers.CharField()
    severity = serializers.CharField(help_text="critical, high, medium or low, as the rule says.")
    topic = serializers.CharField()
    subject_kind = serializers.CharField(help_text="Such as account, policy, principal or role.")
    subject_id = serializers.SerializerMethodField(
        help_text="Empty: in an account outside your access."
    )
    account_id = serializers.SerializerMethodField(
        help_text="In which it happened; empty: not known, or outside your access."
    )
    principal = serializers.SerializerMethodField(
        help_text="Of the newest event; empty: not known, or it happened outside your access."
    )
    count = serializers.IntegerField(help_text="Calls.")
    first_at = serializers.DateTimeField()
    last_at = serializers.DateTimeField()
    raised_at = serializers.DateTimeField(help_text="When it was detected.")
    unknown = serializers.ListField(
        child=serializers.CharField(), help_text="Conditions that could not be decided."
    )
    closed_at = serializers.DateTimeField(allow_null=True)
    closed_as = serializers.CharField(help_text="handled, expected, false_alarm; empty: open.")
    closed_for = serializers.CharField(help_text="The reason; empty: open.")
    closed_by = serializers.SerializerMethodField(help_text="A username; null: open.")

    def get_url(self, detection: Detection) -> str:
        """Return the detection's address."""
        address: str = reverse(
            "api:detection",
            kwargs={"slug": self.context["slug"], "detection_id": detection.pk},
            request=self.context["request"],
        )
        return address

    def get_subject_id(self, detection: Detection) -> str:
        """Return what it is about."""
        return self._shown(detection).subject_id

    def get_account_id(self, detection: Detection) -> str:
        """Return where it happened."""
        return self._shown(detection).account_id

    def get_principal(self, detection: Detection) -> str:
        """Return who did it."""
        return self._shown(detection).principal

    def _shown(self, detection: Detection) -> VisibleDetection:
        facts: DetectionsShown = self.context["facts"]
        return facts.of(detection)

    def get_closed_by(self, detection: Detection) -> str | None:
        """Return who closed it."""
        return detection.closed_by.get_username() if detection.closed_by else None


class DetectionEvidenceRepresentation(Representation):
    """One event, or what was counted of a day."""

    event_id = serializers.CharField(source="key", help_text="CloudTrail's; of a count its name.")
    at = serializers.DateTimeField()
    last_at = serializers.DateTimeField()
    account_id = serializers.CharField()
    region = serializers.CharField()
    event_source = serializers.CharField(help_text="Empty: a day's count.")
    event_name = serializers.CharField(help_text="Of a count the action.")
    principal = serializers.CharField()
    count = serializers.IntegerField()
    content = serializers.JSONField(allow_null=True, help_text="The record; null: not stored here.")


class DetectionRepresentation(DetectionSummaryRepresentation):
    """One detection with its events."""

    evidence = serializers.SerializerMethodField(help_text="The newest 200, the oldest first.")
    hidden_evidence = serializers.SerializerMethodField(
        help_text="How many more: earlier, or in accounts you can't see."
    )

    @extend_schema_field(DetectionEvidenceRepresentation(many=True))
    def get_evidence(self, _detection: Detection) -> Any:
        """Return the events."""
        return DetectionEvidenceRepresentation(self.context["shown"].rows, many=True).data

    def get_hidden_evidence(self, _detection: Detection) -> int:
        """Return how many are not shown."""
        hidden: int = self.context["shown"].hidden
        return hidden


class DetectionPageRepresentation(Representation):
    """A page of detections."""

    results = DetectionSummaryRepresentation(many=True)
    next = serializers.URLField(allow_null=True)
    reads_logs = serializers.BooleanField(
        help_text="False: no logs are read, so what happened is not known."
    )


class DetectionCloseRepresentation(BodyRepresentation):
    """What a detection turned out to be."""

    closed_as = serializers.ChoiceField(choices=Detection.DetectionClosing.choices)
    reason = serializers.CharField(max_length=LONGEST_REASON)


class DetectionEndpoint(OrganizationEndpoint):
    """What the addresses of detections have in common."""

    topic = _TOPIC

    def find(self) -> Detection:
        """Return the detection of the address.

        :raises Problem: there is none that the asker may see.
        """
        number = self.kwargs["detection_id"]
        found = detection_find(self.viewer, connection=self.connection, detection_id=number)
        if found is None:
            raise self.missing(f"detection {number} that you may see")
        return found

    @cached_property
    def reads_logs(self) -> bool:
        """Whether logs of the organization are read."""
        return reads_logs(self.connection)

    def whole(self, detection: Detection) -> Any:
        """Return a detection with its evidence."""
        shown = visible_evidence(self.viewer, detection)
        return self.serialized(detection, slug=self.connection.slug, shown=shown, facts=self.facts)

    @cached_property
    def facts(self) -> DetectionsShown:
        """What is shown of detections."""
        return DetectionsShown(self.viewer, self.connection)


class DetectionList(DetectionEndpoint):
    """What rules found."""

    rights = {"GET": rights.VIEW_FINDINGS}
    representation = DetectionSummaryRepresentation
    page_representation = DetectionPageRepresentation
    filterset_class = DetectionFilters
    queryset = Detection.objects.none()
    orderings = {
        "last_at": by("last_at", "pk"),
        "severity": by("severity_rank", "last_at", "pk"),
        "title": by("title", "last_at", "pk"),
        "count": by("count", "last_at", "pk"),
        "state": by("closed_as", "last_at", "pk"),
    }
    usual_ordering = "-last_at"

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        names = {"limit", "cursor", "ordering", *DetectionFilters.base_filters}
        return super().parameters() | names

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List detections that you may see, the newest first; `state` left out: closed ones too."""
        asked = page_request(request, self.orderings, usual=self.usual_ordering)
        rows = detections(self.viewer, connection=self.connection).order_by()
        filters = DetectionFilters(request.query_params, queryset=rows, scope=self.scope)
        if not filters.is_valid():
            raise ValidationError(filters.errors)
        page = page_of(filters.qs, asked)
        return self.respond_with(
            page,
            self.serialized(page.rows, many=True, slug=self.connection.slug, facts=self.facts),
            reads_logs=self.reads_logs,
        )


class DetectionDetail(DetectionEndpoint):
    """One detection."""

    rights = {"GET": rights.VIEW_FINDINGS}
    representation = DetectionRepresentation

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get one detection with its events, the oldest first."""
        return self.answer(self.whole(self.find()))


class DetectionClose(DetectionEndpoint):
    """Closing a detection."""

    rights = {"POST": rights.WORK_ON_FINDINGS}
    representation = DetectionRepresentation
    takes = DetectionCloseRepresentation
    answers = {200: OpenApiResponse(DetectionRepresentation(), description="Closed.")}

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Close a detection, saying what it was. A later event opens it again."""
        values = read_body(DetectionCloseRepresentation, request)
        try:
            detections_close(
                by=self.by,
                viewer=self.viewer,
                connection=self.connection,
                detection_ids=[self.kwargs["detection_id"]],
                now=self.now,
                **values,
            )
        except NoSuchDetection as error:
            raise Problem(NOT_FOUND, str(error)) from error
        except MayNot as error:
            raise Problem(PERMISSION_DENIED, str(error)) from error
        except CannotCloseDetection as error:
            raise Problem(CONFLICT, str(error)) from error
        return Response(self.whole(self.find()))
