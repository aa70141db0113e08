"""Random organizations, edits of them, and requests that meet their policies."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from policies.evaluation.request import OrganizationIds
from policies.language.policy_types import PolicyType

Document = dict[str, object]
FULL: Document = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
ACCOUNTS = ("111111111111", "222222222222", "123456789012", "211111111112")
ACTIONS = (
    "s3:GetObject", "s3:PutObject", "s3:GetBucketPolicy", "s3:DeleteBucket", "ec2:RunInstances",
    "ec2:DescribeInstances", "ec2:StopInstances", "iam:CreateRole", "iam:PassRole",
    "sts:AssumeRole",
    "sts:GetCallerIdentity", "kms:Decrypt", "sqs:SendMessage", "s3:GetWhatIsNew", "nosuch:Action",
)  # fmt: skip
ACTION_PATTERNS = (
    "*", "s3:*", "s3:Get*", "S3:*Object", "ec2:*", "ec2:*Instances", "ec2:RunInstances", "iam:*",
    "iam:Create*", "sts:AssumeRole", "*:Get*", "kms:*", "sqs:?endMessage", "s3:GetObject",
    "s3:PutObject", "nosuch:*", "s3:GetWhat*",
)  # fmt: skip
RESOURCES = (
    "*", "arn:aws:s3:::data", "arn:aws:s3:::data/a", "arn:aws:s3:::data/secret/b",
    "arn:aws:s3:::logs/a", "arn:aws:iam::111111111111:role/admin", "arn:aws:s3:::111111111111/x",
    "arn:aws:sqs:eu-west-1:222222222222:queue", "arn:aws:iam::222222222222:role/team/dev",
    "arn:aws:s3:::team-blue/x", "arn:aws:ec2:us-east-1:123456789012:instance/i-1",
)  # fmt: skip
RESOURCE_PATTERNS = (
    "arn:aws:s3:::data/*", "arn:aws:s3:::data", "arn:aws:s3:::*/secret/*", "arn:aws:s3:::*",
    "arn:aws:iam::*:role/*", "arn:aws:iam::*:role/admin", "arn:*:sqs:*:*:*", "arn:aws:s3:::?ata/*",
    "arn:aws:ec2:*:*:instance/*", "arn:aws:s3:::logs/*",
)  # fmt: skip
VARIABLE_RESOURCES = (
    "arn:aws:s3:::${aws:PrincipalAccount}/*",
    "arn:aws:s3:::${aws:PrincipalTag/team}/*",
)
PRINCIPALS = (
    "iam::{}:role/admin", "iam::{}:role/admin-blue", "iam::{}:role/team/dev", "iam::{}:user/ann",
    "iam::{}:role/breakglass", "iam::{}:root", "iam::{}:role/aws-reserved/sso/x",
    "iam::{}:role/aws-service-role/a.amazonaws.com/S", "sts::{}:federated-user/bob",
    "iam::{}:role/dev-admin-blue", "iam::{}:user/team/eve",
)  # fmt: skip
ARN_PATTERNS = (
    "arn:aws:iam::*:role/admin", "arn:aws:iam::*:role/admin*", "arn:aws:iam::*:role/*admin*",
    "arn:aws:iam::*:role/*blue*", "arn:aws:iam::*:user/*", "*:role/admin", "arn:aws:iam::*:root",
    "arn:aws:iam::111111111111:role/*", "arn:*:iam::*:role/team/*", "arn:aws:iam::*:role/*dev*",
    "*", "arn:aws:iam::1111*:role/admin", "*111111111111*", "arn:aws:sts::*:federated-user/*",
)  # fmt: skip
REGIONS = ("eu-west-1", "eu-west-3", "us-east-1", "us-west-2", "")
REGION_PATTERNS = ("eu-*", "us-*", "*-west-*", "eu-west-?", "*", "*1")
TEAMS = ("blue", "Blue", "green", "team-blue", "")
TEAM_PATTERNS = ("blue*", "*blue", "*e*", "green", "team-?lue")
TAGS = ("owner", "team", "cost", "Owner", "")
NUMBERS = ("0", "9.5", "10", "10.0", "11", "many", "1e2", "-3")
DATES = ("2025-01-01T00:00:00Z", "2026-01-01", "1735689600", "2027-06-01T12:00:00Z", "soon")
ADDRESSES = ("10.0.0.1", "10.200.0.1", "192.0.2.7", "2001:db8::1", "2001:db8:1::1", "nowhere")
RANGES = ("10.0.0.0/8", "10.0.0.0/9", "192.0.2.0/24", "2001:db8::/32", "2001:db8::/48", "10.0.0.1")
VARIABLES = ("${aws:PrincipalTag/team}", "${aws:PrincipalAccount}", "x-${aws:username, 'none'}*")


@dataclass(frozen=True)
class Vocabulary:
    """What documents of one policy type and requests are made of.

    `full`: the policy that allows everything, attached but for `unlisted` of all targets.
    `pools`: values of conditions, from which one is added to a condition that has one of them.
    `organization`: what requests say of it.
    """

    policy_type: PolicyType
    full: Document
    unlisted: float
    statement: Callable[[random.Random, bool], Document]
    request: Callable[[random.Random, str], Document]
    pools: tuple[tuple[str, ...], ...]
    organization: OrganizationIds | None = None


@dataclass
class Organization:
    """Parents and policies of each target. The policies are AWS's JSON, decoded."""

    parents: dict[str, str | None] = field(default_factory=dict)
    policies: dict[str, list[Document]] = field(default_factory=dict)

    def path(self, target_id: str) -> list[str]:
        path: list[str] = []
        step: str | None = target_id
        while step is not None:
            path.append(step)
            step = self.parents[step]
        return path[::-1]


