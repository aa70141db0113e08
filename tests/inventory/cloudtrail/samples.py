"""Events for tests: plain, valid ones, each with what a test wants otherwise."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

from policies.language.json_reader import JsonValue

ACCOUNT = "111122223333"
Event = dict[str, JsonValue]


def event(number: int = 1, **members: JsonValue) -> Event:
    """Return an event of a role's session; `number` makes its id."""
    role = f"arn:aws:iam::{ACCOUNT}:role/team/Dev"
    plain: Event = {
        "eventVersion": "1.09",
        "eventID": str(UUID(int=number, version=4)),
        "eventTime": "2026-05-01T08:30:00Z",
        "eventSource": "ec2.amazonaws.com",
        "eventName": "DescribeInstances",
        "eventType": "AwsApiCall",
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "198.51.100.7",
        "recipientAccountId": ACCOUNT,
        "requestParameters": None,
        "tlsDetails": {"tlsVersion": "TLSv1.3"},
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": "AROAEXAMPLE:jo",
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/Dev/jo",
            "accountId": ACCOUNT,
            "sessionContext": {
                "sessionIssuer": {"type": "Role", "arn": role, "accountId": ACCOUNT},
                "attributes": {"mfaAuthenticated": "true"},
            },
        },
    }
    return {**plain, **members}


def records(events: Iterable[JsonValue]) -> bytes:
    """Return a file of events as CloudTrail writes it, unpacked."""
    return json.dumps({"Records": list(events)}).encode()


def write_file(path: Path, events: Iterable[JsonValue]) -> Path:
    """Write a file of events as CloudTrail does; one that ends with `.gz` is packed."""
    content = records(events)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path
