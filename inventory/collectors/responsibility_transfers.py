"""Transfers of an organization's billing to another organization, and invitations to them."""

from collections.abc import Iterator
from typing import Final

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.collectors.collector import Action, Collector, Scope, Slice, alone
from inventory.records import ResponsibilityTransferRecord

# As in inventory.models.ResponsibilityTransfer.
INBOUND: Final = "inbound"
OUTBOUND: Final = "outbound"
# AWS has no other type.
_BILLING: Final = "BILLING"


def collect_inbound_transfers(organizations: AwsClient) -> Iterator[ResponsibilityTransferRecord]:
    """Yield the transfers by which this organization manages another's billing.

    AWS: organizations:ListInboundResponsibilityTransfers.
    """
    yield from _transfers(organizations, "list_inbound_responsibility_transfers", INBOUND)


def collect_outbound_transfers(organizations: AwsClient) -> Iterator[ResponsibilityTransferRecord]:
    """Yield the transfers by which another organization manages this one's billing.

    AWS: organizations:ListOutboundResponsibilityTransfers.
    """
    yield from _transfers(organizations, "list_outbound_responsibility_transfers", OUTBOUND)


def _transfers(
    organizations: AwsClient, operation: str, direction: str
) -> Iterator[ResponsibilityTransferRecord]:
    for transfer in organizations.paginate(operation, "ResponsibilityTransfers", Type=_BILLING):
        yield ResponsibilityTransferRecord(
            account_id=organizations.account_id,
            transfer_id=transfer["Id"],
            direction=direction,
            type=transfer["Type"],
            status=transfer["Status"],
            name=transfer.get("Name", ""),
            arn=transfer["Arn"],
            source_account_id=_participant(transfer, "Source"),
            target_account_id=_participant(transfer, "Target"),
            starts_at=transfer.get("StartTimestamp"),
            ends_at=transfer.get("EndTimestamp"),
        )


def _participant(transfer: AwsAnswer, side: str) -> str:
    return str((transfer.get(side) or {}).get("ManagementAccountId", ""))


def _collector(direction: str, label: str, action: str, purpose: str) -> Collector:
    read = collect_inbound_transfers if direction == INBOUND else collect_outbound_transfers
    return Collector(
        name=f"organizations.{direction}_transfers",
        label=label,
        scope=Scope.ORGANIZATION,
        service="organizations",
        actions=(Action(action, purpose, given={"Type": _BILLING, "MaxResults": 1}),),
        read=alone(read),
        covers=(Slice(ResponsibilityTransferRecord, {"direction": direction}),),
        paced=True,
    )


COLLECTORS = (
    _collector(
        INBOUND,
        "Inbound billing transfers",
        "organizations:ListInboundResponsibilityTransfers",
        "whose billing this organization manages",
    ),
    _collector(
        OUTBOUND,
        "Outbound billing transfers",
        "organizations:ListOutboundResponsibilityTransfers",
        "who manages this organization's billing",
    ),
)
