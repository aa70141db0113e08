"""Canonical users and origin access identities call S3 as themselves."""

import json

import pytest

from policies.cli.question import QuestionReader

CANONICAL = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
OTHER = CANONICAL[::-1]
IDENTITY = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E127EXAMPLE51Z"


def decision(principal, *statements):
    question = {
        "request": {
            "principal": principal,
            "action": "s3:GetObject",
            "resource": "arn:aws:s3:::bucket/a",
            "resource_account_id": "111122223333",
        },
        "resource_policy": {"Version": "2012-10-17", "Statement": list(statements)},
    }
    return json.loads(QuestionReader().answer(json.dumps(question)))["decision"]


def statement(effect="Allow", **who):
    return {"Effect": effect, **who, "Action": "s3:*", "Resource": "*"}


@pytest.mark.parametrize(
    ("caller", "element", "expected"),
    [
        (CANONICAL, {"CanonicalUser": CANONICAL}, "allowed"),
        (CANONICAL, {"CanonicalUser": OTHER}, "implicitDeny"),
        (CANONICAL, {"AWS": "*"}, "allowed"),
        (IDENTITY, {"AWS": IDENTITY}, "allowed"),
        (IDENTITY, {"AWS": IDENTITY.replace("E127", "E128")}, "implicitDeny"),
        (IDENTITY, {"CanonicalUser": CANONICAL}, "implicitDeny"),
    ],
)
def test_a_policy_reaches_whom_it_names(caller, element, expected):
    assert decision(caller, statement(Principal=element)) == expected


@pytest.mark.parametrize("caller", [CANONICAL, IDENTITY])
def test_a_deny_with_not_principal_spares_whom_it_lists(caller):
    kind = "CanonicalUser" if caller == CANONICAL else "AWS"
    allow = statement(Principal={"AWS": "*"})
    spared = statement("Deny", NotPrincipal={kind: caller})
    denied = statement("Deny", NotPrincipal={"AWS": "arn:aws:iam::111122223333:root"})
    assert decision(caller, allow, spared) == "allowed"
    assert decision(caller, allow, denied) == "explicitDeny"
