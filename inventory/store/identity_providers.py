"""The OpenID Connect providers that are held of an account, given back to who reads it again."""

from collections.abc import Mapping

from inventory.collectors.iam_providers import OIDC, OIDC_COLLECTOR
from inventory.models import Connection, IdentityProvider
from inventory.records import IdentityProviderRecord, Record


def kept_oidc_providers(
    connection: Connection, account_id: str
) -> Mapping[str, tuple[Record, ...]]:
    """Return the providers by their collector, in one query."""
    return {
        OIDC_COLLECTOR: tuple(
            IdentityProviderRecord(
                kind=row.kind,
                arn=row.arn,
                created_at=row.created_at,
                url=row.url,
                client_ids=tuple(row.client_ids),
                thumbprints=tuple(row.thumbprints),
                tags=row.tags,
            )
            for row in IdentityProvider.objects.filter(
                connection=connection, account_id=account_id, kind=OIDC, seen_until__isnull=True
            )
        )
    }
