"""One organizational unit: its levels, what is in it, how well it is known, its history."""

from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse

from governance.access import rights
from governance.presentation.console_links import unit_console
from governance.web.accounts.account import way_to
from governance.web.accounts.listing import AccountsPage
from governance.web.ceilings.context import ceiling_context
from governance.web.ceilings.reading import CeilingPage
from governance.web.owners.asking import asked_about
from governance.web.parts.changes import steps
from governance.web.parts.first_seen import first_seen_fact
from governance.web.parts.knowledge import NodeKnowledge, knowledge_by_node
from governance.web.parts.level_stacks import level_stack_of
from governance.web.parts.organization_rows import count_chips
from governance.web.parts.pages import ConnectionPage, Crumb, Fact, Tab
from inventory.models import OrganizationalUnit
from inventory.models.versions import Version
from inventory.selectors.accounts import unit_history
from inventory.selectors.coverage_by_parent import coverage_by_parent
from inventory.selectors.hierarchy import (
    Level,
    Tree,
    TreeNode,
    accounts,
    organizational_units,
)
from inventory.selectors.trees import unit_tree


class UnitFrame(ConnectionPage):
    """What the tabs of an OU share."""

    required_right = rights.VIEW_INVENTORY
    section = "organization"
    shows_tables: ClassVar[tuple[str, ...]] = ("Account", "OrganizationalUnit", "PolicyAttachment")
    tab = "overview"
    unit: OrganizationalUnit
    stack: list[Level]
    tree: Tree

    def begin(self) -> None:
        """Find the OU at the time looked at.

        :raises Http404: there was none with this id.
        """
        super().begin()
        target_id = self.kwargs["target_id"]
        found = (
            organizational_units(self.viewer, connection=self.connection, as_of=self.as_of)
            .filter(target_id=target_id)
            .first()
        )
        if found is None:
            raise Http404(f"There is no OU {target_id} at that time.")
        self.unit = found
        self.stack = level_stack_of(self, target_id)
        self.tree = unit_tree(
            self.viewer, connection=self.connection, as_of=self.as_of, marks=self.marks
        ).tree

    def get_title(self) -> str:
        """Return the OU's name."""
        return self.unit.name

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the OUs above it."""
        crumbs = way_to(self.stack, self.connection.slug)
        return [*crumbs[:-1], Crumb(self.unit.name)]

    def get_facts(self) -> Sequence[Fact]:
        """Count what is in it, and show its tags."""
        node = self.tree.by_id[self.unit.target_id]
        return [
            Fact("Accounts", f"{node.accounts:,}, {node.accounts_here:,} of them directly"),
            Fact("OUs below", f"{len(_branch(node)) - 1:,}"),
            first_seen_fact(self, self.unit),
            *(Fact(key, value) for key, value in self.unit.tags.items()),
            *([Fact("Tags", "not visible to you")] if self.unit.tags_hidden else []),
        ]

    def get_tabs(self) -> Sequence[Tab]:
        """Return the tabs."""
        arguments = {"slug": self.connection.slug, "target_id": self.unit.target_id}
        query = f"?{urlencode({'as_of': self.as_of.isoformat()})}" if self.as_of else ""
        return [
            Tab(label, reverse(name, kwargs=arguments) + query, current=key == self.tab)
            for key, label, name in (
                ("overview", "Overview", "organizational-unit"),
                ("ceiling", "Ceiling", "organizational-unit-ceiling"),
                ("differences", "Differences", "organizational-unit-differences"),
                (
                    "effective",
                    "Effective policies",
                    "organizational-unit-effective-policies",
                ),
                ("history", "History", "organizational-unit-history"),
            )
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the OU."""
        return super().get_context_data(
            unit=self.unit,
            console_href=unit_console(self.unit.target_id, region=self.connection.home_region),
            **kwargs,
        )


class UnitPage(CeilingPage, UnitFrame, AccountsPage):
    """The OU with its ceiling, and the accounts at any depth below it as a list."""

    route = "organizational-unit"
    id_argument = "target_id"

    shows_tables = UnitFrame.shows_tables
    template_name = "governance/accounts/unit.html"
    export_name = "accounts-of-unit"
    # Fewer than lists have: the levels, services and OUs stand above them.
    page_size = 25
    empty_title = "No account lies in this OU"
    empty_text = ""

    def get_rows(self) -> Any:
        """Return the accounts below."""
        return accounts(self.viewer, connection=self.connection, as_of=self.as_of).filter(
            path__startswith=self.unit.path
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the levels, the OUs below and the coverage."""
        node = self.tree.by_id[self.unit.target_id]
        known = self.recent(
            ("knowledge below", self.unit.target_id, self.marks), lambda: self._knowledge(node)
        )
        return super().get_context_data(
            **ceiling_context(self, self.stack),
            shows_guardrails=self.may(rights.VIEW_GUARDRAILS, None),
            children=[
                {
                    "node": child,
                    "chips": count_chips(child.own, child.inherited),
                    "strategy": self.strategy_at(child.target_id),
                    "knowledge": known[child.target_id],
                }
                for child in node.children
            ],
            knowledge=known[self.unit.target_id],
            asked=self.recent(
                ("asked about", self.unit.target_id),
                lambda: asked_about(self, self.unit.target_id),
            ),
            **kwargs,
        )

    def _knowledge(self, node: TreeNode) -> dict[str, NodeKnowledge]:
        """Return how well the OU and those directly below it are known."""
        alike = coverage_by_parent(
            self.viewer,
            connection=self.connection,
            now=self.now,
            as_of=self.as_of,
            parent_ids=_branch(node),
        )
        found = knowledge_by_node(self.tree, alike)
        return {one.target_id: found[one.target_id] for one in (node, *node.children)}


class UnitHistory(UnitFrame):
    """When what changed about the OU."""

    template_name = "governance/accounts/history.html"
    tab = "history"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the versions."""
        versions: list[Version] = list(
            unit_history(self.viewer, connection=self.connection, target_id=self.unit.target_id)
        )
        return super().get_context_data(steps=steps(versions, noun="OU"), **kwargs)


def _branch(node: TreeNode) -> list[str]:
    """Return the ids of an OU and of all below it."""
    return [node.target_id, *(one for child in node.children for one in _branch(child))]
