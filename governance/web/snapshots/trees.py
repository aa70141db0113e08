"""The two trees beside each other: one aligned table, what did not change folded."""

from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404

from governance.snapshots.kinds import DifferenceGroup
from governance.snapshots.trees import AlignedNode, aligned_tree
from governance.web.parts.filters import address
from governance.web.parts.tree_state import tree_state
from governance.web.snapshots.frame import ComparisonFrame
from governance.web.snapshots.tree_rows import AlignedRows, is_here


class _Trees(ComparisonFrame):
    """What the page of the trees and its parts share."""

    tab = "trees"

    @property
    def shows_all(self) -> bool:
        """Whether what did not change stands in its place.

        :raises BadRequest: the address says neither yes nor no.
        """
        value = self.request.GET.get("all", "")
        if value not in ("", "1"):
            raise BadRequest(f"all is {value!r}; it can be 1, to show what did not change too.")
        return value == "1"

    def rows_of(self, tree: AlignedNode) -> AlignedRows:
        """Return what makes rows of the tree's nodes."""
        return AlignedRows(
            self.viewer, self.connection, self.compared, tree, everything=self.shows_all
        )


class ComparisonTrees(_Trees):
    """Both trees in one table."""

    template_name = "governance/snapshots/trees.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the rows."""
        if self.problem is not None or self.moments is None:
            return super().get_context_data(**kwargs)
        tree = aligned_tree(self.viewer, connection=self.connection, compared=self.compared)
        everything = self.shows_all
        query = self.request.GET
        return super().get_context_data(
            tree_rows=self.rows_of(tree).all(tree_state(query)) if tree else [],
            everything=everything,
            everything_href=self.request.path + address(query, all=None if everything else "1"),
            elsewhere=[
                one
                for one in self.compared.found.differences
                if one.group is DifferenceGroup.ORGANIZATION and not one.places
            ],
            list_href=self.part_href("organization-compare"),
            **kwargs,
        )


class ComparisonChildren(_Trees):
    """The rows below a node, or those that did not change, read when somebody opens them."""

    template_name = "governance/snapshots/tree_rows.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the rows.

        :raises Http404: there is no such root or OU.
        :raises BadRequest: there is no such part.
        """
        if self.problem is not None or self.moments is None:
            return {"problem": self.problem}
        target_id = self.kwargs["target_id"]
        tree = aligned_tree(self.viewer, connection=self.connection, compared=self.compared)
        found = None
        if tree is not None:
            found = next(
                (
                    node
                    for node in (tree, *tree.units())
                    if node.target_id == target_id and is_here(node)
                ),
                None,
            )
        if tree is None or found is None:
            raise Http404(f"There is no root or OU {target_id} at either time.")
        rows = self.rows_of(tree)
        part = self.request.GET.get("part", "")
        if part not in ("", "unchanged"):
            raise BadRequest(f"part is {part!r}; it can be unchanged, or nothing for all rows.")
        if not part:
            return {"tree_rows": rows.directly_below(found)}
        after = self.request.GET.get("after", "")
        return {"tree_rows": rows.unchanged_below(found, after=after)}
