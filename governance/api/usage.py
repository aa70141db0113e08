"""/usage and /denials: what was used and what was denied, as the logs say."""

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.api.parts.endpoints import OrganizationEndpoint
from governance.api.parts.list_endpoint import by
from governance.api.parts.pagination import (
    Orderings,
    PageRequest,
    RowPage,
    page_of,
    page_of_rows,
    page_request,
)
from governance.api.parts.representations import Representation
from governance.filtering.usage import DenialFilters, UsageDaysFilterSet, UsageFilters
from governance.usage.known_logs import KnownLogs, known_logs
from inventory.models import DailyDenial, UsedAccess
from inventory.selectors.logs import LogHealthState
from inventory.selectors.usage import daily_denials, used_accesses
from inventory.selectors.usage_counts import (
    CountedUse,
    counted_denials,
    counted_uses,
    denials_by_calls,
    newest_of_each_denial,
)

TOPIC = "Usage"
LOG_STATES = [state.value for state in LogHealthState]


class KnownLogsRepresentation(serializers.Serializer[KnownLogs]):
    """How well the logs of the days asked for are known."""

    state = serializers.ChoiceField(
        choices=LOG_STATES, help_text="no_source: no logs are read, so usage is not known."
    )
    first_day = serializers.DateField(allow_null=True, help_text="Null: no file was read.")
    last_day = serializers.DateField(allow_null=True)
    reasons = serializers.ListField(
        child=serializers.CharField(), help_text="Why they are not complete."
    )


class CountedRepresentation(Representation):
    """Something that the logs count. Counts are of the days asked for; null: of none of them."""

    count = serializers.SerializerMethodField(help_text="Calls, denied ones included.")
    first_at = serializers.SerializerMethodField()
    last_at = serializers.SerializerMethodField()

    def counted(self, row: Any) -> CountedUse | None:
        """Return the counts of a row."""
        raise NotImplementedError

    def get_count(self, row: Any) -> int | None:
        """Return the number of calls."""
        found = self.counted(row)
        return found.count if found else None

    def get_first_at(self, row: Any) -> str | None:
        """Return when the first of them was made."""
        found = self.counted(row)
        return found.first_at.isoformat() if found else None

    def get_last_at(self, row: Any) -> str | None:
        """Return when the last of them was made."""
        found = self.counted(row)
        return found.last_at.isoformat() if found else None


class UsedAccessRepresentation(CountedRepresentation):
    """An access that was used: who did what to what, where, with which context."""

    id = serializers.IntegerField()
    account_id = serializers.CharField(help_text="Of the log that has it.")
    principal = serializers.CharField(help_text="The role's ARN, not the session's.")
    action = serializers.CharField()
    resource = serializers.CharField(help_text="An ARN, with * for what the event does not say.")
    region = serializers.SerializerMethodField(help_text="Null: the events name none.")
    unknown_context = serializers.ListField(
        source="context.unknown_context",
        child=serializers.CharField(),
        help_text="Condition keys that the events do not record.",
    )
    denied = serializers.SerializerMethodField(help_text="How many of the calls were denied.")
    first_day = serializers.DateField(help_text="Of all that was ever read.")
    last_day = serializers.DateField()
    calls = serializers.IntegerField(
        help_text="Of all that was ever read, denied ones included; `ordering=calls` sorts by it."
    )

    def get_fields(self) -> dict[str, Any]:
        """Add `context`, a name that serializers have for something else."""
        known = serializers.JSONField(
            source="context.context", read_only=True, help_text="Condition keys and their values."
        )
        return {**super().get_fields(), "context": known}

    def counted(self, row: UsedAccess) -> CountedUse | None:
        """Return the counts of an access."""
        found: CountedUse | None = self.context["counts"].get(row.pk)
        return found

    def get_denied(self, row: UsedAccess) -> int | None:
        """Return the number of denied calls."""
        found = self.counted(row)
        return found.denied if found else None

    def get_region(self, row: UsedAccess) -> str | None:
        """Return the region."""
        return row.region or None


class DenialRepresentation(CountedRepresentation):
    """Alike denied calls and their cause."""

    id = serializers.IntegerField(help_text="Of the newest day's; it changes with the next.")
    account_id = serializers.CharField(help_text="Of the log that has it.")
    principal = serializers.CharField(help_text="The role's ARN, not the session's.")
    action = serializers.CharField()
    resource = serializers.CharField()
    region = serializers.SerializerMethodField(help_text="Null: the events name none.")
    policy_type = serializers.SerializerMethodField(
        help_text="AWS's word, such as service control policy; null: the message names none."
    )
    policy = serializers.SerializerMethodField(
        help_text="The policy's ARN; null: the message names none."
    )
    reason = serializers.ChoiceField(
        choices=DailyDenial.Reason.choices,
        help_text="explicit: a deny statement. implicit: no policy allows it. unknown: the message "
        "does not say.",
    )

    def counted(self, row: DailyDenial) -> CountedUse | None:
        """Return the counts of a cause."""
        found: CountedUse | None = self.context["counts"].get(row.digest)
        return found

    def get_region(self, row: DailyDenial) -> str | None:
        """Return the region."""
        return row.region or None

    def get_policy_type(self, row: DailyDenial) -> str | None:
        """Return the type of policy."""
        return row.policy_type or None

    def get_policy(self, row: DailyDenial) -> str | None:
        """Return the policy."""
        return row.policy or None


