"""control-tower.yaml → the landing zone, its enabled controls and baselines, and the catalogue.

region, version, latest_version, drift  of the landing zone; manifest: as AWS takes it
registered_units  unit, drift, also_enrolled (accounts elsewhere); its own accounts are enrolled
controls          control (alias), unit, status, drift, parameters
catalog           alias, title, behavior, severity, implementation, rule, resources, frameworks
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from demo.seeding.plan import AccountPlan
from demo.seeding.reading import Node, required
from demo.seeding.variables import substituted
from demo.simulator.control_tower import ControlTower, Members
from demo.simulator.organizations.descriptions import entity_arn
from demo.simulator.organizations.state import Organization

_BASELINES: Final = {
    "AWSControlTowerBaseline": "Sets up resources and mandatory controls for member accounts.",
    "AuditBaseline": "Sets up the audit account.",
    "LogArchiveBaseline": "Sets up the log archive account.",
    "BackupBaseline": "Sets up AWS Backup in member accounts.",
}
_OF_UNITS: Final = "AWSControlTowerBaseline"
_KEYS: Final = (
    *("region", "version", "latest_version", "drift", "manifest", "baseline_version"),
    *("registered_units", "controls", "catalog"),
)
# Controls older than the catalogue keep the ARNs that Control Tower gave them.
_LEGACY: Final = "AWS-GR_"


@dataclass(slots=True)
class _TowerFilling:
    """Fills a landing zone. `unit_ids`: path → id; `accounts`: as planned."""

    tower: ControlTower
    organization: Organization
    unit_ids: Mapping[str, str]
    accounts: Mapping[str, AccountPlan]

    def arn(self, kind: str, *names: str) -> str:
        account_id = self.organization.management_account_id
        name = uuid.uuid5(uuid.NAMESPACE_URL, "/".join((kind, *names))).hex[:16].upper()
        return f"arn:aws:controltower:{self.tower.region}:{account_id}:{kind}/{name}"

    def target(self, node: Node) -> str:
        if node.text() not in self.unit_ids:
            raise node.bad(f"there is no unit {node.text()!r}")
        return entity_arn(self.organization, self.unit_ids[node.text()])

    def add_unit(self, node: Node, version: str) -> None:
        entries = node.mapping("unit", "drift", "also_enrolled")
        unit = required(entries, "unit", node)
        target = self.target(unit)
        drift = entries["drift"].text() if "drift" in entries else "IN_SYNC"
        of_unit = self._baseline(target, version)
        of_unit["driftStatusSummary"] = {"types": {"inheritance": {"status": drift}}}
        self.tower.enabled_baselines.append(of_unit)
        also = entries["also_enrolled"].texts() if "also_enrolled" in entries else []
        for plan in self.accounts.values():
            if plan.unit_path == unit.text() or plan.name in also:
                enrolled = self._baseline(entity_arn(self.organization, plan.account_id), version)
                enrolled["parentIdentifier"] = of_unit["arn"]
                enrolled["driftStatusSummary"] = {"types": {"inheritance": {"status": "IN_SYNC"}}}
                self.tower.enabled_baselines.append(enrolled)

    def _baseline(self, target: str, version: str) -> Members:
        return {
            "arn": self.arn("enabledbaseline", target),
            "baselineIdentifier": _baseline_arn(self.tower.region, _OF_UNITS),
            "baselineVersion": version,
            "targetIdentifier": target,
            "statusSummary": {"status": "SUCCEEDED"},
        }

    def add_control(self, node: Node) -> None:
        entries = node.mapping("control", "unit", "status", "drift", "parameters")
        alias = required(entries, "control", node)
        control = _control_arn(self.tower.region, alias.text())
        if control not in self.tower.catalog:
            raise alias.bad(f"the catalogue has no {alias.text()!r}")
        target = self.target(required(entries, "unit", node))
        arn = self.arn("enabledcontrol", alias.text(), target)
        parameters = entries["parameters"].mapping() if "parameters" in entries else {}
        self.tower.controls[arn] = {
            "arn": arn,
            "controlIdentifier": control,
            "targetIdentifier": target,
            "statusSummary": {
                "status": entries["status"].text() if "status" in entries else "SUCCEEDED",
                "lastOperationIdentifier": str(uuid.uuid5(uuid.NAMESPACE_URL, arn)),
            },
            "driftStatusSummary": {
                "driftStatus": entries["drift"].text() if "drift" in entries else "IN_SYNC"
            },
            "targetRegions": [
                {"name": each} for each in self.tower.landing_zone["manifest"]["governedRegions"]
            ],
            "parameters": [
                {"key": name, "value": value.value} for name, value in parameters.items()
            ],
        }

    def add_to_catalog(self, node: Node) -> None:
        entries = node.mapping(
            *("alias", "title", "behavior", "severity", "implementation", "rule", "resources"),
            "frameworks",
        )
        alias = required(entries, "alias", node).text()
        arn = _control_arn(self.tower.region, alias)
        implementation = {"Type": required(entries, "implementation", node).text()}
        if "rule" in entries:
            implementation["Identifier"] = entries["rule"].text()
        self.tower.catalog[arn] = {
            "Arn": arn,
            "Aliases": [alias],
            "Name": required(entries, "title", node).text(),
            "Description": f"{required(entries, 'title', node).text()}.",
            "Behavior": required(entries, "behavior", node).text(),
            "Severity": required(entries, "severity", node).text(),
            "RegionConfiguration": {"Scope": "REGIONAL", "DeployableRegions": [self.tower.region]},
            "Implementation": implementation,
            "GovernedResources": required(entries, "resources", node).texts(),
            "frameworks": [
                (framework, item)
                for framework, items in required(entries, "frameworks", node).mapping().items()
                for item in items.texts()
            ],
        }


def control_tower(
    node: Node,
    *,
    organization: Organization,
    unit_ids: Mapping[str, str],
    accounts: tuple[AccountPlan, ...],
    variables: Mapping[str, str],
) -> ControlTower:
    """Return Control Tower of the organization.

    :raises BadOrganization: an entry is wrong, or names what is not there.
    """
    own = Node(node.where, substituted(node, variables))
    entries = own.mapping(*_KEYS)
    for key in _KEYS:
        required(entries, key, own)
    region = entries["region"].text()
    management = organization.management_account_id
    tower = ControlTower(
        region,
        {
            "arn": f"arn:aws:controltower:{region}:{management}:landingzone/1A2B3C4D5E6F7G8H",
            "version": entries["version"].text(),
            "latestAvailableVersion": entries["latest_version"].text(),
            "status": "ACTIVE",
            "driftStatus": {"status": entries["drift"].text()},
            "manifest": entries["manifest"].value,
        },
        baselines=[
            {"arn": _baseline_arn(region, name), "name": name, "description": description}
            for name, description in _BASELINES.items()
        ],
    )
    filling = _TowerFilling(tower, organization, unit_ids, {each.name: each for each in accounts})
    for item in entries["catalog"].items():
        filling.add_to_catalog(item)
    for item in entries["registered_units"].items():
        filling.add_unit(item, entries["baseline_version"].text())
    for item in entries["controls"].items():
        filling.add_control(item)
    return tower


def _baseline_arn(region: str, name: str) -> str:
    letters = uuid.uuid5(uuid.NAMESPACE_URL, f"baseline/{name}").hex[:16].upper()
    return f"arn:aws:controltower:{region}::baseline/{letters}"


def _control_arn(region: str, alias: str) -> str:
    if alias.startswith(_LEGACY):
        return f"arn:aws:controltower:{region}::control/{alias}"
    opaque = uuid.uuid5(uuid.NAMESPACE_URL, f"control/{alias}").hex[:25]
    return f"arn:aws:controlcatalog:::control/{opaque}"
