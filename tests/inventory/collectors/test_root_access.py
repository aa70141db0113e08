"""Central root access, read from answers as IAM gives them."""

import pytest

from inventory.aws.errors import AwsReadDenied
from inventory.collectors.root_access import collect_root_access_features
from inventory.records import OrganizationSettingRecord


def setting(*features):
    return OrganizationSettingRecord("222222222222", "root_access_features", list(features))


def test_yields_the_features_that_are_enabled(iam):
    iam.answers(
        "list_organizations_features",
        {
            "OrganizationId": "o-exampleorg1",
            "EnabledFeatures": ["RootSessions", "RootCredentialsManagement"],
        },
    )
    found = list(collect_root_access_features(iam.client))
    assert found == [setting("RootCredentialsManagement", "RootSessions")]


def test_yields_no_feature_where_iam_is_not_trusted_in_the_organization(iam):
    iam.refuses("list_organizations_features", "ServiceAccessNotEnabledException")
    assert list(collect_root_access_features(iam.client)) == [setting()]


def test_raises_when_it_may_not_be_read_instead_of_yielding_none(iam):
    iam.refuses("list_organizations_features", "AccessDenied")
    with pytest.raises(AwsReadDenied, match="iam:ListOrganizationsFeatures"):
        list(collect_root_access_features(iam.client))