class LoggedPageRepresentation(Representation):
    """What pages of usage and of denials have beside their results."""

    next = serializers.URLField(allow_null=True)
    since = serializers.DateField()
    until = serializers.DateField()
    logs = KnownLogsRepresentation()


class UsagePageRepresentation(LoggedPageRepresentation):
    """A page of usage."""

    results = UsedAccessRepresentation(
        many=True, allow_null=True, help_text="Null: not known, since no logs were read."
    )


class DenialPageRepresentation(LoggedPageRepresentation):
    """A page of denials."""

    results = DenialRepresentation(
        many=True, allow_null=True, help_text="Null: not known, since no logs were read."
    )


class _LoggedList(OrganizationEndpoint):
    """A list of what the logs of some days say."""

    topic = TOPIC
    rights = {"GET": rights.VIEW_INVENTORY}
    filterset_class: ClassVar[type[UsageDaysFilterSet]]
    orderings: ClassVar[Orderings]
    usual_ordering: ClassVar[str]

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        filters = self.filterset_class.base_filters
        return super().parameters() | {"limit", "cursor", "ordering", *filters}

    def rows(self) -> "QuerySet[Any]":
        """Return all that the viewer may see, before filters."""
        raise NotImplementedError

    @cached_property
    def filters(self) -> UsageDaysFilterSet:
        """The filters of the address.

        :raises ValidationError: a value is none that its filter knows.
        """
        found = self.filterset_class(
            self.request.query_params, queryset=self.rows(), scope=self.scope
        )
        if not found.is_valid():
            raise ValidationError(found.errors)
        return found

    def filtered_rows(self) -> "QuerySet[Any]":
        """Return the filtered rows."""
        rows: QuerySet[Any] = self.filters.qs
        return rows

    def page(self, asked: PageRequest) -> RowPage:
        """Return the page that was asked for."""
        return page_of(self.filtered_rows(), asked, whole=self.rows())

    def counts(self, rows: Sequence[Any], *, since: date, until: date) -> Any:
        """Return the counts of a page's rows."""
        raise NotImplementedError

    def listed(self) -> Response:
        """Answer with a page and how well the logs behind it are known."""
        since, until = self.filters.span
        asked = page_request(self.request, self.orderings, usual=self.usual_ordering)
        page = self.page(asked)
        health = known_logs(
            self.viewer, connection=self.connection, since=since, until=until, now=self.now
        )
        counts = self.counts(page.rows, since=since, until=until)
        results: Any = self.serialized(page.rows, many=True, counts=counts)
        if not page.rows and page.is_first and health.first_day is None:
            results = None
        return self.respond_with(
            page,
            results,
            since=since.isoformat(),
            until=until.isoformat(),
            logs=KnownLogsRepresentation(health).data,
        )


class UsageList(_LoggedList):
    """What was used."""

    representation = UsedAccessRepresentation
    page_representation = UsagePageRepresentation
    filterset_class = UsageFilters
    queryset = UsedAccess.objects.none()
    orderings = {
        "principal": by("principal", "action", "pk"),
        "calls": by("calls", "pk"),
        "last_at": by("last_at", "pk"),
        "id": by("pk"),
    }
    usual_ordering = "principal"

    def rows(self) -> "QuerySet[Any]":
        """Return the accesses with their contexts."""
        rows = used_accesses(self.viewer, connection=self.connection).order_by()
        return rows.select_related("context")

    def counts(self, rows: Sequence[Any], *, since: date, until: date) -> Any:
        """Return the counts by access."""
        return counted_uses(rows, since=since, until=until)

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List what was used in the last `days`, 30 if left out: by whom, on what, how often.

        `logs` says how well the logs are known: what they lack is not known, never unused.
        """
        return self.listed()


class DenialsList(_LoggedList):
    """What was denied."""

    representation = DenialRepresentation
    page_representation = DenialPageRepresentation
    filterset_class = DenialFilters
    queryset = DailyDenial.objects.none()
    orderings = {
        "last_at": by("last_at", "pk"),
        "principal": by("principal", "last_at", "pk"),
        "calls": by("calls", "digest"),
    }
    usual_ordering = "-last_at"

    def rows(self) -> "QuerySet[Any]":
        """Return the denials of every day."""
        return daily_denials(
            self.viewer, connection=self.connection, since=date.min, until=date.max
        ).order_by()

    def filtered_rows(self) -> "QuerySet[Any]":
        """Return of alike denials the newest."""
        since, until = self.filters.span
        return newest_of_each_denial(super().filtered_rows(), since=since, until=until)

    def page(self, asked: PageRequest) -> RowPage:
        """Return the page; in the order of calls by their sums, which no row has."""
        first = asked.keys[0]
        if first.field != "calls":
            return super().page(asked)
        after = None if asked.after is None else (int(asked.after[0]), UUID(asked.after[1]))
        found = denials_by_calls(
            self.filters.qs, falling=first.descending, most=asked.limit + 1, after=after
        )
        rows = {
            row.digest: row
            for row in self.filtered_rows().filter(digest__in=[digest for digest, _ in found])
        }
        calls = dict(found)
        return page_of_rows(
            [rows[digest] for digest, _ in found if digest in rows],
            asked,
            key=lambda row: [calls[row.digest], row.digest],
        )

    def counts(self, rows: Sequence[Any], *, since: date, until: date) -> Any:
        """Return the counts by cause."""
        return counted_denials(rows, since=since, until=until)

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List what was denied in the last `days`, 30 if left out: one a cause, the newest first.

        A cause is a principal, an action, a resource, a region and the policy that AWS's message
        names, however often the call was retried.
        """
        return self.listed()
