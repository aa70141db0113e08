"""What a contract agrees to: from whom, to what, which actions, behind which guards, until when."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final

from policies.trust import GuardKind

LONGEST_VALUE: Final = 2048
LONGEST_PURPOSE: Final = 2000
MOST_ACTIONS: Final = 100
EVERYONE_VALUE: Final = "*"


class SourceKind(StrEnum):
    """From whom a crossing may come.

    ACCOUNT, ORGANIZATIONAL_UNIT (an OU or the root, with all below): everybody in it. PRINCIPAL: a
    role, user or session by its ARN or a pattern of ARNs. VENDOR: the accounts of an external party
    by its name. PROVIDER: who signs in through an identity provider, of one tenant where one is
    given. SERVICE: an AWS service. ORGANIZATION: everybody of an organization.
    """

    ACCOUNT = "account"
    ORGANIZATIONAL_UNIT = "organizational_unit"
    PRINCIPAL = "principal"
    VENDOR = "vendor"
    PROVIDER = "provider"
    SERVICE = "service"
    ORGANIZATION = "organization"
    EVERYONE = "everyone"


class TargetKind(StrEnum):
    """Into what: all of an account or OU, a resource by its ARN or a pattern, an environment."""

    ACCOUNT = "account"
    ORGANIZATIONAL_UNIT = "organizational_unit"
    RESOURCE = "resource"
    ENVIRONMENT = "environment"


SOURCE_LABELS: Final[Mapping[SourceKind, str]] = {
    SourceKind.ACCOUNT: "Account",
    SourceKind.ORGANIZATIONAL_UNIT: "OU",
    SourceKind.PRINCIPAL: "Role or user",
    SourceKind.VENDOR: "External party",
    SourceKind.PROVIDER: "Identity provider",
    SourceKind.SERVICE: "AWS service",
    SourceKind.ORGANIZATION: "Organization",
    SourceKind.EVERYONE: "Everyone",
}
TARGET_LABELS: Final[Mapping[TargetKind, str]] = {
    TargetKind.ACCOUNT: "Account",
    TargetKind.ORGANIZATIONAL_UNIT: "OU",
    TargetKind.RESOURCE: "Role or resource",
    TargetKind.ENVIRONMENT: "Environment",
}
GUARD_LABELS: Final[Mapping[GuardKind, str]] = {
    GuardKind.EXTERNAL_ID: "ExternalId",
    GuardKind.MFA: "MFA",
    GuardKind.ORGANIZATION: "Organization",
    GuardKind.PRINCIPAL: "Principal",
    GuardKind.SOURCE_ACCOUNT: "Source account",
    GuardKind.SOURCE_ARN: "Source ARN",
    GuardKind.SOURCE_ORGANIZATION: "Source organization",
    GuardKind.VPC: "VPC",
    GuardKind.VPC_ENDPOINT: "VPC endpoint",
    GuardKind.IP: "Source IP",
    GuardKind.SUBJECT: "OIDC subject",
    GuardKind.AUDIENCE: "OIDC audience",
    GuardKind.CLAIM: "Claim",
    GuardKind.TAG: "Tag",
    GuardKind.SERVICE: "AWS service",
    GuardKind.REGION: "Region",
    GuardKind.TIME: "Time",
    GuardKind.OTHER: "Other condition",
}


@dataclass(frozen=True, slots=True)
class ContractSource:
    """From whom. `value`: an id, ARN, pattern, name or host by `kind`; `*` for everyone.

    `tenant`: of a provider that serves many, such as a GitHub organization; empty: any.
    """

    kind: SourceKind
    value: str
    tenant: str = ""

    def as_json(self) -> dict[str, str]:
        """Return it for storage and programs."""
        said = {"kind": self.kind.value, "value": self.value}
        return {**said, "tenant": self.tenant} if self.tenant else said


@dataclass(frozen=True, slots=True)
class ContractTarget:
    """Into what. `value`: an id, ARN, pattern or label by `kind`."""

    kind: TargetKind
    value: str

    def as_json(self) -> dict[str, str]:
        """Return it for storage and programs."""
        return {"kind": self.kind.value, "value": self.value}


@dataclass(frozen=True, slots=True)
class ContractTerms:
    """What is agreed to. `actions`: the most that is allowed; `guards`: the least that is asked.

    `until`: the last day on which it holds; None: no end.
    """

    source: ContractSource
    target: ContractTarget
    actions: tuple[str, ...]
    guards: tuple[GuardKind, ...] = ()
    purpose: str = field(default="", compare=True)
    until: date | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it for storage and programs."""
        return {
            "from": self.source.as_json(),
            "to": self.target.as_json(),
            "actions": list(self.actions),
            "guards": [guard.value for guard in self.guards],
            "purpose": self.purpose,
            "until": self.until.isoformat() if self.until else None,
        }

    @property
    def digest(self) -> str:
        """SHA-256 over all of it, 64 hex digits."""
        return hashlib.sha256(json.dumps(self.as_json(), sort_keys=True).encode()).hexdigest()


def stored_terms(
    source: Mapping[str, Any],
    target: Mapping[str, Any],
    actions: list[str],
    guards: list[str],
    purpose: str,
    until: date | None,
) -> ContractTerms:
    """Return terms as a contract's row holds them; they were checked before they were stored."""
    return ContractTerms(
        ContractSource(SourceKind(source["kind"]), source["value"], source.get("tenant", "")),
        ContractTarget(TargetKind(target["kind"]), target["value"]),
        tuple(actions),
        tuple(GuardKind(guard) for guard in guards),
        purpose,
        until,
    )
