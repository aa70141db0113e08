"""The organization's own things: root, OUs, accounts, delegation."""

from datetime import UTC, datetime

import factory

from inventory.models import (
    Account,
    DelegatedAdministrator,
    Organization,
    OrganizationalUnit,
    OrganizationResourcePolicy,
    Root,
    TrustedService,
)
from tests.factories.policies import content, denying
from tests.factories.versions import VersionFactory

ROOT_ID = "r-ab12"
_ARN = "arn:aws:organizations::111111111111"


class OrganizationFactory(VersionFactory[Organization]):
    """An organization with all features."""

    class Meta:
        model = Organization

    organization_id = "o-exampleorg1"
    arn = f"{_ARN}:organization/o-exampleorg1"
    feature_set = "ALL"
    management_account_id = "111111111111"
    management_account_arn = f"{_ARN}:account/o-exampleorg1/111111111111"
    management_account_email = "management@example.org"


class RootFactory(VersionFactory[Root]):
    """The root, with SCPs and tag policies enabled."""

    class Meta:
        model = Root

    target_id = ROOT_ID
    name = "Root"
    arn = factory.LazyAttribute(lambda root: f"{_ARN}:root/o-exampleorg1/{root.target_id}")
    policy_types = factory.LazyFunction(
        lambda: {"SERVICE_CONTROL_POLICY": "ENABLED", "TAG_POLICY": "ENABLED"}
    )
    tags = factory.LazyFunction(dict)


class OrganizationalUnitFactory(VersionFactory[OrganizationalUnit]):
    """An OU below the root; give `parent` (another OU) to nest it."""

    class Meta:
        model = OrganizationalUnit

    class Params:
        parent = None

    target_id = factory.Sequence(lambda n: f"ou-ab12-{n:08x}")
    name = factory.Sequence(lambda n: f"Unit {n}")
    arn = factory.LazyAttribute(lambda unit: f"{_ARN}:ou/o-exampleorg1/{unit.target_id}")
    parent_id = factory.LazyAttribute(
        lambda unit: unit.parent.target_id if unit.parent else ROOT_ID
    )
    path = factory.LazyAttribute(
        lambda unit: f"{unit.parent.path if unit.parent else f'{ROOT_ID}/'}{unit.target_id}/"
    )
    tags = factory.LazyFunction(dict)


class AccountFactory(VersionFactory[Account]):
    """An active account directly below the root; give `parent` (an OU) to put it there."""

    class Meta:
        model = Account

    class Params:
        parent = None

    account_id = factory.Sequence(lambda n: f"{200000000000 + n}")
    name = factory.Sequence(lambda n: f"account-{n}")
    email = factory.LazyAttribute(lambda account: f"{account.name}@example.org")
    arn = factory.LazyAttribute(
        lambda account: f"{_ARN}:account/o-exampleorg1/{account.account_id}"
    )
    state = "ACTIVE"
    parent_id = factory.LazyAttribute(
        lambda account: account.parent.target_id if account.parent else ROOT_ID
    )
    path = factory.LazyAttribute(
        lambda account: account.parent.path if account.parent else f"{ROOT_ID}/"
    )
    joined_method = "CREATED"
    joined_at = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)
    tags = factory.LazyFunction(dict)


class DelegatedAdministratorFactory(VersionFactory[DelegatedAdministrator]):
    """An account that administers GuardDuty for the organization."""

    class Meta:
        model = DelegatedAdministrator

    account_id = factory.Sequence(lambda n: f"{200000000000 + n}")
    service_principal = "guardduty.amazonaws.com"
    delegated_at = datetime(2025, 1, 15, 9, 0, tzinfo=UTC)


class TrustedServiceFactory(VersionFactory[TrustedService]):
    """A service that is trusted in the organization."""

    class Meta:
        model = TrustedService

    service_principal = factory.Sequence(lambda n: f"service-{n}.amazonaws.com")
    enabled_at = datetime(2025, 1, 15, 9, 0, tzinfo=UTC)


class OrganizationResourcePolicyFactory(VersionFactory[OrganizationResourcePolicy]):
    """The organization's resource policy; give `text` or `content`."""

    class Meta:
        model = OrganizationResourcePolicy

    class Params:
        text = denying("organizations:LeaveOrganization")

    policy_id = "rp-exampleid1"
    arn = f"{_ARN}:resourcepolicy/o-exampleorg1/rp-exampleid1"
    content = factory.LazyAttribute(lambda policy: content(policy.text))
