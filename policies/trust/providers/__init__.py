"""Identity providers that serve many tenants: what in their tokens tells a tenant apart."""

from policies.trust.providers.provider import (
    OidcProvider,
    ProviderClaim,
    SubjectForm,
    provider_of,
)

__all__ = ["OidcProvider", "ProviderClaim", "SubjectForm", "provider_of"]
