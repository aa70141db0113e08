"""/log-sources: where an organization's CloudTrail logs are, and how well they are known."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_date
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema_field
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from governance.access import rights
from governance.access.actors import actor_of
from governance.api.parts.endpoints import OrganizationEndpoint
from governance.api.parts.list_endpoint import by
from governance.api.parts.pagination import page_of, page_request
from governance.api.parts.representations import Representation, read_body
from governance.collection.log_sources import (
    LogSourceInvalid,
    LogSourceSettings,
    log_source_add,
    log_source_switch,
    proposed_sources,
)
from inventory.logs.athena.costs import month_spent_usd
from inventory.models import LogObject, LogSource
from inventory.selectors.logs import LogHealth, LogHealthState, log_health, log_sources

_USUAL_DAYS = 30
_LARGEST = 2**63 - 1


class LogSourceRepresentation(Representation):
    """Where logs are and how they are read."""

    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=LogSource.Kind.choices)
    bucket = serializers.CharField()
    prefix = serializers.CharField(help_text="Before `AWSLogs`; empty: none.")
    organization_path = serializers.CharField(
        help_text="The organization's id after `AWSLogs`; empty for a trail of one account."
    )
    bucket_region = serializers.CharField()
    account_id = serializers.CharField(help_text="Whose audit role reads the bucket.")
    trail_arn = serializers.CharField(help_text="Empty: not named.")
    kms_key_arn = serializers.CharField(help_text="Empty: no key of a customer.")
    queue_url = serializers.CharField(help_text="Of a queue that names new files; empty: none.")
    read_from = serializers.DateField(help_text="The first day that is read.")
    athena_database = serializers.CharField(help_text="Of the table over the files; else empty.")
    athena_table = serializers.CharField()
    athena_workgroup = serializers.CharField()
    athena_results_bucket = serializers.CharField(help_text="Empty: Athena keeps results itself.")
    monthly_budget_usd = serializers.DecimalField(
        max_digits=9, decimal_places=2, allow_null=True, help_text="Null: no limit."
    )
    month_spent_usd = serializers.SerializerMethodField(
        help_text="What Athena's scans of this month cost; null where Athena does not read."
    )
    is_enabled = serializers.BooleanField()
    last_listed_at = serializers.DateTimeField(allow_null=True)
    problem = serializers.CharField(help_text="Why the last listing was not complete, or empty.")
    created_at = serializers.DateTimeField()

    def get_url(self, source: LogSource) -> str:
        """Return the source's address."""
        return reverse(
            "api:log-source",
            kwargs={"slug": source.connection.slug, "log_source_id": source.pk},
            request=self.context["request"],
        )

    def get_month_spent_usd(self, source: LogSource) -> str | None:
        """Return what the month's scans cost, or are expected to."""
        spent = month_spent_usd(source, timezone.now())
        return None if spent is None else str(spent)


class LogSourcePageRepresentation(Representation):
    """A page of log sources."""

    results = LogSourceRepresentation(many=True)
    next = serializers.URLField(allow_null=True)


class LogSourceRequestRepresentation(serializers.Serializer[Any]):
    """A trail whose files are to be read."""

    name = serializers.CharField(max_length=128)
    bucket = serializers.CharField(max_length=63)
    prefix = serializers.CharField(max_length=200, default="", allow_blank=True)
    organization_path = serializers.CharField(max_length=34, default="", allow_blank=True)
    bucket_region = serializers.CharField(max_length=32)
    account_id = serializers.CharField(max_length=12)
    trail_arn = serializers.CharField(max_length=2048, default="", allow_blank=True)
    kms_key_arn = serializers.CharField(max_length=2048, default="", allow_blank=True)
    queue_url = serializers.CharField(max_length=512, default="", allow_blank=True)
    read_from = serializers.DateField(
        default=None, allow_null=True, help_text="Null: as many days back as settings say."
    )
    kind = serializers.ChoiceField(choices=LogSource.Kind.choices, default=LogSource.Kind.FILES)
    athena_database = serializers.CharField(max_length=255, default="", allow_blank=True)
    athena_table = serializers.CharField(max_length=255, default="", allow_blank=True)
    athena_workgroup = serializers.CharField(max_length=128, default="", allow_blank=True)
    athena_results_bucket = serializers.CharField(max_length=63, default="", allow_blank=True)
    monthly_budget_usd = serializers.DecimalField(
        max_digits=9, decimal_places=2, default=None, allow_null=True, min_value=0
    )


class LogSourceChangeRepresentation(serializers.Serializer[Any]):
    """What may be changed of a source."""

    is_enabled = serializers.BooleanField()


