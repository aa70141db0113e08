"""Users, groups and roles of an account, with what names like theirs have in real organizations."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import Any, Final

from demo.scale.shape import Shape, chance
from demo.scale.tree import MANAGEMENT_ACCOUNT_ID, ORGANIZATION_ID
from inventory.records import (
    AccountSettingRecord,
    IamPolicyRecord,
    IdentityProviderRecord,
    PrincipalActivityRecord,
    PrincipalRecord,
    UserCredentialRecord,
)

_SERVICE_LINKED: Final = (
    ("AWSServiceRoleForOrganizations", "organizations"),
    ("AWSServiceRoleForSupport", "support"),
    ("AWSServiceRoleForTrustedAdvisor", "trustedadvisor"),
    ("AWSServiceRoleForConfig", "config"),
    ("AWSServiceRoleForSecurityHub", "securityhub"),
    ("AWSServiceRoleForAmazonGuardDuty", "guardduty"),
    ("AWSServiceRoleForCloudTrail", "cloudtrail"),
    ("AWSServiceRoleForSSO", "sso"),
)
_PERMISSION_SETS: Final = (
    *("AdministratorAccess", "PowerUserAccess", "ReadOnlyAccess", "SecurityAudit", "Billing"),
)
_WORKLOADS: Final = (
    *("api", "worker", "scheduler", "ingest", "export", "web", "stream", "cache-warmer"),
    *("report", "auth", "index", "etl", "notifier", "gateway", "reconciler", "backfill"),
)
_RUNTIMES: Final = (
    ("lambda", "lambda.amazonaws.com"),
    ("ecs-task", "ecs-tasks.amazonaws.com"),
    ("ec2", "ec2.amazonaws.com"),
    ("states", "states.amazonaws.com"),
    ("glue", "glue.amazonaws.com"),
    ("codebuild", "codebuild.amazonaws.com"),
    ("events", "events.amazonaws.com"),
)
_PEOPLE: Final = (
    *("amara.okafor", "ben.larsen", "chiara.rossi", "deepa.nair", "elif.kaya", "finn.mcrae"),
    *("grace.lin", "hugo.silva", "ines.duarte", "jonas.weber", "kira.novak", "liam.byrne"),
)
_MANAGED: Final = (
    *("AmazonSSMManagedInstanceCore", "CloudWatchAgentServerPolicy", "AmazonS3ReadOnlyAccess"),
    *("AWSLambda_FullAccess", "AmazonDynamoDBFullAccess", "AWSXRayDaemonWriteAccess"),
)
_SECURITY_ACCOUNT: Final = "100000000002"


@dataclass(slots=True)
class AccountIam:
    """What one account holds."""

    principals: list[PrincipalRecord] = field(default_factory=list)
    policies: list[IamPolicyRecord] = field(default_factory=list)
    credentials: list[UserCredentialRecord] = field(default_factory=list)
    activity: list[PrincipalActivityRecord] = field(default_factory=list)
    settings: list[AccountSettingRecord] = field(default_factory=list)
    providers: list[IdentityProviderRecord] = field(default_factory=list)


def sizes(shape: Shape) -> Iterator[int]:
    """Yield how many principals each account has; together `shape.principals`."""
    mean, left = divmod(shape.principals, shape.accounts)
    spread = mean // 3
    for number in range(shape.accounts):
        # Each pair of accounts has twice the mean, so the sum is exact.
        pair = number // 2 * 2
        off = chance("size", pair).randrange(-spread, spread + 1) if spread else 0
        if pair + 1 >= shape.accounts:
            off = 0
        yield mean + (off if number == pair else -off) + (1 if number < left else 0)


def make_iam(shape: Shape, number: int, account_id: str, count: int) -> AccountIam:
    """Make the `count` principals of an account and what goes with them."""
    source = chance("iam", number)
    made = AccountIam()
    root = f"arn:aws:iam::{account_id}"
    made.principals += _common_roles(shape, account_id, source)[:count]
    people = min(source.choice((0, 0, 0, 1, 2, 4, 8)), max(0, count - len(made.principals)))
    groups = min(people, 2, max(0, count - len(made.principals) - people))
    made.principals += [_group(shape, root, name) for name in ("developers", "operators")[:groups]]
    for person in _PEOPLE[:people]:
        user, credential = _user(shape, root, person, groups, source)
        made.principals.append(user)
        made.credentials.append(credential)
    made.credentials.insert(0, _root_user(shape, root, number))
    left = count - len(made.principals)
    made.principals += [_workload_role(shape, root, each, source) for each in range(left)]
    made.activity = [
        _activity(shape, each, source) for each in made.principals if each.kind != "group"
    ]
    made.policies = list(_managed_policies(account_id))
    made.settings = [
        AccountSettingRecord("account_aliases", [f"scale-{number:05}"] if number % 4 else []),
        AccountSettingRecord("account_summary", {"Roles": count - people, "Users": people}),
        AccountSettingRecord(
            "password_policy", {"MinimumPasswordLength": 14} if number % 5 else None
        ),
    ]
    made.providers = [
        IdentityProviderRecord(
            kind="saml",
            arn=f"{root}:saml-provider/AWSSSO_scale_DO_NOT_DELETE",
            created_at=shape.ended_at - timedelta(days=700),
            metadata="<EntityDescriptor/>",
            valid_until=shape.ended_at + timedelta(days=3000),
        )
    ]
    return made


def _text(document: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", **document}, separators=(",", ":"))


@cache
def _service_trust(service: str) -> str:
    principal = {"Service": service}
    return _text(
        {"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]}
    )


@cache
def _account_trust(trusted: str, external_id: str) -> str:
    condition: dict[str, Any] = {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION_ID}}
    if external_id:
        condition = {"StringEquals": {"sts:ExternalId": external_id}}
    return _text(
        {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": trusted},
                    "Action": "sts:AssumeRole",
                    "Condition": condition,
                }
            ]
        }
    )


def _sign_on_trust(account_id: str) -> str:
    provider = f"arn:aws:iam::{account_id}:saml-provider/AWSSSO_scale_DO_NOT_DELETE"
    return _text(
        {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Federated": provider},
                    "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
                    "Condition": {
                        "StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}
                    },
                }
            ]
        }
    )


@cache
def _inline(workload: str, runtime: str) -> str:
    resource = f"arn:aws:s3:::scale-{workload}/*"
    return _text(
        {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["s3:GetObject", "s3:PutObject"],
                    "Resource": resource,
                },
                {"Effect": "Allow", "Action": ["logs:*", "xray:Put*"], "Resource": "*"},
                {
                    "Effect": "Allow",
                    "Action": f"dynamodb:{'*' if runtime == 'lambda' else 'Query'}",
                    "Resource": f"arn:aws:dynamodb:*:*:table/{workload}",
                },
            ]
        }
    )


def _unique(prefix: str, *key: object) -> str:
    return f"{prefix}{chance('unique', *key).getrandbits(80):017X}"[:21]


def _role(
    shape: Shape,
    account_id: str,
    name: str,
    trust: str,
    *,
    path: str = "/",
    managed: tuple[str, ...] = (),
    inline: dict[str, str] | None = None,
    boundary: str = "",
    tags: dict[str, str] | None = None,
    age_days: int = 600,
) -> PrincipalRecord:
    return PrincipalRecord(
        kind="role",
        arn=f"arn:aws:iam::{account_id}:role{path}{name}",
        name=name,
        path=path,
        unique_id=_unique("AROA", account_id, name),
        created_at=shape.ended_at - timedelta(days=age_days),
        trust_policy=trust,
        boundary_arn=boundary,
        attached_policy_arns=managed,
        inline_policies=inline or {},
        tags=tags or {},
    )


def _common_roles(shape: Shape, account_id: str, source: Random) -> list[PrincipalRecord]:
    roles = [
        _role(
            shape,
            account_id,
            "OrganizationAccountAccessRole",
            _account_trust(f"arn:aws:iam::{MANAGEMENT_ACCOUNT_ID}:root", ""),
            managed=("arn:aws:iam::aws:policy/AdministratorAccess",),
        ),
        _role(
            shape,
            account_id,
            "OrgwardenAudit",
            _account_trust(f"arn:aws:iam::{_SECURITY_ACCOUNT}:role/Orgwarden", "orgwarden-scale"),
            inline={"read": _inline("audit", "audit")},
        ),
    ]
    roles += [
        _role(
            shape,
            account_id,
            name,
            _service_trust(f"{service}.amazonaws.com"),
            path=f"/aws-service-role/{service}.amazonaws.com/",
            managed=(f"arn:aws:iam::aws:policy/aws-service-role/{name}Policy",),
        )
        for name, service in _SERVICE_LINKED
    ]
    trust = _sign_on_trust(account_id)
    for name in _PERMISSION_SETS:
        suffix = f"{source.getrandbits(64):016x}"
        roles.append(
            _role(
                shape,
                account_id,
                f"AWSReservedSSO_{name}_{suffix}",
                trust,
                path="/aws-reserved/sso.amazonaws.com/",
                managed=(f"arn:aws:iam::aws:policy/{name}",),
                age_days=400,
            )
        )
    return roles


def _workload_role(shape: Shape, root: str, number: int, source: Random) -> PrincipalRecord:
    account_id = root.rsplit(":", 1)[1]
    workload = _WORKLOADS[source.randrange(len(_WORKLOADS))]
    runtime, service = _RUNTIMES[source.randrange(len(_RUNTIMES))]
    trust = _service_trust(service)
    if number % 9 == 8:
        trust = _account_trust(f"arn:aws:iam::{300000000000 + source.randrange(40)}:root", "vendor")
        runtime = "partner"
    return _role(
        shape,
        account_id,
        f"{workload}-{runtime}-{number:02}",
        trust,
        managed=(
            f"arn:aws:iam::aws:policy/{_MANAGED[source.randrange(len(_MANAGED))]}",
            *((f"{root}:policy/{workload}-data",) if number % 3 == 0 else ()),
        ),
        inline={"access": _inline(workload, runtime)} if number % 2 else {},
        boundary=f"{root}:policy/workload-boundary" if number % 4 == 0 else "",
        tags={"service": workload},
        age_days=source.randrange(5, 1500),
    )


def _group(shape: Shape, root: str, name: str) -> PrincipalRecord:
    return PrincipalRecord(
        kind="group",
        arn=f"{root}:group/{name}",
        name=name,
        path="/",
        unique_id=_unique("AGPA", root, name),
        created_at=shape.ended_at - timedelta(days=900),
        trust_policy=None,
        boundary_arn="",
        attached_policy_arns=("arn:aws:iam::aws:policy/ReadOnlyAccess",),
        inline_policies={},
    )


def _user(
    shape: Shape, root: str, name: str, groups: int, source: Random
) -> tuple[PrincipalRecord, UserCredentialRecord]:
    arn = f"{root}:user/{name}"
    created_at = shape.ended_at - timedelta(days=source.randrange(20, 1200))
    user = PrincipalRecord(
        kind="user",
        arn=arn,
        name=name,
        path="/",
        unique_id=_unique("AIDA", root, name),
        created_at=created_at,
        trust_policy=None,
        boundary_arn="",
        attached_policy_arns=(),
        inline_policies={},
        groups=(source.choice(("developers", "operators")[:groups]),) if groups else (),
    )
    has_key = source.random() < 0.5
    return user, UserCredentialRecord(
        arn=arn,
        user_name=name,
        password_enabled=True,
        password_last_changed_at=created_at,
        mfa_active=source.random() < 0.85,
        access_key_1_active=has_key,
        access_key_1_rotated_at=created_at if has_key else None,
        access_key_2_active=False,
        access_key_2_rotated_at=None,
    )


def _root_user(shape: Shape, root: str, number: int) -> UserCredentialRecord:
    return UserCredentialRecord(
        arn=f"{root}:root",
        user_name="<root_account>",
        password_enabled=None,
        password_last_changed_at=None,
        mfa_active=number % 10 != 3,
        access_key_1_active=number % 400 == 7,
        access_key_1_rotated_at=shape.ended_at - timedelta(days=800) if number % 400 == 7 else None,
        access_key_2_active=False,
        access_key_2_rotated_at=None,
    )


def _activity(shape: Shape, principal: PrincipalRecord, source: Random) -> PrincipalActivityRecord:
    used_at: datetime | None = None
    if source.random() < 0.7:
        used_at = shape.ended_at - timedelta(minutes=source.randrange(60, 390 * 24 * 60))
    return PrincipalActivityRecord(
        arn=principal.arn,
        last_used_at=used_at,
        last_used_region="eu-west-1" if used_at and principal.kind == "role" else "",
        password_last_used_at=used_at if principal.kind == "user" else None,
    )


def _managed_policies(account_id: str) -> Iterator[IamPolicyRecord]:
    for name in (*_PERMISSION_SETS, *_MANAGED):
        yield _iam_policy(f"arn:aws:iam::aws:policy/{name}", name, _inline(name, "aws"), "aws")
    for workload in ("api", "worker", "etl", "report"):
        yield _iam_policy(
            f"arn:aws:iam::{account_id}:policy/{workload}-data",
            f"{workload}-data",
            _inline(workload, "lambda"),
            account_id,
        )
    yield _iam_policy(
        f"arn:aws:iam::{account_id}:policy/workload-boundary",
        "workload-boundary",
        _inline("boundary", "boundary"),
        account_id,
    )


def _iam_policy(arn: str, name: str, text: str, owner: str) -> IamPolicyRecord:
    return IamPolicyRecord(
        arn=arn,
        name=name,
        path="/",
        unique_id=_unique("ANPA", arn),
        aws_managed=owner == "aws",
        default_version_id="v1",
        content=text,
    )
