"""OUs that edges are summed up by: few enough to draw, each with an address to filter by."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from inventory.selectors.hierarchy import Tree, TreeNode

MOST: Final = 12


@dataclass(frozen=True, slots=True)
class TrustPlace:
    """An OU, or the root for accounts that lie directly under it. `label`: with its parent's name
    where that is no top OU: `Prod/Booking`.
    """

    target_id: str
    label: str


class TrustPlaces:
    """Which place each account belongs to."""

    def __init__(
        self, tree: Tree, parents: Mapping[str, str], edges: Mapping[str, int], *, most: int = MOST
    ) -> None:
        """Choose at most `most` OUs. `edges`: how many begin or end in each account.

        OUs with the most edges are split first, where no account of theirs lies directly in them.
        """
        self._tree, self._parents = tree, parents
        here: Counter[str] = Counter()
        for account_id, count in edges.items():
            here[parents.get(account_id, "")] += count
        self._below: dict[str, int] = {}
        if tree.root is not None:
            self._count(tree.root, here)
        chosen = [] if tree.root is None else self._split(tree.root, here, most)
        self.places = tuple(
            TrustPlace(node.target_id, self._label(node)) for node in self._in_order(chosen)
        )
        self._by_unit: dict[str, TrustPlace | None] = {}

    def of_account(self, account_id: str) -> TrustPlace | None:
        """Return the place of an account; None: it is not in the organization, or not seen."""
        unit = self._parents.get(account_id)
        if unit is None:
            return None
        if unit not in self._by_unit:
            self._by_unit[unit] = self._of_unit(unit)
        return self._by_unit[unit]

    def _of_unit(self, unit: str) -> TrustPlace | None:
        known = {place.target_id: place for place in self.places}
        node = self._tree.by_id.get(unit)
        while node is not None:
            if node.target_id in known:
                return known[node.target_id]
            node = self._tree.by_id.get(node.parent_id)
        return None

    def _count(self, node: TreeNode, here: Mapping[str, int]) -> int:
        total = here.get(node.target_id, 0) + sum(self._count(one, here) for one in node.children)
        self._below[node.target_id] = total
        return total

    def _split(self, root: TreeNode, here: Mapping[str, int], most: int) -> list[TreeNode]:
        chosen = [one for one in root.children if self._below[one.target_id]]
        if here.get(root.target_id):
            chosen.append(root)
        final: list[TreeNode] = []
        while chosen:
            node = max(chosen, key=lambda one: self._below[one.target_id])
            chosen.remove(node)
            parts = [one for one in node.children if self._below[one.target_id]]
            fits = len(final) + len(chosen) + len(parts) <= most
            if node is not root and parts and not here.get(node.target_id) and fits:
                chosen += parts
            else:
                final.append(node)
        return final

    def _in_order(self, chosen: list[TreeNode]) -> list[TreeNode]:
        places = {node.target_id: node for node in chosen}
        order: list[TreeNode] = []
        stack = [] if self._tree.root is None else [self._tree.root]
        while stack:
            node = stack.pop()
            if node.target_id in places:
                order.append(node)
            stack += reversed(node.children)
        return order

    def _label(self, node: TreeNode) -> str:
        parent = self._tree.by_id.get(node.parent_id)
        is_top = parent is None or parent.parent_id == "" or parent is self._tree.root
        return node.name if is_top or parent is None else f"{parent.name}/{node.name}"
