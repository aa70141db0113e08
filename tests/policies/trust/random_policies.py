"""Random policies of a small organization, and random requests that AWS could see."""

from __future__ import annotations

from hypothesis import strategies as st

from policies.evaluation.policy_set import TargetPolicies
from policies.full_access import full_access
from policies.language.document import PolicyDocument
from policies.language.json_reader import JsonValue
from policies.language.parse import parse_decoded_policy
from policies.language.policy_types import PolicyType
from policies.trust import TrustOrganization

OWN, MEMBER, OTHER, MANAGEMENT, OUTSIDE, UNNAMED = (
    "111122223333",
    "222233334444",
    "333344445555",
    "444455556666",
    "777788889999",
    "888899990000",
)
ID = "o-exampleorg1"
PARENTS = {
    OWN: ("r-ab12", "ou-ab12-11111111"),
    MEMBER: ("r-ab12", "ou-ab12-11111111"),
    OTHER: ("r-ab12", "ou-ab12-22222222"),
    MANAGEMENT: ("r-ab12",),
}
ORGANIZATION = TrustOrganization(
    ID,
    MANAGEMENT,
    {account: "/".join((ID, *parents)) + "/" for account, parents in PARENTS.items()},
)
ROLE, BUCKET = f"arn:aws:iam::{OWN}:role/app/deploy", "arn:aws:s3:::bucket"

PRINCIPALS = (
    f"arn:aws:iam::{OWN}:role/app/build",
    f"arn:aws:iam::{OWN}:user/ana",
    f"arn:aws:iam::{MEMBER}:role/build",
    f"arn:aws:iam::{MEMBER}:user/ben",
    f"arn:aws:iam::{OTHER}:role/build",
    f"arn:aws:iam::{MANAGEMENT}:role/admin",
    f"arn:aws:iam::{OUTSIDE}:role/vendor",
    f"arn:aws:iam::{UNNAMED}:role/stranger",
    f"arn:aws:sts::{MEMBER}:assumed-role/build/session",
)
SERVICES = ("cloudtrail.amazonaws.com", "lambda.amazonaws.com")
PROVIDERS = (
    f"arn:aws:iam::{OWN}:oidc-provider/token.example.com",
    f"arn:aws:iam::{OWN}:saml-provider/corp",
)
_ACCOUNTS = (OWN, MEMBER, OTHER, MANAGEMENT, OUTSIDE)


def _condition(
    operators: tuple[str, ...], key: str, values: tuple[str, ...]
) -> st.SearchStrategy[tuple[str, str, list[str]]]:
    return st.tuples(
        st.sampled_from(operators),
        st.just(key),
        st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True),
    )


