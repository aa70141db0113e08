"""The list of IAM principals by name: one row for those of one name in all accounts."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from django.db.models import QuerySet
from django.utils.http import urlencode
from django_filters import FilterSet

from governance.access import rights
from governance.filtering.principals import PrincipalFilters
from governance.web.parts.lists import Column, ListPage
from governance.web.principals.frame import PrincipalsFrame
from inventory.models import Principal
from inventory.selectors.last_use import last_use
from inventory.selectors.principal_names import (
    NameUse,
    PrincipalNameKey,
    grouped_by_name,
    name_uses,
)


class PrincipalNamesPage(PrincipalsFrame, ListPage):
    """Names of principals with how many accounts have each and in what those differ."""

    required_right = rights.VIEW_INVENTORY
    tab = "principal-names"
    filterset_class = PrincipalFilters
    row_template = "governance/principals/name_row.html"
    default_sort = "-accounts"
    export_name = "principal-names"
    row_noun = "name,names"
    columns = (
        Column("name", "Name", ("name",), lambda row: row.name),
        Column("kind", "Kind", ("kind", "name"), lambda row: row.kind),
        Column("path", "Path", ("path", "name"), lambda row: row.path),
        Column("accounts", "Accounts", ("accounts",), lambda row: row.accounts, numeric=True),
        Column("trust_texts", "Trust policies", (), lambda row: row.trust_texts, numeric=True),
        Column("last_use", "Last used", (), lambda row: row.use.use.value),
        Column("last_used_at", "", (), lambda row: row.use.at, hidden=True),
    )

    def filtered_rows(self, filters: FilterSet | None) -> "QuerySet[Any]":
        """Return the names of the principals that the filters leave, in their order."""
        rows = self.get_rows() if filters is None else filters.qs
        self.ungrouped = rows
        column, descending = self.sort_key()
        sign = "-" if descending else ""
        # Name, kind and path together are unique; of equal rows the first name comes first.
        order = [*(f"{sign}{field}" for field in column.order_by), "name", "kind", "path"]
        return grouped_by_name(rows).order_by(*dict.fromkeys(order))

    def enrich(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Add in what the principals of each name differ, in one query."""
        uses = name_uses(self.ungrouped, {row["name"] for row in rows})
        return [self.described(row, uses) for row in rows]

    def described(self, row: dict[str, Any], uses: dict[PrincipalNameKey, NameUse]) -> Any:
        """Return what a row shows."""
        found = uses[row["kind"], row["name"], row["path"]]
        kind = Principal.Kind(row["kind"])
        query = [("kind", kind.value), ("name", row["name"]), ("path", row["path"])]
        if self.as_of:
            query.append(("as_of", self.as_of.isoformat()))
        return SimpleNamespace(
            **row,
            get_kind_display=kind.label,
            trust_texts=found.trust_texts,
            use=last_use(
                kind=kind,
                # One that was used is the last use of all but those that are not known.
                collected=found.use_known or found.last_used_at is not None,
                last_used_at=found.last_used_at,
                region=None,
                as_of=self.as_of,
            ),
            href=f"{self.href('principals')}?{urlencode(query)}",
        )