def some(rng: random.Random, values: tuple[str, ...], most: int = 3) -> list[str]:
    return rng.sample(values, rng.randint(1, min(most, len(values))))


def condition(rng: random.Random, *, variables: bool) -> tuple[str, str, list[str]]:
    kind = rng.randrange(12)
    exists = rng.choice(("", "", "IfExists"))
    if kind <= 2:
        operator = rng.choice(("ArnLike", "ArnNotLike", "ArnEquals", "StringLike", "StringNotLike"))
        return operator + exists, "aws:PrincipalArn", some(rng, ARN_PATTERNS)
    if kind == 3:
        operator = rng.choice(("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase"))
        return operator + exists, "aws:RequestedRegion", some(rng, REGIONS)
    if kind == 4:
        operator = rng.choice(("StringLike", "StringNotLike"))
        return operator + exists, "aws:RequestedRegion", some(rng, REGION_PATTERNS)
    if kind == 5:
        quantifier = rng.choice(("ForAllValues:", "ForAnyValue:"))
        operator = rng.choice(("StringEquals", "StringNotEquals", "StringLike", "StringNotLike"))
        return quantifier + operator + exists, "aws:TagKeys", some(rng, TAGS)
    if kind == 6:
        if rng.random() < 0.5:
            return (
                "Null",
                rng.choice(("aws:RequestTag/team", "aws:TagKeys")),
                [rng.choice(("true", "false"))],
            )
        return (
            rng.choice(("Bool", "BoolIfExists")),
            "aws:MultiFactorAuthPresent",
            [rng.choice(("true", "false"))],
        )
    if kind == 7:
        relation = rng.choice(
            (
                "Equals",
                "NotEquals",
                "LessThan",
                "LessThanEquals",
                "GreaterThan",
                "GreaterThanEquals",
            )
        )
        if rng.random() < 0.5:
            return f"Numeric{relation}{exists}", "s3:max-keys", some(rng, NUMBERS, 2)
        return f"Date{relation}{exists}", "aws:CurrentTime", some(rng, DATES, 2)
    if kind == 8:
        return rng.choice(("IpAddress", "NotIpAddress")) + exists, "aws:SourceIp", some(rng, RANGES)
    if kind == 9:
        operator = rng.choice(
            (
                "StringEquals",
                "StringNotEquals",
                "StringLike",
                "StringNotLike",
                "StringNotEqualsIgnoreCase",
            )
        )
        values = TEAM_PATTERNS if "Like" in operator else TEAMS
        return operator + exists, "aws:RequestTag/team", some(rng, values)
    if kind == 10 and variables:
        operator = rng.choice(("StringEquals", "StringNotEquals", "StringLike"))
        return (
            operator + exists,
            rng.choice(("aws:RequestTag/team", "aws:ResourceAccount")),
            [rng.choice(VARIABLES)],
        )
    operator = rng.choice(("StringEquals", "StringNotEquals"))
    return (
        operator,
        rng.choice(("aws:PrincipalAccount", "aws:ResourceAccount")),
        some(rng, ACCOUNTS),
    )


