"""/accounts: the organization's accounts."""

from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from governance.access import rights
from governance.api.parts.endpoints import DetailEndpoint
from governance.api.parts.list_endpoint import ListEndpoint, by
from governance.api.parts.representations import (
    CoverageSummaryRepresentation,
    LevelsRepresentation,
    PathField,
    Representation,
    TagsField,
)
from governance.filtering.organization import AccountFilters
from inventory.models import Account
from inventory.selectors.coverage import NOTHING_KNOWN, coverage_by_account
from inventory.selectors.freshness import AUTHORIZATION_POLICY_TYPES, AUTHORIZATION_TABLES
from inventory.selectors.hierarchy import accounts, levels


class AccountRepresentation(Representation):
    """An account, as one version of it was seen."""

    account_id = serializers.CharField()
    url = serializers.SerializerMethodField()
    name = serializers.CharField()
    email = serializers.CharField()
    arn = serializers.CharField()
    state = serializers.CharField(help_text="AWS's state, such as ACTIVE or SUSPENDED.")
    parent_id = serializers.CharField()
    path = PathField(help_text="Ids from the root to the parent.")
    joined_method = serializers.CharField()
    joined_at = serializers.DateTimeField(allow_null=True)
    tags = TagsField()
    seen_from = serializers.DateTimeField(
        help_text="Start of the run that first found it in this state."
    )
    seen_until = serializers.DateTimeField(
        allow_null=True,
        help_text="Start of the run that found it changed or deleted; null: current.",
    )
    coverage = serializers.SerializerMethodField(help_text="How complete the data about it is.")

    def get_url(self, account: Account) -> str:
        """Return the account's address."""
        return reverse(
            "api:account",
            kwargs={"slug": self.context["slug"], "account_id": account.account_id},
            request=self.context["request"],
        )

    def get_coverage(self, account: Account) -> CoverageSummaryRepresentation:
        """Return how well the account is known."""
        known = self.context["coverage"].get(account.account_id, NOTHING_KNOWN)
        serialized: Any = CoverageSummaryRepresentation(known).data
        return serialized  # type: ignore[no-any-return]


class AccountList(ListEndpoint):
    """The accounts of an organization."""

    shows_tables = ("Account",)
    topic = "Accounts"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = AccountRepresentation
    queryset = Account.objects.none()
    collectors = ("organizations.accounts",)
    filterset_class = AccountFilters
    orderings = {
        "name": by("name", "account_id"),
        "account_id": by("account_id"),
        "email": by("email", "account_id"),
        "state": by("state", "account_id"),
        "joined_at": by("joined_at", "account_id", nullable=True),
    }
    usual_ordering = "name"

    def rows(self) -> Any:
        """Return the accounts, suspended ones too."""
        return accounts(self.viewer, connection=self.connection, as_of=self.as_of)

    def context(self, rows: Sequence[Account]) -> Mapping[str, Any]:
        """Return the coverage of the page's accounts."""
        return {
            "slug": self.connection.slug,
            "tags_known": self.tags_known,
            "coverage": coverage_by_account(
                self.viewer,
                connection=self.connection,
                now=self.now,
                as_of=self.as_of,
                account_ids=[row.account_id for row in rows],
            ),
        }

    def get(self, request: Request, **kwargs: str) -> Response:
        """List the accounts, suspended ones too, each with its coverage.

        `coverage` beside the results says how completely the organization itself is known.
        """
        return self.respond()


class AccountDetail(DetailEndpoint):
    """One account."""

    shows_tables = ("Account",)
    topic = "Accounts"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = AccountRepresentation

    def get(self, request: Request, **kwargs: str) -> Response:
        """Get one account."""
        account_id = kwargs["account_id"]
        account = (
            accounts(self.viewer, connection=self.connection, as_of=self.as_of)
            .filter(account_id=account_id)
            .first()
        )
        if account is None:
            raise self.missing(f"account {account_id}")
        return self.answer(
            self.serialized(
                account,
                slug=self.connection.slug,
                tags_known=self.tags_known,
                coverage={account_id: self.coverage_of(account_id)},
            )
        )


class AccountLevelsEndpoint(DetailEndpoint):
    """The way from the root to an account."""

    shows_tables = AUTHORIZATION_TABLES
    shows_policy_types = AUTHORIZATION_POLICY_TYPES
    topic = "Accounts"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = LevelsRepresentation

    def get(self, request: Request, **kwargs: str) -> Response:
        """List the levels from the root to the account with the policies attached at each."""
        account_id = kwargs["account_id"]
        found = levels(
            self.viewer, connection=self.connection, target_id=account_id, as_of=self.as_of
        )
        if not account_id.isdigit() or not found:
            raise self.missing(f"account {account_id}")
        return self.answer(self.serialized({"target_id": account_id, "levels": found}))