class ProposedLogSourceRepresentation(Representation):
    """A source that a collected trail delivers to and that is not read yet."""

    name = serializers.CharField(source="settings.name")
    bucket = serializers.CharField(source="settings.bucket")
    prefix = serializers.CharField(source="settings.prefix")
    organization_path = serializers.CharField(source="settings.organization_path")
    bucket_region = serializers.CharField(source="settings.bucket_region")
    account_id = serializers.CharField(
        source="settings.account_id", help_text="Empty: the bucket was not collected."
    )
    trail_arn = serializers.CharField(source="settings.trail_arn")
    kms_key_arn = serializers.CharField(source="settings.kms_key_arn")
    problem = serializers.CharField(help_text="What its files would lack, or empty.")


class ProposedLogSourcesRepresentation(Representation):
    """The proposed sources."""

    results = ProposedLogSourceRepresentation(many=True)


class LogGapRepresentation(Representation):
    """Days without a file of an account and region that has files before and after them."""

    account_id = serializers.CharField()
    region = serializers.CharField()
    first_day = serializers.DateField()
    last_day = serializers.DateField()


class RefusedLogsRepresentation(Representation):
    """Files that could not be read, or not to their end, for one reason."""

    state = serializers.ChoiceField(choices=LogObject.State.choices)
    why = serializers.CharField()
    objects = serializers.IntegerField()
    size_bytes = serializers.IntegerField()
    first_day = serializers.DateField()
    last_day = serializers.DateField()


class DigestCountsRepresentation(Representation):
    """Days of an account and region by what checking CloudTrail's digest files said."""

    verified = serializers.IntegerField()
    failed = serializers.IntegerField(help_text="Files were altered or deleted, or digests were.")
    absent = serializers.IntegerField(help_text="No digest files.")
    unknown = serializers.IntegerField(help_text="They could not be checked.")
    unchecked = serializers.IntegerField(help_text="Not yet: a day is checked after its end.")


class FailedLogDayRepresentation(Representation):
    """A day whose digest files do not match its log files."""

    account_id = serializers.CharField()
    region = serializers.CharField()
    day = serializers.DateField()
    why = serializers.CharField(source="digests_why")


class UsageLogHealthRepresentation(Representation):
    """How well the logs of some days are known. Without a source all is null, which is not 0."""

    state = serializers.ChoiceField(
        choices=[state.value for state in LogHealthState],
        help_text="no_source: usage is not known. incomplete: see `reasons`. complete: all read.",
    )
    reasons = serializers.ListField(child=serializers.CharField())
    since = serializers.SerializerMethodField(help_text="The first of the days asked for.")
    until = serializers.SerializerMethodField(help_text="The last of them.")
    first_day = serializers.DateField(allow_null=True)
    last_day = serializers.DateField(allow_null=True)
    lag_seconds = serializers.IntegerField(
        allow_null=True, help_text="Age of the newest file that was read."
    )
    waiting = serializers.IntegerField(allow_null=True, help_text="Files found and not read yet.")
    events = serializers.IntegerField(allow_null=True)
    unmapped = serializers.IntegerField(allow_null=True, help_text="Events in no usage.")
    unmapped_share = serializers.FloatField(allow_null=True)
    gaps_found = serializers.IntegerField(allow_null=True)
    gaps = LogGapRepresentation(many=True, help_text="The first of them.")
    refused = RefusedLogsRepresentation(many=True)
    digests = serializers.SerializerMethodField()
    failed_days = FailedLogDayRepresentation(many=True, help_text="The first of them.")
    accounts_without_logs = serializers.IntegerField(allow_null=True)
    without_logs = serializers.ListField(
        child=serializers.CharField(), help_text="The first of those accounts' ids."
    )

    def to_representation(self, instance: LogHealth) -> dict[str, Any]:
        """Return no count where nothing is known."""
        serialized = super().to_representation(instance)
        if instance.state is LogHealthState.NO_SOURCE:
            for name in _COUNTS & serialized.keys():
                serialized[name] = None
        return serialized

    @extend_schema_field(DigestCountsRepresentation(allow_null=True))
    def get_digests(self, health: LogHealth) -> dict[str, int] | None:
        """Return the days by what was said of their digests; null without a source."""
        if health.state is LogHealthState.NO_SOURCE:
            return None
        return {said.value or "unchecked": number for said, number in health.digests.items()}

    def get_since(self, health: LogHealth) -> date:
        """Return the first day asked for."""
        asked: date = self.context["since"]
        return asked

    def get_until(self, health: LogHealth) -> date:
        """Return the last day asked for."""
        asked: date = self.context["until"]
        return asked


