"""Makes CloudTrail's files as an organization has them: accounts, roles, services, hours.

Shares are those of real organization trails as a rule: most events are reads by roles, some tenths
are calls that services make for somebody, a few in a hundred are denied, and about one in two
hundred is delivered twice. Accounts are few, so that each has as many files as in a real log of
some hours: programs repeat themselves, and what repeats itself is read faster.
"""

from __future__ import annotations

import gzip
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

_ACCOUNTS = 12
_ROLES = 25
_EVENTS_A_FILE = 2_000
_SERVICES = (
    ("ec2", "DescribeInstances", True, 14),
    ("ec2", "DescribeSecurityGroups", True, 6),
    ("ec2", "RunInstances", False, 1),
    ("s3", "GetObject", True, 12),
    ("s3", "PutObject", False, 6),
    ("s3", "GetBucketAcl", True, 3),
    ("sts", "AssumeRole", True, 14),
    ("kms", "Decrypt", True, 12),
    ("kms", "GenerateDataKey", True, 4),
    ("logs", "CreateLogStream", False, 5),
    ("dynamodb", "DescribeTable", True, 3),
    ("ssm", "GetParameter", True, 5),
    ("secretsmanager", "GetSecretValue", True, 3),
    ("lambda", "GetFunction20150331v2", True, 3),
    ("monitoring", "DescribeAlarms", True, 3),
    ("iam", "GetRole", True, 4),
    ("elasticloadbalancing", "DescribeTargetHealth", True, 4),
    ("cloudformation", "DescribeStacks", True, 2),
    ("ecr", "BatchGetImage", True, 2),
)
_REGIONS = ("eu-central-1", "us-east-1")
_AGENT = "aws-sdk-go-v2/1.24.1 os/linux lang/go#1.21.5 md/GOOS#linux md/GOARCH#amd64 api/client"


def write_logs(directory: Path, events: int, seed: int = 7) -> int:
    """Write about `events` events as `.json.gz` below a directory; return how many records."""
    chance = random.Random(seed)
    written = number = 0
    start = datetime(2026, 3, 1, tzinfo=UTC)
    previous: list[dict[str, object]] = []
    files = -(-events // _EVENTS_A_FILE)
    while written < events:
        at = start + timedelta(days=30) * (number / files)
        account = f"{100_000_000_000 + chance.randrange(_ACCOUNTS):012}"
        region = chance.choice(_REGIONS)
        records = [_event(chance, account, region, at) for _ in range(_EVENTS_A_FILE)]
        # Delivered again, in another file.
        records.extend(previous[:: _EVENTS_A_FILE // 10])
        previous = records[:_EVENTS_A_FILE]
        folder = directory / f"AWSLogs/{account}/CloudTrail/{region}/{at:%Y/%m/%d}"
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{account}_CloudTrail_{region}_{at:%Y%m%dT%H%MZ}_{number:08}.json.gz"
        content = json.dumps({"Records": records}, separators=(",", ":")).encode()
        (folder / name).write_bytes(gzip.compress(content, 4))
        written += len(records)
        number += 1
    return written


def _event(chance: random.Random, account: str, region: str, at: datetime) -> dict[str, object]:
    # Programs repeat themselves: a role makes few kinds of calls, on few things, from one place.
    habit = random.Random(f"{account} {region} {min(int(chance.expovariate(0.02)), 399)}")
    service, name, read_only, _ = habit.choices(_SERVICES, weights=[row[3] for row in _SERVICES])[0]
    role = f"app-{habit.randrange(_ROLES)}"
    which, place, by_service = habit.randrange(12), habit.randrange(4), habit.random() < 0.15
    session = f"i-{chance.randrange(16**17):017x}" if chance.random() < 0.5 else f"{role}-session"
    moment = at + timedelta(seconds=chance.randrange(300))
    parameters, resources = _request(chance, service, name, account, region, which)
    event: dict[str, object] = {
        "eventVersion": "1.09",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": f"AROA{role.upper()}:{session}",
            "arn": f"arn:aws:sts::{account}:assumed-role/{role}/{session}",
            "accountId": account,
            "accessKeyId": f"ASIA{chance.randrange(10**12):012}",
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": f"AROA{role.upper()}",
                    "arn": f"arn:aws:iam::{account}:role/service/{role}",
                    "accountId": account,
                    "userName": role,
                },
                "attributes": {
                    "creationDate": f"{at:%Y-%m-%dT%H:00:00Z}",
                    "mfaAuthenticated": "false",
                },
            },
        },
        "eventTime": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": region,
        "sourceIPAddress": ("cloudformation.amazonaws.com" if by_service else f"10.0.{place}.17"),
        "userAgent": _AGENT,
        "requestParameters": parameters,
        "responseElements": None,
        "requestID": str(UUID(int=chance.getrandbits(128), version=4)),
        "eventID": str(UUID(int=chance.getrandbits(128), version=4)),
        "readOnly": read_only,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account,
        "eventCategory": "Management",
        "tlsDetails": {
            "tlsVersion": "TLSv1.3",
            "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": f"{service}.{region}.amazonaws.com",
        },
    }
    if resources:
        event["resources"] = resources
    if chance.random() < 0.03:
        event["errorCode"] = "AccessDenied"
        event["errorMessage"] = (
            f"User: arn:aws:sts::{account}:assumed-role/{role}/{session} is not authorized to "
            f"perform: {service}:{name} on resource: * with an explicit deny in a service "
            "control policy"
        )
    return event


