"""What holds for a whole member account: settings, identity providers."""

from datetime import UTC, datetime

import factory

from inventory.models import AccountSetting, IdentityProvider
from tests.factories.principals import ACCOUNT_ID
from tests.factories.versions import VersionFactory


class AccountSettingFactory(VersionFactory[AccountSetting]):
    """The counters of iam:GetAccountSummary."""

    class Meta:
        model = AccountSetting

    account_id = ACCOUNT_ID
    name = AccountSetting.Name.ACCOUNT_SUMMARY
    value = factory.LazyFunction(lambda: {"Users": 2, "Roles": 9, "AccountMFAEnabled": 1})


class IdentityProviderFactory(VersionFactory[IdentityProvider]):
    """An OpenID Connect provider."""

    class Meta:
        model = IdentityProvider

    account_id = ACCOUNT_ID
    kind = IdentityProvider.Kind.OIDC
    url = factory.Sequence(lambda n: f"https://token-{n}.example.org")
    arn = factory.LazyAttribute(
        lambda row: (
            f"arn:aws:iam::{row.account_id}:oidc-provider/{row.url.removeprefix('https://')}"
        )
    )
    created_at = datetime(2025, 6, 1, 10, 0, tzinfo=UTC)
    client_ids = factory.LazyFunction(lambda: ["sts.amazonaws.com"])
    thumbprints = factory.LazyFunction(lambda: ["6938fd4d98bab03faadb97b34396831e3780aea1"])
    tags = factory.LazyFunction(dict)
