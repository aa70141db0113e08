"""Filters of detections."""

from datetime import timedelta
from typing import Any

import django_filters
from django.db.models import QuerySet

from governance.detections.models import SEVERITIES, Detection
from governance.detections.rules.document import DETECTION_TOPIC_LABELS
from governance.detections.rules.shipped import shipped_rules
from governance.detections.selectors import at_account, by_principal, with_words
from governance.detections.written_rules import rules_in_force
from governance.filtering.fields import choices_filter
from governance.filtering.scope import FilterScope, ScopedFilterSet

_AGES = (("1", "Since yesterday"), ("7", "7 days"), ("30", "30 days"), ("90", "90 days"))
_STATES = (("open", "Open"), ("closed", "Closed"))


def _shipped() -> list[tuple[str, str]]:
    return [(rule.id, rule.title) for rule in shipped_rules().values()]


class DetectionFilters(ScopedFilterSet):
    """Filters of the rows of `governance.detections.selectors.detections`."""

    q = django_filters.CharFilter(
        label="Search", method="search", help_text="Searches title, subject and principal."
    )
    state = choices_filter("State", _STATES, method="standing", help_text="Closed or not.")
    severity = choices_filter("Severity", SEVERITIES, help_text="Severity.")
    topic = choices_filter(
        "Topic",
        [(topic.value, label) for topic, label in DETECTION_TOPIC_LABELS.items()],
        help_text="What its rule is about.",
    )
    rule = django_filters.ChoiceFilter(
        label="Rule", field_name="rule_id", choices=_shipped, help_text="The rule's id."
    )
    account_id = django_filters.CharFilter(
        label="Account", method="at_account", help_text="Where it happened, or what it is about."
    )
    principal = django_filters.CharFilter(
        label="Principal", method="by_principal", help_text="The ARN of a role, user or root user."
    )
    age = django_filters.ChoiceFilter(
        label="Age", choices=_AGES, method="younger", help_text="Last seen within this many days."
    )

    offers_the_same = False

    class Meta:
        model = Detection
        fields: list[str] = []

    def __init__(self, *args: Any, scope: FilterScope, **kwargs: Any) -> None:
        """Offer the organization's own rules beside the shipped ones."""
        super().__init__(*args, scope=scope, **kwargs)
        rules = rules_in_force(scope.connection).values()
        self.filters["rule"].extra["choices"] = [(one.id, one.document.title) for one in rules]

    def search(self, rows: "QuerySet[Any]", _name: str, value: str) -> "QuerySet[Any]":
        """Keep the detections with the words."""
        text = value.strip()
        if not text:
            return rows
        return rows.filter(with_words(text, self.scope.viewer, self.scope.connection))

    def standing(self, rows: "QuerySet[Any]", _name: str, value: list[str]) -> "QuerySet[Any]":
        """Keep the closed ones, or those that are not."""
        if not value or set(value) == {"open", "closed"}:
            return rows
        return rows.filter(closed_at__isnull="open" in value)

    def at_account(self, rows: "QuerySet[Any]", _name: str, value: str) -> "QuerySet[Any]":
        """Keep what happened in an account, or is about it."""
        return rows.filter(at_account(value, self.scope.viewer, self.scope.connection))

    def by_principal(self, rows: "QuerySet[Any]", _name: str, value: str) -> "QuerySet[Any]":
        """Keep what a principal did."""
        return rows.filter(by_principal(value, self.scope.viewer, self.scope.connection))

    def younger(self, rows: "QuerySet[Any]", _name: str, value: str) -> "QuerySet[Any]":
        """Keep the detections last seen within some days."""
        return rows.filter(last_at__gte=self.scope.now - timedelta(days=int(value)))
