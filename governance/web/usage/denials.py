"""The denials explorer: who is denied what, by which policy, how often, and since when."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from datetime import date, timedelta
from functools import cached_property
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

from django.core.cache import caches
from django.db.models import QuerySet

from governance.access import rights
from governance.filtering.usage import (
    POLICY_TYPE_CHOICES,
    DenialFilters,
    PolicyDenialFilters,
)
from governance.posture.requests.denial_messages import DECIDERS
from governance.posture.requests.questions import Claim, Question
from governance.presentation.why_denied_address import query_of
from governance.web.parts.charts import Chart
from governance.web.parts.filters import address
from governance.web.parts.lists import Column
from governance.web.parts.pages import Tab
from governance.web.policies.policy import PolicyPage
from governance.web.usage.charts import day_bars, day_heatmap
from governance.web.usage.denials_by_calls import REMEMBERED_SECONDS, DenialsByCalls
from governance.web.usage.hours import SERVICES_SHOWN, with_pictures
from governance.web.usage.listing import usage_tabs
from governance.web.usage.naming import name_principals, short_resource
from inventory.models import DailyDenial, Policy
from inventory.selectors.policies import policies
from inventory.selectors.usage import daily_denials
from inventory.selectors.usage_counts import (
    DenyingPolicy,
    counted_denials,
    denials_by_day_and_service,
    denials_by_policy,
    denied_calls,
    newest_of_each_denial,
)

POLICY_TYPE_LABELS: Final = dict(POLICY_TYPE_CHOICES)
_POLICIES_SHOWN: Final = 8
_SUMMED_BY: Final = frozenset({"days", "account_id", "service", "policy", "policy_type"})


def denied_by(row: Any) -> str:
    """Return what AWS's message puts a denial down to, in words."""
    kind = POLICY_TYPE_LABELS.get(row.policy_type, row.policy_type)
    if row.reason == DailyDenial.Reason.IMPLICIT:
        return f"No {kind} allows it" if kind else "No policy allows it"
    return kind or "Not named"


