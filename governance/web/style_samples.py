"""Made-up things for the style page."""

from typing import Any, Final

TOKENS: Final = (
    *("page", "surface", "sunken", "line", "line-strong", "ink", "ink-2", "ink-3"),
    *("accent", "accent-solid", "accent-soft", "always", "cond", "track", "cut"),
    *("ok", "ok-soft", "warn", "warn-soft", "bad", "bad-soft"),
)

NODES: Final[list[dict[str, Any]]] = [
    {
        "id": "r-ab12",
        "parent": "",
        "depth": 0,
        "icon": "building",
        "name": "Root",
        "accounts": 60,
        "has_children": True,
        "own": 1,
        "inherited": 0,
        "state": "partial",
        "words": "58 of 60",
    },
    {
        "id": "ou-ab12-workloads1",
        "parent": "r-ab12",
        "depth": 1,
        "icon": "folder",
        "name": "Workloads",
        "accounts": 38,
        "has_children": True,
        "own": 2,
        "inherited": 1,
        "state": "collected",
        "words": "14 min",
    },
    {
        "id": "ou-ab12-workprod01",
        "parent": "ou-ab12-workloads1",
        "depth": 2,
        "icon": "folder",
        "name": "Workloads Production",
        "parent_name": "Workloads",
        "accounts": 1,
        "has_children": True,
        "own": 0,
        "inherited": 3,
        "state": "stale",
        "words": "3 days",
    },
    {
        "id": "111122223333",
        "parent": "ou-ab12-workprod01",
        "depth": 3,
        "icon": "box",
        "name": "payments-production",
        "accounts": 1,
        "has_children": False,
        "own": 1,
        "inherited": 3,
        "state": "denied",
        "words": "Denied",
        "selected": True,
    },
    {
        "id": "ou-ab12-sandbox001",
        "parent": "r-ab12",
        "depth": 1,
        "icon": "folder",
        "name": "Sandbox",
        "accounts": 12,
        "has_children": False,
        "own": 0,
        "inherited": 1,
        "state": "unknown",
        "words": "Not known",
    },
]
ROWS: Final = [
    {"name": f"payments-{stage}", "id": f"11112222333{number}", "state": state, "accounts": number}
    for number, (stage, state) in enumerate(
        [
            ("development", "collected"),
            ("test", "collected"),
            ("staging", "partial"),
            ("production", "denied"),
            ("archive", "stale"),
            ("sandbox", "unknown"),
            ("old", "failed"),
        ]
    )
]
COVERAGE: Final[list[dict[str, str]]] = [
    {"label": "Account summary", "state": "complete"},
    {"label": "Authorization details", "state": "complete"},
    {"label": "Password policy", "state": "complete"},
    {
        "label": "Credential report",
        "state": "denied",
        "message": "iam:GenerateCredentialReport is missing from the audit role.",
        "remedy": "Deploy docs/roles/audit.yaml again.",
        "fix_href": "#fix",
    },
    {
        "label": "SAML providers",
        "state": "throttled",
        "message": "AWS answered Throttling in the last 4 runs.",
        "remedy": "Nothing to do: the next run asks again.",
    },
    {"label": "OIDC providers", "state": "unknown"},
    {"label": "Account aliases", "state": "unsupported"},
]
PROGRESS: Final[list[dict[str, Any]]] = [
    {"label": "Organization", "words": "48 calls", "state": "done", "done": 1, "whole": 1},
    {"label": "Accounts", "words": "37 of 60", "state": "now", "done": 37, "whole": 60},
    {"label": "Finish", "words": "coverage and totals", "state": "next", "done": 0, "whole": 1},
]
LEVELS: Final[list[dict[str, Any]]] = [
    {
        "icon": "building",
        "name": "Root",
        "target_id": "r-ab12",
        "policies": [{"name": "Deny leaving the organization", "effect": "deny"}],
        "words": "\N{MINUS SIGN}1 in 1 service",
        "whole": 22321,
        "always": 22320,
        "cond": 0,
        "cut": 1,
        "left": 22320,
        "bar_words": "22,320 of 22,321 actions left, 1 removed here",
    },
    {
        "icon": "folder",
        "name": "Workloads",
        "target_id": "ou-ab12-workloads1",
        "policies": [
            {"name": "Deny unassessed services", "effect": "deny"},
            {"name": "Deny root user", "effect": "deny", "idle": True},
        ],
        "words": "\N{MINUS SIGN}4,645 in 63 services · 1 without effect as assumed",
        "whole": 22321,
        "always": 17530,
        "cond": 145,
        "cut": 4645,
        "left": 17675,
        "bar_words": "17,675 of 22,321 actions left, 145 of them conditional, 4,645 removed here",
    },
    {
        "icon": "folder",
        "name": "Workloads Production",
        "parent_name": "Workloads",
        "target_id": "ou-ab12-workprod01",
        "policies": [
            {"name": "Approved services", "effect": "allow"},
            {"name": "FullAWSAccess", "effect": "allow", "silent": True},
        ],
        "words": "\N{MINUS SIGN}8,287 in 255 services",
        "whole": 22321,
        "always": 9243,
        "cond": 145,
        "cut": 8287,
        "left": 9388,
        "bar_words": "9,388 of 22,321 actions left, 145 of them conditional, 8,287 removed here",
    },
    {
        "icon": "box",
        "name": "payments-production",
        "target_id": "111122223333",
        "here": True,
        "policies": [{"name": "Deny deleting flow logs", "effect": "deny", "drifted": True}],
        "words": "\N{MINUS SIGN}1 in 1 service · unplanned",
        "whole": 22321,
        "always": 9242,
        "cond": 145,
        "cut": 1,
        "left": 9387,
        "bar_words": "9,387 of 22,321 actions left, 145 of them conditional, 1 removed here",
    },
]
POLICY_BEFORE: Final = """{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "Regions", "Effect": "Deny", "NotAction": ["iam:*", "organizations:*", "support:*"],
     "Resource": "*",
     "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-west-2",
       "eu-north-1", "us-east-1"]}}}
  ]
}"""
POLICY_AFTER: Final = POLICY_BEFORE.replace('"eu-north-1", ', "").replace(
    '"support:*"]', '"support:*", "sts:*"]'
)
