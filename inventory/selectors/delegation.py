"""What the organization delegates: administrators, trusted services, its resource policy."""

from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery

from inventory.models import (
    Account,
    Connection,
    DelegatedAdministrator,
    OrganizationResourcePolicy,
    Root,
    TrustedService,
)
from inventory.viewing import Viewer, visible


def root(viewer: Viewer, *, connection: Connection, as_of: datetime | None = None) -> Root | None:
    """Return the root with its policy types, None before the first run."""
    return visible(Root.objects.as_of(as_of), viewer).filter(connection=connection).first()


def delegated_administrators(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> QuerySet[DelegatedAdministrator]:
    """Every account that administers a service, a row a service, with its `account_name`."""
    account_name = (
        Account.objects.as_of(as_of)
        .filter(connection=connection, account_id=OuterRef("account_id"))
        .values("name")[:1]
    )
    rows: QuerySet[DelegatedAdministrator] = (
        visible(DelegatedAdministrator.objects.as_of(as_of), viewer)
        .filter(connection=connection)
        .annotate(account_name=Subquery(account_name))
        .order_by("service_principal", "account_id")
    )
    return rows


def trusted_services(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> QuerySet[TrustedService]:
    """Every service that may work in the organization's accounts."""
    return (
        visible(TrustedService.objects.as_of(as_of), viewer)
        .filter(connection=connection)
        .order_by("service_principal")
    )


def organization_resource_policy(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> OrganizationResourcePolicy | None:
    """Return the organization's resource policy with its text, or None where there is none."""
    return (
        visible(OrganizationResourcePolicy.objects.as_of(as_of), viewer)
        .filter(connection=connection)
        .select_related("content")
        .first()
    )
