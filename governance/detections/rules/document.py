"""What a detection rule says, as its file has it: patterns, conditions, subject, severity."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from governance.baseline.guardrails.documents import GuardrailSeverity
from inventory.digests import sha256

DetectionSeverity = GuardrailSeverity


class DetectionTopic(StrEnum):
    """What a detection rule is about."""

    POLICIES = "policies"
    ORGANIZATION = "organization"
    IDENTITY = "identity"
    ACCESS = "access"
    LOGGING = "logging"
    SHARING = "sharing"
    DENIALS = "denials"


DETECTION_TOPIC_LABELS: Final[Mapping[DetectionTopic, str]] = {
    DetectionTopic.POLICIES: "Organization policies",
    DetectionTopic.ORGANIZATION: "Organization",
    DetectionTopic.IDENTITY: "Identities and trust",
    DetectionTopic.ACCESS: "Access",
    DetectionTopic.LOGGING: "Logging and detection services",
    DetectionTopic.SHARING: "External sharing",
    DetectionTopic.DENIALS: "Denied calls",
}


class DetectionSubjectKind(StrEnum):
    """What a detection is about: alike events about one subject are one detection a window."""

    ACCOUNT = "account"
    ORGANIZATIONAL_UNIT = "organizational_unit"
    POLICY = "policy"
    PRINCIPAL = "principal"
    ROLE = "role"
    USER = "user"
    SERVICE = "service"
    RESOURCE = "resource"
    ORGANIZATION = "organization"


SUBJECT_LABELS: Final[Mapping[DetectionSubjectKind, str]] = {
    DetectionSubjectKind.ACCOUNT: "Account",
    DetectionSubjectKind.ORGANIZATIONAL_UNIT: "OU",
    DetectionSubjectKind.POLICY: "Policy",
    DetectionSubjectKind.PRINCIPAL: "Principal",
    DetectionSubjectKind.ROLE: "Role",
    DetectionSubjectKind.USER: "User",
    DetectionSubjectKind.SERVICE: "Service",
    DetectionSubjectKind.RESOURCE: "Resource",
    DetectionSubjectKind.ORGANIZATION: "Organization",
}


class EventOutcome(StrEnum):
    """Whether a call went through."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ANY = "any"


class SourceOfPattern(StrEnum):
    """What a pattern is matched with: events, daily usage, or daily denials."""

    EVENTS = "events"
    USAGE = "usage"
    DENIALS = "denials"


@dataclass(frozen=True, slots=True)
class EventPattern:
    """Events by service and name. `where`: tests of the record by path, all of them pass."""

    source: str
    names: tuple[str, ...]
    where: Mapping[str, Any] = field(default_factory=dict)
    outcome: EventOutcome = EventOutcome.SUCCEEDED

    def as_json(self) -> dict[str, Any]:
        """Return it as a file has it."""
        found: dict[str, Any] = {"source": self.source, "names": list(self.names)}
        if self.where:
            found["where"] = dict(self.where)
        if self.outcome is not EventOutcome.SUCCEEDED:
            found["outcome"] = self.outcome.value
        return found


@dataclass(frozen=True, slots=True)
class UsagePattern:
    """Daily usage by action; no actions: all. `where`: tests of `principal`, `resource`, …"""

    actions: tuple[str, ...] = ()
    where: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return it as a file has it."""
        found: dict[str, Any] = {}
        if self.actions:
            found["actions"] = list(self.actions)
        if self.where:
            found["where"] = dict(self.where)
        return found


@dataclass(frozen=True, slots=True)
class DenialPattern:
    """Daily denials. `policy_types`: only those that AWS's message puts down to one of these."""

    policy_types: tuple[str, ...] = ()
    where: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return it as a file has it."""
        found: dict[str, Any] = {}
        if self.policy_types:
            found["policy_types"] = list(self.policy_types)
        if self.where:
            found["where"] = dict(self.where)
        return found


@dataclass(frozen=True, slots=True)
class RuleCondition:
    """A named predicate over the inventory with its arguments."""

    predicate: str
    arguments: tuple[str, ...] = ()

    def as_json(self) -> str | dict[str, list[str]]:
        """Return it as a file has it."""
        return {self.predicate: list(self.arguments)} if self.arguments else self.predicate


@dataclass(frozen=True, slots=True)
class RuleSubject:
    """What a detection is about: the first of `fields` that the event has.

    No field: the event's account or principal, or the organization itself, by `kind`.
    """

    kind: DetectionSubjectKind
    fields: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as a file has it."""
        found: dict[str, Any] = {"kind": self.kind.value}
        if self.fields:
            found["fields"] = list(self.fields)
        return found


@dataclass(frozen=True, slots=True)
class DetectionRule:
    """One rule. A detection is raised when a pattern, all of `when` and none of `unless` hold.

    What is not known never excludes an event. `window_hours`: alike events about one subject within
    it are one detection; windows begin at 1970-01-01 in UTC. `at_least`: so many calls in a window.
    """

    id: str
    title: str
    why: str
    topic: DetectionTopic
    severity: DetectionSeverity
    subject: RuleSubject
    remedy: str
    events: tuple[EventPattern, ...] = ()
    usage: UsagePattern | None = None
    denials: DenialPattern | None = None
    when: tuple[RuleCondition, ...] = ()
    unless: tuple[RuleCondition, ...] = ()
    window_hours: int = 24
    at_least: int = 1
    references: tuple[str, ...] = ()

    @property
    def pattern_source(self) -> SourceOfPattern:
        """What its patterns are matched with."""
        if self.usage is not None:
            return SourceOfPattern.USAGE
        if self.denials is not None:
            return SourceOfPattern.DENIALS
        return SourceOfPattern.EVENTS

    def event_pairs(self) -> Iterator[tuple[str, str]]:
        """Yield service and name of each event that it asks for."""
        for pattern in self.events:
            for name in pattern.names:
                yield pattern.source, name

    @property
    def digest(self) -> str:
        """SHA-256 of what it says: equal for equal rules."""
        return sha256(json.dumps(self.as_json(), sort_keys=True, separators=(",", ":")))

    def as_json(self) -> dict[str, Any]:
        """Return the rule as its file has it."""
        found: dict[str, Any] = {
            "id": self.id,
            "title": self.title,
            "why": self.why,
            "topic": self.topic.value,
            "severity": self.severity.value,
        }
        if self.events:
            found["events"] = [one.as_json() for one in self.events]
        if self.usage is not None:
            found["usage"] = self.usage.as_json()
        if self.denials is not None:
            found["denials"] = self.denials.as_json()
        for name in ("when", "unless"):
            if conditions := getattr(self, name):
                found[name] = [one.as_json() for one in conditions]
        found["subject"] = self.subject.as_json()
        if self.window_hours != 24:
            found["window_hours"] = self.window_hours
        if self.at_least != 1:
            found["at_least"] = self.at_least
        found["remedy"] = self.remedy
        if self.references:
            found["references"] = list(self.references)
        return found