_TEXT = (
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIfExists",
    "StringNotEqualsIfExists",
)
CONDITIONS = st.one_of(
    _condition(
        ("ArnLike", "ArnNotLike", "StringEquals", "StringNotLike", "ArnLikeIfExists"),
        "aws:PrincipalArn",
        (
            *PRINCIPALS[:7],
            f"arn:aws:iam::{MEMBER}:role/*",
            "arn:aws:iam::*:role/build",
            f"arn:aws:iam::{OUTSIDE}:root",
            "*",
        ),
    ),
    _condition(_TEXT, "aws:PrincipalOrgID", (ID, "o-anotherorg1", "o-example*")),
    _condition(
        (
            "ForAnyValue:StringLike",
            "ForAllValues:StringLike",
            "ForAnyValue:StringNotLike",
            "StringLike",
        ),
        "aws:PrincipalOrgPaths",
        (f"{ID}/r-ab12/ou-ab12-11111111/*", f"{ID}/*", "o-anotherorg1/*"),
    ),
    _condition(_TEXT, "aws:PrincipalAccount", (*_ACCOUNTS, "2222*")),
    _condition(_TEXT, "sts:ExternalId", ("secret", "other", "*")),
    _condition(
        _TEXT, "aws:SourceAccount", (OWN, OUTSIDE, "1*", "*", "99*", "acct-*", f"{OWN[:-1]}?")
    ),
    _condition(_TEXT, "aws:SourceOrgID", (ID, "o-anotherorg1")),
    _condition(("Null",), "aws:SourceAccount", ("true", "false")),
    _condition(
        ("ArnLike", "ArnNotLikeIfExists"),
        "aws:SourceArn",
        (
            "arn:aws:s3:::logs",
            f"arn:aws:sns:*:{OWN}:*",
            f"arn:aws:sns:*:{UNNAMED}:*",
            "arn:aws:sns:*:99*:*",
            "arn:aws:sns:*:acct-*:*",
            f"arn:*:{OWN[:4]}*",
        ),
    ),
    _condition(("Bool", "BoolIfExists"), "aws:PrincipalIsAWSService", ("true", "false")),
    _condition(("Bool", "BoolIfExists"), "aws:MultiFactorAuthPresent", ("true", "false")),
    _condition(
        ("IpAddress", "NotIpAddress"),
        "aws:SourceIp",
        ("203.0.113.0/24", "198.51.100.7", "0.0.0.0/0", "10.0.0.0/8"),
    ),
    _condition(_TEXT, "aws:SourceVpce", ("vpce-1", "vpce-2")),
    _condition(("Null",), "aws:PrincipalOrgID", ("true", "false")),
    _condition(_TEXT, "token.example.com:sub", ("repo:a/*", "repo:b/c")),
    _condition(_TEXT, "aws:PrincipalTag/team", ("red", "blue")),
    _condition(
        ("StringEquals", "StringNotEquals"),
        "aws:PrincipalType",
        ("User", "AssumedRole", "Anonymous"),
    ),
)
_ELEMENTS: st.SearchStrategy[JsonValue] = st.one_of(
    st.just("*"),
    st.just({"AWS": "*"}),
    st.lists(st.sampled_from((*_ACCOUNTS, *PRINCIPALS)), min_size=1, max_size=3, unique=True).map(
        lambda named: {"AWS": list(named)}
    ),
    st.sampled_from(SERVICES).map(lambda name: {"Service": name}),
    st.sampled_from(PROVIDERS).map(lambda name: {"Federated": name}),
)


def _conditions(parts: list[tuple[str, str, list[str]]]) -> dict[str, JsonValue]:
    found: dict[str, dict[str, JsonValue]] = {}
    for operator, key, values in parts:
        found.setdefault(operator, {})[key] = list(values)
    return dict(found)


@st.composite
def _statement(
    draw: st.DrawFn, actions: tuple[str, ...], resources: tuple[str, ...]
) -> dict[str, JsonValue]:
    effect = draw(st.sampled_from(("Allow", "Allow", "Deny")))
    statement: dict[str, JsonValue] = {"Effect": effect}
    element = "NotPrincipal" if draw(st.integers(0, 7)) == 0 else "Principal"
    statement[element] = draw(_ELEMENTS)
    statement["Action"] = list(
        draw(st.lists(st.sampled_from(actions), min_size=1, max_size=2, unique=True))
    )
    if resources:
        statement["Resource"] = list(
            draw(st.lists(st.sampled_from(resources), min_size=1, max_size=2, unique=True))
        )
    statement["Condition"] = _conditions(draw(st.lists(CONDITIONS, max_size=2)))
    return statement


ROLE_ACTIONS = (
    "sts:AssumeRole",
    "sts:AssumeRoleWithWebIdentity",
    "sts:AssumeRoleWithSAML",
    "sts:*",
)
BUCKET_ACTIONS = ("s3:GetObject", "s3:ListBucket", "s3:Put*", "s3:*")
BUCKET_RESOURCES = (BUCKET, f"{BUCKET}/*", f"{BUCKET}/private/*")


def policies(policy_type: PolicyType) -> st.SearchStrategy[PolicyDocument]:
    """Return policies of one to three statements."""
    is_trust = policy_type is PolicyType.TRUST_POLICY
    statement = _statement(
        ROLE_ACTIONS if is_trust else BUCKET_ACTIONS, () if is_trust else BUCKET_RESOURCES
    )
    return st.lists(statement, min_size=1, max_size=3).map(
        lambda statements: parsed(statements, policy_type)
    )


