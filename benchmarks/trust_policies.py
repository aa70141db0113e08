"""The policies of a made-up account: 50 roles and 20 resources, most alike in every account."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from inventory.records import PrincipalRecord, Record, ResourcePolicyRecord
from inventory.resource_facts import BucketFacts, PublicAccessBlock

_SERVICES = ("lambda", "ec2", "ecs-tasks", "events", "states", "glue", "codebuild", "rds")
_GITHUB = "token.actions.githubusercontent.com"
_REGION = "eu-west-1"
_VENDORS = ("464622532012", "999999999990", "999999999991")


def made_records(account_id: str, tools_id: str, organization_id: str) -> Iterator[Record]:
    """Yield the roles and resources of an account. `tools_id`: the account that deploys to all."""
    for number in range(50):
        yield _role(account_id, f"role-{number:02d}", _trust(number, account_id, tools_id))
    for number in range(20):
        yield _resource(number, account_id, tools_id, organization_id)


def changed_role(account_id: str) -> PrincipalRecord:
    """Return what the first role has become."""
    return _role(account_id, "role-00", _statement({"AWS": _VENDORS[2]}, "sts:AssumeRole"))


def _trust(number: int, account_id: str, tools_id: str) -> dict[str, Any]:
    action = "sts:AssumeRole"
    if number < 25:
        service = _SERVICES[number % len(_SERVICES)]
        return _statement({"Service": f"{service}.amazonaws.com"}, action)
    if number < 31:
        return _statement({"AWS": f"arn:aws:iam::{account_id}:root"}, action)
    if number < 38:
        return _statement({"AWS": f"arn:aws:iam::{tools_id}:role/deploy-{number % 3}"}, action)
    if number < 42:
        external_id = {"StringEquals": {"sts:ExternalId": f"{account_id[::-1]}-{number}"}}
        return _statement({"AWS": _VENDORS[number % 3]}, action, external_id)
    if number < 46:
        subject = {
            "StringEquals": {f"{_GITHUB}:aud": "sts.amazonaws.com"},
            "StringLike": {f"{_GITHUB}:sub": f"repo:example/service-{number}:*"},
        }
        provider = f"arn:aws:iam::{account_id}:oidc-provider/{_GITHUB}"
        return _statement({"Federated": provider}, "sts:AssumeRoleWithWebIdentity", subject)
    saml = {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}
    provider = f"arn:aws:iam::{account_id}:saml-provider/login"
    return _statement({"Federated": provider}, "sts:AssumeRoleWithSAML", saml)


def _role(account_id: str, name: str, trust: dict[str, Any]) -> PrincipalRecord:
    return PrincipalRecord(
        kind="role",
        arn=f"arn:aws:iam::{account_id}:role/{name}",
        name=name,
        path="/",
        unique_id=f"AROA{account_id}{name[-2:]}",
        created_at=None,
        trust_policy=_policy(trust),
        boundary_arn="",
        attached_policy_arns=(),
        inline_policies={},
    )


def _resource(number: int, account_id: str, tools_id: str, organization_id: str) -> Record:
    own = {"AWS": f"arn:aws:iam::{account_id}:root"}
    if number < 7:
        name, arn = f"key-{number}", f"arn:aws:kms:{_REGION}:{account_id}:key/key-{number}"
        statements = [_statement(own, "kms:*", resource="*")]
        if number < 3:
            user = {"AWS": f"arn:aws:iam::{tools_id}:role/deploy-{number}"}
            statements.append(_statement(user, ["kms:Decrypt", "kms:Encrypt"], resource="*"))
        return _made("kms", "key", arn, name, statements)
    if number < 12:
        name, arn = f"queue-{number}", f"arn:aws:sqs:{_REGION}:{account_id}:queue-{number}"
        source = {"ArnEquals": {"aws:SourceArn": f"arn:aws:sns:{_REGION}:{account_id}:topic"}}
        sns = _statement({"Service": "sns.amazonaws.com"}, "sqs:SendMessage", source, resource=arn)
        return _made("sqs", "queue", arn, name, [sns])
    if number < 18:
        name = f"data-{account_id}-{number}"
        arn = f"arn:aws:s3:::{name}"
        everyone = {"StringEquals": {"aws:PrincipalOrgID": organization_id}}
        statement = _statement("*", "s3:GetObject", everyone, resource=f"{arn}/*")
        facts = BucketFacts("BucketOwnerEnforced", None, PublicAccessBlock(*[True] * 4))
        return _made("s3", "bucket", arn, name, [statement], facts.as_json())
    name = f"secret-{number}"
    arn = f"arn:aws:secretsmanager:{_REGION}:{account_id}:secret:{name}-aBcDeF"
    user = {"AWS": f"arn:aws:iam::{tools_id}:root"}
    statement = _statement(user, "secretsmanager:GetSecretValue", resource="*")
    return _made("secretsmanager", "secret", arn, name, [statement])


def _made(
    service: str,
    kind: str,
    arn: str,
    name: str,
    statements: list[dict[str, Any]],
    facts: dict[str, Any] | None = None,
) -> ResourcePolicyRecord:
    return ResourcePolicyRecord(
        service=service,
        region=_REGION,
        resource_type=kind,
        arn=arn,
        name=name,
        content=_policy(*statements),
        facts=facts or {},
    )


def _statement(
    principal: object, action: object, condition: object = None, *, resource: object = None
) -> dict[str, Any]:
    found: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": action}
    if condition is not None:
        found["Condition"] = condition
    if resource is not None:
        found["Resource"] = resource
    return found


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
