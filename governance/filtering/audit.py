"""Filters of the audit log."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet

from governance.audit.actions import LABELS
from governance.audit.models import AuditEntry
from governance.filtering.fields import TimeFilter, choices_filter
from inventory.models import Connection

_SUBJECTS = sorted({action.partition(".")[0] for action in LABELS})


class AuditFilters(django_filters.FilterSet):
    """Filters of entries by who, what, to what and when."""

    q = django_filters.CharFilter(
        method="search",
        label="Search",
        help_text="Part of the name of actor or object; or object id, address or request id.",
    )
    subject = choices_filter(
        "Kind",
        [(subject, subject.replace("_", " ").capitalize()) for subject in _SUBJECTS],
        method="of_subject",
        help_text="Subject of the act: the first part of its name.",
    )
    action = choices_filter(
        "Action", sorted(LABELS.items()), help_text="The act, such as `token.issue`."
    )
    outcome = choices_filter("Outcome", AuditEntry.Outcome.choices, help_text="Outcome of the act.")
    actor_kind = choices_filter("Actor kind", AuditEntry.ActorKind.choices, help_text="What acted.")
    actor_id = django_filters.NumberFilter(label="Actor id", help_text="Id of the person.")
    actor_name = django_filters.CharFilter(label="Actor", help_text="User name, exactly.")
    object_kind = django_filters.CharFilter(
        label="Object kind", help_text="Such as `token` or `connection`."
    )
    object_id = django_filters.CharFilter(label="Object id", help_text="Exactly.")
    organization = django_filters.CharFilter(
        method="in_organization", label="Organization", help_text="Its slug."
    )
    recorded_after = TimeFilter(
        field_name="recorded_at", lookup_expr="gte", label="Since", help_text="ISO 8601."
    )
    recorded_before = TimeFilter(
        field_name="recorded_at", lookup_expr="lt", label="Before", help_text="ISO 8601."
    )

    class Meta:
        model = AuditEntry
        fields: list[str] = []

    def in_organization(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":
        """Keep the entries of one organization."""
        return rows.filter(connection_id__in=Connection.objects.filter(slug=value).values("pk"))

    def search(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":
        """Keep the entries that match the words."""
        words = value.strip()
        if not words:
            return rows
        return rows.filter(
            Q(actor_name__icontains=words)
            | Q(object_name__icontains=words)
            | Q(object_id=words)
            | Q(address=words)
            | Q(request_id=words)
        )

    def of_subject(self, rows: "QuerySet[Any]", name: str, value: list[str]) -> "QuerySet[Any]":
        """Keep the acts on these subjects."""
        chosen = [action for action in LABELS if action.partition(".")[0] in value]
        return rows.filter(action__in=chosen) if value else rows
