"""Security Hub in a region: whether it is on, its standards, what its administrator enables."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.aws.errors import AwsNotFound
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.service_reading import FactReader, raise_denied, rows_of
from inventory.records import ServiceConfigurationRecord
from inventory.service_facts import SECURITY_HUB

_READY: Final = "READY"
_HUB: Final = "hub"
_STANDARD_FACTS: Final = ("standards", "standards_not_ready")
_ORGANIZATION_FACTS: Final = ("auto_enable_members", "auto_enable_standards", "configuration_type")


def collect_security_hubs(securityhub: AwsClient) -> Iterator[ServiceConfigurationRecord]:
    """Yield the region's hub, nothing where it is off: one call, and two more where it is on.

    AWS: securityhub:DescribeHub, GetEnabledStandards, DescribeOrganizationConfiguration.
    :raises AwsPartlyDenied: its standards or what the administrator enables could not be read.
    """
    try:
        hub = securityhub.call("describe_hub")
    except AwsNotFound:
        return
    reader = FactReader(
        {
            "auto_enable_controls": bool(hub.get("AutoEnableControls")),
            "finding_generator": hub.get("ControlFindingGenerator") or "",
        }
    )
    # A page holds a hundred, and AWS has ten standards.
    reader.read(securityhub, _STANDARD_FACTS, "get_enabled_standards", _standards, MaxResults=100)
    # Not found: the account is not the organization's administrator of Security Hub.
    with contextlib.suppress(AwsNotFound):
        reader.read(
            securityhub,
            _ORGANIZATION_FACTS,
            "describe_organization_configuration",
            _organization,
        )
    yield SECURITY_HUB.record(
        reader.facts,
        region=securityhub.region,
        arn=hub["HubArn"],
        unknown=reader.unknown,
    )
    raise_denied({_HUB: reader.denied})


def _standards(answer: AwsAnswer) -> Mapping[str, Any]:
    found = {
        each["StandardsArn"]: each["StandardsStatus"] for each in answer["StandardsSubscriptions"]
    }
    return {
        "standards": sorted(arn for arn, status in found.items() if status == _READY),
        "standards_not_ready": sorted(arn for arn, status in found.items() if status != _READY),
    }


def _organization(answer: AwsAnswer) -> Mapping[str, Any]:
    configuration = answer.get("OrganizationConfiguration") or {}
    return {
        "auto_enable_members": bool(answer.get("AutoEnable")),
        "auto_enable_standards": answer.get("AutoEnableStandards") or "",
        "configuration_type": configuration.get("ConfigurationType") or "LOCAL",
    }


COLLECTORS = (
    Collector(
        name=SECURITY_HUB.collector,
        label="Security Hub",
        scope=Scope.REGIONAL,
        service="securityhub",
        actions=(
            Action("securityhub:DescribeHub", "whether Security Hub is on"),
            Action(
                "securityhub:GetEnabledStandards",
                "which standards are enabled and ready",
                given={"MaxResults": 1},
            ),
            Action(
                "securityhub:DescribeOrganizationConfiguration",
                "what Security Hub's administrator enables in the organization's accounts",
            ),
        ),
        read=alone(collect_security_hubs),
        covers=rows_of(SECURITY_HUB),
    ),
)
