"""OUs that hold production beside non-production, told by tags and names."""

import re
from collections.abc import Mapping
from enum import StrEnum
from itertools import pairwise
from typing import Final

from governance.posture.findings.facts import Facts, counted
from governance.posture.findings.finding import (
    Finding,
    FindingAnswer,
    FindingKind,
    FindingMeasure,
    FindingSeverity,
    PlaceKind,
)
from governance.posture.findings.thresholds import (
    ENVIRONMENT_TAGS,
    OTHER_WORDS,
    PRODUCTION_WORDS,
)

KIND: Final = FindingKind(
    code="mixed_environments",
    label="Mixed environments",
    question="Which OUs hold production beside non-production?",
    examines="OUs with accounts",
    order=60,
)


class Environment(StrEnum):
    """PRODUCTION or not; UNKNOWN: neither tag nor name tells."""

    PRODUCTION = "production"
    OTHER = "non-production"
    UNKNOWN = "unknown"


def named_environment(text: str) -> Environment:
    """Tell the environment by the words in a name or a tag's value."""
    words = [word for word in re.split(r"[^a-z0-9]+", text.lower()) if word]
    pairs = {first + second for first, second in pairwise(words)}
    # "non-prod" and "pre-prod" before the "prod" in them.
    if pairs & {"nonprod", "nonproduction", "preprod", "preproduction"}:
        return Environment.OTHER
    if any(word in OTHER_WORDS for word in words):
        return Environment.OTHER
    if any(word in PRODUCTION_WORDS for word in words):
        return Environment.PRODUCTION
    return Environment.UNKNOWN


def environment_of(name: str, tags: Mapping[str, str] | None) -> tuple[Environment, str]:
    """Tell an account's environment and by what. A tag goes before the name."""
    for key, value in sorted((tags or {}).items()):
        if key.lower() in ENVIRONMENT_TAGS:
            found = named_environment(value)
            if found is not Environment.UNKNOWN:
                return found, f"tag {key}={value}"
    found = named_environment(name)
    return found, "" if found is Environment.UNKNOWN else "its name"


def check(facts: Facts) -> FindingAnswer:
    """Find OUs whose accounts are partly production, or other than the OU's name says."""
    answer = FindingAnswer(KIND)
    undecided = []
    for unit_id in facts.units:
        accounts = facts.children_of_kind(unit_id, PlaceKind.ACCOUNT)
        if not accounts:
            continue
        answer.examined += 1
        by_environment: dict[Environment, list[tuple[str, str]]] = {}
        for account_id in accounts:
            tags = None if facts.tags is None else facts.tags.get(account_id)
            environment, by = environment_of(facts.place(account_id).name, tags)
            by_environment.setdefault(environment, []).append((account_id, by))
        undecided += [
            facts.place(account_id)
            for account_id, _ in by_environment.get(Environment.UNKNOWN, ())
            if facts.is_active(account_id)
        ]
        finding = _finding(facts, unit_id, by_environment)
        if finding is not None:
            answer.findings.append(finding)
    tags_read = facts.tags is not None
    answer.cannot_judge(
        undecided,
        "Neither a tag nor the name tells the environment."
        if tags_read
        else "The name does not tell the environment, and tags were never read.",
    )
    return answer


def _finding(
    facts: Facts, unit_id: str, by_environment: Mapping[Environment, list[tuple[str, str]]]
) -> Finding | None:
    production = by_environment.get(Environment.PRODUCTION, [])
    other = by_environment.get(Environment.OTHER, [])
    environment, named_by = _environment_of_unit(facts, unit_id)
    if production and other:
        title = (
            f"{facts.place(unit_id).name} holds "
            f"{counted(len(production), 'production account', 'production accounts')} "
            f"beside {counted(len(other), 'other', 'others')}"
        )
        astray = production + other
        if environment is not Environment.UNKNOWN:
            astray = other if environment is Environment.PRODUCTION else production
    elif environment is Environment.PRODUCTION and other:
        title = f"{facts.place(unit_id).name} is for production and holds none"
        astray = other
    elif environment is Environment.OTHER and production:
        title = f"{facts.place(unit_id).name} is not for production and holds nothing else"
        astray = production
    else:
        return None
    exposed = environment is Environment.OTHER and bool(production)
    measured = [
        FindingMeasure("Production accounts", str(len(production))),
        FindingMeasure("Non-production accounts", str(len(other))),
        FindingMeasure(
            "Told by neither tag nor name", str(len(by_environment.get(Environment.UNKNOWN, [])))
        ),
    ]
    if environment is not Environment.UNKNOWN:
        measured.append(
            FindingMeasure("The OU is for", f"{environment}, by the name of {named_by}")
        )
    kinds = {account_id: "production" for account_id, _ in production}
    return Finding(
        kind=KIND,
        severity=FindingSeverity.HIGH if exposed else FindingSeverity.MEDIUM,
        title=title,
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


def _environment_of_unit(facts: Facts, unit_id: str) -> tuple[Environment, str]:
    """Tell what an OU is for by its name, or by that of the nearest OU above."""
    step: str | None = unit_id
    while step is not None:
        name = facts.organization.names[step]
        if name.kind == PlaceKind.ORGANIZATIONAL_UNIT:
            found = named_environment(name.name)
            if found is not Environment.UNKNOWN:
                return found, name.name
        step = name.parent_id
    return Environment.UNKNOWN, ""
