"""The rows that edges and findings become, before they are compared with what is stored."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import orjson

from governance.posture.trust.findings.kind import FoundTrust, TrustFindingKind, finding_key

Value = str | int | None


class EdgeRow(NamedTuple):
    """What `TrustEdge` holds of an edge, in the order of its columns; objects as JSON."""

    key: str
    account_id: str
    resource_arn: str
    resource_name: str
    service: str
    resource_type: str
    region: str
    source: str
    through: str
    content_id: str | None
    statement: int | None
    sid: str
    principal_kind: str
    principal_id: str
    principal_account_id: str
    provider: str
    tenant: str
    vendor: str
    actions: str
    crossing: str
    state: str
    guards: str
    blocked_by: str | None
    undecided: str
    witness: str | None


class FindingRow(NamedTuple):
    """What `TrustFinding` holds, in the order of its columns; objects as JSON."""

    key: str
    code: str
    severity: str
    account_id: str
    subject_arn: str
    edge_key: str
    statement: int | None
    message: str
    remedy: str
    evidence: str


@dataclass(frozen=True, slots=True)
class EdgeTarget:
    """What edges lead into. `source`: see `TrustEdge.Source`; of one resource there are several."""

    account_id: str
    arn: str
    name: str
    service: str
    resource_type: str
    region: str


@dataclass(slots=True)
class AccountTrust:
    """All edges into one account, and what is wrong with them.

    `kept`: resources and sources of which nothing is known now, so that what was known of them
    stays: (ARN, source). `services`: the prefixes of actions that the edges are about;
    `wide_services`: of those for which what binds any account decides. `names_units`: what the
    accounts of an OU are for counts.
    """

    edges: list[EdgeRow] = field(default_factory=list)
    findings: list[FindingRow] = field(default_factory=list)
    kept: set[tuple[str, str]] = field(default_factory=set)
    named: set[str] = field(default_factory=set)
    services: set[str] = field(default_factory=set)
    wide_services: set[str] = field(default_factory=set)
    names_units: bool = False


def as_json(value: Any) -> str:
    """Return a value as JSON that is equal for equal values."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def digest(*values: Value) -> str:
    """Return the SHA-256 of some values in their order."""
    return hashlib.sha256(
        "\x1f".join("" if v is None else str(v) for v in values).encode()
    ).hexdigest()


def row_fingerprint(row: Sequence[Value]) -> str:
    """Return what is equal for rows with equal content."""
    return digest(*row)


def finding_row(
    *,
    code: str,
    severity: str,
    account_id: str,
    subject_arn: str,
    message: str,
    edge_key: str = "",
    about: str = "",
    statement: int | None = None,
    remedy: Mapping[str, Any],
    evidence: Mapping[str, Any],
) -> FindingRow:
    """Return a finding as it is stored."""
    return FindingRow(
        finding_key(code, account_id, subject_arn, edge_key, about),
        code,
        severity,
        account_id,
        subject_arn,
        edge_key,
        statement,
        message,
        as_json(remedy),
        as_json(evidence),
    )


def found_row(kind: TrustFindingKind, found: FoundTrust) -> FindingRow:
    """Return what a kind of finding has found as it is stored."""
    return finding_row(
        code=kind.code,
        severity=str(found.severity or kind.severity),
        account_id=found.account_id,
        subject_arn=found.subject_arn,
        message=found.message,
        edge_key=found.edge_key,
        about=found.about,
        statement=found.statement,
        remedy=found.remedy,
        evidence=found.evidence,
    )


ROLE: Final = "role"
