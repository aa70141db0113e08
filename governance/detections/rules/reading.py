"""A detection rule's file → what it says, or everything that is wrong with it, by line.

id: trail-stopped
title: CloudTrail trail stopped or deleted
events:
  - source: cloudtrail.amazonaws.com
    names: [StopLogging, DeleteTrail]
unless: [{principal_matches: [platform_roles]}]
subject: {kind: resource, fields: [requestParameters.name]}
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from governance.baseline.guardrails.policy_checks import action_problem
from governance.baseline.guardrails.state_kinds import OPERATORS
from governance.detections.rules.document import (
    DenialPattern,
    DetectionRule,
    DetectionSeverity,
    DetectionSubjectKind,
    DetectionTopic,
    EventOutcome,
    EventPattern,
    RuleCondition,
    RuleSubject,
    UsagePattern,
)
from governance.detections.rules.event_names import event_name_problem
from governance.detections.rules.predicate_names import (
    PREDICATES,
    ROLE_LISTS,
    ArgumentKind,
)
from governance.edits.placed_reader import FileInvalid, Path, PlacedProblem, PlacedReader
from governance.edits.placed_yaml import PlacedValue, YamlUnreadable, read_placed
from governance.edits.suggestions import meant_or_listed
from inventory.cloudtrail.denials import POLICY_TYPES

MEMBERS: Final = (
    *("id", "title", "why", "topic", "severity", "events", "usage", "denials"),
    *("when", "unless", "subject", "window_hours", "at_least", "remedy", "references"),
)
EVENT: Final = ("source", "names", "where", "outcome")
USAGE: Final = ("actions", "where")
DENIALS: Final = ("policy_types", "where")
SUBJECT: Final = ("kind", "fields")
USAGE_FIELDS: Final = ("principal", "action", "resource", "account_id", "region", "context")
DENIAL_FIELDS: Final = (
    *("principal", "action", "resource", "account_id", "region"),
    *("policy_type", "policy", "reason"),
)
EVENT_FIELDS: Final = (
    *("requestParameters", "responseElements", "additionalEventData", "serviceEventDetails"),
    *("userIdentity", "sourceIPAddress", "userAgent", "errorCode", "errorMessage", "awsRegion"),
    *("eventType", "readOnly", "recipientAccountId", "resources", "tlsDetails"),
)
LONGEST_WINDOW_HOURS: Final = 24 * 31

_ID: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_ROLE: Final = re.compile(r"arn:[\w*?-]+:(iam|sts)::[\d*?]+:.+")
_OWN_KINDS: Final = (
    DetectionSubjectKind.ACCOUNT,
    DetectionSubjectKind.PRINCIPAL,
    DetectionSubjectKind.ORGANIZATION,
)


class DetectionRuleInvalid(FileInvalid):
    """A file holds no detection rule."""


def read_detection_rule(content: bytes, *, file: str = "") -> DetectionRule:
    """Read a rule from YAML or JSON.

    :raises DetectionRuleInvalid: naming every line that is wrong, and what was meant if that is
        clear.
    """
    try:
        placed = read_placed(content, typed_below=frozenset({"where"}))
    except YamlUnreadable as error:
        raise DetectionRuleInvalid([PlacedProblem(error.line, "", str(error))], file=file) from None
    reader = _DetectionRuleReader(placed)
    rule = reader.rule()
    if reader.problems or rule is None:
        raise DetectionRuleInvalid(reader.problems, file=file)
    return rule


def detection_rule_of(stored: Mapping[str, Any]) -> DetectionRule:
    """Return a rule that was read before, from its JSON; names of AWS's are not checked again.

    What AWS no longer has, such as an action, must not take a rule out of force.
    """
    reader = _DetectionRuleReader(PlacedValue(dict(stored), {(): 1}), checks=False)
    rule = reader.rule()
    if reader.problems or rule is None:
        raise DetectionRuleInvalid(reader.problems)
    return rule


class _DetectionRuleReader(PlacedReader):
    """Reads a detection rule. `checks`: whether names of events and actions have to be known."""

    def __init__(self, placed: PlacedValue, *, checks: bool = True) -> None:
        super().__init__(placed)
        self._checks = checks

    def rule(self) -> DetectionRule | None:
        """Return the rule; None where anything is wrong."""
        value = self._placed.value
        if not isinstance(value, Mapping):
            self._wrong((), f"a detection rule has members: {', '.join(MEMBERS)}")
            return None
        required = ("id", "title", "why", "subject", "remedy")
        self._members(value, MEMBERS, (), required=required)
        rule_id = self._text(value, "id", ())
        if rule_id and (not _ID.fullmatch(rule_id) or len(rule_id) > 80):
            self._wrong(("id",), "write small letters, digits and hyphens: trail-stopped")
        given = [name for name in ("events", "usage", "denials") if name in value]
        if len(given) != 1:
            self._wrong((), "give one of events, usage and denials")
        topic = self._choice(value, "topic", (), DetectionTopic, required=True)
        severity = self._choice(value, "severity", (), DetectionSeverity, required=True)
        rule = DetectionRule(
            id=rule_id,
            title=self._text(value, "title", ()),
            why=self._text(value, "why", ()),
            topic=DetectionTopic(topic or DetectionTopic.ACCESS),
            severity=DetectionSeverity(severity or DetectionSeverity.LOW),
            subject=self._subject(value.get("subject"), given[0] if given else "events"),
            remedy=self._text(value, "remedy", ()),
            events=self._events(value),
            usage=self._usage(value.get("usage")),
            denials=self._denials(value.get("denials")),
            when=self._conditions(value, "when"),
            unless=self._conditions(value, "unless"),
            window_hours=self._number(value, "window_hours", 24, LONGEST_WINDOW_HOURS),
            at_least=self._number(value, "at_least", 1, 1_000_000),
            references=self._texts(value, "references", ()),
        )
        if not rule.events and rule.window_hours % 24:
            self._wrong(("window_hours",), "usage is known by day: give a multiple of 24")
        return None if self.problems else rule

    def _number(self, value: Mapping[str, Any], name: str, default: int, most: int) -> int:
        found = value.get(name)
        if found is None:
            return default
        text = str(found)
        if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= most):
            self._wrong((name,), f"give a number from 1 to {most:,}")
            return default
        return int(text)

    def _events(self, value: Mapping[str, Any]) -> tuple[EventPattern, ...]:
        found = []
        for path, one in self._listed(value, "events"):
            if not isinstance(one, Mapping):
                self._wrong(path, f"an event pattern has members: {', '.join(EVENT)}")
                continue
            self._members(one, EVENT, path, required=("source", "names"))
            source = self._text(one, "source", path)
            names = self._texts(one, "names", path)
            for number, name in enumerate(names if self._checks else ()):
                about_source, problem = event_name_problem(source, name)
                if problem:
                    place = ("source",) if about_source else ("names", number)
                    self._wrong((*path, *place), problem)
                    if about_source:
                        break
            outcome = self._choice(one, "outcome", path, EventOutcome)
            found.append(
                EventPattern(
                    source,
                    names,
                    self._where(one, path, EVENT_FIELDS),
                    EventOutcome(outcome or EventOutcome.SUCCEEDED),
                )
            )
        return tuple(found)

    def _where(
        self, value: Mapping[str, Any], path: Path, known: Sequence[str]
    ) -> Mapping[str, Any]:
        where = self._object(value, "where", path)
        for name, test in where.items():
            place = (*path, "where", name)
            self._field(name, place, known)
            if isinstance(test, Mapping):
                for operator in test:
                    if operator not in OPERATORS:
                        hint = meant_or_listed(str(operator), OPERATORS, "there are")
                        self._wrong((*place, operator), f"there is no test {operator}; {hint}")
            elif isinstance(test, list):
                self._wrong(place, "write {one_of: [...]} for a list")
        return where

    def _field(self, name: str, path: Path, known: Sequence[str]) -> None:
        first = name.partition(".")[0]
        if first not in known:
            hint = meant_or_listed(first, known, "there are")
            self._wrong(path, f"there is no field {first[:80]}; {hint}")

    def _usage(self, value: Any) -> UsagePattern | None:
        if value is None:
            return None
        if not isinstance(value, Mapping):
            self._wrong(("usage",), f"a usage pattern has members: {', '.join(USAGE)}")
            return UsagePattern()
        self._members(value, USAGE, ("usage",), required=())
        actions = self._texts(value, "actions", ("usage",))
        for number, action in enumerate(actions):
            if "*" in action or "?" in action:
                self._wrong(("usage", "actions", number), "name each action, without wildcards")
            elif self._checks and (problem := action_problem(action)):
                self._wrong(("usage", "actions", number), problem)
        where = self._where(value, ("usage",), USAGE_FIELDS)
        if not actions and not where:
            self._wrong(("usage",), "give actions, or tests under where")
        return UsagePattern(actions, where)

    def _denials(self, value: Any) -> DenialPattern | None:
        if value is None:
            return None
        if not isinstance(value, Mapping):
            self._wrong(("denials",), f"a denial pattern has members: {', '.join(DENIALS)}")
            return DenialPattern()
        self._members(value, DENIALS, ("denials",), required=())
        types = self._texts(value, "policy_types", ("denials",))
        self._each_of(types, POLICY_TYPES, ("denials", "policy_types"))
        return DenialPattern(types, self._where(value, ("denials",), DENIAL_FIELDS))

    def _subject(self, value: Any, source: str) -> RuleSubject:
        if not isinstance(value, Mapping):
            if value is not None:
                self._wrong(("subject",), f"a subject has members: {', '.join(SUBJECT)}")
            return RuleSubject(DetectionSubjectKind.ACCOUNT)
        self._members(value, SUBJECT, ("subject",), required=("kind",))
        chosen = self._choice(value, "kind", ("subject",), DetectionSubjectKind)
        kind = DetectionSubjectKind(chosen or DetectionSubjectKind.ACCOUNT)
        fields = self._texts(value, "fields", ("subject",))
        known = {"events": EVENT_FIELDS, "usage": USAGE_FIELDS, "denials": DENIAL_FIELDS}[source]
        for number, name in enumerate(fields):
            self._field(name, ("subject", "fields", number), known)
        if not fields and kind not in _OWN_KINDS:
            self._wrong(("subject",), f"give the fields that name the {kind.value}")
        return RuleSubject(kind, fields)

    def _conditions(self, value: Mapping[str, Any], name: str) -> tuple[RuleCondition, ...]:
        found = []
        for path, one in self._listed(value, name):
            if isinstance(one, str):
                found.append(self._condition(one, (), path))
            elif isinstance(one, Mapping) and len(one) == 1:
                ((predicate, _),) = one.items()
                given = self._texts(one, str(predicate), path)
                found.append(self._condition(str(predicate), given, path))
            else:
                self._wrong(path, "give the name of a predicate, or {name: [arguments]}")
        return tuple(one for one in found if one is not None)

    def _condition(self, name: str, arguments: tuple[str, ...], path: Path) -> RuleCondition | None:
        predicate = PREDICATES.get(name)
        if predicate is None:
            hint = meant_or_listed(name, PREDICATES, "there are")
            self._wrong(path, f"there is no predicate {name[:80]}; {hint}")
            return None
        if predicate.arguments is ArgumentKind.NONE:
            if arguments:
                self._wrong(path, f"{name} takes no arguments")
        elif not arguments:
            self._wrong(path, f"{name} needs arguments: {{{name}: [...]}}")
        elif predicate.arguments is ArgumentKind.CHOICES:
            self._each_of(arguments, predicate.choices, (*path, name))
        elif predicate.arguments is ArgumentKind.FIELDS:
            for number, one in enumerate(arguments):
                self._field(one, (*path, name, number), EVENT_FIELDS)
        else:
            for number, one in enumerate(arguments):
                if one not in ROLE_LISTS and not _ROLE.fullmatch(one):
                    hint = meant_or_listed(one, ROLE_LISTS, "give an ARN pattern, or one of")
                    self._wrong((*path, name, number), f"{one[:80]} is not a role; {hint}")
        return RuleCondition(name, arguments)
