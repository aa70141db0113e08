"""Filters of edges of trust, and of what is wrong with them."""

from typing import Any, Final

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet

from governance.contracts.matches import with_contract, without_contract
from governance.contracts.terms import GUARD_LABELS
from governance.filtering.fields import TimeFilter, choices_filter
from governance.filtering.scope import ScopedFilterSet
from governance.posture.trust.models import TrustEdge, TrustFinding
from governance.posture.trust.selectors import edges_at, trust_findings
from policies.trust import GuardKind, TrustPrincipalKind, TrustSeverity

_GUARDS: Final = [(str(each), GUARD_LABELS[each]) for each in GuardKind]
_PRINCIPALS: Final = [
    (str(each), each.replace("_", " ").capitalize()) for each in TrustPrincipalKind
]
_SEVERITIES: Final = [(str(each), each.capitalize()) for each in TrustSeverity]


class TrustEdgeFilters(ScopedFilterSet):
    """Filters of the rows of `governance.posture.trust.selectors.trust_edges`."""

    q = django_filters.CharFilter(
        label="Search",
        method="with_words",
        help_text="Searches the resource's name, the principal and the tenant; a whole arn or "
        "account id finds its edges; not case-sensitive.",
    )
    crossing = choices_filter(
        "Crossing", TrustEdge.Crossing.choices, help_text="Which boundary is crossed."
    )
    state = choices_filter(
        "State",
        TrustEdge.EdgeState.choices,
        help_text="open: no guard that holds; blocked: no request passes.",
    )
    account_id = django_filters.CharFilter(
        label="To account", help_text="Whose role or resource it is: the account's 12 digits."
    )
    to = django_filters.CharFilter(
        label="To", method="leads_to", help_text="Id of the account, OU or root with the target."
    )
    principal_account_id = django_filters.CharFilter(
        label="From account", help_text="12 digits, of the organization or not."
    )
    comes_from = django_filters.CharFilter(
        label="From",
        method="comes_from_target",
        help_text="Id of the account, OU or root with the principal.",
    )
    principal = django_filters.CharFilter(
        field_name="principal_id", label="Principal", help_text="As policies name it, exactly."
    )
    principal_kind = choices_filter("Principal kind", _PRINCIPALS, help_text="Principal's kind.")
    vendor = django_filters.CharFilter(label="Vendor", help_text="Name of an external party.")
    provider = django_filters.CharFilter(
        label="Provider", help_text="Host of an OpenID Connect provider, or saml."
    )
    resource_arn = django_filters.CharFilter(
        label="Resource", help_text="ARN of the role or resource."
    )
    service = django_filters.CharFilter(
        label="Service", help_text="As ARNs name it, such as s3; iam for roles."
    )
    region = django_filters.CharFilter(label="Region", help_text="Such as eu-central-1.")
    source = choices_filter(
        "Granted by", TrustEdge.Source.choices, help_text="What grants the access."
    )
    guard = choices_filter(
        "Guard",
        _GUARDS,
        method="with_guard",
        help_text="Edges with a condition of that kind, whether it holds or not.",
    )
    finding = django_filters.CharFilter(
        label="Finding", method="with_finding", help_text="Code of a finding about the edge."
    )
    severity = choices_filter(
        "Severity",
        _SEVERITIES,
        method="with_severity",
        help_text="Edges with a finding of that severity.",
    )
    seen_from_after = TimeFilter(
        field_name="seen_from", lookup_expr="gte", label="Unchanged since", help_text="A time."
    )
    contract = django_filters.CharFilter(
        label="Contract",
        method="with_contract",
        help_text="Number of a contract that covers the edge now, such as C-17; none: outside "
        "every contract; any: within one.",
    )

    class Meta:
        model = TrustEdge
        fields: list[str] = []

    def with_words(self, rows: "QuerySet[Any]", _name: str, words: str) -> "QuerySet[Any]":
        """Keep the edges whose resource or principal has the words."""
        words = words.strip()
        if words.isdecimal() and len(words) == 12:
            return rows.filter(Q(account_id=words) | Q(principal_account_id=words))
        found = Q(resource_name__icontains=words) | Q(tenant__icontains=words)
        found |= Q(principal_id__icontains=words) | Q(vendor__icontains=words)
        return rows.filter(found | Q(resource_arn=words))

    def leads_to(self, rows: "QuerySet[Any]", _name: str, value: str) -> "QuerySet[Any]":
        """Keep what lets into an account, or into what is below an OU or root."""
        scope = self.scope
        return edges_at(rows, scope.viewer, scope.connection, value, scope.as_of)

    def comes_from_target(self, rows: "QuerySet[Any]", _name: str, value: str) -> "QuerySet[Any]":
        """Keep what lets in an account, or what is below an OU or root."""
        scope = self.scope
        column = "principal_account_id"
        return edges_at(rows, scope.viewer, scope.connection, value, scope.as_of, column=column)

    def with_guard(self, rows: "QuerySet[Any]", _name: str, values: Any) -> "QuerySet[Any]":
        """Keep the edges with a guard of one of the kinds."""
        kept = Q()
        for kind in values:
            kept |= Q(guards__contains=[{"kind": kind}])
        return rows.filter(kept) if kept else rows

    def with_contract(self, rows: "QuerySet[Any]", _name: str, value: str) -> "QuerySet[Any]":
        """Keep the edges that a contract covers, or none does."""
        words = value.strip().upper().removeprefix("C-")
        if words == "NONE":
            return without_contract(rows, self.scope.connection, as_of=self.scope.as_of)
        if words == "ANY":
            return with_contract(rows, self.scope.connection, as_of=self.scope.as_of)
        if not words.isascii() or not words.isdecimal() or len(words) > 9:
            return rows.none()
        return with_contract(rows, self.scope.connection, [int(words)], as_of=self.scope.as_of)

    def with_finding(self, rows: "QuerySet[Any]", _name: str, code: str) -> "QuerySet[Any]":
        """Keep the edges with a finding of a kind."""
        return rows.filter(Exists(self._findings.filter(code=code)))

    def with_severity(self, rows: "QuerySet[Any]", _name: str, values: Any) -> "QuerySet[Any]":
        """Keep the edges with a finding of one of the severities."""
        chosen = list(values)
        return rows.filter(Exists(self._findings.filter(severity__in=chosen))) if chosen else rows

    @property
    def _findings(self) -> "QuerySet[Any]":
        scope = self.scope
        found = trust_findings(scope.viewer, connection=scope.connection, as_of=scope.as_of)
        return found.filter(edge_key=OuterRef("key"))


