"""`confused-deputy`: an AWS service may act here for any account that asks it to.

A service principal is the same for all accounts: without aws:SourceArn, aws:SourceAccount or
aws:SourceOrgID another account's resource can make the service call. In a role's trust policy only
services count for which AWS asks for one of these keys: the others use a role for the account
alone that passed it to them.

`confused-deputy-bucket-name`: aws:SourceArn names an S3 bucket and no account; the ARN of a bucket
holds none, and a deleted bucket's name is free for everybody.

Source: IAM user guide, "The confused deputy problem", "Cross-service confused deputy prevention";
S3 user guide, "Granting permissions to publish event notification messages to a destination".
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources
from typing import Final, TypedDict, cast

from policies.language.json_reader import JsonValue
from policies.trust.edges import GuardKind, PolicyEdge, TrustPrincipalKind
from policies.trust.findings.finding import PolicyFinding, TrustSeverity
from policies.trust.findings.subject import (
    SOURCE,
    TrustSubject,
    finding,
    names_bucket,
    names_of,
    remedy,
)

_ENOUGH: Final = SOURCE | {GuardKind.EXTERNAL_ID, GuardKind.PRINCIPAL, GuardKind.OTHER}
_HARMLESS: Final = frozenset(
    {"s3:getbucketacl", "s3:getbucketlocation", "s3:listbucket", "s3:getbucketpolicy"}
)
"""Actions that a service needs before it writes, and that give nothing to whom it acts for."""


class _ServiceRow(TypedDict):
    service: str
    source: str
    read_on: str


@lru_cache(maxsize=1)
def _trusted_deputies() -> frozenset[str]:
    text = resources.files("policies.trust.findings").joinpath("deputies.json").read_text("utf-8")
    rows = cast(list[_ServiceRow], json.loads(text)["trust"])
    return frozenset(row["service"] for row in rows)


def check_confused_deputy(subject: TrustSubject) -> Iterator[PolicyFinding]:
    """Yield the statements that let in a service for whichever account it acts."""
    for index, edges in subject.open_edges(TrustPrincipalKind.SERVICE):
        bare = [
            edge
            for edge in edges
            if _is_deputy(subject, edge) and not subject.holding(edge, _ENOUGH)
        ]
        by_bucket = [edge for edge in bare if any(map(names_bucket, subject.readings(edge)))]
        any_source = [edge for edge in bare if edge not in by_bucket]
        if any_source:
            yield finding(
                "confused-deputy",
                _severity(subject, any_source),
                index,
                f"{_named(any_source)} may act here for a resource of any AWS account.",
                remedy(
                    "Limit whose resources the service may act for; add aws:SourceArn for a "
                    "single resource.",
                    condition=_own_account(subject),
                ),
            )
        if by_bucket:
            yield finding(
                "confused-deputy-bucket-name",
                TrustSeverity.MEDIUM,
                index,
                "aws:SourceArn names an S3 bucket but no account: if the bucket is deleted, "
                "another account can take its name.",
                remedy(
                    "Name the account that owns the bucket, too.", condition=_own_account(subject)
                ),
            )


def _own_account(subject: TrustSubject) -> JsonValue:
    return {"StringEquals": {"aws:SourceAccount": subject.question.resource.account_id}}


def _named(edges: list[PolicyEdge]) -> str:
    names = names_of(edges)
    return "Any AWS service" if names == "*" else names


def _is_deputy(subject: TrustSubject, edge: PolicyEdge) -> bool:
    if not subject.is_trust_policy:
        return True
    service = _global_name(edge.principal.id)
    return service == "*" or service in _trusted_deputies()


def _global_name(service: str) -> str:
    """Return a service principal without its region: `logs.eu-west-1.amazonaws.com`."""
    parts = service.lower().split(".")
    if len(parts) == 4 and parts[2:] == ["amazonaws", "com"] and parts[1].count("-") >= 2:
        return f"{parts[0]}.amazonaws.com"
    return service.lower()


def _severity(subject: TrustSubject, edges: list[PolicyEdge]) -> TrustSeverity:
    if subject.is_trust_policy:
        any_service = any(edge.principal.id == "*" for edge in edges)
        return TrustSeverity.HIGH if any_service else TrustSeverity.LOW
    own_logs = f"/AWSLogs/{subject.question.resource.account_id}/"
    lesser = all(
        all(action.lower() in _HARMLESS for action in edge.actions)
        or all(own_logs in text for text in subject.statement(edge).resources or ("",))
        for edge in edges
    )
    return TrustSeverity.LOW if lesser else TrustSeverity.MEDIUM
