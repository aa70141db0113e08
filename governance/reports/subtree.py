"""The accounts that a report is about."""

from collections.abc import Mapping
from dataclasses import dataclass

from governance.access.owners.targets import ACCOUNT, ROOT, OwnedTarget, OwnedTree, target_tree
from inventory.models import Connection
from inventory.viewing import Viewer, sees_whole, targets_seen


@dataclass(frozen=True, slots=True)
class ReportedSubtree:
    """A root, OU or account, with what a viewer sees below it.

    `accounts`: by id. `unit_ids`: of OUs, and of the root. `above_ids`: of what it lies in.
    `is_whole`: nothing of the organization is hidden from the viewer.
    """

    target: OwnedTarget
    path: tuple[str, ...]
    accounts: Mapping[str, OwnedTarget]
    unit_ids: frozenset[str]
    above_ids: frozenset[str]
    is_whole: bool

    @property
    def is_root(self) -> bool:
        """Whether it is all of the organization."""
        return self.target.kind == ROOT

    def name_of(self, account_id: str) -> str:
        """Return an account's name; its id where it has none here."""
        found = self.accounts.get(account_id)
        return found.name if found else account_id

    def holds(self, target_id: str) -> bool:
        """Whether a target lies in it, and the viewer sees it."""
        return target_id in self.accounts or target_id in self.unit_ids


def reported_subtree(
    viewer: Viewer, *, connection: Connection, target_id: str
) -> ReportedSubtree | None:
    """Return what lies at and below a target, of what a viewer sees; None: it is gone."""
    tree: OwnedTree = target_tree(connection)
    target = tree.by_id.get(target_id)
    if target is None:
        return None
    seen = targets_seen(viewer, connection)
    accounts: dict[str, OwnedTarget] = {}
    units = set()
    for one in tree.below(target_id):
        if one.kind != ACCOUNT:
            if seen.holds_wholly(one.target_id):
                units.add(one.target_id)
        elif seen.holds_account(one.target_id):
            accounts[one.target_id] = one
    chain = list(tree.upwards(target_id))
    ordered = sorted(accounts.values(), key=lambda one: (one.name.casefold(), one.target_id))
    return ReportedSubtree(
        target=target,
        path=tuple(one.name for one in reversed(chain)),
        accounts={one.target_id: one for one in ordered},
        unit_ids=frozenset(units),
        above_ids=frozenset(one.target_id for one in chain[1:]),
        is_whole=sees_whole(viewer, connection),
    )