class TrustFindingFilters(ScopedFilterSet):
    """Filters of the rows of `governance.posture.trust.selectors.trust_findings`."""

    q = django_filters.CharFilter(
        label="Search", method="with_words", help_text="Searches message and subject."
    )
    code = django_filters.CharFilter(label="Code", help_text="The kind of finding.")
    severity = choices_filter("Severity", _SEVERITIES, help_text="Severity.")
    account_id = django_filters.CharFilter(label="Account", help_text="The account's 12 digits.")
    subject_arn = django_filters.CharFilter(
        label="Subject", help_text="ARN of the role, user, resource or provider."
    )
    edge_key = django_filters.CharFilter(label="Edge", help_text="Key of the edge it is about.")
    under = django_filters.CharFilter(
        label="Below", method="below", help_text="Id of an account, OU or root."
    )

    class Meta:
        model = TrustFinding
        fields: list[str] = []

    def with_words(self, rows: "QuerySet[Any]", _name: str, words: str) -> "QuerySet[Any]":
        """Keep the findings that say the words."""
        words = words.strip()
        return rows.filter(Q(message__icontains=words) | Q(subject_arn__icontains=words))

    def below(self, rows: "QuerySet[Any]", _name: str, value: str) -> "QuerySet[Any]":
        """Keep the findings in an account, or in what is below an OU or root."""
        scope = self.scope
        return edges_at(rows, scope.viewer, scope.connection, value, scope.as_of)