def parsed(statements: list[dict[str, JsonValue]], policy_type: PolicyType) -> PolicyDocument:
    """Return a policy of some statements."""
    value: dict[str, JsonValue] = {"Version": "2012-10-17", "Statement": list(statements)}
    document = parse_decoded_policy(value, policy_type).document
    assert document is not None
    return document


@st.composite
def control_policies(draw: st.DrawFn, policy_type: PolicyType) -> PolicyDocument:
    """Return an SCP or RCP with one deny."""
    statement: dict[str, JsonValue] = {
        "Effect": "Deny",
        "Action": draw(st.sampled_from(("sts:*", "s3:*", "s3:GetObject", "sts:AssumeRole"))),
        "Resource": "*",
        "Condition": _conditions(draw(st.lists(CONDITIONS, max_size=2))),
    }
    if policy_type is PolicyType.RESOURCE_CONTROL_POLICY:
        statement["Principal"] = "*"
    return parsed([statement], policy_type)


@st.composite
def chains(draw: st.DrawFn, account: str, policy_type: PolicyType) -> tuple[TargetPolicies, ...]:
    """Return the levels above an account, one of them with a deny or without its allow."""
    parents = (*PARENTS[account], account)
    whole = full_access(policy_type)
    changed = draw(st.integers(0, 3 * len(parents)))
    levels = []
    for place, target in enumerate(parents):
        documents: tuple[PolicyDocument, ...] = (whole,)
        if place == changed:
            documents = (whole, draw(control_policies(policy_type)))
        elif policy_type is PolicyType.SERVICE_CONTROL_POLICY and place == changed - len(parents):
            documents = ()
        levels.append(TargetPolicies(target, documents))
    return tuple(levels)


@st.composite
def requests(draw: st.DrawFn, policy_type: PolicyType) -> dict[str, JsonValue]:
    """Return a request whose context holds what AWS sends of such a caller."""
    is_trust = policy_type is PolicyType.TRUST_POLICY
    callers = (
        *PRINCIPALS,
        f"arn:aws:iam::{OUTSIDE}:role/other",
        *SERVICES,
        *(PROVIDERS if is_trust else ("anonymous",)),
    )
    principal = draw(st.sampled_from(callers))
    context: dict[str, JsonValue] = {}

    def maybe(key: str, *values: JsonValue) -> None:
        if draw(st.booleans()):
            context[key] = draw(st.sampled_from(values))

    maybe("aws:SourceIp", "203.0.113.9", "198.51.100.7", "192.0.2.1")
    maybe("aws:SourceVpce", "vpce-1", "vpce-3")
    if principal in SERVICES:
        source = draw(st.sampled_from((OWN, MEMBER, OUTSIDE, UNNAMED)))
        maybe("aws:SourceAccount", source)
        maybe("aws:SourceArn", "arn:aws:s3:::logs", f"arn:aws:sns:eu-west-1:{source}:topic")
        maybe("aws:SourceOrgID", ID if source in PARENTS else "o-anotherorg1")
    elif principal.startswith("arn:") and principal not in PROVIDERS:
        maybe("aws:MultiFactorAuthPresent", "true", "false")
        maybe("aws:PrincipalTag/team", "red", "green")
        maybe("sts:ExternalId", "secret", "else")
        if OUTSIDE in principal or UNNAMED in principal:
            maybe("aws:PrincipalOrgID", "o-anotherorg1")
    elif principal == PROVIDERS[0]:
        maybe("token.example.com:sub", "repo:a/x", "repo:b/c", "repo:z/z")
    action, resource = draw(
        st.sampled_from(
            (
                ("sts:AssumeRoleWithSAML", ROLE)
                if principal == PROVIDERS[1]
                else ("sts:AssumeRoleWithWebIdentity", ROLE)
                if principal == PROVIDERS[0]
                else ("sts:AssumeRole", ROLE),
            )
            if is_trust
            else (
                ("s3:GetObject", f"{BUCKET}/a"),
                ("s3:GetObject", f"{BUCKET}/private/a"),
                ("s3:ListBucket", BUCKET),
                ("s3:PutObject", f"{BUCKET}/a"),
            )
        )
    )
    return {
        "principal": principal,
        "action": action,
        "resource": resource,
        "resource_account_id": OWN,
        "context": context,
    }
