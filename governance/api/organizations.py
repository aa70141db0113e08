"""/organizations: the connected organizations and what they delegate."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from governance.access import rights
from governance.api.account_parts import CoverageRepresentation
from governance.api.parts.endpoints import DetailEndpoint, Endpoint
from governance.api.parts.list_endpoint import ListEndpoint, by
from governance.api.parts.pagination import page_of, page_request
from governance.api.parts.representations import (
    AccountsKnownRepresentation,
    CoverageSummaryRepresentation,
    Representation,
    ValueState,
)
from governance.filtering.runs import CoverageFilters
from inventory.models import Connection, Coverage, DelegatedAdministrator, TrustedService
from inventory.selectors import delegation
from inventory.selectors.connections import connections_with_runs, stale_after
from inventory.selectors.coverage import latest_coverage
from inventory.selectors.hierarchy import organization
from inventory.selectors.organization_coverage import organization_coverage
from inventory.viewing import sees_whole, targets_seen


class OrganizationRepresentation(Representation):
    """A connected organization in short."""

    slug = serializers.CharField(help_text="Names it in addresses.")
    url = serializers.SerializerMethodField()
    name = serializers.CharField()
    organization_id = serializers.SerializerMethodField(help_text="o-…; null until read.")
    management_account_id = serializers.SerializerMethodField(help_text="Null until read.")
    first_run_at = serializers.DateTimeField(
        allow_null=True, help_text="Earliest time for `as_of`; null: never read."
    )
    latest_run_at = serializers.DateTimeField(allow_null=True)

    def get_url(self, connection: Connection) -> str:
        """Return the organization's address."""
        return reverse(
            "api:organization",
            kwargs={"slug": connection.slug},
            request=self.context["request"],
        )

    def get_organization_id(self, connection: Connection) -> str | None:
        """Return AWS's id."""
        return connection.organization_id or None

    def get_management_account_id(self, connection: Connection) -> str | None:
        """Return the account's 12 digits."""
        return connection.management_account_id or None


class OrganizationPageRepresentation(Representation):
    """A page of organizations."""

    results = OrganizationRepresentation(many=True)
    next = serializers.URLField(allow_null=True)


class OrganizationDetailsRepresentation(Representation):
    """An organization as organizations:DescribeOrganization and ListRoots tell it."""

    slug = serializers.CharField()
    name = serializers.CharField()
    organization_id = serializers.CharField(allow_null=True)
    arn = serializers.CharField(allow_null=True)
    feature_set = serializers.CharField(allow_null=True)
    management_account_id = serializers.CharField(allow_null=True)
    management_account_email = serializers.CharField(allow_null=True)
    root_id = serializers.CharField(allow_null=True)
    policy_types = serializers.DictField(
        child=serializers.CharField(),
        allow_null=True,
        help_text="Policy type → status in AWS's words; null: not read.",
    )
    first_run_at = serializers.DateTimeField(allow_null=True)
    latest_run_at = serializers.DateTimeField(allow_null=True)
    stale_after_seconds = serializers.IntegerField(help_text="Age at which data counts as stale.")
    coverage = CoverageSummaryRepresentation(help_text="Of the organization itself.")
    accounts = AccountsKnownRepresentation(help_text="Coverage of its accounts.")


class DelegatedAdministratorRepresentation(Representation):
    """An account that administers a service for the organization."""

    account_id = serializers.CharField()
    account_name = serializers.CharField(allow_null=True)
    service_principal = serializers.CharField()
    delegated_at = serializers.DateTimeField(allow_null=True)
    seen_from = serializers.DateTimeField()


class TrustedServiceRepresentation(Representation):
    """A service that is trusted in the organization."""

    service_principal = serializers.CharField()
    enabled_at = serializers.DateTimeField(allow_null=True)
    seen_from = serializers.DateTimeField()


class ResourcePolicyRepresentation(Representation):
    """The organization's resource policy."""

    state = serializers.ChoiceField(
        choices=ValueState.choices,
        help_text="none: AWS says that there is none. unknown: never read.",
    )
    policy_id = serializers.CharField(allow_null=True)
    arn = serializers.CharField(allow_null=True)
    text = serializers.CharField(allow_null=True, help_text="As AWS returned it.")
    seen_from = serializers.DateTimeField(allow_null=True)
    coverage = CoverageSummaryRepresentation()


class OrganizationList(Endpoint):
    """The connected organizations."""

    topic = "Organizations"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = OrganizationRepresentation
    page_representation = OrganizationPageRepresentation
    orderings = {"slug": by("slug"), "name": by("name", "slug")}
    usual_ordering = "slug"

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        return super().parameters() | {"limit", "cursor", "ordering"}

    def get(self, request: Request) -> Response:
        """List the connected organizations."""
        asked = page_request(request, self.orderings, usual=self.usual_ordering)
        page = page_of(connections_with_runs(self.viewer), asked)
        return self.respond_with(page, self.serialized(page.rows, many=True))


