"""GuardDuty's detectors of a region, and what the organization's administrator enables."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.aws.errors import AwsNotFound, AwsReadDenied
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.listed import read_listed
from inventory.collectors.service_reading import FactReader, raise_denied, rows_of
from inventory.records import ServiceConfigurationRecord
from inventory.service_facts import GUARDDUTY_DETECTOR

_ENABLED: Final = "ENABLED"
_ORGANIZATION_FACTS: Final = ("auto_enable_members", "auto_enable_features")


def collect_guardduty_detectors(guardduty: AwsClient) -> Iterator[ServiceConfigurationRecord]:
    """Yield the region's detectors, at most one today: one call, and two for each.

    AWS: guardduty:ListDetectors, GetDetector, DescribeOrganizationConfiguration.
    :raises AwsPartlyDenied: what the administrator enables could not be read.
    """
    denied: dict[str, AwsReadDenied] = {}
    yield from read_listed(
        lambda: _listed(guardduty),
        lambda detector_id: [_detector(guardduty, detector_id, denied)],
        id_of=str,
    )
    raise_denied(denied)


def _listed(guardduty: AwsClient) -> Iterator[str]:
    for page in guardduty.pages("list_detectors", MaxResults=50):
        yield from page["DetectorIds"]


def _detector(
    guardduty: AwsClient, detector_id: str, denied: dict[str, AwsReadDenied]
) -> ServiceConfigurationRecord:
    found = guardduty.call("get_detector", DetectorId=detector_id)
    reader = FactReader(
        {
            "enabled": found["Status"] == _ENABLED,
            "features": sorted(
                each["Name"] for each in found.get("Features") or [] if each["Status"] == _ENABLED
            ),
            "finding_frequency": found.get("FindingPublishingFrequency") or "",
        }
    )
    # Not found: the account is not the organization's administrator of GuardDuty.
    with contextlib.suppress(AwsNotFound):
        reader.read(
            guardduty,
            _ORGANIZATION_FACTS,
            "describe_organization_configuration",
            _organization,
            DetectorId=detector_id,
        )
    if reader.denied is not None:
        denied[detector_id] = reader.denied
    return GUARDDUTY_DETECTOR.record(
        reader.facts,
        region=guardduty.region,
        name=detector_id,
        arn=(
            f"arn:{guardduty.partition}:guardduty:{guardduty.region}:{guardduty.account_id}:"
            f"detector/{detector_id}"
        ),
        unknown=reader.unknown,
    )


def _organization(answer: AwsAnswer) -> Mapping[str, Any]:
    members = answer.get("AutoEnableOrganizationMembers")
    if not members:
        members = "NEW" if answer.get("AutoEnable") else "NONE"
    return {
        "auto_enable_members": members,
        "auto_enable_features": {
            each["Name"]: each["AutoEnable"] for each in answer.get("Features") or []
        },
    }


COLLECTORS = (
    Collector(
        name=GUARDDUTY_DETECTOR.collector,
        label="GuardDuty detectors",
        scope=Scope.REGIONAL,
        service="guardduty",
        actions=(
            Action(
                "guardduty:ListDetectors",
                "whether GuardDuty is on",
                given={"MaxResults": 1},
                finds={"detector_id": ("DetectorIds", 0)},
            ),
            Action(
                "guardduty:GetDetector",
                "what each detector watches",
                given={"DetectorId": "{detector_id}"},
            ),
            Action(
                "guardduty:DescribeOrganizationConfiguration",
                "what GuardDuty's administrator enables in the organization's accounts",
                given={"DetectorId": "{detector_id}"},
            ),
        ),
        read=alone(collect_guardduty_detectors),
        covers=rows_of(GUARDDUTY_DETECTOR),
    ),
)
