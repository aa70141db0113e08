"""Which detection rules an organization has: the library's as it uses them, and its own."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Sum

from governance.access import rights
from governance.audit import actions
from governance.detections.models import DetectionRuleVersion
from governance.detections.rules.document import DetectionRule
from governance.detections.rules.reading import (
    DetectionRuleInvalid,
    detection_rule_of,
    read_detection_rule,
)
from governance.detections.rules.shipped import shipped_rules
from governance.edits.placed_reader import PlacedProblem
from governance.edits.written_rules import RuleInForce, RuleShelf
from inventory.cloudtrail.mapping import map_event
from inventory.logs.kept_events import is_always_kept, keep_also, kept_since
from inventory.models import Connection, DailyUsage

MOST_STORED_A_DAY: Final = 5_000
"""Events of one name that a rule may have stored whole; what is more frequent is counted."""

_COUNTED_DAYS: Final = 7

DetectionRuleInForce = RuleInForce[DetectionRule]


def keep_what_rules_name(connection: Connection, now: datetime) -> None:
    """Have the events stay whole that enabled rules ask for, in the transaction of a version."""
    keep_also(
        connection.pk,
        (pair for rule in enabled_rules(connection).values() for pair in rule.event_pairs()),
        now=now,
    )


DETECTION_RULES: Final = RuleShelf[DetectionRule, DetectionRuleVersion](
    model=DetectionRuleVersion,
    id_field="rule_id",
    noun="detection rule",
    shipped=shipped_rules,
    stored=detection_rule_of,
    right=rights.MANAGE_DETECTION_RULES,
    write_action=actions.DETECTION_RULE_WRITE,
    switch_action=actions.DETECTION_RULE_SWITCH,
    written=keep_what_rules_name,
    passes_over=(DetectionRuleInvalid,),
)
"""What services write and selectors read of detection rules, version by version."""


def rules_in_force(connection: Connection) -> Mapping[str, DetectionRuleInForce]:
    """Return every rule of an organization by its id, disabled ones too, in order."""
    return DETECTION_RULES.all_in_force(connection)


def enabled_rules(connection: Connection) -> Mapping[str, DetectionRule]:
    """Return the rules by which what is read of an organization's logs is judged."""
    return {
        rule_id: one.document for rule_id, one in rules_in_force(connection).items() if one.enabled
    }


def rule_in_force(connection: Connection, rule_id: str) -> DetectionRuleInForce | None:
    """Return one rule as an organization uses it; None: there is none of that id."""
    return DETECTION_RULES.in_force(connection, rule_id)


def read_rule_for(connection: Connection, content: bytes, *, now: datetime) -> DetectionRule:
    """Read a rule that somebody writes, and check that the logs can store what it names.

    :raises DetectionRuleInvalid: naming every line that is wrong.
    """
    rule = read_detection_rule(content)
    known = kept_since(connection.pk)
    problems = []
    for at, pattern in enumerate(rule.events):
        for number, name in enumerate(pattern.names):
            pair = pattern.source, name
            if pair in known or is_always_kept(*pair):
                continue
            calls = _calls_a_day(connection, *pair, now=now)
            if calls > MOST_STORED_A_DAY:
                problems.append(
                    PlacedProblem(
                        _line_of(content, name),
                        f"events.{at}.names.{number}",
                        f"{name} is called {calls:,} times a day, and events are stored one by "
                        f"one up to {MOST_STORED_A_DAY:,} a day: write a usage pattern instead",
                    )
                )
    if problems:
        raise DetectionRuleInvalid(problems)
    return rule


def _calls_a_day(connection: Connection, source: str, name: str, *, now: datetime) -> int:
    """Return how often the main action of an event was used a day, over the last days."""
    actions = map_event(source, name).actions
    if not actions:
        return 0
    rows = DailyUsage.objects.filter(
        connection=connection,
        day__gte=now.date() - timedelta(days=_COUNTED_DAYS),
        access__action=actions[0],
    )
    return int(rows.aggregate(calls=Sum("count"))["calls"] or 0) // _COUNTED_DAYS


def _line_of(content: bytes, name: str) -> int:
    lines = content.decode("utf-8-sig").splitlines()
    return next((number for number, line in enumerate(lines, 1) if name in line), 1)