class DenialList(DenialsByCalls):
    """Denials, one row a cause however often the call was retried, the newest first."""

    required_right = rights.VIEW_INVENTORY
    filterset_class = DenialFilters
    row_template = "governance/usage/denial_row.html"
    default_sort = "-last_at"
    search_label = "Action, service or ARN"
    row_noun = "cause,causes"
    caption = "Denied calls"
    export_name = "denials"
    logged_noun = "Denials"
    hours_title: ClassVar[str | None] = "Denied calls by hour and service"
    hours_of_denials = True
    shows_policy: ClassVar[bool] = True
    summed_policy: str = ""
    columns = (
        Column("principal", "Principal", ("principal", "last_at"), lambda row: row.principal),
        Column("action", "Action", (), lambda row: row.action),
        Column("resource", "Resource", (), lambda row: row.resource),
        Column("account_id", "Account", (), lambda row: row.account_id),
        Column("region", "Region", (), lambda row: row.region),
        Column("policy", "Denied by", (), lambda row: row.policy or row.denied_by),
        Column("reason", "", (), lambda row: row.reason, hidden=True),
        Column("count", "Calls", ("count",), lambda row: row.counted.count, numeric=True),
        Column("first_at", "", (), lambda row: row.counted.first_at, hidden=True),
        Column("last_at", "Last", ("last_at",), lambda row: row.counted.last_at),
        Column("open", ""),
    )

    def get_template_names(self) -> list[str]:
        """Return for htmx the charts beside the list: they follow the filters, too."""
        return with_pictures(super().get_template_names(), "governance/usage/denial_partial.html")

    def get_rows(self) -> "QuerySet[Any]":
        """Return every denial on record that has not aged out."""
        return daily_denials(
            self.viewer, connection=self.connection, since=date.min, until=date.max
        ).order_by()

    def filtered_rows(self, filters: Any) -> "QuerySet[Any]":
        """Return of alike denials the newest, in the order asked for."""
        rows = super().filtered_rows(filters)
        since, until = self.given_filters.span
        return newest_of_each_denial(rows, since=since, until=until)

    def enrich(self, rows: Sequence[DailyDenial]) -> Sequence[Any]:
        """Add the counts of the days asked for, names, and where to go from each."""
        since, until = self.given_filters.span
        counts = counted_denials(rows, since=since, until=until)
        known = self.policies_by_arn
        named: list[Any] = list(rows)
        name_principals(self, named)
        for row in named:
            row.counted = counts[row.digest]
            row.resource_name = short_resource(row.resource)
            row.denied_by = denied_by(row)
            policy = known.get(row.policy)
            row.policy_name = policy.name if policy else row.policy.rpartition("/")[2]
            row.policy_href = (
                self.href("policy-usage", policy_id=policy.policy_id) if policy else ""
            )
            row.why_href = f"{self.href('why-denied')}?{query_of(question_of_denial(row))}"
            row.exception_href = self.exception_href(row)
            row.account_href = self.href("account", account_id=row.account_id)
            row.owners_href = f"{self.href('owners')}?{urlencode({'q': row.account_id})}"
        return named

    @cached_property
    def policies_by_arn(self) -> Mapping[str, Policy]:
        """The organization's policies that messages can name."""
        rows = policies(self.viewer, connection=self.connection, as_of=self.as_of)
        return {row.arn: row for row in rows}

    def exception_href(self, row: Any) -> str:
        """Return where to ask for an exception for this principal; empty: not this person."""
        if not self.may(rights.ASK_EXCEPTION, row.account_id) or not row.policy_href:
            return ""
        asked = {
            "targets": row.account_id,
            "principals": row.principal,
            "reason": f"{row.action} is denied by {row.policy_name}",
        }
        return f"{self.href('exception-ask')}?{urlencode(asked)}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the charts, the policies that deny most, and how well the logs are known."""
        since, until = self.given_filters.span
        by_day, denying = self.totals()
        return super().get_context_data(
            charts=self.charts_of(by_day, since, until),
            shows_policy=self.shows_policy,
            denied_total=sum(by_day.values()),
            denying=self.shown_policies(denying),
            **kwargs,
        )

    def totals(self) -> tuple[Mapping[tuple[date, str], int], Sequence[DenyingPolicy]]:
        """Return calls by day and service, and the policies that deny most; of the last minute."""
        key = self.remembered_key("totals")
        remembered: Mapping[str, Any] | None = caches["optional"].get(key)
        if remembered is not None:
            by_day = {
                (date.fromisoformat(day), service): count
                for day, service, count in remembered["by_day"]
            }
            return by_day, [DenyingPolicy(*one) for one in remembered["policies"]]
        rows = self.given_filters.qs
        sums = self.summed(rows)
        counted = denials_by_day_and_service(sums)
        policies = denials_by_policy(sums, rows, most=_POLICIES_SHOWN) if self.shows_policy else []
        if counted:
            stored = {
                "by_day": [(day.isoformat(), name, n) for (day, name), n in counted.items()],
                "policies": [astuple(one) for one in policies],
            }
            caches["optional"].set(key, stored, REMEMBERED_SECONDS)
        return counted, policies

    def summed(self, rows: "QuerySet[Any]") -> "QuerySet[Any]":
        """Return what the filtered rows' calls are added up from: sums, where they have them."""
        given = self.given_filters.form.cleaned_data
        if {name for name, value in given.items() if value} - _SUMMED_BY:
            return rows
        since, until = self.given_filters.span
        return denied_calls(
            self.viewer,
            connection=self.connection,
            since=since,
            until=until,
            account_id=given.get("account_id", ""),
            service=given.get("service", "").strip().lower().rstrip(":"),
            policy=self.summed_policy or given.get("policy", ""),
            policy_types=given.get("policy_type") or (),
        )

    def shown_policies(self, denying: Sequence[DenyingPolicy]) -> list[dict[str, Any]]:
        """Return the policies that denied most calls, each with the list of its denials."""
        found = []
        for one in denying:
            policy = self.policies_by_arn.get(one.policy)
            kind = POLICY_TYPE_LABELS.get(one.policy_type, one.policy_type) or "Not named"
            name = policy.name if policy else one.policy.rpartition("/")[2]
            chosen = {"policy": one.policy} if one.policy else {"policy_type": one.policy_type}
            found.append(
                {
                    "name": name or kind,
                    "kind": kind if name else "No policy named",
                    "count": one.count,
                    "principals": one.principals,
                    "href": address(self.request.GET, **chosen) if any(chosen.values()) else "",
                }
            )
        return found

    def charts_of(
        self, counts: Mapping[tuple[date, str], int], since: date, until: date
    ) -> list[Chart]:
        """Return the trend and the services by day; none where nothing is known or recorded."""
        if not counts:
            return []
        self.has_charts = True
        days = [since + timedelta(days=number) for number in range((until - since).days + 1)]
        by_day: dict[date, int] = defaultdict(int)
        by_service: dict[str, int] = defaultdict(int)
        for (day, service), count in counts.items():
            by_day[day] += count
            by_service[service] += count
        services = sorted(by_service, key=lambda name: (-by_service[name], name))
        return [
            day_bars(
                [(day, by_day.get(day, 0)) for day in days],
                key="denials-by-day",
                title="Denied calls a day",
                noun="denied",
            ),
            day_heatmap(
                days,
                services[:SERVICES_SHOWN],
                counts,
                key="denials-by-service",
                title="Denied calls by service and day",
                others=max(0, len(services) - SERVICES_SHOWN),
            ),
        ]


def question_of_denial(row: Any) -> Question:
    """Return the request that Why denied explains, with an example where a name is not known."""
    resource = row.resource if row.resource == "*" else row.resource.replace("*", "example")
    explicit = {"explicit": True, "implicit": False}.get(row.reason)
    return Question(
        principal=row.principal,
        action=row.action,
        resource=resource,
        context=(("aws:RequestedRegion", (row.region,)),) if row.region else (),
        claim=Claim(DECIDERS.get(row.policy_type), explicit, row.policy),
    )


class DenialsPage(DenialList):
    """The denials explorer of an organization."""

    section = "usage"
    page_title = "Denials"
    template_name = "governance/usage/denials.html"

    def get_tabs(self) -> Sequence[Tab]:
        """Return usage and denials."""
        return usage_tabs(self, "denials")


class PolicyUsage(PolicyPage, DenialList):
    """What a policy denied, as AWS's messages name it."""

    required_right = rights.VIEW_INVENTORY
    tab = "usage"
    # Hours are counted by account and service.
    hours_title = None
    filterset_class = PolicyDenialFilters
    template_name = "governance/usage/policy.html"
    shows_policy = False

    def begin(self) -> None:
        """Find the policy."""
        super().begin()
        self.summed_policy = self.policy.arn

    def get_rows(self) -> "QuerySet[Any]":
        """Return the denials that name the policy."""
        return super().get_rows().filter(policy=self.policy.arn)

    def file_name(self) -> str:
        """Return the name of an exported file."""
        return f"{self.connection.slug}-{self.policy.policy_id}-denials"
