"""Rules and occurrences → matches: patterns by index, then conditions. Unknown excludes nothing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from governance.baseline.guardrails.state_tests import passes
from governance.detections.facts import OrganizationFacts
from governance.detections.occurrences import Occurrence, subject_of
from governance.detections.predicates import holds
from governance.detections.rules.document import (
    DetectionRule,
    EventPattern,
    RuleCondition,
    SourceOfPattern,
)


@dataclass(frozen=True, slots=True)
class RuleMatch:
    """A rule that an occurrence trips. `unknown`: the conditions that could not be decided."""

    rule: DetectionRule
    occurrence: Occurrence
    subject: str
    unknown: tuple[str, ...] = ()


class RuleIndex:
    """Rules by what they ask for, so that an event is tested by few of them."""

    def __init__(self, rules: Iterable[DetectionRule]) -> None:
        self._by_event: dict[tuple[str, str], list[tuple[DetectionRule, EventPattern]]] = {}
        self.usage: list[DetectionRule] = []
        self.denials: list[DetectionRule] = []
        for rule in rules:
            if rule.pattern_source is SourceOfPattern.USAGE:
                self.usage.append(rule)
            elif rule.pattern_source is SourceOfPattern.DENIALS:
                self.denials.append(rule)
            for pattern in rule.events:
                for name in pattern.names:
                    self._by_event.setdefault((pattern.source, name), []).append((rule, pattern))

    def of_event(self, occurrence: Occurrence, facts: OrganizationFacts) -> Iterator[RuleMatch]:
        """Yield the rules that an event trips, each once."""
        tripped: set[str] = set()
        pair = (occurrence.event_source, occurrence.event_name)
        for rule, pattern in self._by_event.get(pair, ()):
            if rule.id in tripped or not occurrence.has_outcome(pattern.outcome):
                continue
            if not _passes(pattern.where, occurrence):
                continue
            found = judged(rule, occurrence, facts)
            if found is not None:
                tripped.add(rule.id)
                yield found

    def of_usage(self, occurrence: Occurrence, facts: OrganizationFacts) -> Iterator[RuleMatch]:
        """Yield the rules that a day's access trips."""
        for rule in self.usage:
            pattern = rule.usage
            if pattern is None or (
                pattern.actions and occurrence.event_name not in pattern.actions
            ):
                continue
            if _passes(pattern.where, occurrence):
                found = judged(rule, occurrence, facts)
                if found is not None:
                    yield found

    def of_denial(self, occurrence: Occurrence, facts: OrganizationFacts) -> Iterator[RuleMatch]:
        """Yield the rules that a day's denied calls trip."""
        for rule in self.denials:
            pattern = rule.denials
            if pattern is None:
                continue
            named = occurrence.field("policy_type")
            if pattern.policy_types and named not in pattern.policy_types:
                continue
            if _passes(pattern.where, occurrence):
                found = judged(rule, occurrence, facts)
                if found is not None:
                    yield found


def judged(
    rule: DetectionRule, occurrence: Occurrence, facts: OrganizationFacts
) -> RuleMatch | None:
    """Return the match, if all of `when` and none of `unless` hold; unknown excludes none."""
    unknown: list[str] = []
    for condition in rule.when:
        held = holds(condition, occurrence, facts)
        if held is False:
            return None
        _note(unknown, condition, held)
    for condition in rule.unless:
        held = holds(condition, occurrence, facts)
        if held is True:
            return None
        _note(unknown, condition, held)
    subject = subject_of(rule.subject, occurrence, facts.organization_id)
    return RuleMatch(rule, occurrence, subject, tuple(unknown))


def _note(unknown: list[str], condition: RuleCondition, held: bool | None) -> None:
    if held is None and condition.predicate not in unknown:
        unknown.append(condition.predicate)


def _passes(where: Mapping[str, Any], occurrence: Occurrence) -> bool:
    return not where or passes(where, occurrence.field) is True
