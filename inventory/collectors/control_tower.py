"""Control Tower: its landing zone, the controls and baselines that are enabled, and their drift."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.aws.errors import AwsCallsUsedUp, AwsReadDenied
from inventory.collectors.collector import Action, Collector, Earlier, Scope, alone
from inventory.collectors.listed import read_listed
from inventory.collectors.service_reading import FactReader, kept_by_name, raise_denied, rows_of
from inventory.records import ServiceConfigurationRecord
from inventory.service_facts import ENABLED_BASELINE, ENABLED_CONTROL, LANDING_ZONE

_PAGE: Final = 100
_DETAILS: Final = ("parameters", "target_regions")


def collect_landing_zone(controltower: AwsClient) -> Iterator[ServiceConfigurationRecord]:
    """Yield the landing zone, nothing where there is none: one call, and one for it.

    Control Tower answers in its home region alone, which must be the connection's.
    AWS: controltower:ListLandingZones, GetLandingZone.
    """

    def read(listed: AwsAnswer) -> list[ServiceConfigurationRecord]:
        arn = str(listed["arn"])
        there = controltower.in_region(arn.split(":")[3])
        found = there.call("get_landing_zone", landingZoneIdentifier=arn)["landingZone"]
        return [_landing_zone(there, arn, found)]

    yield from read_listed(
        lambda: controltower.paginate("list_landing_zones", "landingZones"),
        read,
        id_of=lambda listed: str(listed["arn"]),
    )


def _landing_zone(
    controltower: AwsClient, arn: str, found: AwsAnswer
) -> ServiceConfigurationRecord:
    manifest = found["manifest"]
    return LANDING_ZONE.record(
        {
            "version": found["version"],
            "latest_version": found.get("latestAvailableVersion"),
            "status": found.get("status"),
            "drift_status": (found.get("driftStatus") or {}).get("status"),
            "remediation_types": sorted(found.get("remediationTypes") or []),
            "governed_regions": sorted(manifest.get("governedRegions") or []),
            "log_archive_account_id": _account(manifest, "centralizedLogging"),
            "security_account_id": _account(manifest, "securityRoles"),
            "config_account_id": _account(manifest, "config"),
            "backup_account_id": _account(manifest, "backup", "configurations", "centralBackup"),
            "manifest": json.loads(json.dumps(manifest)),
        },
        region=controltower.region,
        name=arn,
        arn=arn,
        account_id=controltower.account_id,
    )


def _account(manifest: Mapping[str, Any], *way: str) -> str | None:
    found: Any = manifest
    for step in way:
        found = found.get(step) if isinstance(found, Mapping) else None
    account_id = found.get("accountId") if isinstance(found, Mapping) else None
    return str(account_id) if account_id else None


def collect_enabled_controls(
    controltower: AwsClient, earlier: Earlier
) -> Iterator[ServiceConfigurationRecord]:
    """Yield each control that is enabled on an OU, with its parameters and drift.

    One call a hundred, and one for each whose last operation is not the one read before. Those
    that accounts inherit from their OU are not yielded.
    AWS: controltower:ListEnabledControls, GetEnabledControl.
    :raises AwsReadFailed: it is not known which landing zone there is.
    :raises AwsCallsUsedUp: this run's calls did not suffice for the parameters of all of them.
    :raises AwsPartlyDenied: parameters could not be read.
    """
    kept = kept_by_name(earlier)
    calls = earlier.allowance.calls
    denied: dict[str, AwsReadDenied] = {}
    left = 0
    for region in _regions(earlier):
        there = controltower.in_region(region)
        for control in there.paginate("list_enabled_controls", "enabledControls", maxResults=_PAGE):
            arn = str(control["arn"])
            reader = FactReader(_control(control))
            before = kept.get(arn)
            if before is not None and _is_same(before, reader.facts):
                reader.facts |= {name: before.facts[name] for name in _DETAILS}
            elif calls > 0:
                calls -= 1
                _read_details(there, arn, reader)
            else:
                left += 1
                reader.unknown |= dict.fromkeys(_DETAILS, "CallsUsedUp")
            if reader.denied is not None:
                denied[arn] = reader.denied
            yield ENABLED_CONTROL.record(
                reader.facts,
                region=region,
                name=arn,
                arn=arn,
                unknown=reader.unknown,
                account_id=controltower.account_id,
            )
    if left:
        raise AwsCallsUsedUp(
            f"this run's calls did not suffice for the parameters of {left} enabled controls",
            operation="controltower:GetEnabledControl",
            code="CallsUsedUp",
            remedy="the next runs go on with the rest",
        )
    raise_denied(denied)


def _control(control: AwsAnswer) -> dict[str, Any]:
    drift = control.get("driftStatusSummary") or {}
    types = drift.get("types") or {}
    status = control["statusSummary"]
    return {
        "control": control["controlIdentifier"],
        "target_id": _target(control),
        "parent": control.get("parentIdentifier") or "",
        "status": status.get("status"),
        "drift_status": drift.get("driftStatus"),
        "inheritance_drift": (types.get("inheritance") or {}).get("status"),
        "resource_drift": (types.get("resource") or {}).get("status"),
        "last_operation": status.get("lastOperationIdentifier") or "",
    }


def _target(enabled: AwsAnswer) -> str:
    """Return the id of the OU or account in `arn:…:ou/o-…/ou-…` or `arn:…:account/o-…/123…`."""
    return str(enabled["targetIdentifier"]).rpartition("/")[2]


def _is_same(before: ServiceConfigurationRecord, facts: Mapping[str, Any]) -> bool:
    operation = facts["last_operation"]
    return (
        bool(operation)
        and before.facts.get("last_operation") == operation
        and not before.unknown.keys() & set(_DETAILS)
    )


def _read_details(controltower: AwsClient, arn: str, reader: FactReader) -> None:
    def details(answer: AwsAnswer) -> Mapping[str, Any]:
        found = answer["enabledControlDetails"]
        return {
            "parameters": {each["key"]: each["value"] for each in found.get("parameters") or []},
            "target_regions": sorted(each["name"] for each in found.get("targetRegions") or []),
        }

    reader.read(
        controltower, _DETAILS, "get_enabled_control", details, enabledControlIdentifier=arn
    )


def collect_enabled_baselines(
    controltower: AwsClient, earlier: Earlier
) -> Iterator[ServiceConfigurationRecord]:
    """Yield each baseline that is enabled, on OUs and on the accounts that are enrolled in them.

    One call for the baselines' names, and one a hundred that are enabled.
    AWS: controltower:ListBaselines, ListEnabledBaselines.
    :raises AwsReadFailed: it is not known which landing zone there is.
    """
    for region in _regions(earlier):
        there = controltower.in_region(region)
        names = {
            each["arn"]: each["name"]
            for each in there.paginate("list_baselines", "baselines", maxResults=_PAGE)
        }
        for enabled in there.paginate(
            "list_enabled_baselines", "enabledBaselines", includeChildren=True, maxResults=_PAGE
        ):
            types = (enabled.get("driftStatusSummary") or {}).get("types") or {}
            yield ENABLED_BASELINE.record(
                {
                    "baseline": names.get(
                        enabled["baselineIdentifier"], enabled["baselineIdentifier"]
                    ),
                    "version": enabled.get("baselineVersion") or "",
                    "target_id": _target(enabled),
                    "parent": enabled.get("parentIdentifier") or "",
                    "status": enabled["statusSummary"].get("status"),
                    "inheritance_drift": (types.get("inheritance") or {}).get("status"),
                    "source_drift": (types.get("source") or {}).get("status"),
                },
                region=region,
                name=enabled["arn"],
                arn=enabled["arn"],
                account_id=controltower.account_id,
            )


def _regions(earlier: Earlier) -> list[str]:
    """Return where a landing zone is, at most one region.

    :raises AwsReadFailed: that was not read completely.
    """
    zones = earlier.read_by(LANDING_ZONE.collector, ServiceConfigurationRecord)
    return [each.region for each in zones]


COLLECTORS = (
    Collector(
        name=LANDING_ZONE.collector,
        label="Control Tower landing zone",
        scope=Scope.ORGANIZATION,
        service="controltower",
        actions=(
            Action(
                "controltower:ListLandingZones",
                "whether Control Tower has a landing zone",
                finds={"landing_zone": ("landingZones", 0, "arn")},
            ),
            Action(
                "controltower:GetLandingZone",
                "the landing zone's version, manifest and drift",
                given={"landingZoneIdentifier": "{landing_zone}"},
            ),
        ),
        read=alone(collect_landing_zone),
        covers=rows_of(LANDING_ZONE),
    ),
    Collector(
        name=ENABLED_CONTROL.collector,
        label="Enabled controls of Control Tower",
        scope=Scope.ORGANIZATION,
        service="controltower",
        actions=(
            Action(
                "controltower:ListEnabledControls",
                "which controls are enabled where, and their drift",
                given={"maxResults": 5},
                finds={
                    "enabled_control": ("enabledControls", 0, "arn"),
                    "control_arn": ("enabledControls", 0, "controlIdentifier"),
                },
            ),
            Action(
                "controltower:GetEnabledControl",
                "the parameters of each enabled control",
                given={"enabledControlIdentifier": "{enabled_control}"},
            ),
        ),
        read=collect_enabled_controls,
        covers=rows_of(ENABLED_CONTROL),
        after=(LANDING_ZONE.collector,),
    ),
    Collector(
        name=ENABLED_BASELINE.collector,
        label="Enabled baselines of Control Tower",
        scope=Scope.ORGANIZATION,
        service="controltower",
        actions=(
            Action("controltower:ListBaselines", "names of the baselines", given={"maxResults": 5}),
            Action(
                "controltower:ListEnabledBaselines",
                "which OUs are registered and which accounts enrolled",
                given={"maxResults": 5},
            ),
        ),
        read=collect_enabled_baselines,
        covers=rows_of(ENABLED_BASELINE),
        after=(LANDING_ZONE.collector,),
    ),
)