def statement(rng: random.Random, variables: bool) -> Document:
    allow = rng.random() < 0.15
    made: Document = {"Effect": "Allow" if allow else "Deny"}
    made["NotAction" if rng.random() < 0.2 else "Action"] = some(rng, ACTION_PATTERNS, 4)
    if rng.random() < 0.35:
        element = "NotResource" if rng.random() < 0.3 else "Resource"
        pool = RESOURCE_PATTERNS + (VARIABLE_RESOURCES if variables else ())
        made[element] = some(rng, pool)
    else:
        made["Resource"] = "*"
    conditions: dict[str, dict[str, list[str]]] = {}
    for _ in range(rng.choice((0, 1, 1, 2, 3))):
        operator, key, values = condition(rng, variables=variables)
        conditions.setdefault(operator, {})[key] = values
    if conditions:
        made["Condition"] = conditions
    return made


def document(rng: random.Random, vocabulary: Vocabulary, *, variables: bool) -> Document:
    statements = [vocabulary.statement(rng, variables) for _ in range(rng.randint(1, 3))]
    return {"Version": "2012-10-17", "Statement": statements}


def organization(
    rng: random.Random, *, variables: bool, vocabulary: Vocabulary | None = None
) -> Organization:
    """Return a root, three OUs and one to four accounts, with policies: SCPs if not told."""
    vocabulary = vocabulary or SERVICE_CONTROL
    made = Organization({"r-1": None, "ou-1": "r-1", "ou-2": "r-1", "ou-3": "ou-1"})
    for account in ACCOUNTS[: rng.randint(1, 4)]:
        made.parents[account] = rng.choice(("r-1", "ou-1", "ou-2", "ou-3"))
    for target in made.parents:
        made.policies[target] = [] if rng.random() < vocabulary.unlisted else [vocabulary.full]
        for _ in range(rng.choice((0, 0, 1, 2))):
            made.policies[target].append(document(rng, vocabulary, variables=variables))
    return made


def _statements(made: Document) -> list[Document]:
    found = made["Statement"]
    assert isinstance(found, list)
    return found


def edited(
    rng: random.Random,
    before: Organization,
    *,
    variables: bool,
    vocabulary: Vocabulary | None = None,
) -> Organization:
    """Return another state: one edit, or several at once."""
    after = copy.deepcopy(before)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        _edit(rng, after, vocabulary or SERVICE_CONTROL, variables=variables)
    return after


