"""An account's regions, read from answers as account management gives them."""

import pytest

from inventory.aws.errors import AwsMalformed
from inventory.collectors.regions import collect_regions
from inventory.records import RegionRecord
from tests.inventory.stubs import stubbed

OPERATION = "list_regions"


@pytest.fixture
def account():
    with stubbed("account") as aws:
        yield aws


def page(*regions, **more):
    return {
        "Regions": [{"RegionName": name, "RegionOptStatus": status} for name, status in regions],
        **more,
    }


def test_yields_the_regions_of_all_pages_opted_in_or_not(account):
    first = page(("us-east-1", "ENABLED_BY_DEFAULT"), NextToken="more")
    account.answers(OPERATION, first, MaxResults=50)
    account.answers(OPERATION, page(("af-south-1", "DISABLED")), MaxResults=50, NextToken="more")
    assert list(collect_regions(account.client)) == [
        RegionRecord("us-east-1", "ENABLED_BY_DEFAULT"),
        RegionRecord("af-south-1", "DISABLED"),
    ]


@pytest.mark.parametrize("regions", [(), [("af-south-1", "DISABLED"), ("me-south-1", "DISABLING")]])
def test_believes_no_answer_without_an_enabled_region(account, regions):
    account.answers(OPERATION, page(*regions), MaxResults=50)
    with pytest.raises(AwsMalformed, match="no enabled region"):
        list(collect_regions(account.client))
