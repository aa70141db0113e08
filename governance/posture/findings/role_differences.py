"""The finding of roles of one name that differ between the accounts of an OU."""

from collections.abc import Callable

from governance.posture.findings.facts import Facts, listed
from governance.posture.findings.finding import (
    Finding,
    FindingKind,
    FindingMeasure,
    FindingPlace,
    FindingSeverity,
    PlaceKind,
)
from governance.posture.findings.role_units import RoleUnit
from governance.posture.findings.roles_compared import (
    Split,
)
from inventory.selectors.roles import RoleRow


def differing(
    facts: Facts,
    unit: RoleUnit,
    split: Split,
    *,
    kind: FindingKind,
    severity: FindingSeverity,
    verb: str,
    asks: str,
    remedy: str,
    said: Callable[[RoleRow], str] = lambda _: "",
    of_rule: str = "",
) -> Finding:
    """Return the finding of roles of one name that differ.

    `said`: what a role says, in words. `of_rule`: what to call that of the majority; empty where
    it is not shown.
    """
    limits = facts.thresholds
    example = [FindingMeasure(of_rule, said(split.rule[0]))] if of_rule and split.rule else []
    name, unit_place = split.astray[0].name, facts.place(unit.unit_id)
    accounts = [facts.place(role.account_id).name for role in split.astray]
    whole = len(split.rule) + len(split.astray)
    if split.rule:
        title = f"{name} {verb} in {listed(accounts)} than elsewhere in {unit_place.name}"
        part_title = f"{name} {verb} in some accounts than elsewhere in {unit_place.name}"
    else:
        title = f"{name} {verb} in each of {listed(accounts)} of {unit_place.name}"
        part_title = f"{name} {verb} in each account of {unit_place.name}"
    return Finding(
        kind=kind,
        severity=severity,
        title=title,
        part_title=part_title,
        places=(
            unit_place,
            *(
                FindingPlace(PlaceKind.ROLE, role.arn, f"{name} in {account}", said(role))
                for role, account in zip(split.astray, accounts, strict=True)
            ),
        ),
        measured=(
            FindingMeasure("Compared", asks),
            FindingMeasure("Accounts with the role", str(whole)),
            FindingMeasure("Different ways", str(split.ways)),
            FindingMeasure(
                "As the majority",
                f"{len(split.rule)} of {whole}" if split.rule else "no way has a majority",
            ),
            *example,
        ),
        threshold={
            "majority": limits.drift_majority,
            "least_holders": limits.drift_least_holders,
        },
        remedy=remedy,
        accounts=len(split.astray),
        about=name,
    )