def _edit(
    rng: random.Random, after: Organization, vocabulary: Vocabulary, *, variables: bool
) -> None:
    target = rng.choice(list(after.parents))
    policies = after.policies[target]
    kind = rng.randrange(6)
    if kind == 0:
        policies.append(document(rng, vocabulary, variables=variables))
    elif kind == 1 and policies:
        policies.pop(rng.randrange(len(policies)))
    elif kind == 2:
        account = rng.choice([t for t in after.parents if t.isdecimal()] + ["ou-3"])
        after.parents[account] = rng.choice(("r-1", "ou-1", "ou-2"))
    else:
        others = [p for listed in after.policies.values() for p in listed if p != vocabulary.full]
        if not others:
            policies.append(document(rng, vocabulary, variables=variables))
            return
        statements = _statements(rng.choice(others))
        at = rng.randrange(len(statements))
        choice = rng.randrange(4)
        if choice == 0:
            statements[at] = vocabulary.statement(rng, variables)
        elif choice == 1 and len(statements) > 1:
            del statements[at]
        elif choice == 2 and isinstance(statements[at].get("Condition"), dict):
            _widen(rng, statements[at], vocabulary)
        else:
            statements.append(vocabulary.statement(rng, variables))


def _widen(rng: random.Random, changed: Document, vocabulary: Vocabulary) -> None:
    conditions = changed["Condition"]
    assert isinstance(conditions, dict)
    operator = rng.choice(list(conditions))
    key = rng.choice(list(conditions[operator]))
    values = conditions[operator][key]
    if len(values) > 1 and rng.random() < 0.5:
        values.pop(rng.randrange(len(values)))
        return
    for pool in vocabulary.pools:
        if values[0] in pool:
            values.append(rng.choice(pool))
            return


def same_meaning(rng: random.Random, before: Organization) -> Organization:
    """Return a state that is written otherwise and means the same."""
    after = copy.deepcopy(before)
    for target, policies in after.policies.items():
        rng.shuffle(policies)
        rewritten: list[Document] = []
        for made in policies:
            statements = _statements(made)
            rng.shuffle(statements)
            for number, one in enumerate(statements):
                one["Sid"] = f"Statement{number}"
                for element in ("Action", "NotAction"):
                    if isinstance(one.get(element), list):
                        listed = one[element]
                        assert isinstance(listed, list)
                        rng.shuffle(listed)
                        one[element] = [str(item).swapcase() for item in listed]
            if len(statements) > 1 and rng.random() < 0.5:
                rewritten += [{**made, "Statement": [one]} for one in statements]
            else:
                rewritten.append(made)
            split = [one for one in statements if isinstance(one.get("Action"), list)]
            if split and rng.random() < 0.5:
                one = rng.choice(split)
                actions = one["Action"]
                assert isinstance(actions, list)
                # A statement that is there already, once more, for one of its actions.
                rewritten.append({**made, "Statement": [{**one, "Action": actions[:1]}]})
        after.policies[target] = rewritten
    return after


def request(rng: random.Random, account: str) -> Document:
    """Return a request by a principal of an account, in the shape of the commands."""
    context: dict[str, object] = {}
    for key, values in (
        ("aws:RequestedRegion", REGIONS),
        ("aws:RequestTag/team", TEAMS),
        ("aws:MultiFactorAuthPresent", ("true", "false")),
        ("s3:max-keys", NUMBERS),
        ("aws:CurrentTime", DATES),
        ("aws:SourceIp", ADDRESSES),
        ("aws:PrincipalTag/team", TEAMS),
    ):
        if rng.random() < 0.7:
            context[key] = rng.choice(values)
    if rng.random() < 0.7:
        context["aws:TagKeys"] = rng.choices(TAGS, k=rng.randint(0, 3))
    if rng.random() < 0.3:
        context["aws:ResourceAccount"] = rng.choice(ACCOUNTS)
    return {
        "principal": "arn:aws:" + rng.choice(PRINCIPALS).format(account),
        "action": rng.choice(ACTIONS),
        "resource": rng.choice(RESOURCES),
        "context": context,
    }


SERVICE_CONTROL = Vocabulary(
    policy_type=PolicyType.SERVICE_CONTROL_POLICY,
    full=FULL,
    unlisted=0.05,
    statement=statement,
    request=request,
    pools=(
        ARN_PATTERNS,
        REGIONS,
        REGION_PATTERNS,
        TAGS,
        TEAMS,
        TEAM_PATTERNS,
        NUMBERS,
        DATES,
        RANGES,
    ),
)
