"""The organization's policies and where they are attached."""

import json
from collections.abc import Iterator
from typing import Any, Final

from demo.scale.shape import Shape, chance
from demo.scale.tree import ORGANIZATION_ID, ROOT_ID, Tree
from inventory.policy_types import POLICY_TYPE_BY_NAME
from inventory.records import PolicyAttachmentRecord, PolicyRecord

# Of the types other than SCPs: how many there are.
_OTHERS: Final = {
    "RESOURCE_CONTROL_POLICY": 18,
    "TAG_POLICY": 36,
    "BACKUP_POLICY": 12,
    "DECLARATIVE_POLICY_EC2": 6,
    "AISERVICES_OPT_OUT_POLICY": 2,
    "CHATBOT_POLICY": 3,
}
POLICY_TYPES: Final = ("SERVICE_CONTROL_POLICY", *_OTHERS)
FULL_ACCESS: Final = "p-FullAWSAccess"
_REGIONS: Final = (
    *("eu-west-1", "eu-central-1", "eu-north-1", "us-east-1", "us-west-2", "ap-southeast-2"),
    *("ap-northeast-1", "ca-central-1", "sa-east-1", "eu-west-2"),
)
_GLOBAL: Final = (
    *("iam:*", "organizations:*", "sts:*", "route53:*", "cloudfront:*", "support:*", "budgets:*"),
)
_SERVICES: Final = (
    *("ec2", "rds", "s3", "lambda", "ecs", "eks", "sagemaker", "redshift", "glue", "athena"),
    *("dynamodb", "kinesis", "sqs", "sns", "kms", "secretsmanager", "bedrock", "workspaces"),
    *("lightsail", "gamelift", "iot", "mediaconvert", "codebuild", "codepipeline", "cloudtrail"),
)
_PROTECTED: Final = {
    "cloudtrail": ("StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors"),
    "config": ("StopConfigurationRecorder", "DeleteConfigurationRecorder", "DeleteConfigRule"),
    "guardduty": ("DeleteDetector", "UpdateDetector", "DisassociateFromAdministratorAccount"),
    "kms": ("ScheduleKeyDeletion", "DisableKey", "PutKeyPolicy"),
    "iam": ("CreateUser", "CreateAccessKey", "AttachUserPolicy", "UpdateAssumeRolePolicy"),
    "s3": ("PutBucketPublicAccessBlock", "PutAccountPublicAccessBlock", "DeleteBucketPolicy"),
    "ec2": ("CreateDefaultVpc", "ModifyVpcEndpoint", "AttachInternetGateway", "CreateVpcPeering*"),
    "ram": ("CreateResourceShare", "AssociateResourceShare"),
}


def make_policies(shape: Shape) -> list[PolicyRecord]:
    """Make AWS's two policies of full access and all others, each within AWS's sizes."""
    made = [
        _aws_managed("SERVICE_CONTROL_POLICY", FULL_ACCESS, "FullAWSAccess", {}),
        _aws_managed(
            "RESOURCE_CONTROL_POLICY",
            "p-RCPFullAWSAccess",
            "RCPFullAWSAccess",
            {"Principal": "*"},
        ),
    ]
    for number in range(shape.service_control_policies):
        name, document = service_control_policy(number, revision=0)
        made.append(_policy("SERVICE_CONTROL_POLICY", number, name, document))
    for kind, count in _OTHERS.items():
        for number in range(count):
            code = POLICY_TYPE_BY_NAME[kind].code.lower()
            made.append(_policy(kind, number, f"{code}-{number:02}", _other(kind, number)))
    return made


