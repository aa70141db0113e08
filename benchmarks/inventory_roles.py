"""An organization of accounts with many roles, as a folder for the simulator."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import yaml

from demo.simulator import credentials

_ALLOWED: Final = ["*"]
_READER: Final = ["organizations:List*", "organizations:Describe*", "tag:GetResources"]
_TOOLING: Final = "tooling"


def write_organization_of_roles(
    folder: Path, *, accounts: int, roles: int, reads_all: bool = False
) -> None:
    """Write so many accounts, each with so many roles and an identity provider, the audit role one.

    One of them is the management account, and one has the key that the workers sign with.
    `reads_all`: every collector may read, not those of IAM and S3 alone.
    """
    others = accounts - 2
    written: dict[str, Any] = {
        "organization.yaml": {
            "name": "Roles",
            "id": "o-roles00001",
            "root_id": "r-role",
            "management_account": "management",
            "email_domain": "roles.example",
            "policy_types": ["SERVICE_CONTROL_POLICY"],
            "trusted_services": ["sso.amazonaws.com"],
        },
        "organizational-units.yaml": [{"name": "Workloads"}],
        "accounts/accounts.yaml": [
            {"name": "management", "id": _id(1), "profile": "management"},
            {"name": _TOOLING, "id": _id(2), "unit": "Workloads", "profile": _TOOLING},
            *(
                {
                    "name": f"workload-{number:02}",
                    "id": _id(number),
                    "unit": "Workloads",
                    "profile": "roles",
                }
                for number in range(3, 3 + others)
            ),
        ],
        "policies/policies.yaml": [
            {
                "name": "stay",
                "type": "SERVICE_CONTROL_POLICY",
                "description": "Stay.",
                "attached_to": ["root"],
                "content": {
                    "Version": "2012-10-17",
                    "Statement": [_statement("Deny", ["organizations:LeaveOrganization"])],
                },
            }
        ],
        "profiles/roles.yaml": {
            "alias": "<account_slug>",
            "saml_providers": [{"name": "sso"}],
            "roles": [
                _role(credentials.AUDIT_ROLE, ["*"] if reads_all else _ALLOWED),
                *(
                    {
                        "name": f"role-{n:02}",
                        "trust": {"service": "ec2.amazonaws.com"},
                        "inline": {"own": [_statement("Allow", ["s3:GetObject"])]},
                    }
                    for n in range(1, roles)
                ),
            ],
        },
        "profiles/tooling.yaml": {
            "extends": ["roles"],
            "users": [
                _user("orgwarden", credentials.WORKER.access_key_id)
                | {"inline": {"work": [_statement("Allow", ["sts:*"])]}}
            ],
        },
        "profiles/management.yaml": {
            "extends": ["roles"],
            "users": [
                _user("console-administrator", credentials.CONSOLE.access_key_id)
                | {"managed": ["AdministratorAccess"]}
            ],
            # In the place of one of the others.
            "without": {"roles": ["role-01"]},
            "roles": [_role(credentials.ORGANIZATION_READER_ROLE, ["*"] if reads_all else _READER)],
        },
    }
    for name, content in written.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def _id(number: int) -> str:
    return f"{300_000_000_000 + number}"


def _user(name: str, access_key_id: str) -> dict[str, Any]:
    return {"name": name, "access_keys": [{"id": access_key_id}]}


def _role(name: str, actions: list[str]) -> dict[str, Any]:
    return {
        "name": name,
        "trust": {
            "principals": [f"arn:aws:iam::{_id(2)}:user/orgwarden"],
            "external_id": credentials.EXTERNAL_ID,
            "source_identity": True,
        },
        "inline": {"read": [_statement("Allow", actions)]},
    }


def _statement(effect: str, actions: list[str]) -> dict[str, Any]:
    return {"Effect": effect, "Action": actions, "Resource": "*"}
