"""Detection rules as YAML files, and the JSON Schema that editors understand."""

from typing import Any, Final

import yaml

from governance.baseline.guardrails.state_kinds import OPERATORS
from governance.detections.rules.document import (
    DetectionRule,
    DetectionSeverity,
    DetectionSubjectKind,
    DetectionTopic,
    EventOutcome,
)
from governance.detections.rules.predicate_names import PREDICATES, ArgumentKind
from governance.detections.rules.reading import LONGEST_WINDOW_HOURS
from inventory.cloudtrail.denials import POLICY_TYPES

_TEXTS: Final = {"type": "array", "items": {"type": "string"}, "minItems": 1}


def detection_rule_file(rule: DetectionRule) -> str:
    """Return a rule as a file that `read_detection_rule` reads as the same rule."""
    return yaml.safe_dump(rule.as_json(), sort_keys=False, allow_unicode=True, width=100)


def detection_rule_schema() -> dict[str, Any]:
    """Return the JSON Schema of a detection rule's file (draft 2020-12).

    Names of events and actions, and the fields of events, are checked where the file is read.
    """
    conditions = _conditions()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Orgwarden detection rule",
        "type": "object",
        "additionalProperties": False,
        "required": ["id", "title", "why", "topic", "severity", "subject", "remedy"],
        "oneOf": [{"required": ["events"]}, {"required": ["usage"]}, {"required": ["denials"]}],
        "properties": {
            "id": {"type": "string", "pattern": "^[a-z][a-z0-9]*(-[a-z0-9]+)*$", "maxLength": 80},
            "title": {"type": "string", "description": "What happened, without a full stop."},
            "why": {"type": "string", "description": "Why someone should look at it."},
            "topic": {"enum": [one.value for one in DetectionTopic]},
            "severity": {"enum": [one.value for one in DetectionSeverity]},
            "events": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["source", "names"],
                    "properties": {
                        "source": {"type": "string", "pattern": "^[a-z0-9-]+\\.amazonaws\\.com$"},
                        "names": _TEXTS,
                        "where": _where(),
                        "outcome": {"enum": [one.value for one in EventOutcome]},
                    },
                },
            },
            "usage": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"actions": _TEXTS, "where": _where()},
                "description": "Accesses as they were counted on a day.",
            },
            "denials": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "policy_types": {"type": "array", "items": {"enum": list(POLICY_TYPES)}},
                    "where": _where(),
                },
                "description": "Denied calls as they were counted on a day.",
            },
            "when": {**conditions, "description": "All of them hold."},
            "unless": {**conditions, "description": "None of them holds."},
            "subject": {
                "type": "object",
                "additionalProperties": False,
                "required": ["kind"],
                "properties": {
                    "kind": {"enum": [one.value for one in DetectionSubjectKind]},
                    "fields": {**_TEXTS, "description": "The first that the event has."},
                },
            },
            "window_hours": {"type": "integer", "minimum": 1, "maximum": LONGEST_WINDOW_HOURS},
            "at_least": {"type": "integer", "minimum": 1},
            "remedy": {"type": "string", "description": "What to do."},
            "references": _TEXTS,
        },
    }


def _where() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "Tests of the record by path, such as requestParameters.name.",
        "additionalProperties": {
            "oneOf": [
                {"type": ["string", "number", "boolean"]},
                {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {name: {} for name in OPERATORS},
                },
            ]
        },
    }


def _conditions() -> dict[str, Any]:
    plain = [one.name for one in PREDICATES.values() if one.arguments is ArgumentKind.NONE]
    given = [one for one in PREDICATES.values() if one.arguments is not ArgumentKind.NONE]
    return {
        "type": "array",
        "minItems": 1,
        "items": {
            "oneOf": [
                {"enum": plain},
                *(
                    {
                        "type": "object",
                        "additionalProperties": False,
                        "required": [one.name],
                        "properties": {
                            one.name: {
                                "type": "array",
                                "minItems": 1,
                                "items": {"enum": list(one.choices)}
                                if one.choices
                                else {"type": "string"},
                                "description": one.means,
                            }
                        },
                    }
                    for one in given
                ),
            ]
        },
    }
