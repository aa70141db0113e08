"""Whether a bucket policy is public in the sense of S3 Block Public Access.

Source: S3 user guide, "Blocking public access to your Amazon S3 storage", "The meaning of public":
a policy is public unless everything it allows is limited to fixed values, without wildcards or
policy variables, of some principals or condition keys.
"""

import ipaddress
from typing import Final

from policies import Condition, Effect, PolicyDocument, Statement

_OPERATORS: Final = frozenset(
    {"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"}
)
# Keys of which a fixed value makes a grant not public.
_FIXED: Final = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
    }
)
_SOURCE_IP: Final = "aws:sourceip"
# A wider range of addresses counts as everybody.
_WIDEST_IPV4: Final = 8
_WIDEST_IPV6: Final = 32
# The resource of these holds the account, which a wildcard after it leaves fixed.
_ACCOUNT_IN_ARN: Final = 4
_ARNS: Final = frozenset({"aws:principalarn", "aws:sourcearn", "s3:dataaccesspointarn"})


def is_public(document: PolicyDocument) -> bool:
    """Whether one of its statements allows more than fixed principals or sources."""
    return any(
        statement.effect is Effect.ALLOW and _is_public(statement)
        for statement in document.statements
    )


def _is_public(statement: Statement) -> bool:
    if statement.principals is not None and all(
        "*" not in each.value and "${" not in each.value for each in statement.principals
    ):
        return False
    return not any(_limits(condition) for condition in statement.conditions)


def _limits(condition: Condition) -> bool:
    """Whether a condition leaves fixed values of a key that tells who or from where."""
    key = condition.key.lower()
    if condition.negated or condition.if_exists or condition.set_operator is not None:
        return False
    if key == _SOURCE_IP:
        return bool(condition.values) and all(map(_is_narrow, condition.values))
    if condition.written_operator.lower() not in _OPERATORS:
        return False
    return (
        key in _FIXED
        and bool(condition.values)
        and all(_is_fixed(key, value) for value in condition.values)
    )


def _is_fixed(key: str, value: str) -> bool:
    if "${" in value:
        return False
    if key in _ARNS:
        account = value.split(":")[_ACCOUNT_IN_ARN : _ACCOUNT_IN_ARN + 1]
        return bool(account) and account[0].isdecimal()
    return "*" not in value and "?" not in value


def _is_narrow(text: str) -> bool:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return network.prefixlen >= (_WIDEST_IPV4 if network.version == 4 else _WIDEST_IPV6)