def _request(
    chance: random.Random, service: str, name: str, account: str, region: str, which: int
) -> tuple[dict[str, object] | None, list[dict[str, object]]]:
    """Return a call's parameters and the resources that the event names."""
    if service == "s3":
        bucket = f"data-{account}-{which}"
        arn = f"arn:aws:s3:::{bucket}"
        parameters: dict[str, object] = {
            "bucketName": bucket, "Host": f"{bucket}.s3.{region}.amazonaws.com",
        }  # fmt: skip
        resources: list[dict[str, object]] = [
            {"accountId": account, "type": "AWS::S3::Bucket", "ARN": arn}
        ]
        if name.endswith("Object"):
            key = f"2026/{chance.randrange(10**9):09}.parquet"
            parameters["key"] = key
            resources.insert(0, {"type": "AWS::S3::Object", "ARN": f"{arn}/{key}"})
        return parameters, resources
    if service == "kms":
        arn = f"arn:aws:kms:{region}:{account}:key/{UUID(int=which, version=4)}"
        context = {"encryptionAlgorithm": "SYMMETRIC_DEFAULT", "encryptionContext": {"n": which}}
        return dict[str, object](context), [
            {"accountId": account, "type": "AWS::KMS::Key", "ARN": arn}
        ]
    if service == "sts":
        arn = f"arn:aws:iam::{account}:role/service/app-{which}"
        session = f"s-{chance.randrange(10**6)}"
        return {"roleArn": arn, "roleSessionName": session}, [
            {"accountId": account, "type": "AWS::IAM::Role", "ARN": arn}
        ]
    if service == "logs":
        stream = f"2026/03/{which:02}/[$LATEST]{chance.randrange(16**16):016x}"
        return {"logGroupName": f"/aws/lambda/f-{which}", "logStreamName": stream}, []
    return _named_thing(service, which), []


def _named_thing(service: str, which: int) -> dict[str, object] | None:
    """Return the parameters of a call on one thing by its name."""
    named = {
        "dynamodb": ("tableName", f"table-{which}"),
        "ssm": ("name", f"/app/{which}/setting"),
        "secretsmanager": ("secretId", f"app-{which}"),
        "lambda": ("functionName", f"f-{which}"),
        "iam": ("roleName", f"app-{which}"),
        "ecr": ("repositoryName", f"images/{which}"),
        "cloudformation": ("stackName", f"stack-{which}"),
    }
    if service == "ec2":
        image: dict[str, object] = {"imageId": f"ami-{which:017x}", "minCount": 1, "maxCount": 1}
        return {"instancesSet": {"items": [image]}, "subnetId": f"subnet-{which:017x}"}
    name, value = named.get(service, ("", ""))
    return {name: value} if name else None
