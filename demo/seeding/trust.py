"""Trust policies from the short forms of the data.

service: lambda.amazonaws.com                         a service of AWS; with source_account: true,
                                                      for resources of the account alone
saml: NAME                                            the account's SAML provider
oidc: {provider: HOST, sub: PATTERN, aud: TEXT}       an OIDC provider; sub and aud may be absent
principals: [ARN or 12 digits or "*"], with external_id, in_organization, source_identity: true
document: {…}                                         the whole document, as it stands
"""

import json
from typing import Any

from demo.seeding.reading import Node, required


def trust_document(node: Node, account_id: str) -> str:
    """Return the trust policy as JSON.

    :raises BadOrganization: none or several of the short forms, or an unknown key.
    """
    entries = node.mapping(
        *("service", "saml", "oidc", "principals", "document"),
        *("external_id", "in_organization", "source_identity", "source_account"),
    )
    forms = {"service", "saml", "oidc", "principals", "document"} & set(entries)
    if len(forms) != 1:
        raise node.bad("trust is exactly one of service, saml, oidc, principals, document")
    if "document" in entries:
        return json.dumps(entries["document"].value, separators=(",", ":"))
    if "service" in entries:
        principal: dict[str, Any] = {"Service": _one(entries["service"].texts())}
        is_limited = "source_account" in entries and entries["source_account"].flag()
        own = {"StringEquals": {"aws:SourceAccount": account_id}} if is_limited else {}
        statement = _statement(principal, "sts:AssumeRole", own)
    elif "saml" in entries:
        provider = f"arn:aws:iam::{account_id}:saml-provider/{entries['saml'].text()}"
        statement = _statement(
            {"Federated": provider},
            ["sts:AssumeRoleWithSAML", "sts:TagSession"],
            {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
        )
    elif "oidc" in entries:
        statement = _oidc(entries["oidc"], account_id)
    else:
        statement = _principals(entries)
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))


def _statement(principal: Any, action: Any, condition: dict[str, Any]) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action}
    return statement | ({"Condition": condition} if condition else {})


def _oidc(node: Node, account_id: str) -> dict[str, Any]:
    entries = node.mapping("provider", "sub", "aud")
    host = required(entries, "provider", node).text()
    condition: dict[str, Any] = {}
    if "aud" in entries:
        condition["StringEquals"] = {f"{host}:aud": entries["aud"].text()}
    if "sub" in entries:
        condition["StringLike"] = {f"{host}:sub": _one(entries["sub"].texts())}
    provider = f"arn:aws:iam::{account_id}:oidc-provider/{host}"
    return _statement({"Federated": provider}, "sts:AssumeRoleWithWebIdentity", condition)


def _principals(entries: dict[str, Node]) -> dict[str, Any]:
    named = [
        f"arn:aws:iam::{each}:root" if each.isdigit() else each
        for each in entries["principals"].texts()
    ]
    condition: dict[str, Any] = {}
    if "external_id" in entries:
        condition.setdefault("StringEquals", {})["sts:ExternalId"] = entries["external_id"].text()
    if "in_organization" in entries:
        organization_id = entries["in_organization"].text()
        condition.setdefault("StringEquals", {})["aws:PrincipalOrgID"] = organization_id
    actions: str | list[str] = "sts:AssumeRole"
    if "source_identity" in entries and entries["source_identity"].flag():
        actions = ["sts:AssumeRole", "sts:SetSourceIdentity"]
    return _statement({"AWS": _one(named)}, actions, condition)


def _one(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values
