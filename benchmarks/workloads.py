"""The reference workload: one identity policy under three levels of SCPs, 2,000 actions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from random import Random
from typing import cast

from policies.catalogue import load_catalogue
from policies.evaluation.policy_set import PolicySet, TargetPolicies
from policies.evaluation.request import OrganizationIds, Request, make_request
from policies.language.document import ParsedPolicy, PolicyDocument
from policies.language.json_reader import JsonValue
from policies.language.parse import parse_decoded_policy, parse_policy
from policies.language.policy_types import PolicyType

ACCOUNT_ID = "111111111111"
PRINCIPAL = f"arn:aws:iam::{ACCOUNT_ID}:role/Developer"
ORGANIZATION = {"id": "o-benchmark1", "management_account_id": "999999999999"}
REGIONS = ("eu-west-1", "eu-central-1", "us-east-1", "ap-southeast-2")
IDENTITY_POLICIES = ("PowerUserAccess", "SecurityAudit", "ReadOnlyAccess")


@lru_cache(maxsize=1)
def managed_policies() -> dict[str, dict[str, JsonValue]]:
    """Return the documents of AWS's managed policies that moto ships, by name."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    return {
        name: policy["Document"] for name, policy in json.loads(aws_managed_policies_data).items()
    }


def service_control_policies() -> list[dict[str, JsonValue]]:
    """Return three levels of five statements each, in the command line's shape."""
    levels: list[dict[str, JsonValue]] = []
    for number, target_id in enumerate(("r-root", "ou-root-aaaaaaaa", ACCOUNT_ID)):
        exempt: JsonValue = {
            "ArnNotLike": {
                "aws:PrincipalArn": [
                    "arn:aws:iam::*:role/Break-Glass",
                    f"arn:aws:iam::*:role/Platform-{number}-*",
                ]
            }
        }
        statements: list[JsonValue] = [
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {
                "Effect": "Deny",
                "NotAction": ["iam:*", "organizations:*", "sts:*", "support:*", "route53:*"],
                "Resource": "*",
                "Condition": {
                    "StringNotEquals": {"aws:RequestedRegion": list(REGIONS[: 2 + number])}
                },
            },
            {
                "Effect": "Deny",
                "Action": ["cloudtrail:StopLogging", "guardduty:Delete*", "config:Delete*"],
                "Resource": "*",
                "Condition": exempt,
            },
            {
                "Effect": "Deny",
                "Action": ["ec2:RunInstances", "ec2:CreateVolume", "rds:Create*"],
                "Resource": "*",
                "Condition": {"Null": {"aws:RequestTag/owner": "true"}},
            },
            {
                "Effect": "Deny",
                "Action": ["iam:*", "kms:*", "s3:PutBucket*"],
                "Resource": "*",
                "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
            },
        ]
        policy: JsonValue = {"Version": "2012-10-17", "Statement": statements}
        levels.append({"target_id": target_id, "policies": [policy]})
    return levels


def policy_set(identity_policies: Sequence[PolicyDocument]) -> PolicySet:
    """Return identity policies under the three levels."""
    levels = []
    for level in service_control_policies():
        policies = cast(list[dict[str, JsonValue]], level["policies"])
        documents = tuple(parsed(one, PolicyType.SERVICE_CONTROL_POLICY) for one in policies)
        levels.append(TargetPolicies(str(level["target_id"]), documents))
    return PolicySet(
        OrganizationIds(ORGANIZATION["id"], ORGANIZATION["management_account_id"]),
        tuple(levels),
        identity_policies=tuple(identity_policies),
    )


def parsed(value: dict[str, JsonValue], policy_type: PolicyType) -> PolicyDocument:
    """Parse a policy.

    :raises ValueError: it is none.
    """
    return _document(parse_decoded_policy(value, policy_type))


def managed_policy(name: str) -> PolicyDocument:
    """Parse one of AWS's managed policies as an identity policy."""
    text = json.dumps(managed_policies()[name])
    return _document(parse_policy(text, PolicyType.IDENTITY_POLICY))


def _document(policy: ParsedPolicy) -> PolicyDocument:
    if policy.document is None:
        raise ValueError(policy.errors[0].message)
    return policy.document


def actions(count: int = 2000) -> list[str]:
    """Return some of the catalogue's actions, the same each time."""
    return Random(7).sample(load_catalogue().names, count)


def context(number: int) -> dict[str, str]:
    """Return the four context keys of the n-th request; they repeat after a thousand."""
    draw = Random(number % 1000)
    return {
        "aws:RequestedRegion": draw.choice(REGIONS),
        "aws:MultiFactorAuthPresent": draw.choice(("true", "false")),
        "aws:SourceIp": f"10.0.{draw.randrange(256)}.{draw.randrange(256)}",
        "aws:RequestTag/owner": draw.choice(("red", "blue", "green")),
    }


def requests(names: Sequence[str], *, vary: bool, unknown: Sequence[str] = ()) -> list[Request]:
    """Return a request for each action; `vary` gives each its own context."""
    found = []
    for number, name in enumerate(names):
        values = context(number if vary else 0)
        for key in unknown:
            values.pop(key, None)
        found.append(
            make_request(
                PRINCIPAL,
                name,
                "*",
                resource_account_id=ACCOUNT_ID,
                context=values,
                unknown_context=unknown,
            )
        )
    return found
