"""/effective-policies: what management policies amount to at accounts, and in OUs."""

from functools import cached_property
from itertools import islice
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.api.effective_policy_representations import (
    AccountEffectiveRepresentation,
    EffectiveOfAccountRepresentation,
    UnitEffectiveRepresentation,
)
from governance.api.parts.endpoints import DetailEndpoint, OrganizationEndpoint
from governance.api.parts.list_endpoint import ListEndpoint, by
from governance.api.parts.pagination import LARGEST_LIMIT, PageRequest, RowPage, page_of_rows
from governance.filtering.effective_policies import EffectivePolicyFilters
from governance.posture.effective.groups import groups_below
from governance.posture.effective.listing import EffectiveListing
from governance.posture.effective.organization import ManagementOrganization, load_management
from governance.posture.effective.targets import (
    EffectiveAtTarget,
    EffectiveSource,
    EffectiveState,
    effective_at,
)
from inventory.models import Account
from inventory.policy_types import MANAGEMENT_POLICY_TYPES
from inventory.selectors.effective_policies import ChainKey, effective_answers, policies_fared
from inventory.selectors.freshness import AUTHORIZATION_TABLES
from inventory.selectors.hierarchy import accounts


class _Management(OrganizationEndpoint):
    shows_tables = (*AUTHORIZATION_TABLES, "EffectivePolicy")

    @cached_property
    def management(self) -> ManagementOrganization:
        """The management policies at the time looked at."""
        return load_management(self.viewer, connection=self.connection, as_of=self.as_of)

    def listing(self, chains: set[ChainKey]) -> EffectiveListing:
        """Return what works out rows, with AWS's answers for these chains."""
        connection, as_of = self.connection, self.as_of
        return EffectiveListing(
            self.management,
            effective_answers(self.viewer, connection=connection, chains=chains, as_of=as_of),
            policies_fared(self.viewer, connection=connection, as_of=as_of),
        )


class EffectivePolicies(_Management, ListEndpoint):
    """The effective policies of accounts."""

    topic = "Effective policies"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = EffectiveOfAccountRepresentation
    queryset = Account.objects.none()
    collectors = ("organizations.accounts",)
    filterset_class = EffectivePolicyFilters
    orderings = {"account_id": by("account_id", "policy_type")}
    usual_ordering = "account_id"

    def rows(self) -> Any:
        """Return the accounts."""
        return accounts(self.viewer, connection=self.connection, as_of=self.as_of)

    def page(self, asked: PageRequest) -> RowPage:
        """Work out the rows of the page."""
        descending = asked.keys[0].descending
        rows = self.filtered(self.rows()).order_by(f"{'-' if descending else ''}account_id")
        if asked.after is not None:
            beyond = "lte" if descending else "gte"
            rows = rows.filter(**{f"account_id__{beyond}": asked.after[0]})
        account_ids = list(rows.values_list("account_id", flat=True))
        query = self.request.query_params
        wanted = query.getlist("policy_type")
        types = sorted(
            (kind for kind in self.management.enabled_types if not wanted or kind in wanted),
            reverse=descending,
        )
        states = frozenset(EffectiveState(each) for each in query.getlist("state"))
        sources = frozenset(EffectiveSource(each) for each in query.getlist("source"))
        if not (states or sources):
            # Each account has a row of each type, so no more of them are on the page.
            account_ids = account_ids[: asked.limit + 2]
        listing = self.listing(self.chains(account_ids, types))
        keys = listing.chosen(account_ids, types, states=states, sources=sources)
        if asked.after is not None:
            after = tuple(asked.after)
            keys = (key for key in keys if (key < after if descending else key > after))
        found = [listing.row(*key) for key in islice(keys, asked.limit + 1)]
        return page_of_rows(found, asked, key=lambda row: [row.target_id, row.policy_type])

    def chains(self, account_ids: list[str], types: list[str]) -> set[ChainKey]:
        """Return the chains that reach accounts; of very many accounts all chains there are."""
        management = self.management
        root_id, names = management.organization.root_id, management.organization.names
        if root_id is not None and len(account_ids) > LARGEST_LIMIT + 2:
            return {
                (kind, chain) for kind in types for chain in management.chains_below(kind, root_id)
            }
        return {
            (kind, management.chain(kind, account_id))
            for kind in types
            for account_id in account_ids
            if account_id in names
        }

    def get(self, request: Request, **kwargs: str) -> Response:
        """List the effective policies of accounts, of every type that is enabled.

        Each says whether AWS gave it or it was computed, which policy at which level made each
        setting, and where AWS's answer differs from what the operators give.
        """
        return self.respond()


class AccountEffectivePolicies(_Management, DetailEndpoint):
    """The effective policies of one account."""

    topic = "Effective policies"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = AccountEffectiveRepresentation

    def get(self, request: Request, **kwargs: str) -> Response:
        """Get an account's effective policy of each management type, also of those not enabled."""
        account_id = kwargs["account_id"]
        named = self.management.organization.names.get(account_id)
        if named is None or named.kind != "ACCOUNT":
            raise self.missing(f"account {account_id}")
        listing = self.listing(
            {(kind, self.management.chain(kind, account_id)) for kind in MANAGEMENT_POLICY_TYPES}
        )
        return self.answer(
            self.serialized(
                {
                    "account_id": account_id,
                    "effective_policies": [
                        listing.row(account_id, kind) for kind in MANAGEMENT_POLICY_TYPES
                    ],
                    "coverage": self.coverage_of(),
                }
            )
        )


class UnitEffectivePolicies(_Management, DetailEndpoint):
    """What accounts placed in one OU get."""

    topic = "Effective policies"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = UnitEffectiveRepresentation

    def get(self, request: Request, **kwargs: str) -> Response:
        """Return what an account gets that is placed in an OU, and how many below get the same.

        AWS has effective policies of accounts only. The root's id is taken as well.
        """
        target_id, management = kwargs["target_id"], self.management
        named = management.organization.names.get(target_id)
        if named is None or named.kind == "ACCOUNT":
            raise self.missing(f"organizational unit {target_id}")
        listing = self.listing(management.chains_from(target_id))
        found = [
            effective_at(
                management,
                target_id,
                policy_type=kind,
                answers=listing.answers,
                fared=listing.fared,
            )
            for kind in MANAGEMENT_POLICY_TYPES
        ]
        counted = {
            one.policy_type: _counted(management, one, listing)
            for one in found
            if one.policy_type in management.enabled
        }
        return self.answer(
            self.serialized(
                {
                    "target_id": target_id,
                    "effective_policies": found,
                    "coverage": self.coverage_of(),
                },
                below=counted,
            )
        )


def _counted(
    management: ManagementOrganization,
    own: EffectiveAtTarget,
    listing: EffectiveListing,
) -> dict[str, int]:
    groups = groups_below(management, own, answers=listing.answers)
    total = sum(len(group.account_ids) for group in groups)
    alike = sum(len(group.account_ids) for group in groups if group.is_same)
    unknown = sum(len(group.account_ids) for group in groups if not group.is_known)
    return {
        "total": total,
        "alike": alike,
        "other": total - alike - unknown,
        "unknown": unknown,
    }
