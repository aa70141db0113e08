"""Control Tower as it is: landing zone, controls, enrolment, and what is amiss."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from governance.baseline.landing_zone.tower_facts import (
    ControlTowerState,
    ControlTowerStatus,
    EnabledControl,
    EnrolledAccount,
    RegisteredUnit,
    TowerDrift,
    tower_drift,
)
from governance.baseline.landing_zone.tower_gaps import TowerRows, tower_gaps
from inventory.collectors.collector import GLOBAL_REGION
from inventory.models import Connection, ServiceConfiguration
from inventory.selectors.delegation import trusted_services
from inventory.selectors.hierarchy import accounts, attached_policies, organizational_units
from inventory.selectors.service_configurations import (
    NEVER_READ,
    ServiceReading,
    service_configurations,
    service_readings,
)
from inventory.service_facts import (
    CATALOG_CONTROL,
    ENABLED_BASELINE,
    ENABLED_CONTROL,
    LANDING_ZONE,
)
from inventory.viewing import Viewer, sees_whole

_TRUSTED: Final = "organizations.trusted_services"
_KINDS: Final = (LANDING_ZONE, ENABLED_CONTROL, ENABLED_BASELINE, CATALOG_CONTROL)
_OF_UNITS: Final = "AWSControlTowerBaseline"


def control_tower_status(
    viewer: Viewer, *, connection: Connection, now: datetime, as_of: datetime | None = None
) -> ControlTowerStatus:
    """Return the landing zone with its controls, enrolment and gaps, in seven queries."""
    found = service_readings(
        viewer,
        connection=connection,
        kinds=_KINDS,
        now=now,
        as_of=as_of,
        account_ids=[""],
        collectors=[_TRUSTED],
    )
    readings = {collector: each.of(GLOBAL_REGION) for (_, collector), each in sorted(found.items())}
    if not sees_whole(viewer, connection):
        return ControlTowerStatus(
            ControlTowerState.UNKNOWN, "you see a part of the organization", readings
        )
    rows = _rows(viewer, connection, as_of)
    zones = rows.by_kind[LANDING_ZONE.kind]
    if not zones:
        return _without_zone(connection, readings, rows)
    [zone, *_] = zones
    controls = tuple(_controls(rows))
    enrolled = tuple(_enrolled(rows))
    units = tuple(_units(rows, enrolled))
    status = ControlTowerStatus(
        state=ControlTowerState.SET_UP,
        because="",
        readings=readings,
        region=zone.region,
        version=str(zone.facts.get("version") or ""),
        latest_version=zone.facts.get("latest_version"),
        status=str(zone.facts.get("status") or ""),
        drift=tower_drift(zone.facts.get("drift_status")),
        governed_regions=tuple(zone.facts.get("governed_regions") or ()),
        controls=controls,
        units=units,
        enrolled=enrolled,
    )
    gaps = tower_gaps(status, rows, trusted_known=_is_known(readings, _TRUSTED))
    return replace(status, gaps=tuple(gaps))


def _rows(viewer: Viewer, connection: Connection, as_of: datetime | None) -> TowerRows:
    by_kind: dict[str, list[ServiceConfiguration]] = {each.kind: [] for each in _KINDS}
    for row in service_configurations(viewer, connection=connection, kinds=_KINDS, as_of=as_of):
        by_kind[row.kind].append(row)
    own = {row.account_id: row for row in accounts(viewer, connection=connection, as_of=as_of)}
    names = {account_id: row.name for account_id, row in own.items()}
    units = organizational_units(viewer, connection=connection, as_of=as_of)
    names |= {row.target_id: row.name for row in units}
    trusted = trusted_services(viewer, connection=connection, as_of=as_of)
    return TowerRows(
        by_kind,
        names,
        own,
        frozenset(row.service_principal for row in trusted),
        attached_policies(viewer, connection=connection, as_of=as_of),
    )


def _without_zone(
    connection: Connection, readings: Mapping[str, ServiceReading], rows: TowerRows
) -> ControlTowerStatus:
    reading = readings.get(LANDING_ZONE.collector, NEVER_READ)
    if not reading.was_complete:
        because = reading.message or f"the landing zone was not read: {reading.state}"
        return ControlTowerStatus(ControlTowerState.UNKNOWN, because, readings)
    if rows.is_trusted:
        return ControlTowerStatus(
            ControlTowerState.ELSEWHERE,
            f"Control Tower is a trusted service, and {connection.home_region} has no landing "
            "zone: make Control Tower's home region the connection's",
            readings,
        )
    return ControlTowerStatus(
        ControlTowerState.NOT_SET_UP,
        f"there is no landing zone in {connection.home_region}",
        readings,
    )


def _controls(rows: TowerRows) -> Iterator[EnabledControl]:
    catalog = {row.name: row.facts for row in rows.by_kind[CATALOG_CONTROL.kind]}
    for row in rows.by_kind[ENABLED_CONTROL.kind]:
        facts = row.facts
        control = str(facts["control"])
        known = catalog.get(control)
        data = known or {}
        target_id = str(facts["target_id"])
        aliases = data.get("aliases") or []
        yield EnabledControl(
            arn=row.arn,
            control=control,
            identifier=str(aliases[0]) if aliases else control.rpartition("/")[2],
            target_id=target_id,
            target_name=rows.names.get(target_id, ""),
            target_kind="account" if target_id.isdigit() else "organizational_unit",
            status=str(facts.get("status") or ""),
            drift=tower_drift(facts.get("drift_status")),
            inheritance_drift=_part_drift(facts.get("inheritance_drift")),
            resource_drift=_part_drift(facts.get("resource_drift")),
            parameters=facts.get("parameters"),
            regions=None if facts.get("target_regions") is None else tuple(facts["target_regions"]),
            catalogued=known is not None,
            title=str(data.get("title") or ""),
            description=str(data.get("description") or ""),
            behavior=str(data.get("behavior") or ""),
            severity=str(data.get("severity") or ""),
            implementation=str(data.get("implementation") or ""),
            governed_resources=tuple(data.get("governed_resources") or ()),
            frameworks=tuple((each["name"], each["item"]) for each in data.get("frameworks") or ()),
            since=row.seen_from,
        )


def _part_drift(said: str | None) -> TowerDrift | None:
    return None if said is None else tower_drift(said)


def _enrolled(rows: TowerRows) -> Iterator[EnrolledAccount]:
    baselines = rows.by_kind[ENABLED_BASELINE.kind]
    targets = {row.arn: str(row.facts["target_id"]) for row in baselines}
    for row in baselines:
        account_id = str(row.facts["target_id"])
        if row.facts.get("baseline") != _OF_UNITS or not account_id.isdigit():
            continue
        account = rows.accounts.get(account_id)
        unit_id = targets.get(str(row.facts.get("parent")), "")
        yield EnrolledAccount(
            account_id=account_id,
            name=account.name if account else "",
            unit_id=unit_id,
            version=str(row.facts.get("version") or ""),
            status=str(row.facts.get("status") or ""),
            drift=tower_drift(row.facts.get("inheritance_drift")),
            outside=bool(unit_id) and (account is None or account.parent_id != unit_id),
        )


def _units(rows: TowerRows, enrolled: Sequence[EnrolledAccount]) -> Iterator[RegisteredUnit]:
    counted = Counter(each.unit_id for each in enrolled if not each.outside)
    known = {each.account_id for each in enrolled}
    for row in rows.by_kind[ENABLED_BASELINE.kind]:
        unit_id = str(row.facts["target_id"])
        if row.facts.get("baseline") != _OF_UNITS or unit_id.isdigit():
            continue
        yield RegisteredUnit(
            unit_id=unit_id,
            name=rows.names.get(unit_id, ""),
            version=str(row.facts.get("version") or ""),
            status=str(row.facts.get("status") or ""),
            drift=tower_drift(row.facts.get("inheritance_drift")),
            enrolled=counted[unit_id],
            not_enrolled=tuple(
                sorted(
                    account.account_id
                    for account in rows.accounts.values()
                    if account.parent_id == unit_id and account.account_id not in known
                )
            ),
        )


def _is_known(readings: Mapping[str, ServiceReading], collector: str) -> bool:
    return readings.get(collector, NEVER_READ).was_complete
