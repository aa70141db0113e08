"""Answers about ceilings as the documentation shows them."""

from typing import Any, Final

_API: Final = (
    "https://orgwarden.example.org/api/v1/organizations/acme/accounts/222222222224/ceiling"
)
_PAGE: Final = "https://orgwarden.example.org/o/acme/accounts/222222222224/"
_ASSUMED: Final = ["aws:RequestedRegion=eu-west-1", "principal!=root"]
_COVERAGE: Final = {
    "knowledge": "collected",
    "total": 14,
    "complete": 14,
    "denied": 0,
    "unsupported": 0,
    "oldest_complete_at": "2026-11-23T08:00:00Z",
    "newest_attempt_at": "2026-11-23T08:00:00Z",
}

CEILING: Final[dict[str, Any]] = {
    "target_id": "222222222224",
    "target_type": "ACCOUNT",
    "name": "payments-test",
    "policy_type": "SERVICE_CONTROL_POLICY",
    "binding": "bound",
    "assumptions": _ASSUMED,
    "actions": {
        "total": 20_111,
        "always": 18_870,
        "conditional": 120,
        "never": 1_121,
        "unknown": 0,
    },
    "levels": [
        {
            "target_id": "ou-ab12-work0001",
            "target_type": "ORGANIZATIONAL_UNIT",
            "name": "Workloads",
            "strategy": "deny_list",
            "breaks_allow_chain": False,
            "policies": [
                {
                    "policy_id": "p-regio001",
                    "name": "deny-regions",
                    "readable": True,
                    "denies": True,
                    "has_effect": True,
                    "why_no_effect": "",
                    "diagnostics": [],
                }
            ],
            "removed": 1_121,
            "removed_by_service": {"ec2": 790, "rds": 331},
            "made_conditional": 120,
            "left_always": 18_870,
            "left_conditional": 120,
            "left_unknown": 0,
        }
    ],
    "unreadable": [],
    "services_url": f"{_API}/services",
    "page": _PAGE,
}
SERVICES: Final[dict[str, Any]] = {
    "results": [
        {
            "service": "ec2",
            "name": "Amazon EC2",
            "total": 790,
            "always": 0,
            "conditional": 0,
            "never": 790,
            "unknown": 0,
            "decided_at": [{"target_id": "ou-ab12-work0001", "name": "Workloads", "actions": 790}],
            "actions_url": f"{_API}/services/ec2/actions",
        }
    ],
    "next": None,
    "coverage": _COVERAGE,
}
ACTIONS: Final[dict[str, Any]] = {
    "results": [
        {
            "action": "ec2:RunInstances",
            "access_level": "Write",
            "outcome": "never",
            "url": f"{_API}/services/ec2/actions/RunInstances",
        }
    ],
    "next": None,
    "coverage": _COVERAGE,
}
DECISION: Final[dict[str, Any]] = {
    "action": "ec2:RunInstances",
    "access_level": "Write",
    "outcome": "never",
    "policy_type": "SERVICE_CONTROL_POLICY",
    "binding": "bound",
    "assumptions": _ASSUMED,
    "is_limited_by_type": True,
    "depends_on": [],
    "statements": [
        {
            "effect": "Deny",
            "policy_id": "p-regio001",
            "policy_name": "deny-regions",
            "number": 1,
            "sid": "",
            "target_id": "ou-ab12-work0001",
            "target_name": "Workloads",
            "by_resource": False,
            "conditions": [],
            "first_line": 4,
            "last_line": 8,
        }
    ],
    "not_allowed_at": [],
    "unreadable": [],
    "page": f"{_PAGE}ceiling/ec2/RunInstances/",
}
GROUPS: Final[dict[str, Any]] = {
    "results": [
        {
            "accounts": 2,
            "account_ids": ["222222222222", "222222222223"],
            "binding": "bound",
            "actions": {
                "total": 20_111,
                "always": 159,
                "conditional": 0,
                "never": 19_952,
                "unknown": 0,
            },
            "is_as_the_unit": False,
            "removed": 18_831,
            "removed_by_service": {"iam": 188, "lambda": 85},
            "made_conditional": 0,
            "gained": 0,
            "separated_by": [
                {
                    "policy_id": "p-allowlst",
                    "name": "allow-approved-services",
                    "target_ids": ["ou-ab12-prod0001"],
                    "accounts": 2,
                }
            ],
        }
    ],
    "next": None,
    "coverage": _COVERAGE,
}
