"""What contracts need to know of an organization: accounts, OUs, labels, external parties."""

from collections.abc import Iterable, Mapping
from functools import cached_property

from governance.access.owners.labels import LabelMap, label_map, target_words
from governance.access.owners.targets import ACCOUNT, OwnedTarget, OwnedTree
from governance.contracts.matching import CrossingFacts, CrossingGuard
from governance.posture.trust.findings.facts import EdgeFact
from governance.posture.trust.models import TrustEdge
from governance.posture.trust.vendors import VendorName, vendor_of
from inventory.models import Connection, Organization
from policies.trust import GuardKind


class ContractDirectory:
    """Accounts with all above them, environments and names of external parties, as they stand.

    Reads when it is made; a recomputation or a page makes one and asks it of every edge.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.labels: LabelMap = label_map(connection)
        self.vendors: Mapping[str, VendorName] = vendor_of(connection)
        self.organization_id: str = (
            Organization.objects.filter(connection=connection, seen_until__isnull=True)
            .values_list("organization_id", flat=True)
            .first()
            or ""
        )
        self._paths: dict[str, tuple[str, ...]] = {}

    @property
    def tree(self) -> OwnedTree:
        """The root, OUs and accounts."""
        return self.labels.tree

    @cached_property
    def vendor_names(self) -> tuple[str, ...]:
        """The names of all external parties that are known, in order."""
        return tuple(sorted({vendor.name for vendor in self.vendors.values()}, key=str.casefold))

    @cached_property
    def account_ids(self) -> frozenset[str]:
        """The accounts of the organization."""
        return frozenset(one.target_id for one in self.tree.by_id.values() if one.kind == ACCOUNT)

    def path(self, account_id: str) -> tuple[str, ...]:
        """Return the ids of an account and of all above it; empty: not of this organization."""
        found = self._paths.get(account_id)
        if found is None:
            found = tuple(step.target_id for step in self.tree.upwards(account_id))
            self._paths[account_id] = found
        return found

    def environment(self, account_id: str) -> str:
        """Return the label of an account; empty: not known."""
        value = self.labels.environment(account_id).value
        return "" if value is None else value.value

    def accounts_in(self, environment: str) -> list[str]:
        """Return the accounts with a label, in order."""
        return sorted(one for one in self.account_ids if self.environment(one) == environment)

    def name(self, target_id: str) -> str:
        """Return how a root, OU or account is called, its id where it is not known."""
        target = self.tree.by_id.get(target_id)
        return target_id if target is None else target_words(target)

    def targets(self) -> Iterable[OwnedTarget]:
        """Return the root, OUs and accounts as a tree is read."""
        return self.tree.in_order()

    def facts(self, edge: TrustEdge | EdgeFact) -> CrossingFacts:
        """Return an edge as contracts see it."""
        return CrossingFacts(
            principal_kind=edge.principal_kind,
            principal_id=edge.principal_id,
            principal_account_id=edge.principal_account_id,
            provider=edge.provider,
            tenant=edge.tenant,
            vendor=edge.vendor,
            resource_arn=edge.resource_arn,
            target_account_id=edge.account_id,
            actions=tuple(edge.actions),
            guards=tuple(
                CrossingGuard(
                    GuardKind(guard["kind"]),
                    guard["key"],
                    guard["operator"],
                    tuple(guard["values"]),
                    bool(guard["holds"]),
                )
                for guard in edge.guards
            ),
            source_path=self.path(edge.principal_account_id),
            target_path=self.path(edge.account_id),
            target_environment=self.environment(edge.account_id),
            organization_id=self.organization_id,
        )
