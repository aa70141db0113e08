"""VPC endpoint services, read from answers as EC2 gives them."""

import pytest

from inventory.aws.errors import AwsMalformed, AwsPartlyDenied, AwsReadDenied
from inventory.collectors.vpc_endpoint_services import collect_vpc_endpoint_services
from inventory.records import ResourcePolicyRecord
from inventory.resource_facts import AccessGrant, GranteeKind, grants_of
from tests.inventory.stubs import stubbed

OURS = "222222222222"
SERVICE = "vpce-svc-0123456789abcdef0"


@pytest.fixture
def ec2():
    with stubbed("ec2") as aws:
        yield aws


def lists(ec2, *states):
    ec2.answers(
        "describe_vpc_endpoint_service_configurations",
        {
            "ServiceConfigurations": [
                {
                    "ServiceId": SERVICE,
                    "ServiceName": f"com.amazonaws.vpce.us-east-1.{SERVICE}",
                    "ServiceState": state,
                    "AcceptanceRequired": False,
                }
                for state in states
            ]
        },
        MaxResults=1000,
    )


def permits(ec2, *principals, **more):
    ec2.answers(
        "describe_vpc_endpoint_service_permissions",
        {
            "AllowedPrincipals": [
                {"PrincipalType": kind, "Principal": principal} for kind, principal in principals
            ]
        }
        | more,
        ServiceId=SERVICE,
    )


def test_yields_to_whom_each_service_is_offered(ec2):
    role = "arn:aws:iam::999999999999:role/connector"
    lists(ec2, "Available", "Deleted")
    permits(
        ec2,
        ("All", "*"),
        ("Account", "arn:aws:iam::999999999999:root"),
        ("Role", role),
    )
    [found] = collect_vpc_endpoint_services(ec2.client)
    assert found.arn == f"arn:aws:ec2:us-east-1:{OURS}:vpc-endpoint-service/{SERVICE}"
    assert found.facts["acceptance_required"] is False
    assert grants_of(found.facts) == (
        AccessGrant(GranteeKind.ACCOUNT, "999999999999", "vpc endpoint service"),
        AccessGrant(GranteeKind.EVERYONE, "*", "vpc endpoint service"),
        AccessGrant(GranteeKind.PRINCIPAL, role, "vpc endpoint service"),
    )


def test_marks_one_whose_permissions_may_not_be_read_as_unknown(ec2):
    lists(ec2, "Available")
    ec2.refuses("describe_vpc_endpoint_service_permissions", "UnauthorizedOperation")
    found: list[ResourcePolicyRecord] = []
    with pytest.raises(AwsPartlyDenied):
        # A list keeps what came before the error.
        found.extend(collect_vpc_endpoint_services(ec2.client))
    assert found[0].unknown == {"grants": "UnauthorizedOperation"}


def test_refuses_a_kind_of_principal_that_aws_does_not_document(ec2):
    lists(ec2, "Available")
    permits(ec2, ("Planet", "mars"))
    with pytest.raises(AwsMalformed, match="PrincipalType"):
        list(collect_vpc_endpoint_services(ec2.client))


def test_makes_one_call_where_nothing_is_offered(ec2):
    lists(ec2)
    assert list(collect_vpc_endpoint_services(ec2.client)) == []
    assert ec2.log.calls.total() == 1


def test_raises_when_they_may_not_be_listed_instead_of_yielding_none(ec2):
    ec2.refuses("describe_vpc_endpoint_service_configurations", "UnauthorizedOperation")
    with pytest.raises(AwsReadDenied, match="ec2:DescribeVpcEndpointServiceConfigurations"):
        list(collect_vpc_endpoint_services(ec2.client))
