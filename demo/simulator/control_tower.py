"""Control Tower and the Control Catalog, as the management account reads them."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from demo.simulator.calls import Call, Caller
from demo.simulator.errors import AwsError
from demo.simulator.paging import page

Members = dict[str, Any]


@dataclass(slots=True)
class ControlTower:
    """A landing zone. Members are those of AWS's answers.

    `controls`: enabled controls by ARN, as GetEnabledControl has them. `baselines` and
    `enabled_baselines`: as their lists do. `catalog`: control ARN → as GetControl has it, with
    `frameworks`, which are pairs of name and item. `enabled_anew`: how many were enabled since.
    """

    region: str
    landing_zone: Members
    controls: dict[str, Members] = field(default_factory=dict)
    baselines: list[Members] = field(default_factory=list)
    enabled_baselines: list[Members] = field(default_factory=list)
    catalog: dict[str, Members] = field(default_factory=dict)
    enabled_anew: int = 0


def answer_control_tower(
    call: Call, caller: Caller, tower: ControlTower | None, management_account_id: str
) -> Members | None:
    """Return the answer; None: it is another operation.

    :raises AwsError: what AWS refuses, and what is not there.
    """
    found = _OPERATIONS.get(call.name)
    if found is None:
        return None
    if call.service == "controltower" and caller.account_id != management_account_id:
        raise AwsError(
            "AccessDeniedException",
            "AWS Control Tower answers in the management account alone.",
            status=403,
        )
    if tower is None or (call.service == "controltower" and call.region != tower.region):
        empty = _EMPTY.get(call.operation)
        if empty is None:
            raise _missing("landing zone")
        return {empty: []}
    return found(tower, call.parameters)


def _missing(what: str) -> AwsError:
    return AwsError("ResourceNotFoundException", f"The {what} does not exist.", status=404)


def _page(name: str, items: list[Any], given: Members) -> Members:
    return page(name, items, given, size="maxResults", after="nextToken")


def _landing_zones(tower: ControlTower, given: Members) -> Members:
    return _page("landingZones", [{"arn": tower.landing_zone["arn"]}], given)


def _landing_zone(tower: ControlTower, given: Members) -> Members:
    if given.get("landingZoneIdentifier") != tower.landing_zone["arn"]:
        raise _missing("landing zone")
    return {"landingZone": tower.landing_zone}


def _enabled_controls(tower: ControlTower, given: Members) -> Members:
    target = given.get("targetIdentifier")
    listed = [
        {name: value for name, value in each.items() if name not in {"parameters", "targetRegions"}}
        for each in tower.controls.values()
        if not target or each["targetIdentifier"] == target
    ]
    return _page("enabledControls", listed, given)


def _enabled(tower: ControlTower, given: Members) -> Members:
    found = tower.controls.get(str(given.get("enabledControlIdentifier")))
    if found is None:
        raise _missing("enabled control")
    return found


def _enabled_control(tower: ControlTower, given: Members) -> Members:
    return {"enabledControlDetails": _enabled(tower, given)}


def _enable_control(tower: ControlTower, given: Members) -> Members:
    control, target = str(given.get("controlIdentifier")), str(given.get("targetIdentifier"))
    if control not in tower.catalog:
        raise _missing("control")
    if any(
        (each["controlIdentifier"], each["targetIdentifier"]) == (control, target)
        for each in tower.controls.values()
    ):
        raise AwsError("ConflictException", "The control is enabled already.", status=409)
    operation = str(uuid.uuid4())
    owner = tower.landing_zone["arn"].split(":")[4]
    tower.enabled_anew += 1
    named = "/".join((control, target, str(tower.enabled_anew)))
    name = uuid.uuid5(uuid.NAMESPACE_URL, named).hex[:16].upper()
    arn = f"arn:aws:controltower:{tower.region}:{owner}:enabledcontrol/{name}"
    tower.controls[arn] = {
        "arn": arn,
        "controlIdentifier": control,
        "targetIdentifier": target,
        "statusSummary": {"status": "SUCCEEDED", "lastOperationIdentifier": operation},
        "driftStatusSummary": {"driftStatus": "IN_SYNC"},
        "targetRegions": [
            {"name": each} for each in tower.landing_zone["manifest"]["governedRegions"]
        ],
        "parameters": list(given.get("parameters") or ()),
    }
    return {"operationIdentifier": operation, "arn": arn}


def _disable_control(tower: ControlTower, given: Members) -> Members:
    for arn, each in tower.controls.items():
        named = arn == given.get("enabledControlIdentifier")
        placed = (each["controlIdentifier"], each["targetIdentifier"]) == (
            given.get("controlIdentifier"),
            given.get("targetIdentifier"),
        )
        if named or placed:
            del tower.controls[arn]
            return {"operationIdentifier": str(uuid.uuid4())}
    raise _missing("enabled control")


def _reset_control(tower: ControlTower, given: Members) -> Members:
    operation = str(uuid.uuid4())
    control = _enabled(tower, given)
    control["driftStatusSummary"] = {"driftStatus": "IN_SYNC"}
    control["statusSummary"] = {"status": "SUCCEEDED", "lastOperationIdentifier": operation}
    return {"operationIdentifier": operation}


def _baselines(tower: ControlTower, given: Members) -> Members:
    return _page("baselines", tower.baselines, given)


def _enabled_baselines(tower: ControlTower, given: Members) -> Members:
    children = str(given.get("includeChildren", False)).lower() == "true"
    listed = [
        each for each in tower.enabled_baselines if children or "parentIdentifier" not in each
    ]
    return _page("enabledBaselines", listed, given)


def _control(tower: ControlTower, given: Members) -> Members:
    found = tower.catalog.get(str(given.get("ControlArn")))
    if found is None:
        raise _missing("control")
    return {name: value for name, value in found.items() if name != "frameworks"}


def _mappings(tower: ControlTower, given: Members) -> Members:
    wanted = set((given.get("Filter") or {}).get("ControlArns") or ())
    return {
        "ControlMappings": [
            {
                "ControlArn": control["Arn"],
                "MappingType": "FRAMEWORK",
                "Mapping": {"Framework": {"Name": name, "Item": item}},
            }
            for control in tower.catalog.values()
            if not wanted or control["Arn"] in wanted
            for name, item in control["frameworks"]
        ]
    }


# What a list is called that is empty where there is no landing zone.
_EMPTY: Final = {
    "ListLandingZones": "landingZones",
    "ListEnabledControls": "enabledControls",
    "ListBaselines": "baselines",
    "ListEnabledBaselines": "enabledBaselines",
    "ListControlMappings": "ControlMappings",
}
_OPERATIONS: Final[Mapping[str, Callable[[ControlTower, Members], Members]]] = {
    "controltower:ListLandingZones": _landing_zones,
    "controltower:GetLandingZone": _landing_zone,
    "controltower:ListEnabledControls": _enabled_controls,
    "controltower:GetEnabledControl": _enabled_control,
    "controltower:EnableControl": _enable_control,
    "controltower:DisableControl": _disable_control,
    "controltower:ResetEnabledControl": _reset_control,
    "controltower:ListBaselines": _baselines,
    "controltower:ListEnabledBaselines": _enabled_baselines,
    "controlcatalog:GetControl": _control,
    "controlcatalog:ListControlMappings": _mappings,
}
WRITES: Final = frozenset(
    {
        *("controltower:EnableControl", "controltower:DisableControl"),
        "controltower:ResetEnabledControl",
    }
)