def service_control_policy(number: int, *, revision: int) -> tuple[str, dict[str, Any]]:
    """Return name and document of an SCP; its `revision` changes what it names."""
    source = chance("scp", number)
    kind = number % 5
    statements: list[dict[str, Any]]
    if kind == 0:
        regions = source.sample(_REGIONS, k=2 + source.randrange(4) + revision)
        name = f"deny-regions-{number:03}"
        statements = [
            _deny(
                "DenyOtherRegions",
                {"NotAction": list(_GLOBAL)},
                {"StringNotEquals": {"aws:RequestedRegion": sorted(regions)}},
            )
        ]
    elif kind == 1:
        name = f"protect-controls-{number:03}"
        services = source.sample(sorted(_PROTECTED), k=3 + min(revision, 3))
        statements = [
            _deny(
                f"Protect{service.capitalize()}",
                {"Action": [f"{service}:{action}" for action in _PROTECTED[service]]},
                {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Platform*"}},
            )
            for service in services
        ]
    elif kind == 2:
        name = f"deny-services-{number:03}"
        services = source.sample(_SERVICES, k=4 + source.randrange(5) + revision)
        statements = [_deny("DenyServices", {"Action": [f"{each}:*" for each in sorted(services)]})]
    elif kind == 3:
        name = f"require-encryption-{number:03}"
        statements = [
            _deny(
                "DenyUnencryptedVolumes",
                {"Action": ["ec2:RunInstances", "ec2:CreateVolume"]},
                {"Bool": {"ec2:Encrypted": "false"}},
            ),
            _deny(
                "DenyInsecureTransport",
                {"Action": ["s3:*", f"{source.choice(_SERVICES)}:*"]},
                {"Bool": {"aws:SecureTransport": "false"}},
            ),
            *(
                _deny(f"DenyRoot{extra}", {"Action": [f"{_SERVICES[extra]}:Delete*"]})
                for extra in range(revision)
            ),
        ]
    else:
        name = f"restrict-instances-{number:03}"
        families = source.sample(["t3", "t4g", "m7i", "m7g", "c7i", "r7g", "g5", "p5"], k=3)
        statements = [
            _deny(
                "DenyInstanceTypes",
                {"Action": "ec2:RunInstances", "Resource": "arn:aws:ec2:*:*:instance/*"},
                {
                    "StringNotLike": {
                        "ec2:InstanceType": [f"{family}.*" for family in families]
                        + [f"x{each}.*" for each in range(revision)]
                    }
                },
            )
        ]
    return name, {"Version": "2012-10-17", "Statement": statements}


def revised(policy: PolicyRecord, number: int, revision: int) -> PolicyRecord:
    """Return an SCP as it was or became in another revision."""
    _, document = service_control_policy(number, revision=revision)
    return _policy(policy.type, number, policy.name, document)


def make_attachments(tree: Tree, policies: list[PolicyRecord]) -> Iterator[PolicyAttachmentRecord]:
    """Attach full access everywhere, a few policies to each OU, and some to single accounts."""
    own: dict[str, list[str]] = {}
    for policy in policies:
        if not policy.aws_managed:
            own.setdefault(policy.type, []).append(policy.policy_id)
    targets = [
        (ROOT_ID, "ROOT", 1.0),
        *((each.record.target_id, "ORGANIZATIONAL_UNIT", 1.0) for each in tree.places),
        *((account.account_id, "ACCOUNT", 0.06) for account, _ in tree.accounts),
    ]
    # Every policy is attached at an OU at least once, but for the last SCP.
    turn = dict.fromkeys(own, 0)
    for target_id, kind, probability in targets:
        source = chance("attach", target_id)
        for policy in policies[:2]:
            yield PolicyAttachmentRecord(policy.policy_id, target_id, kind)
        for policy_type, ids in own.items():
            most = 3 if policy_type == "SERVICE_CONTROL_POLICY" else 1
            count = source.randrange(1, most + 1) if source.random() < probability else 0
            if policy_type != "SERVICE_CONTROL_POLICY" and source.random() < 0.7:
                count = 0
            chosen = set()
            for _ in range(count):
                if kind == "ACCOUNT":
                    chosen.add(source.choice(ids[:-1] or ids))
                else:
                    chosen.add(ids[turn[policy_type] % max(1, len(ids) - 1)])
                    turn[policy_type] += 1
            for policy_id in sorted(chosen):
                yield PolicyAttachmentRecord(policy_id, target_id, kind)


def _deny(
    sid: str, what: dict[str, Any], condition: dict[str, Any] | None = None
) -> dict[str, Any]:
    statement = {"Sid": sid, "Effect": "Deny", "Resource": "*", **what}
    return statement | ({"Condition": condition} if condition else {})


def _policy(kind: str, number: int, name: str, document: dict[str, Any]) -> PolicyRecord:
    policy_id = f"p-{chance('policy', kind, number).randrange(36**8):010x}"
    return PolicyRecord(
        policy_id=policy_id,
        arn=f"arn:aws:organizations::100000000001:policy/{ORGANIZATION_ID}/{kind.lower()}/{policy_id}",
        name=name,
        description=f"{POLICY_TYPE_BY_NAME[kind].label} {number} of the platform team",
        type=kind,
        aws_managed=False,
        content=json.dumps(document, indent=2),
        tags={"owner": "platform"},
    )


def _aws_managed(kind: str, policy_id: str, name: str, extra: dict[str, Any]) -> PolicyRecord:
    statement = {"Effect": "Allow", **extra, "Action": "*", "Resource": "*"}
    return PolicyRecord(
        policy_id=policy_id,
        arn=f"arn:aws:organizations::aws:policy/{kind.lower()}/{policy_id}",
        name=name,
        description="Allows access to every operation",
        type=kind,
        aws_managed=True,
        content=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        tags={},
    )


def _other(kind: str, number: int) -> dict[str, Any]:
    if kind == "RESOURCE_CONTROL_POLICY":
        service = ("s3", "sqs", "kms", "secretsmanager", "sts")[number % 5]
        condition = {
            "StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORGANIZATION_ID},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        }
        only = {"Action": f"{service}:*", "Principal": "*"}
        return {
            "Version": "2012-10-17",
            "Statement": [_deny(f"OnlyOurs{number}", only, condition)],
        }
    if kind == "TAG_POLICY":
        key = f"tag-{number:02}"
        return {
            "tags": {key: {"tag_key": {"@@assign": key}, "tag_value": {"@@assign": ["a", "b"]}}}
        }
    if kind == "BACKUP_POLICY":
        rule = {
            "schedule_expression": {"@@assign": f"cron(0 {number % 24} ? * * *)"},
            "target_backup_vault_name": {"@@assign": "Default"},
        }
        plan = {"regions": {"@@assign": ["eu-west-1"]}, "rules": {"daily": rule}}
        return {"plans": {f"plan-{number}": plan}}
    if kind == "DECLARATIVE_POLICY_EC2":
        return {"ec2_attributes": {"serial_console_access": {"status": {"@@assign": "disabled"}}}}
    if kind == "AISERVICES_OPT_OUT_POLICY":
        return {"services": {"default": {"opt_out_policy": {"@@assign": "optOut"}}}}
    return {"chatbot": {"platforms": {"slack": {"client": {"@@assign": "disabled"}}}}}
