"""Guardrails as YAML files, as the library has them, and the schema that editors understand."""

from typing import Any, Final

import yaml

from governance.access.owners.environments import Environment
from governance.baseline.guardrails.documents import (
    Expectation,
    Framework,
    GuardrailDocument,
    GuardrailSeverity,
    GuardrailTopic,
    ManagementAccount,
    Within,
)
from governance.baseline.guardrails.state_kinds import (
    OPERATORS,
    edge_services,
    policy_kinds,
)
from governance.baseline.landing_zone.models import CoreAccount
from inventory.models import AccountSetting, OrganizationSetting
from inventory.service_facts import SERVICE_KINDS

_TEXTS: Final = {"type": "array", "items": {"type": "string"}, "minItems": 1}


def guardrail_file(document: GuardrailDocument) -> str:
    """Return a guardrail as a file that `read_guardrail` reads as the same guardrail."""
    return yaml.safe_dump(document.as_json(), sort_keys=False, allow_unicode=True, width=100)


def guardrail_schema() -> dict[str, Any]:
    """Return the JSON Schema of a guardrail's file (draft 2020-12).

    An editor that knows it completes members and shows what they mean. Actions, condition keys and
    what is in the organization are checked where the file is read.
    """
    selection = _selection()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Orgwarden guardrail",
        "type": "object",
        "additionalProperties": False,
        "required": ["id", "title", "why", "topic", "severity", "remedy"],
        "anyOf": [{"required": ["effect"]}, {"required": ["state"]}],
        "properties": {
            "id": {"type": "string", "pattern": "^[a-z][a-z0-9]*(-[a-z0-9]+)*$", "maxLength": 80},
            "title": {"type": "string", "description": "What holds, in one sentence."},
            "why": {"type": "string", "description": "What happens where it does not hold."},
            "topic": {"enum": [one.value for one in GuardrailTopic]},
            "severity": {"enum": [one.value for one in GuardrailSeverity]},
            "scope": {
                "type": "object",
                "additionalProperties": False,
                "description": "Where it has to hold. Empty: in every account.",
                "properties": {
                    **selection["properties"],
                    "core_accounts": {
                        "type": "array",
                        "items": {"enum": list(CoreAccount.Purpose.values)},
                    },
                    "management_account": {"enum": [one.value for one in ManagementAccount]},
                    "except": selection,
                },
            },
            "effect": {
                "oneOf": [_effect(), {"type": "array", "items": _effect(), "minItems": 1}],
                "description": "Who may do what, decided under SCPs and RCPs.",
            },
            "state": {
                "oneOf": [_state(), {"type": "array", "items": _state(), "minItems": 1}],
                "description": "What was read in every account and region.",
            },
            "remedy": {
                "type": "object",
                "additionalProperties": False,
                "required": ["text"],
                "dependentRequired": {"policy": ["policy_type"], "policy_type": ["policy"]},
                "properties": {
                    "text": {"type": "string"},
                    "policy_type": {"enum": ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"]},
                    "policy": {"type": "object"},
                },
            },
            "references": {
                "type": "object",
                "additionalProperties": False,
                "properties": {one.value: _TEXTS for one in Framework},
            },
        },
    }


def _selection() -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "organizational_units": {
                **_TEXTS,
                "description": "Ids, or names from below the root: Workloads/Prod.",
            },
            "accounts": _TEXTS,
            "environments": {
                "type": "array",
                "items": {"enum": [one.value for one in Environment]},
            },
            "tags": {"type": "object", "additionalProperties": _TEXTS},
        },
    }


def _effect() -> dict[str, Any]:
    block = {"type": "object", "description": "A condition block as in a policy."}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["actions"],
        "properties": {
            "actions": {**_TEXTS, "description": "Nobody may do these."},
            "resources": {
                **_TEXTS,
                "description": "On these; then outsiders are asked about too.",
            },
            "principals_except": {**_TEXTS, "description": "But for these: ARN patterns."},
            "unless": {"oneOf": [block, {"type": "array", "items": block, "minItems": 1}]},
        },
    }


def _state() -> dict[str, Any]:
    tests = {
        "type": "object",
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
    settings = [*AccountSetting.Name.values, *OrganizationSetting.OrganizationSettingName.values]
    return {
        "type": "object",
        "additionalProperties": False,
        "oneOf": [
            {"required": ["service", "kind"]},
            {"required": ["setting"]},
            {"required": ["edges"]},
            {"required": ["policies"]},
        ],
        "properties": {
            "service": {"enum": sorted({one.service for one in SERVICE_KINDS.values()})},
            "kind": {"enum": sorted({one.kind for one in SERVICE_KINDS.values()})},
            "setting": {"enum": settings},
            "edges": {"enum": list(edge_services())},
            "policies": {"enum": list(policy_kinds())},
            "where": tests,
            "holds": tests,
            "expect": {"enum": [one.value for one in Expectation]},
            "within": {"enum": [one.value for one in Within]},
            "says": {"type": "string", "description": "The sentence for a failure."},
        },
    }
