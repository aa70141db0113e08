"""OUs that hold production beside non-production, told by labels, or else tags and names."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from governance.access.owners.environments import (
    ENVIRONMENT_TAGS,
    OTHER_WORDS,
    PRODUCTION_WORDS,
    Environment,
    named_environment,
)
from governance.access.owners.labels import guessed_environment
from governance.posture.findings.facts import StructureFacts, counted
from governance.posture.findings.finding import (
    Finding,
    FindingAnswer,
    FindingKind,
    FindingMeasure,
    FindingSeverity,
    PlaceKind,
)

KIND: Final = FindingKind(
    code="mixed_environments",
    label="Mixed environments",
    question="Which OUs hold production beside non-production?",
    examines="OUs with accounts",
    order=60,
)


class ProductionOrNot(StrEnum):
    """PRODUCTION or not; UNKNOWN: no label, tag or name tells."""

    PRODUCTION = "production"
    OTHER = "non-production"
    UNKNOWN = "unknown"


def environment_of(name: str, tags: Mapping[str, str] | None) -> tuple[ProductionOrNot, str]:
    """Return an account's environment and by what. A tag goes before the name."""
    found, tag = guessed_environment(name, tags or {})
    if found is None:
        return ProductionOrNot.UNKNOWN, ""
    return _of(found), f"tag {tag}" if tag else "its name"


def _of(environment: Environment) -> ProductionOrNot:
    """Sort an environment; a shared one holds production too."""
    if environment.is_production:
        return ProductionOrNot.PRODUCTION
    return ProductionOrNot.OTHER


def _stated(facts: StructureFacts, target_id: str) -> tuple[ProductionOrNot, str] | None:
    """Return what people or a rule over tags say of a target, and how; None: nothing."""
    label = facts.environments.get(target_id)
    if label is None or not isinstance(label.value, Environment):
        return None
    return _of(label.value), f"label, {label.source_words}"


def check(facts: StructureFacts) -> FindingAnswer:
    """Find OUs whose accounts are partly production, or other than the OU's name says."""
    answer = FindingAnswer(KIND)
    undecided = []
    for unit_id in facts.units:
        accounts = facts.children_of_kind(unit_id, PlaceKind.ACCOUNT)
        if not accounts:
            continue
        answer.examined += 1
        by_environment: dict[ProductionOrNot, list[tuple[str, str]]] = {}
        for account_id in accounts:
            tags = None if facts.tags is None else facts.tags.get(account_id)
            environment, by = _stated(facts, account_id) or environment_of(
                facts.place(account_id).name, tags
            )
            by_environment.setdefault(environment, []).append((account_id, by))
        undecided += [
            facts.place(account_id)
            for account_id, _ in by_environment.get(ProductionOrNot.UNKNOWN, ())
            if facts.is_active(account_id)
        ]
        finding = _finding(facts, unit_id, by_environment)
        if finding is not None:
            answer.findings.append(finding)
    tags_read = facts.tags is not None
    answer.cannot_judge(
        undecided,
        "No label, no tag and not the name tells the environment."
        if tags_read
        else "No label and not the name tells the environment, and tags were never read.",
    )
    return answer


def _finding(
    facts: StructureFacts,
    unit_id: str,
    by_environment: Mapping[ProductionOrNot, list[tuple[str, str]]],
) -> Finding | None:
    production = by_environment.get(ProductionOrNot.PRODUCTION, [])
    other = by_environment.get(ProductionOrNot.OTHER, [])
    environment, named_by = _environment_of_unit(facts, unit_id)
    part_title = ""
    if production and other:
        title = (
            f"{facts.place(unit_id).name} holds "
            f"{counted(len(production), 'production account', 'production accounts')} "
            f"beside {counted(len(other), 'other', 'others')}"
        )
        part_title = f"{facts.place(unit_id).name} holds production accounts beside others"
        astray = production + other
        if environment is not ProductionOrNot.UNKNOWN:
            astray = other if environment is ProductionOrNot.PRODUCTION else production
    elif environment is ProductionOrNot.PRODUCTION and other:
        title = f"{facts.place(unit_id).name} is for production and holds none"
        astray = other
    elif environment is ProductionOrNot.OTHER and production:
        title = f"{facts.place(unit_id).name} is not for production and holds nothing else"
        astray = production
    else:
        return None
    exposed = environment is ProductionOrNot.OTHER and bool(production)
    measured = [
        FindingMeasure("Production accounts", str(len(production))),
        FindingMeasure("Non-production accounts", str(len(other))),
        FindingMeasure(
            "Environment not known", str(len(by_environment.get(ProductionOrNot.UNKNOWN, [])))
        ),
    ]
    if environment is not ProductionOrNot.UNKNOWN:
        measured.append(FindingMeasure("The OU is for", f"{environment}, by {named_by}"))
    kinds = {account_id: "production" for account_id, _ in production}
    return Finding(
        kind=KIND,
        severity=FindingSeverity.HIGH if exposed else FindingSeverity.MEDIUM,
        title=title,
        part_title=part_title,
        places=(
            facts.place(unit_id),
            *(
                facts.place(account_id, f"{kinds.get(account_id, 'non-production')}, by {by}")
                for account_id, by in astray
            ),
        ),
        measured=tuple(measured),
        threshold={
            "production_words": PRODUCTION_WORDS,
            "other_words": OTHER_WORDS,
            "tags": ENVIRONMENT_TAGS,
            "most_environments": 1,
        },
        remedy="Move the accounts of one kind into an OU of their own, so that the guardrails of "
        "production reach all of production and nothing else.",
        accounts=len(astray),
    )


def _environment_of_unit(facts: StructureFacts, unit_id: str) -> tuple[ProductionOrNot, str]:
    """Return what an OU is for by its name, or by that of the nearest OU above."""
    step: str | None = unit_id
    while step is not None:
        stated = _stated(facts, step)
        if stated is not None:
            return stated
        name = facts.organization.names[step]
        if name.kind == PlaceKind.ORGANIZATIONAL_UNIT:
            found = named_environment(name.name)
            if found is not None:
                return _of(found), f"the name of {name.name}"
        step = name.parent_id
    return ProductionOrNot.UNKNOWN, ""
