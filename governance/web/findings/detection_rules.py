"""Detection rules: the list with what each found, and one as its file has it."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404

from governance.access import rights
from governance.detections.rules.document import (
    DETECTION_TOPIC_LABELS,
    SUBJECT_LABELS,
    DetectionRule,
    DetectionTopic,
    RuleCondition,
)
from governance.detections.rules.files import detection_rule_file
from governance.detections.rules.predicate_names import PREDICATES
from governance.detections.rules.shipped import shipped_rules
from governance.detections.selectors import RuleDetections, detections, detections_by_rule
from governance.detections.shown import DetectionsShown
from governance.web.findings.detections import DetectionRow
from governance.web.findings.frame import FindingScreen
from governance.web.parts.pages import Crumb, Tab
from inventory.selectors.logs import reads_logs

_NEVER = RuleDetections(0, 0, None)
_NEWEST = 10


class DetectionRulesPage(FindingScreen):
    """Every rule by topic, with how often it found something."""

    required_right = rights.VIEW_FINDINGS
    template_name = "governance/findings/detection_rules.html"
    page_title = "Detection rules"
    tab = "detection"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the rules."""
        found = detections_by_rule(self.viewer, connection=self.connection)
        rules = shipped_rules().values()
        topics = [
            (
                DETECTION_TOPIC_LABELS[topic],
                [(rule, found.get(rule.id, _NEVER)) for rule in rules if rule.topic is topic],
            )
            for topic in DetectionTopic
        ]
        return super().get_context_data(
            topics=topics,
            rule_count=len(rules),
            reads_logs=reads_logs(self.connection),
            **kwargs,
        )


class DetectionRulePage(FindingScreen):
    """One rule: why, what it looks for, what to do, and what it found last."""

    required_right = rights.VIEW_FINDINGS
    template_name = "governance/findings/detection_rule.html"
    rule: DetectionRule

    def begin(self) -> None:
        """Find the rule.

        :raises Http404: there is none of this id.
        """
        super().begin()
        found = shipped_rules().get(self.kwargs["detection_rule_id"])
        if found is None:
            raise Http404(f"There is no detection rule {self.kwargs['detection_rule_id']}.")
        self.rule = found

    def get_title(self) -> str:
        """Return what it looks for."""
        return self.rule.title

    def get_tabs(self) -> Sequence[Tab]:
        """Show none: this is one rule."""
        return []

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the lists above."""
        return [
            Crumb("Findings", self.href("findings")),
            Crumb("Detection rules", self.href("detection-rules")),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the rule in words and as its file, and its newest detections."""
        rule = self.rule
        rows = detections(self.viewer, connection=self.connection, rules=[rule.id])
        shown = DetectionsShown(self.viewer, self.connection)
        return super().get_context_data(
            rule=rule,
            topic=DETECTION_TOPIC_LABELS[rule.topic],
            subject=SUBJECT_LABELS[rule.subject.kind],
            when=[condition_words(one) for one in rule.when],
            unless=[condition_words(one) for one in rule.unless],
            text=detection_rule_file(rule),
            counts=detections_by_rule(self.viewer, connection=self.connection).get(rule.id, _NEVER),
            found=[
                DetectionRow(one, shown.of(one), self.connection.slug, {}) for one in rows[:_NEWEST]
            ],
            reads_logs=reads_logs(self.connection),
            **kwargs,
        )


def condition_words(condition: RuleCondition) -> tuple[str, str]:
    """Return what a condition means, and its arguments."""
    return PREDICATES[condition.predicate].means, ", ".join(condition.arguments)
