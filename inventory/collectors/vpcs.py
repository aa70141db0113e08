"""VPCs of a region: default ones, shared ones, their way to the internet, their flow logs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.aws.errors import AwsReadDenied
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.service_reading import raise_denied, rows_of
from inventory.records import ServiceConfigurationRecord
from inventory.service_facts import VPC

_ACTIVE: Final = "ACTIVE"
_DELIVERED: Final = "SUCCESS"
_PAGE: Final = 1000
_GATEWAY_FACTS: Final = ("internet_gateways",)
_FLOW_LOG_FACTS: Final = ("flow_logs", "flow_log_traffic")

Rows = Mapping[str, list[AwsAnswer]]


def collect_vpcs(ec2: AwsClient) -> Iterator[ServiceConfigurationRecord]:
    """Yield each VPC that the account sees: its own, and those that others share with it.

    One call, and two more where it has one of its own. Flow logs and internet gateways of a shared
    VPC are its owner's to list.
    AWS: ec2:DescribeVpcs, DescribeInternetGateways, DescribeFlowLogs.
    :raises AwsPartlyDenied: gateways or flow logs could not be read.
    """
    vpcs = list(ec2.paginate("describe_vpcs", "Vpcs", MaxResults=_PAGE))
    denied: dict[str, AwsReadDenied] = {}
    unknown: dict[str, str] = {}
    gateways: Rows = {}
    flow_logs: Rows = {}
    if any(each["OwnerId"] == ec2.account_id for each in vpcs):
        try:
            gateways = _attached(ec2)
        except AwsReadDenied as error:
            denied["internet gateways"] = error
            unknown |= dict.fromkeys(_GATEWAY_FACTS, error.code)
        try:
            flow_logs = _flow_logs(ec2)
        except AwsReadDenied as error:
            denied["flow logs"] = error
            unknown |= dict.fromkeys(_FLOW_LOG_FACTS, error.code)
    for vpc in vpcs:
        yield _vpc(ec2, vpc, gateways, flow_logs, unknown)
    raise_denied(denied)


def _attached(ec2: AwsClient) -> Rows:
    """Return internet gateways by the VPC that they are attached to."""
    found: dict[str, list[AwsAnswer]] = {}
    for gateway in ec2.paginate("describe_internet_gateways", "InternetGateways", MaxResults=_PAGE):
        for attachment in gateway.get("Attachments") or []:
            found.setdefault(attachment["VpcId"], []).append(gateway)
    return found


def _flow_logs(ec2: AwsClient) -> Rows:
    """Return flow logs by what they log: VPCs, subnets, interfaces."""
    found: dict[str, list[AwsAnswer]] = {}
    for flow_log in ec2.paginate("describe_flow_logs", "FlowLogs", MaxResults=_PAGE):
        found.setdefault(flow_log["ResourceId"], []).append(flow_log)
    return found


def _vpc(
    ec2: AwsClient, vpc: AwsAnswer, gateways: Rows, flow_logs: Rows, unknown: Mapping[str, str]
) -> ServiceConfigurationRecord:
    vpc_id, owner = str(vpc["VpcId"]), str(vpc["OwnerId"])
    own = owner == ec2.account_id
    block = (vpc.get("BlockPublicAccessStates") or {}).get("InternetGatewayBlockMode")
    facts: dict[str, Any] = {
        "default": vpc["IsDefault"],
        "cidr_blocks": _ranges(vpc),
        "owner_account_id": owner,
        "shared_by_other_account": not own,
        "internet_block": block or "",
    }
    if own and "internet_gateways" not in unknown:
        facts["internet_gateways"] = sorted(
            str(each["InternetGatewayId"]) for each in gateways.get(vpc_id, ())
        )
    if own and "flow_logs" not in unknown:
        facts |= _logged(flow_logs.get(vpc_id, []))
    return VPC.record(
        facts,
        region=ec2.region,
        name=vpc_id,
        arn=f"arn:{ec2.partition}:ec2:{ec2.region}:{owner}:vpc/{vpc_id}",
        unknown=unknown if own else {},
    )


def _ranges(vpc: AwsAnswer) -> list[str]:
    ranges = {str(vpc["CidrBlock"])}
    ranges |= {str(each["CidrBlock"]) for each in vpc.get("CidrBlockAssociationSet") or []}
    ranges |= {str(each["Ipv6CidrBlock"]) for each in vpc.get("Ipv6CidrBlockAssociationSet") or []}
    return sorted(ranges)


def _logged(flow_logs: Sequence[AwsAnswer]) -> Mapping[str, Any]:
    return {
        "flow_log_traffic": sorted(
            {
                str(each["TrafficType"])
                for each in flow_logs
                if each["FlowLogStatus"] == _ACTIVE
                and each.get("DeliverLogsStatus", _DELIVERED) == _DELIVERED
            }
        ),
        "flow_logs": [
            {
                "id": each["FlowLogId"],
                "status": each["FlowLogStatus"],
                "delivery_status": each.get("DeliverLogsStatus") or "",
                "delivery_error": each.get("DeliverLogsErrorMessage") or "",
                "traffic": each["TrafficType"],
                "destination_type": each.get("LogDestinationType") or "",
                "destination": each.get("LogDestination") or each.get("LogGroupName") or "",
            }
            for each in sorted(flow_logs, key=lambda one: str(one["FlowLogId"]))
        ],
    }


COLLECTORS = (
    Collector(
        name=VPC.collector,
        label="VPCs, internet gateways and flow logs",
        scope=Scope.REGIONAL,
        service="ec2",
        actions=(
            Action("ec2:DescribeVpcs", "VPCs, default and shared", given={"MaxResults": 5}),
            Action(
                "ec2:DescribeInternetGateways",
                "which VPCs reach the internet",
                given={"MaxResults": 5},
            ),
            Action("ec2:DescribeFlowLogs", "which VPCs log traffic", given={"MaxResults": 5}),
        ),
        read=alone(collect_vpcs),
        covers=rows_of(VPC),
    ),
)
