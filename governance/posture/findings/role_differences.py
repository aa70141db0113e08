"""The finding of roles of one name that differ between the accounts of an OU."""

from collections.abc import Callable

from governance.posture.findings.facts import StructureFacts, listed
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
    facts: StructureFacts,
    unit: RoleUnit,
    split: Split,
    *,
    kind: FindingKind,
    severity: FindingSeverity,
    subject: str,
    asks: str,
    remedy: str,
    said: Callable[[RoleRow], str] = lambda _: "",
    of_rule: str = "",
) -> Finding:
    """Return the finding of roles of one name that differ.

    `subject`: what of the roles differs, such as "Trust policy". `said`: what a role says, in
    words. `of_rule`: what to call that of the majority; empty where it is not shown.
    """
    limits = facts.thresholds
    example = [FindingMeasure(of_rule, said(split.rule[0]))] if of_rule and split.rule else []
    name, unit_place = split.astray[0].name, facts.place(unit.unit_id)
    differs = f"{subject} of {name} {'differ' if subject.endswith('s') else 'differs'}"
    accounts = [facts.place(role.account_id).name for role in split.astray]
    whole = len(split.rule) + len(split.astray)
    where = unit_place.name
    if split.rule:
        count = f"{len(accounts):,} of {whole:,} accounts"
        title = f"{differs} in {count} of {where}: {listed(accounts)}"
        part_title = f"{differs} in some accounts of {where}"
    else:
        title = f"{differs} among {whole:,} accounts of {where}: {listed(accounts)}"
        part_title = f"{differs} among accounts of {where}"
    return Finding(
        kind=kind,
        severity=severity,
        title=title,
        part_title=part_title,
        places=(
            unit_place,
            *(_place(facts, role, said) for role in split.astray),
        ),
        measured=(
            FindingMeasure("Compared", asks),
            FindingMeasure("Accounts with the role", str(whole)),
            FindingMeasure("Variants", str(split.ways)),
            FindingMeasure(
                "Same as majority",
                f"{len(split.rule)} of {whole}" if split.rule else "no majority",
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
        majority=_place(facts, split.rule[0], said) if split.rule else None,
    )


def _place(facts: StructureFacts, role: RoleRow, said: Callable[[RoleRow], str]) -> FindingPlace:
    account = facts.place(role.account_id).name
    return FindingPlace(PlaceKind.ROLE, role.arn, f"{role.name} in {account}", said(role))
