"""What the colour of the picture can stand for, and each of them read for OUs and accounts."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Final

from governance.posture.ceilings.assumptions import CeilingAssumptions
from governance.posture.ceilings.organization_ceilings import (
    Binding,
    OrganizationCeilings,
    organization_ceilings,
)
from governance.posture.trust.outside_access import (
    NOTHING_FROM_OUTSIDE,
    OutsideAccess,
    outside_access,
)
from governance.web.organization.reading import TreeReading
from governance.web.parts.knowledge import NodeKnowledge
from inventory.models import Account
from inventory.selectors.accounts import account_parents
from inventory.selectors.coverage import NOTHING_KNOWN, CoverageSummary, Knowledge
from inventory.selectors.hierarchy import AttachedPolicy, TreeNode, organization
from inventory.selectors.trees import scps_were_read

SCP: Final = "SERVICE_CONTROL_POLICY"
_MANAGEMENT: Final = "Not bound: the management account"
_NOT_ENABLED: Final = "SCPs are not enabled"
_TRUST_UNKNOWN: Final = "Not known: IAM was not collected, or trust is not evaluated yet"
_NOT_READ: Final = "Not known: SCPs were never read"


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure of one node. `value` is None where it is not known; `said` is it in words."""

    value: float | None
    said: str


@dataclass(frozen=True, slots=True)
class MeasureReading(ABC):
    """One measure of the organization at one time. `full`: the least that is drawn in full."""

    full: ClassVar[float]

    reading: TreeReading

    @abstractmethod
    def meaning(self) -> str:
        """Say under the picture what the colour means."""

    @abstractmethod
    def of_unit(self, node: TreeNode) -> Measured:
        """Measure the root or an OU."""

    @abstractmethod
    def of_account(self, account: Account, parent: TreeNode) -> Measured:
        """Measure an account."""

    @abstractmethod
    def in_words(self, value: float) -> str:
        """Name an end of the ramp."""


@dataclass(frozen=True)
class ScpsInEffect(MeasureReading):
    """How many SCPs bind a node. `policies`: those attached at the accounts that are drawn."""

    full: ClassVar[float] = 5.0

    policies: Mapping[str, tuple[AttachedPolicy, ...]]

    @cached_property
    def _is_known(self) -> bool:
        at = self.reading
        return scps_were_read(at.viewer, connection=at.connection, as_of=at.as_of)

    @cached_property
    def _management(self) -> str:
        at = self.reading
        own = organization(at.viewer, connection=at.connection, as_of=at.as_of)
        return own.management_account_id if own else ""

    def meaning(self) -> str:
        """Say what counts."""
        return (
            "service control policies in effect, attached at the node or above it, "
            "FullAWSAccess left out"
        )

    def of_unit(self, node: TreeNode) -> Measured:
        """Count what is attached at the node and above."""
        return self._counted((node.own + node.inherited)[SCP])

    def of_account(self, account: Account, parent: TreeNode) -> Measured:
        """Count what is attached at the account and above."""
        if account.account_id == self._management:
            return Measured(0.0, _MANAGEMENT)
        own = self.policies.get(account.account_id, ())
        here = sum(policy.type == SCP and not policy.is_default for policy in own)
        return self._counted(here + (parent.own + parent.inherited)[SCP])

    def _counted(self, count: int) -> Measured:
        if not self._is_known:
            return Measured(None, _NOT_READ)
        if SCP not in self.reading.tree.enabled_policy_types:
            return Measured(0.0, _NOT_ENABLED)
        return Measured(float(count), self.in_words(count))

    def in_words(self, value: float) -> str:
        """Count SCPs."""
        return "1 SCP" if value == 1 else f"{value:,.0f} SCPs"


@dataclass(frozen=True)
class DeniedShare(MeasureReading):
    """Which share of AWS's actions SCPs deny in every request, under some assumptions."""

    full: ClassVar[float] = 0.1

    assumed: CeilingAssumptions

    @cached_property
    def _ceilings(self) -> OrganizationCeilings:
        return organization_ceilings(self.reading.compiled, self.assumed)

    def meaning(self) -> str:
        """Name the catalogue."""
        return (
            f"share of AWS's {len(self._ceilings.catalogue):,} actions that SCPs deny in every "
            "request. An action that depends on more than is assumed is not counted"
        )

    def of_unit(self, node: TreeNode) -> Measured:
        """Measure the node's own ceiling."""
        return self._of(node.target_id)

    def of_account(self, account: Account, parent: TreeNode) -> Measured:
        """Measure the account's ceiling."""
        return self._of(account.account_id)

    def _of(self, target_id: str) -> Measured:
        try:
            binding = self._ceilings.binding(target_id)
        except KeyError:  # moved or gone since the tree was read
            return Measured(None, "Not known")
        if binding is Binding.MANAGEMENT:
            return Measured(0.0, _MANAGEMENT)
        if binding is Binding.NOT_ENABLED:
            return Measured(0.0, _NOT_ENABLED)
        if binding is not Binding.BOUND:
            return Measured(None, _NOT_READ)
        ceiling = self._ceilings.of(target_id)
        if ceiling.unknown:
            return Measured(None, "Not known: a policy cannot be read")
        denied = ceiling.never.bit_count()
        share = denied / len(self._ceilings.catalogue)
        counted = "1 action" if denied == 1 else f"{denied:,} actions"
        return Measured(share, f"{self.in_words(share)}, {counted}")

    def in_words(self, value: float) -> str:
        """Write a share."""
        return _share(value)


