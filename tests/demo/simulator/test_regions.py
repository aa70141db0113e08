"""account:ListRegions: AWS's regions and what each account has opted into."""

import pytest

from demo.simulator.credentials import AUDIT_ROLE

pytestmark = pytest.mark.simulator

APP, WRITER = "333333333333", "444444444444"
ADMIN = "Admin"


def regions(client, **given):
    return {
        each["RegionName"]: each["RegionOptStatus"]
        for each in client.list_regions(**given)["Regions"]
    }


class TestListRegions:
    def test_tells_default_opted_in_and_other_regions_of_the_callers_account(self, aws):
        found = regions(aws.assume("account", APP, ADMIN))
        assert found["us-east-1"] == "ENABLED_BY_DEFAULT"
        assert found["eu-south-2"] == "ENABLED"
        assert found["af-south-1"] == "DISABLED"
        assert len(found) == 34

    def test_gives_the_statuses_asked_for_in_pages(self, aws):
        account = aws.assume("account", APP, ADMIN)
        pages = account.get_paginator("list_regions").paginate(
            RegionOptStatusContains=["ENABLED", "ENABLED_BY_DEFAULT"], MaxResults=10
        )
        found = [each["RegionName"] for page in pages for each in page["Regions"]]
        assert len(found) == 18
        assert found == sorted(found)

    def test_refuses_whom_no_policy_allows(self, aws, refused):
        code, _ = refused(aws.assume("account", APP, AUDIT_ROLE).list_regions)
        assert code == "AccessDeniedException"

    def test_refuses_another_account_than_the_callers(self, aws, refused):
        account = aws.assume("account", APP, ADMIN)
        code, _ = refused(account.list_regions, AccountId=WRITER)
        assert code == "AccessDeniedException"
