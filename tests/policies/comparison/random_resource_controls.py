"""Random statements of resource control policies, and requests by callers of every kind."""

from __future__ import annotations

import random

from policies.evaluation.request import OrganizationIds
from policies.language.policy_types import PolicyType
from tests.policies.comparison import random_organizations as common
from tests.policies.comparison.random_organizations import Document, Vocabulary, some

FULL: Document = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}
ORGANIZATION = "o-exampleorg1"
ANOTHER = "o-anotherorg1"
MANAGEMENT = "123456789013"
ORGANIZATIONS = (ORGANIZATION, ANOTHER)
ORGANIZATION_PATTERNS = ("o-*", "o-example*", "*org1", "o-another????")
OUTSIDE = ("999999999999", "333333333333", "111122223333")
CALLERS = (*common.ACCOUNTS, MANAGEMENT, *OUTSIDE)
ACTIONS = (
    "s3:GetObject", "s3:PutObject", "s3:GetBucketPolicy", "s3:DeleteBucket", "sts:AssumeRole",
    "sts:AssumeRoleWithSAML", "kms:Decrypt", "kms:RetireGrant", "sqs:SendMessage",
    "secretsmanager:GetSecretValue", "s3:GetWhatIsNew", "ec2:RunInstances", "nosuch:Action",
)  # fmt: skip
ACTION_PATTERNS = (
    "s3:*", "s3:Get*", "S3:*Object", "sts:*", "sts:AssumeRole", "sts:AssumeRoleWith*", "kms:*",
    "kms:Decrypt", "sqs:?endMessage", "s3:GetObject", "s3:PutObject", "secretsmanager:Get*",
    "s3:GetWhat*", "nosuch:*",
)  # fmt: skip
RESOURCES = (
    "*", "arn:aws:s3:::data", "arn:aws:s3:::data/a", "arn:aws:s3:::data/secret/b",
    "arn:aws:s3:::logs/a", "arn:aws:iam::111111111111:role/admin", "arn:aws:s3:::111111111111/x",
    "arn:aws:sqs:eu-west-1:222222222222:queue", "arn:aws:iam::222222222222:role/team/dev",
    "arn:aws:s3:::team-blue/x", "arn:aws:kms:us-east-1:123456789012:key/1",
)  # fmt: skip
RESOURCE_PATTERNS = (
    "arn:aws:s3:::data/*", "arn:aws:s3:::data", "arn:aws:s3:::*/secret/*", "arn:aws:s3:::*",
    "arn:aws:iam::*:role/*", "arn:aws:iam::*:role/admin", "arn:*:sqs:*:*:*", "arn:aws:s3:::?ata/*",
    "arn:aws:kms:*:*:key/*", "arn:aws:s3:::logs/*",
)  # fmt: skip
ACCOUNT_PATTERNS = ("1111*", "*9", "?11111111111", "123456789012", "9999????9999")
SERVICES = ("cloudtrail.amazonaws.com", "s3.amazonaws.com", "delivery.logs.amazonaws.com")
SERVICE_PATTERNS = ("*.amazonaws.com", "s3*", "*logs*", "cloudtrail.*")
TYPES = ("AssumedRole", "User", "Account", "FederatedUser", "Anonymous")
PATHS = (
    f"{ORGANIZATION}/r-1/", f"{ORGANIZATION}/r-1/ou-1/", f"{ORGANIZATION}/r-1/ou-1/ou-3/",
    f"{ORGANIZATION}/r-1/ou-2/", f"{ANOTHER}/r-9/",
)  # fmt: skip
PATH_PATTERNS = (
    f"{ORGANIZATION}/*", f"{ORGANIZATION}/r-1/ou-1/*", "o-*/r-?/", "*/ou-2/*", f"{ANOTHER}/*",
)  # fmt: skip
SOURCE_ARNS = (
    "arn:aws:cloudtrail:us-east-1:111111111111:trail/t", "arn:aws:s3:::data",
    "arn:aws:sns:eu-west-1:999999999999:topic",
)  # fmt: skip
SOURCE_ARN_PATTERNS = ("arn:aws:*:*:111111111111:*", "arn:aws:s3:::*", "arn:aws:cloudtrail:*:*:*")
NAMES = ("ann", "eve", "admin", "")
_TEXT = ("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase")
_LIKE = ("StringLike", "StringNotLike")
_ARN = ("ArnLike", "ArnNotLike", "ArnEquals", "StringLike", "StringNotLike")

_KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "aws:PrincipalAccount": (CALLERS, ACCOUNT_PATTERNS),
    "aws:PrincipalOrgID": (ORGANIZATIONS, ORGANIZATION_PATTERNS),
    "aws:PrincipalServiceName": (SERVICES, SERVICE_PATTERNS),
    "aws:PrincipalType": (TYPES, ("A*", "*User")),
    "aws:PrincipalTag/team": (common.TEAMS, common.TEAM_PATTERNS),
    "aws:username": (NAMES, ("a*", "*e*")),
    "aws:SourceAccount": (CALLERS, ACCOUNT_PATTERNS),
    "aws:SourceOrgID": (ORGANIZATIONS, ORGANIZATION_PATTERNS),
    "aws:ResourceOrgID": (ORGANIZATIONS, ORGANIZATION_PATTERNS),
    "aws:ResourceAccount": (common.ACCOUNTS, ACCOUNT_PATTERNS),
    "aws:RequestedRegion": (common.REGIONS, common.REGION_PATTERNS),
}
_LISTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "aws:PrincipalOrgPaths": (PATHS, PATH_PATTERNS),
    "aws:SourceOrgPaths": (PATHS, PATH_PATTERNS),
    "aws:PrincipalServiceNamesList": (SERVICES, SERVICE_PATTERNS),
    "aws:TagKeys": (common.TAGS, ("*o*", "Own*")),
}
_BOOLEANS = (
    "aws:PrincipalIsAWSService", "aws:SecureTransport", "aws:MultiFactorAuthPresent",
    "aws:ViaAWSService",
)  # fmt: skip
_RELATED = (
    ("aws:PrincipalAccount", ("${aws:ResourceAccount}",)),
    ("aws:PrincipalOrgID", ("${aws:ResourceOrgID}",)),
    ("aws:SourceAccount", ("${aws:ResourceAccount}", "${aws:PrincipalAccount}")),
    ("aws:SourceOrgID", ("${aws:ResourceOrgID}",)),
    ("aws:ResourceTag/team", ("${aws:PrincipalTag/team}", "x-${aws:PrincipalTag/team, 'none'}*")),
    ("aws:PrincipalArn", ("arn:aws:iam::${aws:ResourceAccount}:role/*",)),
    ("aws:ResourceAccount", ("${aws:PrincipalAccount}",)),
)
"""Pairs of keys that policies relate by a variable."""


def _condition(rng: random.Random, *, variables: bool) -> tuple[str, str, list[str]]:
    exists = rng.choice(("", "", "IfExists"))
    kind = rng.randrange(13)
    if kind <= 2:
        return rng.choice(_ARN) + exists, "aws:PrincipalArn", some(rng, common.ARN_PATTERNS)
    if kind <= 6:
        key = rng.choice(list(_KEYS))
        texts, patterns = _KEYS[key]
        if rng.random() < 0.35:
            return rng.choice(_LIKE) + exists, key, some(rng, patterns)
        return rng.choice(_TEXT) + exists, key, some(rng, texts)
    if kind == 7:
        key = rng.choice(list(_LISTS))
        texts, patterns = _LISTS[key]
        operator = rng.choice(("ForAllValues:", "ForAnyValue:")) + rng.choice((*_TEXT, *_LIKE))
        values = patterns if "Like" in operator else texts
        return operator + exists, key, some(rng, values)
    if kind == 8:
        return rng.choice(("Bool", "BoolIfExists")), rng.choice(_BOOLEANS), [_truth(rng)]
    if kind == 9:
        keys = (*_KEYS, *_LISTS, "aws:PrincipalArn", "aws:SourceArn", "aws:SourceIp")
        return "Null", rng.choice(keys), [_truth(rng)]
    if kind == 10:
        if rng.random() < 0.5:
            operator = rng.choice(("IpAddress", "NotIpAddress"))
            return operator + exists, "aws:SourceIp", some(rng, common.RANGES)
        return rng.choice(_ARN) + exists, "aws:SourceArn", some(rng, SOURCE_ARN_PATTERNS)
    if kind == 11 and variables:
        key, values = rng.choice(_RELATED)
        arn = key == "aws:PrincipalArn"
        operator = rng.choice(_ARN if arn else ("StringEquals", "StringNotEquals", "StringLike"))
        return operator + exists, key, [rng.choice(values)]
    relation = rng.choice(("Equals", "NotEquals", "LessThan", "GreaterThanEquals"))
    if rng.random() < 0.5:
        return f"Numeric{relation}{exists}", "s3:max-keys", some(rng, common.NUMBERS, 2)
    return f"Date{relation}{exists}", "aws:CurrentTime", some(rng, common.DATES, 2)