@dataclass(frozen=True)
class NotCollected(MeasureReading):
    """Which share of the accounts is not collected and fresh."""

    full: ClassVar[float] = 0.1

    knowledge: Mapping[str, NodeKnowledge]
    summaries: Mapping[str, CoverageSummary]

    def meaning(self) -> str:
        """Say what counts."""
        return (
            "share of the accounts below that are not collected and fresh. Suspended and closed "
            "accounts cannot be read and are left out"
        )

    def of_unit(self, node: TreeNode) -> Measured:
        """Count the accounts below."""
        return self._of(self.knowledge[node.target_id])

    def of_account(self, account: Account, parent: TreeNode) -> Measured:
        """Say how well the account is known."""
        known = self.summaries.get(account.account_id, NOTHING_KNOWN).knowledge
        if known is Knowledge.UNKNOWN:
            return Measured(None, "Not known: never collected")
        if known is Knowledge.SKIPPED:
            return Measured(None, "Cannot be read")
        return Measured(float(known is not Knowledge.COLLECTED), known.value.capitalize())

    def _of(self, known: NodeKnowledge) -> Measured:
        if known.by_knowledge[Knowledge.UNKNOWN] == known.by_knowledge.total():
            return Measured(None, "Not known: never collected")
        if not known.readable:
            return Measured(None, "Cannot be read")
        missing = known.readable - known.collected
        return Measured(
            missing / known.readable, f"{missing:,} of {known.readable:,} not collected"
        )

    def in_words(self, value: float) -> str:
        """Write a share."""
        return _share(value)


@dataclass(slots=True)
class _OutsideBelow:
    known: int = 0
    unknown: int = 0
    things: int = 0
    open_to_anyone: int = 0
    accounts: int = 0


@dataclass(frozen=True)
class OutsideTrust(MeasureReading):
    """How many roles and resources let in somebody from outside the organization."""

    full: ClassVar[float] = 1.0

    def meaning(self) -> str:
        """Say what counts, and what does not."""
        return (
            "roles and resources an account that let in the public, accounts outside the "
            "organization, or any tenant of a sign-in provider (OIDC). Blocked access, AWS "
            "services and the organization's own sign-in do not count"
        )

    @cached_property
    def _trust(self) -> OutsideAccess:
        at = self.reading
        return outside_access(at.viewer, connection=at.connection, as_of=at.as_of)

    @cached_property
    def _below(self) -> Mapping[str, _OutsideBelow]:
        at = self.reading
        tree, trust = at.tree, self._trust
        found = {target_id: _OutsideBelow() for target_id in tree.by_id}
        parents = account_parents(at.viewer, connection=at.connection, as_of=at.as_of)
        for account_id, parent_id in parents.items():
            outside = trust.by_account.get(account_id, NOTHING_FROM_OUTSIDE)
            step = tree.by_id.get(parent_id)
            while step is not None:
                below = found[step.target_id]
                below.unknown += account_id in trust.unknown
                below.known += account_id not in trust.unknown
                below.things += outside.things
                below.open_to_anyone += outside.open_to_anyone
                below.accounts += bool(outside.things)
                step = tree.by_id.get(step.parent_id)
        return found

    def of_unit(self, node: TreeNode) -> Measured:
        """Count the roles and resources of all accounts below."""
        below = self._below[node.target_id]
        if not below.known:
            return Measured(None, _TRUST_UNKNOWN)
        where = f" in {below.accounts:,} of {node.accounts:,} accounts" if below.things else ""
        return Measured(
            below.things / below.known,
            _things(below.things, below.open_to_anyone)
            + where
            + (f"; {below.unknown:,} not known" if below.unknown else ""),
        )

    def of_account(self, account: Account, parent: TreeNode) -> Measured:
        """Count the roles and resources of the account."""
        if account.account_id in self._trust.unknown:
            return Measured(None, _TRUST_UNKNOWN)
        outside = self._trust.by_account.get(account.account_id, NOTHING_FROM_OUTSIDE)
        return Measured(float(outside.things), _things(outside.things, outside.open_to_anyone))

    def in_words(self, value: float) -> str:
        """Count roles and resources an account."""
        return f"{value:,.1f}".removesuffix(".0") + " an account" if value else "None"


def _things(things: int, open_to_anyone: int) -> str:
    if not things:
        return "No role or resource"
    counted = "1 role or resource" if things == 1 else f"{things:,} roles and resources"
    return f"{counted}, {open_to_anyone:,} open to anyone" if open_to_anyone else counted


def _share(value: float) -> str:
    if 0 < value < 0.01:
        return "<1 %"
    return ">99 %" if 0.99 < value < 1 else f"{value:.0%}".replace("%", " %")
