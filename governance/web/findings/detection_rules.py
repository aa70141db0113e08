"""Detection rules: the list with what each found, and one as its file has it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import Http404

from governance.access import rights
from governance.detections.judgeable import read_for_rules
from governance.detections.rules.document import (
    DETECTION_TOPIC_LABELS,
    SUBJECT_LABELS,
    DetectionRule,
    DetectionTopic,
    RuleCondition,
)
from governance.detections.rules.files import detection_rule_file
from governance.detections.rules.predicate_names import PREDICATES
from governance.detections.selectors import RuleDetections, detections, detections_by_rule
from governance.detections.shown import DetectionsShown
from governance.detections.written_rules import (
    DETECTION_RULES,
    DetectionRuleInForce,
    rule_in_force,
    rules_in_force,
)
from governance.web.findings.detections import DetectionRow
from governance.web.findings.frame import FindingScreen
from governance.web.parts.pages import Crumb, Fact, Tab
from inventory.logs.kept_events import kept_since

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
        rules = rules_in_force(self.connection).values()
        read = read_for_rules(self.connection)
        topics = [
            (
                DETECTION_TOPIC_LABELS[topic],
                [
                    (one, found.get(one.id, _NEVER), read.unknown_because(one.document))
                    for one in rules
                    if one.document.topic is topic
                ],
            )
            for topic in DetectionTopic
        ]
        return super().get_context_data(
            topics=[(label, held) for label, held in topics if held],
            may_manage=self.may(rights.MANAGE_DETECTION_RULES),
            rule_count=len(rules),
            unreadable=DETECTION_RULES.unreadable(self.connection),
            read=read,
            **kwargs,
        )


class DetectionRulePage(FindingScreen):
    """One rule: why, what it looks for, what to do, and what it found last."""

    required_right = rights.VIEW_FINDINGS
    template_name = "governance/findings/detection_rule.html"
    in_force: DetectionRuleInForce

    def begin(self) -> None:
        """Find the rule.

        :raises Http404: there is none of this id.
        """
        super().begin()
        found = rule_in_force(self.connection, self.kwargs["detection_rule_id"])
        if found is None:
            raise Http404(f"There is no detection rule {self.kwargs['detection_rule_id']}.")
        self.in_force = found

    @property
    def rule(self) -> DetectionRule:
        """What the rule says."""
        return self.in_force.document

    def get_facts(self) -> Sequence[Fact]:
        """Return who wrote it, and which version is in force."""
        one = self.in_force
        source = "Library" if one.is_shipped else "Your organization"
        facts = [Fact("Source", "Library, changed" if one.is_changed else source)]
        if one.version:
            facts.append(Fact("Version", f"{one.version} by {one.made_by}"))
        return facts

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
            Crumb(self.rule.id),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the rule in words and as its file, and its newest detections."""
        rule = self.rule
        rows = detections(self.viewer, connection=self.connection, rules=[rule.id])
        shown = DetectionsShown(self.viewer, self.connection)
        return super().get_context_data(
            rule=rule,
            in_force=self.in_force,
            versions=DETECTION_RULES.versions(self.connection, rule.id)[:20],
            stored_since=self.stored_since(),
            may_manage=self.may(rights.MANAGE_DETECTION_RULES),
            topic=DETECTION_TOPIC_LABELS[rule.topic],
            subject=SUBJECT_LABELS[rule.subject.kind],
            when=[condition_words(one) for one in rule.when],
            unless=[condition_words(one) for one in rule.unless],
            text=detection_rule_file(rule),
            counts=detections_by_rule(self.viewer, connection=self.connection).get(rule.id, _NEVER),
            found=[
                DetectionRow(one, shown.of(one), self.connection.slug, {}) for one in rows[:_NEWEST]
            ],
            unknown_because=read_for_rules(self.connection).unknown_because(rule),
            **kwargs,
        )

    def stored_since(self) -> list[tuple[str, datetime]]:
        """Return the events that stay whole because of such rules, each with since when."""
        known = kept_since(self.connection.pk)
        pairs = dict.fromkeys(self.rule.event_pairs())
        return [(f"{pair[0]}:{pair[1]}", known[pair]) for pair in pairs if pair in known]


def condition_words(condition: RuleCondition) -> tuple[str, str]:
    """Return what a condition means, and its arguments."""
    return PREDICATES[condition.predicate].means, ", ".join(condition.arguments)