def _truth(rng: random.Random) -> str:
    return rng.choice(("true", "false"))


def statement(rng: random.Random, variables: bool) -> Document:
    """Return a deny as AWS takes it: no NotAction, no action `*`, Principal `*`."""
    made: Document = {
        "Effect": "Deny",
        "Principal": rng.choice(("*", "*", {"AWS": "*"})),
        "Action": some(rng, ACTION_PATTERNS, 4),
        "Resource": "*",
    }
    if rng.random() < 0.35:
        element = "NotResource" if rng.random() < 0.3 else "Resource"
        pool = RESOURCE_PATTERNS + (common.VARIABLE_RESOURCES if variables else ())
        del made["Resource"]
        made[element] = some(rng, pool)
    conditions: dict[str, dict[str, list[str]]] = {}
    for _ in range(rng.choice((0, 1, 1, 2, 2, 3))):
        operator, key, values = _condition(rng, variables=variables)
        conditions.setdefault(operator, {})[key] = values
    if conditions:
        made["Condition"] = conditions
    return made


def request(rng: random.Random, account: str) -> Document:
    """Return a request for a resource of an account, in the shape of the commands."""
    context: dict[str, object] = {"aws:ResourceOrgID": ORGANIZATION}
    for key, values in (
        ("aws:RequestedRegion", common.REGIONS),
        ("aws:SecureTransport", ("true", "false")),
        ("aws:ViaAWSService", ("true", "false")),
        ("s3:max-keys", common.NUMBERS),
        ("aws:CurrentTime", common.DATES),
        ("aws:SourceIp", common.ADDRESSES),
        ("aws:ResourceTag/team", common.TEAMS),
    ):
        if rng.random() < 0.7:
            context[key] = rng.choice(values)
    if rng.random() < 0.7:
        context["aws:TagKeys"] = rng.choices(common.TAGS, k=rng.randint(0, 3))
    return {
        "principal": _caller(rng, account, context),
        "action": rng.choice(ACTIONS),
        "resource": rng.choice(RESOURCES),
        "resource_account_id": account,
        "context": context,
    }


def _caller(rng: random.Random, account: str, context: dict[str, object]) -> str:
    """Return a caller, and add to the context what such a caller brings along."""
    kind = rng.randrange(8)
    if kind == 0:
        return "anonymous"
    if kind == 1:
        return "arn:aws:iam::111111111111:saml-provider/idp"
    if kind <= 3:
        if rng.random() < 0.6:
            source = rng.choice(CALLERS)
            context["aws:SourceAccount"] = source
            if rng.random() < 0.7:
                context["aws:SourceArn"] = rng.choice(SOURCE_ARNS)
            if source not in OUTSIDE:
                context["aws:SourceOrgID"] = ORGANIZATION
                context["aws:SourceOrgPaths"] = [rng.choice(PATHS[:-1])]
        if rng.random() < 0.5:
            context["aws:PrincipalServiceNamesList"] = rng.sample(SERVICES, rng.randint(1, 2))
        return rng.choice(SERVICES)
    caller = account if kind == 4 else rng.choice(CALLERS)
    if caller not in OUTSIDE:
        context["aws:PrincipalOrgID"] = ORGANIZATION
        context["aws:PrincipalOrgPaths"] = [rng.choice(PATHS[:-1])]
    elif rng.random() < 0.3:
        context["aws:PrincipalOrgID"] = ANOTHER
        context["aws:PrincipalOrgPaths"] = [PATHS[-1]]
    for key, values in (
        ("aws:PrincipalTag/team", common.TEAMS),
        ("aws:MultiFactorAuthPresent", ("true", "false")),
    ):
        if rng.random() < 0.7:
            context[key] = rng.choice(values)
    return "arn:aws:" + rng.choice(common.PRINCIPALS).format(caller)


RESOURCE_CONTROL = Vocabulary(
    policy_type=PolicyType.RESOURCE_CONTROL_POLICY,
    full=FULL,
    unlisted=0.3,
    statement=statement,
    request=request,
    organization=OrganizationIds(ORGANIZATION, MANAGEMENT),
    pools=(
        common.ARN_PATTERNS,
        CALLERS,
        ACCOUNT_PATTERNS,
        ORGANIZATIONS,
        ORGANIZATION_PATTERNS,
        SERVICES,
        SERVICE_PATTERNS,
        TYPES,
        PATHS,
        PATH_PATTERNS,
        common.TEAMS,
        common.REGIONS,
        common.NUMBERS,
        common.DATES,
        common.RANGES,
    ),
)
