"""What a guardrail says, as its file has it: scope, assertions, remedy, references."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from policies import PolicyType


class GuardrailSeverity(StrEnum):
    """How bad it is where it does not hold, the worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class GuardrailTopic(StrEnum):
    """What a guardrail is about."""

    ROOT = "root"
    ORGANIZATION = "organization"
    LOGGING = "logging"
    DETECTION = "detection"
    REGIONS = "regions"
    ENCRYPTION = "encryption"
    PUBLIC_ACCESS = "public_access"
    IDENTITY = "identity"
    NETWORK = "network"
    SHARING = "sharing"
    DATA_PERIMETER = "data_perimeter"
    COST = "cost"
    TAGS = "tags"


TOPIC_LABELS: Mapping[GuardrailTopic, str] = {
    GuardrailTopic.ROOT: "Root user",
    GuardrailTopic.ORGANIZATION: "Organization",
    GuardrailTopic.LOGGING: "Logging",
    GuardrailTopic.DETECTION: "Detection",
    GuardrailTopic.REGIONS: "Regions",
    GuardrailTopic.ENCRYPTION: "Encryption",
    GuardrailTopic.PUBLIC_ACCESS: "Public access",
    GuardrailTopic.IDENTITY: "Identity",
    GuardrailTopic.NETWORK: "Network",
    GuardrailTopic.SHARING: "External sharing",
    GuardrailTopic.DATA_PERIMETER: "Data perimeter",
    GuardrailTopic.COST: "Cost",
    GuardrailTopic.TAGS: "Tags",
}


class Framework(StrEnum):
    """Where a reference leads to."""

    CONTROL_CATALOG = "control_catalog"
    CIS = "cis"
    NIST_800_53 = "nist_800_53"
    PCI_DSS = "pci_dss"


FRAMEWORK_LABELS: Mapping[Framework, str] = {
    Framework.CONTROL_CATALOG: "AWS Control Catalog",
    Framework.CIS: "CIS AWS Foundations Benchmark",
    Framework.NIST_800_53: "NIST SP 800-53 Rev. 5",
    Framework.PCI_DSS: "PCI DSS",
}


class ManagementAccount(StrEnum):
    """Whether the management account is in a scope. SCPs and RCPs do not bind it."""

    INCLUDE = "include"
    EXCLUDE = "exclude"
    ONLY = "only"


@dataclass(frozen=True, slots=True)
class TargetSelection:
    """Accounts by what they are or are in; a member that is empty selects nothing by itself.

    `organizational_units`: ids, or names from the root down such as `Workloads/Prod`; everything
    below counts. `tags`: key → values, of which one has to be there.
    """

    organizational_units: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    tags: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it names nothing."""
        return not (self.organizational_units or self.accounts or self.environments or self.tags)

    def as_json(self) -> dict[str, Any]:
        """Return the members that are given, as a file has them."""
        found: dict[str, Any] = {}
        for name in ("organizational_units", "accounts", "environments"):
            if values := getattr(self, name):
                found[name] = list(values)
        if self.tags:
            found["tags"] = {key: list(values) for key, values in self.tags}
        return found


@dataclass(frozen=True, slots=True)
class GuardrailScope:
    """Where a guardrail has to hold: in `chosen`, or everywhere if that is empty, less `excluded`.

    `core_accounts`: only in the accounts with these purposes in the landing zone, such as
    `log_archive`.
    """

    chosen: TargetSelection = TargetSelection()
    excluded: TargetSelection = TargetSelection()
    management_account: ManagementAccount = ManagementAccount.INCLUDE
    core_accounts: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the members that are given, as a file has them."""
        found = self.chosen.as_json()
        if self.core_accounts:
            found["core_accounts"] = list(self.core_accounts)
        if self.management_account is not ManagementAccount.INCLUDE:
            found["management_account"] = self.management_account.value
        if not self.excluded.is_empty:
            found["except"] = self.excluded.as_json()
        return found


