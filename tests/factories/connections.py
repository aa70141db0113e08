"""Connected organizations."""

import factory

from inventory.models import Connection


class ConnectionFactory(factory.django.DjangoModelFactory[Connection]):
    """An organization that is read each hour: `organization-1`, `organization-2`, …"""

    class Meta:
        model = Connection

    name = factory.Sequence(lambda n: f"Organization {n}")
    slug = factory.Sequence(lambda n: f"organization-{n}")
    organization_role_arn = "arn:aws:iam::111111111111:role/OrgwardenOrganizationReader"
    audit_role_name = "OrgwardenAudit"
    external_id = "orgwarden-tests"
    regions = factory.LazyFunction(lambda: ["eu-west-2", "us-east-1"])
    organization_id = "o-exampleorg1"
    management_account_id = "111111111111"
