"""The organization screen, the children of a node as it is opened, and the export."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.http import Http404, HttpResponseBase

from governance.access import rights
from governance.web.exports import Exporting, export_response
from governance.web.filters import address, filter_chips
from governance.web.organization.picture import MEASURES, measure_named, organization_picture
from governance.web.organization.reading import TreeReading, read_tree
from governance.web.organization.rows import (
    ACCOUNTS_AT_ONCE,
    TreeRow,
    child_rows,
    opened_by_itself,
    tree_rows,
)
from governance.web.pages import ConnectionPage, Crumb, Fact
from inventory.models import Account
from inventory.policy_types import policy_type
from inventory.selectors.accounts import accounts_after, first_accounts, neighbouring_runs
from inventory.selectors.connections import known_since
from inventory.selectors.coverage import NOTHING_KNOWN
from inventory.selectors.runs import active_run

_MOST_MATCHES: Final = 200


class OrganizationTree(ConnectionPage):
    """What the page and its parts read alike."""

    required_right = rights.VIEW_INVENTORY
    section = "organization"
    page_title = "Organization"
    has_charts = True
    reading: TreeReading

    def begin(self) -> None:
        """Read the tree."""
        super().begin()
        self.reading = read_tree(
            self.viewer,
            connection=self.connection,
            query=self.request.GET,
            as_of=self.as_of,
            now=self.now,
        )


class OrganizationPage(Exporting, OrganizationTree):
    """The OU tree as a table beside its picture."""

    template_name = "governance/organization/page.html"

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the way here."""
        return [Crumb(self.connection.name), Crumb("Organization")]

    def get_facts(self) -> Sequence[Fact]:
        """Count what the tree holds."""
        found = self.reading.tree
        if found.root is None:
            return []
        units = len(found.by_id) - 1
        policies = {
            policy.policy_id
            for attached in self.reading.scope.account_policies.values()
            for policy in attached
        }
        return [
            Fact("OUs", f"{units:,}"),
            Fact("Accounts", f"{found.root.accounts:,}"),
            Fact("Attached policies", f"{len(policies):,}"),
            Fact("Attachments", f"{found.attachments:,}"),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the rows, the filters and the picture."""
        reading = self.reading
        if reading.tree.root is None:
            return super().get_context_data(**self.unknown_context(), **kwargs)
        rows, matches = self.rows()
        measure = measure_named(self.request.GET.get("measure", ""))
        before, after = neighbouring_runs(self.viewer, connection=self.connection, as_of=self.as_of)
        query = self.request.GET
        chips = filter_chips(reading.filters, query)
        count = reading.matching.count() if reading.filters.is_used else len(reading.parents)
        return super().get_context_data(
            tree_rows=rows,
            chips=chips,
            is_filtered=reading.filters.is_used,
            matches=matches,
            most_matches=_MOST_MATCHES,
            export_count=count,
            csv_href=address(query, format="csv"),
            json_href=address(query, format="json"),
            chart=organization_picture(
                reading.tree,
                reading.scope.knowledge,
                slug=self.connection.slug,
                measure=measure,
            ),
            measures=[(one, address(query, measure=one.key), one is measure) for one in MEASURES],
            previous_href=address(query, as_of=before.isoformat()) if before else "",
            next_href=address(query, as_of=after.isoformat()) if after else "",
            **kwargs,
        )

    def unknown_context(self) -> dict[str, Any]:
        """Say why there is no tree: no run yet, one that goes on, or a time before the first."""
        known = known_since(self.viewer, connection=self.connection)
        return {
            "first_run_at": known.first_run_at,
            "active": active_run(self.viewer, connection=self.connection),
        }

    def rows(self) -> tuple[list[TreeRow], int]:
        """Return the rows to show and how many OUs and accounts match the filters."""
        reading = self.reading
        if not reading.filters.is_used:
            return self.browsed_rows(), 0
        units = reading.filters.matching_units(reading.tree)
        count = reading.matching.count()
        shown = list(reading.matching.order_by("path", "name", "account_id")[:_MOST_MATCHES])
        by_parent: dict[str, tuple[list[Account], int]] = {}
        for account in shown:
            by_parent.setdefault(account.parent_id, ([], 0))[0].append(account)
        wanted = set(units)
        for target_id in [*units, *by_parent]:
            at = reading.tree.by_id.get(target_id)
            while at is not None:
                wanted.add(at.target_id)
                at = reading.tree.by_id.get(at.parent_id)
        parents = {
            reading.tree.by_id[target_id].parent_id
            for target_id in wanted
            if target_id in reading.tree.by_id
        }
        rows = [
            row
            for row in tree_rows(
                reading.scope, opened=parents | by_parent.keys(), accounts=by_parent
            )
            if row.kind == "account" or row.node_id in wanted
        ]
        return rows, len(units) + count

    def browsed_rows(self) -> list[TreeRow]:
        """Return the rows with no filter in use; `at` in the address is opened and marked."""
        reading = self.reading
        at = self.request.GET.get("at", "")
        ways = [reading.parents.get(at, at)] if at else []
        opened = opened_by_itself(reading.tree, ways_to=ways)
        shown = first_accounts(reading.matching, parent_ids=opened, limit=self.accounts_at_once(at))
        accounts = {
            target_id: (found, reading.tree.by_id[target_id].accounts_here - len(found))
            for target_id, found in shown.items()
        }
        return tree_rows(reading.scope, opened=opened, accounts=accounts)

    def accounts_at_once(self, at: str) -> int:
        """Return how many accounts of an OU are shown at first; a chosen one is among them."""
        parent = self.reading.tree.by_id.get(self.reading.parents.get(at, ""))
        return max(ACCOUNTS_AT_ONCE, parent.accounts_here) if parent else ACCOUNTS_AT_ONCE

    def export(self, kind: str) -> HttpResponseBase:
        """Send the accounts that the filters leave, with the way to each."""
        rows = self.reading.matching.order_by("path", "name", "account_id")
        return export_response(
            kind,
            name=f"{self.connection.slug}-organization",
            header=[
                "account_id", "name", "email", "state", "organizational_units", "parent_id",
                "policies", "inherited_policies", "coverage", "tags",
            ],
            rows=self.exported(rows.iterator(chunk_size=500)),
        )  # fmt: skip

    def exported(self, accounts: Iterator[Account]) -> Iterator[list[Any]]:
        """Yield the cells of each account's line."""
        reading = self.reading
        for account in accounts:
            node = reading.tree.by_id.get(account.parent_id)
            above = [
                reading.tree.by_id[step].name
                for step in account.path.split("/")
                if step in reading.tree.by_id and reading.tree.by_id[step].parent_id
            ]
            own = reading.scope.account_policies.get(account.account_id, ())
            inherited = node.inherited + node.own if node else {}
            summary = reading.scope.summaries.get(account.account_id, NOTHING_KNOWN)
            yield [
                account.account_id,
                account.name,
                account.email,
                account.state,
                "/".join(above),
                account.parent_id,
                [policy.policy_id for policy in own],
                {policy_type(name).name: count for name, count in inherited.items()},
                summary.knowledge.value,
                account.tags,
            ]


class OrganizationChildren(OrganizationTree):
    """The rows below a node, read when somebody opens it."""

    template_name = "governance/organization/rows.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the rows.

        :raises Http404: there is no such root or OU at that time.
        """
        reading = self.reading
        node = reading.tree.by_id.get(self.kwargs["target_id"])
        if node is None:
            raise Http404(f"There is no root or OU {self.kwargs['target_id']} at that time.")
        after = self.request.GET.get("after", "")
        following = accounts_after(reading.matching, parent_id=node.target_id, after=after)
        here = list(following[:ACCOUNTS_AT_ONCE])
        left = following.count() - len(here)
        return {"tree_rows": child_rows(reading.scope, node, here, first=not after, left=left)}