@dataclass(frozen=True, slots=True)
class EffectAssertion:
    """Nobody but `principals_except` may do `actions` on `resources` unless `unless` holds.

    The members of `policies.guardrails.EffectGuardrail`, with `{{parameters}}` not yet filled in.
    `unless`: blocks of conditions, of which one has to hold as a whole.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...] = ()
    principals_except: tuple[str, ...] = ()
    unless: tuple[Mapping[str, Any], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the members that are given, as a file and the command line have them."""
        found: dict[str, Any] = {"actions": list(self.actions)}
        for name in ("resources", "principals_except"):
            if values := getattr(self, name):
                found[name] = list(values)
        if self.unless:
            blocks = [dict(block) for block in self.unless]
            found["unless"] = blocks[0] if len(blocks) == 1 else blocks
        return found


class Expectation(StrEnum):
    """How many of the rows that an assertion looks at have to be as `holds` says.

    EVERY: all of them, and none need be there. ANY: one at least. NONE: there is no such row.
    """

    EVERY = "every"
    ANY = "any"
    NONE = "none"


class Within(StrEnum):
    """Where an expectation is asked: of the account as a whole, or of each of its regions."""

    ACCOUNT = "account"
    REGION = "region"


@dataclass(frozen=True, slots=True)
class StateAssertion:
    """What rows of the inventory have to say in every account of the scope.

    `service`, `kind`: of ServiceConfiguration rows; or `setting`: the name of an account setting,
    or of a setting of the organization; or `edges`: of trust, by service; or `policies`: of
    resources, by service and type. `where`: which of them, fact → test; `holds`: how they have to
    be, fact → test. A test is a value, or an object of one
    operator. `expect`, `within`: see there. `says`: the sentence for a failure.
    """

    service: str = ""
    kind: str = ""
    setting: str = ""
    edges: str = ""
    policies: str = ""
    where: Mapping[str, Any] = field(default_factory=dict)
    holds: Mapping[str, Any] = field(default_factory=dict)
    expect: Expectation = Expectation.EVERY
    within: Within = Within.ACCOUNT
    says: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the members that are given, as a file has them."""
        found: dict[str, Any] = {}
        for name in ("service", "kind", "setting", "edges", "policies"):
            if value := getattr(self, name):
                found[name] = value
        for name in ("where", "holds"):
            if tests := getattr(self, name):
                found[name] = dict(tests)
        found["expect"] = self.expect.value
        if self.within is not Within.ACCOUNT:
            found["within"] = self.within.value
        if self.says:
            found["says"] = self.says
        return found


@dataclass(frozen=True, slots=True)
class Remedy:
    """What makes a guardrail hold. `policy`: of `policy_type`, `{{parameters}}` not filled in.

    `text`: what to do, in words; all there is for what no policy can do.
    """

    text: str
    policy_type: PolicyType | None = None
    policy: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the members that are given, as a file has them."""
        found: dict[str, Any] = {"text": self.text}
        if self.policy_type is not None:
            found |= {"policy_type": self.policy_type.value, "policy": dict(self.policy)}
        return found


@dataclass(frozen=True, slots=True)
class GuardrailDocument:
    """A guardrail as its file has it. It has effect assertions, state assertions, or both."""

    id: str
    title: str
    why: str
    topic: GuardrailTopic
    severity: GuardrailSeverity
    scope: GuardrailScope
    remedy: Remedy
    effect: tuple[EffectAssertion, ...] = ()
    state: tuple[StateAssertion, ...] = ()
    references: tuple[tuple[Framework, tuple[str, ...]], ...] = ()

    @property
    def kind(self) -> str:
        """`effect`, `state`, or `effect and state`."""
        kinds = [name for name in ("effect", "state") if getattr(self, name)]
        return " and ".join(kinds)

    def as_json(self) -> dict[str, Any]:
        """Return it as a file has it: members in one order, those not given left out."""
        found: dict[str, Any] = {
            "id": self.id,
            "title": self.title,
            "why": self.why,
            "topic": self.topic.value,
            "severity": self.severity.value,
            "scope": self.scope.as_json(),
        }
        if self.effect:
            effects = [assertion.as_json() for assertion in self.effect]
            found["effect"] = effects[0] if len(effects) == 1 else effects
        if self.state:
            found["state"] = [assertion.as_json() for assertion in self.state]
        found["remedy"] = self.remedy.as_json()
        if self.references:
            found["references"] = {name.value: list(ids) for name, ids in self.references}
        return found

    @property
    def digest(self) -> str:
        """SHA-256 of what it says: equal for equal documents."""
        text = json.dumps(self.as_json(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