class OrganizationDetail(DetailEndpoint):
    """One organization."""

    topic = "Organizations"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = OrganizationDetailsRepresentation
    shows_tables = ("Organization", "Root", "Account")

    def get(self, request: Request, **kwargs: str) -> Response:
        """Get one organization and how well it and its accounts are known."""
        scope: dict[str, Any] = {"connection": self.connection, "as_of": self.as_of}
        found = organization(self.viewer, **scope)
        targets = targets_seen(self.viewer, self.connection)
        root = delegation.root(self.viewer, **scope)
        known = organization_coverage(self.viewer, now=self.now, **scope)
        return self.answer(
            self.serialized(
                {
                    "slug": self.connection.slug,
                    "name": self.connection.name,
                    "organization_id": found and found.organization_id,
                    "arn": found and found.arn,
                    "feature_set": found and found.feature_set,
                    "management_account_id": found and found.management_account_id,
                    "management_account_email": found.management_account_email
                    if found and targets.holds_account(found.management_account_id)
                    else None,
                    "root_id": root and root.target_id,
                    "policy_types": root and root.policy_types,
                    "first_run_at": self.known.first_run_at,
                    "latest_run_at": self.known.latest_run_at,
                    "stale_after_seconds": int(stale_after(self.connection).total_seconds()),
                    "coverage": known.organization,
                    "accounts": known,
                }
            )
        )


class DelegatedAdministratorList(ListEndpoint):
    """Who administers which services."""

    shows_tables = ("DelegatedAdministrator",)
    topic = "Organizations"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = DelegatedAdministratorRepresentation
    queryset = DelegatedAdministrator.objects.none()
    collectors = ("organizations.delegated_administrators",)
    orderings = {
        "service_principal": by("service_principal", "account_id"),
        "account_id": by("account_id", "service_principal"),
    }
    usual_ordering = "service_principal"

    def rows(self) -> Any:
        """Return a row an account and service."""
        return delegation.delegated_administrators(
            self.viewer, connection=self.connection, as_of=self.as_of
        )

    def get(self, request: Request, **kwargs: str) -> Response:
        """List the accounts that administer services for the organization."""
        return self.respond()


class TrustedServiceList(ListEndpoint):
    """Which services are trusted."""

    shows_tables = ("TrustedService",)
    topic = "Organizations"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = TrustedServiceRepresentation
    queryset = TrustedService.objects.none()
    collectors = ("organizations.trusted_services",)
    orderings = {"service_principal": by("service_principal")}
    usual_ordering = "service_principal"

    def rows(self) -> Any:
        """Return the services."""
        return delegation.trusted_services(
            self.viewer, connection=self.connection, as_of=self.as_of
        )

    def get(self, request: Request, **kwargs: str) -> Response:
        """List the services that may work in the organization's accounts."""
        return self.respond()


class ResourcePolicyEndpoint(DetailEndpoint):
    """The organization's resource policy."""

    shows_tables = ("OrganizationResourcePolicy",)
    topic = "Organizations"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = ResourcePolicyRepresentation

    def get(self, request: Request, **kwargs: str) -> Response:
        """Give the resource policy, which delegates calls of AWS Organizations.

        404 to who sees a part of the organization.
        """
        if not sees_whole(self.viewer, self.connection):
            raise self.missing("resource policy that you may see")
        found = delegation.organization_resource_policy(
            self.viewer, connection=self.connection, as_of=self.as_of
        )
        read = "organizations.resource_policy" in self.complete_collectors()
        absent = ValueState.NONE if read else ValueState.UNKNOWN
        return self.answer(
            self.serialized(
                {
                    "state": ValueState.SET if found else absent,
                    "policy_id": found and found.policy_id,
                    "arn": found and found.arn,
                    "text": found and found.content.text,
                    "seen_from": found and found.seen_from,
                    "coverage": self.coverage_of(),
                }
            )
        )


class CoverageList(ListEndpoint):
    """How well all of an organization is known."""

    topic = "Organizations"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = CoverageRepresentation
    queryset = Coverage.objects.none()
    collectors = ()
    filterset_class = CoverageFilters
    orderings = {"account_id": by("account_id", "collector", "region")}
    usual_ordering = "account_id"

    def rows(self) -> Any:
        """Return the newest coverage.

        :raises Problem: that of the time asked for was aged out.
        """
        self.check_detail_then()
        return latest_coverage(self.viewer, connection=self.connection, as_of=self.as_of)

    def was_read(self) -> bool:
        """Coverage rows are our own record, so none of them means none."""
        return True

    def get(self, request: Request, **kwargs: str) -> Response:
        """List the result of each collector when it last ran, in every account, and what to do."""
        return self.respond()
