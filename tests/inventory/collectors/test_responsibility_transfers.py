"""Billing transfers, read from answers as Organizations gives them."""

from datetime import UTC, datetime

import pytest

from inventory.aws.errors import AwsReadDenied
from inventory.collectors.responsibility_transfers import (
    collect_inbound_transfers,
    collect_outbound_transfers,
)
from inventory.records import ResponsibilityTransferRecord

OURS, THEIRS = "222222222222", "999999999999"
STARTS = datetime(2026, 1, 1, tzinfo=UTC)


def transfer(transfer_id, source, target, **more):
    return {
        "Id": transfer_id,
        "Arn": f"arn:aws:organizations::{OURS}:transfer/o-exampleorg1/billing/{transfer_id}",
        "Name": "resale",
        "Type": "BILLING",
        "Status": "ACCEPTED",
        "Source": source,
        "Target": target,
        **more,
    }


def account(account_id):
    return {"ManagementAccountId": account_id, "ManagementAccountEmail": "a@example.org"}


def test_yields_who_manages_the_billing_of_this_organization_page_by_page(organizations):
    one = transfer("rt-aaaaaaaa", account(OURS), account(THEIRS), StartTimestamp=STARTS)
    invited = transfer("rt-bbbbbbbb", account(OURS), {"ManagementAccountEmail": "b@example.org"})
    operation = "list_outbound_responsibility_transfers"
    organizations.answers(
        operation, {"ResponsibilityTransfers": [one], "NextToken": "more"}, Type="BILLING"
    )
    organizations.answers(
        operation, {"ResponsibilityTransfers": [invited]}, Type="BILLING", NextToken="more"
    )
    first, second = collect_outbound_transfers(organizations.client)
    assert first == ResponsibilityTransferRecord(
        OURS,
        "rt-aaaaaaaa",
        "outbound",
        "BILLING",
        "ACCEPTED",
        "resale",
        one["Arn"],
        OURS,
        THEIRS,
        STARTS,
        None,
    )
    assert (second.source_account_id, second.target_account_id) == (OURS, "")


def test_yields_whose_billing_this_organization_manages(organizations):
    organizations.answers(
        "list_inbound_responsibility_transfers",
        {
            "ResponsibilityTransfers": [
                transfer("rt-cccccccc", account(THEIRS), account(OURS), EndTimestamp=STARTS)
            ]
        },
        Type="BILLING",
    )
    [found] = collect_inbound_transfers(organizations.client)
    assert (found.direction, found.source_account_id) == ("inbound", THEIRS)
    assert found.ends_at == STARTS


@pytest.mark.parametrize("collect", [collect_inbound_transfers, collect_outbound_transfers])
def test_raises_when_it_may_not_be_read_instead_of_yielding_none(organizations, collect):
    direction = "inbound" if collect is collect_inbound_transfers else "outbound"
    organizations.refuses(f"list_{direction}_responsibility_transfers", "AccessDeniedException")
    with pytest.raises(AwsReadDenied, match="ResponsibilityTransfers"):
        list(collect(organizations.client))
