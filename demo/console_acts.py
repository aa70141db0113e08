"""What somebody does at AWS's console while the demo's change requests are under way."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import boto3

from demo.asked_changes import AS_APPROVED, DemoChange
from demo.simulator import credentials

if TYPE_CHECKING:
    from inventory.models import Connection

_SCP = "SERVICE_CONTROL_POLICY"


def policy_text(member: str, actions: str, *, effect: str = "Deny") -> str:
    """Return an SCP of one statement. `member`: Action or NotAction."""
    statement = {"Effect": effect, member: actions, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def apply_handed_out(
    connection: "Connection", change: DemoChange, units: Mapping[str, str]
) -> None:
    """Make what was handed out, or something else of the same name. `units`: ids by path."""
    actions = f"{change.service}:*" if change.console == AS_APPROVED else f"{change.service}:Get*"
    organizations = _client(connection)
    made = organizations.create_policy(
        Name=f"no-{change.service}",
        Type=_SCP,
        Description="",
        Content=policy_text("Action", actions),
    )
    policy_id = made["Policy"]["PolicySummary"]["Id"]
    for path in change.units:
        organizations.attach_policy(PolicyId=policy_id, TargetId=units[path])


def edit_policy(connection: "Connection", change: DemoChange) -> None:
    """Change the text that a rollout wrote."""
    organizations = _client(connection)
    for page in organizations.get_paginator("list_policies").paginate(Filter=_SCP):
        for one in page["Policies"]:
            if one["Name"] == f"no-{change.service}":
                text = policy_text("Action", f"{change.service}:Get*")
                organizations.update_policy(PolicyId=one["Id"], Content=text)


def _client(connection: "Connection") -> Any:
    return boto3.client(
        "organizations",
        region_name=connection.home_region,
        endpoint_url=connection.endpoint_url,
        aws_access_key_id=credentials.CONSOLE.access_key_id,
        aws_secret_access_key=credentials.CONSOLE.secret_access_key,
    )
