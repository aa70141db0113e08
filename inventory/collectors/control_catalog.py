"""The Control Catalog's data of the controls that Control Tower enables."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from inventory.aws.client import AwsClient
from inventory.aws.errors import AwsCallsUsedUp, AwsNotFound
from inventory.collectors.collector import Action, Collector, Earlier, Scope
from inventory.collectors.service_reading import kept_by_name, rows_of
from inventory.records import ServiceConfigurationRecord
from inventory.service_facts import CATALOG_CONTROL, ENABLED_CONTROL

_AGAIN_AFTER: Final = timedelta(days=30)
_FRAMEWORK: Final = "FRAMEWORK"


def collect_catalog_controls(
    controlcatalog: AwsClient, earlier: Earlier
) -> Iterator[ServiceConfigurationRecord]:
    """Yield what the catalogue says of each enabled control.

    Two calls a control, within the run's allowance; what was read less than a month ago is yielded
    as it was. A control that the catalogue does not have is not yielded.
    AWS: controlcatalog:GetControl, ListControlMappings.
    :raises AwsReadFailed: it is not known which controls are enabled.
    :raises AwsCallsUsedUp: the allowance did not suffice for all that were never read.
    """
    kept = kept_by_name(earlier)
    calls = earlier.allowance.calls
    left = 0
    for arn in _enabled(earlier):
        before = kept.get(arn)
        if before is not None and (calls < 2 or not _is_old(before, earlier.now.date())):
            yield before
        elif calls < 2:
            left += 1
        else:
            calls -= 2
            yield from _read(controlcatalog, arn, earlier.now.date())
    if left:
        raise AwsCallsUsedUp(
            f"this run's calls did not suffice to read {left} controls of the catalogue",
            operation="controlcatalog:GetControl",
            code="CallsUsedUp",
            remedy="the next runs go on with the rest",
        )


def _enabled(earlier: Earlier) -> list[str]:
    enabled = earlier.read_by(ENABLED_CONTROL.collector, ServiceConfigurationRecord)
    return sorted({str(each.facts["control"]) for each in enabled})


def _is_old(record: ServiceConfigurationRecord, today: date) -> bool:
    return today - date.fromisoformat(record.facts["read_on"]) >= _AGAIN_AFTER


def _read(controlcatalog: AwsClient, arn: str, today: date) -> Iterator[ServiceConfigurationRecord]:
    try:
        control = controlcatalog.call("get_control", ControlArn=arn)
    except AwsNotFound:
        return
    implementation: dict[str, Any] = control.get("Implementation") or {}
    mappings = controlcatalog.paginate(
        "list_control_mappings",
        "ControlMappings",
        Filter={"ControlArns": [control["Arn"]], "MappingTypes": [_FRAMEWORK]},
    )
    frameworks = {
        (each["Mapping"]["Framework"]["Name"], each["Mapping"]["Framework"]["Item"])
        for each in mappings
    }
    yield CATALOG_CONTROL.record(
        {
            "title": control["Name"],
            "description": control["Description"],
            "aliases": sorted(control.get("Aliases") or []),
            "behavior": control["Behavior"],
            "severity": control.get("Severity"),
            "implementation": implementation.get("Type") or "",
            "implementation_id": implementation.get("Identifier") or "",
            "region_scope": control["RegionConfiguration"]["Scope"],
            "governed_resources": sorted(control.get("GovernedResources") or []),
            "frameworks": [{"name": name, "item": item} for name, item in sorted(frameworks)],
            "read_on": today.isoformat(),
        },
        name=arn,
        arn=control["Arn"],
        account_id=controlcatalog.account_id,
    )


COLLECTORS = (
    Collector(
        name=CATALOG_CONTROL.collector,
        label="Control Catalog",
        scope=Scope.ORGANIZATION,
        service="controlcatalog",
        actions=(
            Action(
                "controlcatalog:GetControl",
                "severity and behaviour of each enabled control",
                given={"ControlArn": "{control_arn}"},
            ),
            Action(
                "controlcatalog:ListControlMappings",
                "the frameworks that each enabled control serves",
                given={"MaxResults": 1},
            ),
        ),
        read=collect_catalog_controls,
        covers=rows_of(CATALOG_CONTROL),
        after=(ENABLED_CONTROL.collector,),
    ),
)