_COUNTS = {"waiting", "events", "unmapped", "gaps_found", "accounts_without_logs"}


class LogSourceEndpoint(OrganizationEndpoint):
    """What addresses of log sources have in common."""

    topic = "Logs"
    representation = LogSourceRepresentation

    def source(self) -> LogSource:
        """Return the source of the address.

        :raises Problem: the organization has none of that id that the asker may see.
        """
        source_id = self.kwargs["log_source_id"]
        found = (
            log_sources(self.viewer, connection=self.connection)
            .select_related("connection")
            .filter(pk=source_id if source_id <= _LARGEST else 0)
            .first()
        )
        if found is None:
            raise self.missing(f"log source {source_id}")
        return found


class LogSourceList(LogSourceEndpoint):
    """The log sources of an organization."""

    rights = {"GET": rights.VIEW_INVENTORY, "POST": rights.MANAGE_LOG_SOURCES}
    right_at = {"POST": ""}
    page_representation = LogSourcePageRepresentation
    takes = LogSourceRequestRepresentation
    answers = {201: OpenApiResponse(LogSourceRepresentation, description="It is read from now on.")}
    orderings = {"name": by("name", "id")}
    usual_ordering = "name"

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        return super().parameters() | {"limit", "cursor", "ordering"}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the log sources."""
        asked = page_request(request, self.orderings, usual=self.usual_ordering)
        rows = log_sources(self.viewer, connection=self.connection).select_related("connection")
        page = page_of(rows, asked)
        return self.respond_with(page, self.serialized(page.rows, many=True))

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Have the files of a trail read."""
        given = read_body(LogSourceRequestRepresentation, request)
        try:
            source = log_source_add(
                actor=actor_of(request),
                connection=self.connection,
                settings=LogSourceSettings(**given),
                now=self.now,
            )
        except LogSourceInvalid as error:
            raise ValidationError(error.fields) from error
        serialized = self.serialized(source)
        return Response(
            serialized, status=status.HTTP_201_CREATED, headers={"Location": serialized["url"]}
        )


class LogSourceDetail(LogSourceEndpoint):
    """One log source."""

    rights = {"GET": rights.VIEW_INVENTORY, "PATCH": rights.MANAGE_LOG_SOURCES}
    right_at = {"PATCH": ""}
    takes = LogSourceChangeRepresentation
    answers = {200: OpenApiResponse(LogSourceRepresentation, description="The current state.")}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get a log source."""
        return self.answer(self.serialized(self.source()))

    def patch(self, request: Request, /, **kwargs: Any) -> Response:
        """Switch a log source on or off. What was read stays."""
        given = read_body(LogSourceChangeRepresentation, request)
        source_id = self.source().pk
        try:
            switched = log_source_switch(
                actor=actor_of(request),
                connection=self.connection,
                source_id=source_id,
                enabled=given["is_enabled"],
                now=self.now,
            )
        except LogSourceInvalid as error:
            raise ValidationError({"is_enabled": error.fields["kind"]}) from error
        return Response(self.serialized(switched))


class LogSourceProposals(OrganizationEndpoint):
    """The sources that the collected trails propose."""

    topic = "Logs"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = ProposedLogSourcesRepresentation
    shows_tables = ("ServiceConfiguration:trail",)

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the organization's trails whose files are not read yet."""
        found = proposed_sources(self.viewer, connection=self.connection)
        return self.answer(self.serialized({"results": found}))


class LogSourceHealth(OrganizationEndpoint):
    """How well the logs are known."""

    topic = "Logs"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = UsageLogHealthRepresentation
    own_parameters = (
        OpenApiParameter("since", OpenApiTypes.DATE, description="First day; 30 days ago."),
        OpenApiParameter("until", OpenApiTypes.DATE, description="Last day; today."),
    )

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Say how well the logs of some days are known, and why not fully."""
        until = self._day("until", self.now.date())
        since = self._day("since", until - timedelta(days=_USUAL_DAYS))
        if not timedelta() <= until - since <= timedelta(days=settings.INVENTORY_USAGE_DAYS):
            raise ValidationError(
                {
                    "since": [
                        f"give a day before `until`, at most {settings.INVENTORY_USAGE_DAYS} days"
                    ]
                }
            )
        found = log_health(
            self.viewer, connection=self.connection, since=since, until=until, now=self.now
        )
        return self.answer(self.serialized(found, since=since, until=until))

    def _day(self, name: str, otherwise: date) -> date:
        text = self.request.query_params.get(name)
        if text is None:
            return otherwise
        try:
            found = parse_date(text)
        except ValueError:
            found = None
        if found is None:
            raise ValidationError({name: ["give a day such as 2026-05-01"]})
        return found
