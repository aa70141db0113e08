"""The OpenID Connect providers that are known of an account are given back to who reads it."""

from inventory.records import IdentityProviderRecord
from inventory.store.identity_providers import kept_oidc_providers
from tests.factories.accounts import IdentityProviderFactory
from tests.factories.times import SECOND_RUN_AT


def test_only_those_that_the_account_has_now_come_back(connection):
    rows = {"connection": connection, "account_id": "111111111111"}
    known = IdentityProviderFactory.create(**rows)
    IdentityProviderFactory.create(**rows, kind="saml")
    IdentityProviderFactory.create(**rows, seen_until=SECOND_RUN_AT)
    IdentityProviderFactory.create(connection=connection, account_id="222222222222")
    kept = kept_oidc_providers(connection, "111111111111")
    [provider] = kept["iam.oidc_providers"]
    assert isinstance(provider, IdentityProviderRecord)
    assert provider.arn == known.arn
