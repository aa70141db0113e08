"""Region locks that hit services which live in one region only.

Source: Organizations user guide, "Example SCPs: Deny access to AWS based on the requested AWS
Region"; IAM user guide, "aws:RequestedRegion" (global services report the region of their
endpoint).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources
from typing import Final, TypedDict, cast

from policies.compiled import CompiledCondition, CompiledStatement
from policies.language.conditions.values import UNKNOWN, ContextValue
from policies.language.document import Effect
from policies.language.policy_types import PolicyType
from policies.lint.finding import LintFinding
from policies.lint.subject import LintSubject, some_names

_KEY: Final = "aws:requestedregion"
_ALLOW_TOO: Final = frozenset({PolicyType.SERVICE_CONTROL_POLICY, PolicyType.PERMISSION_BOUNDARY})


class _GlobalService(TypedDict):
    actions: str
    regions: list[str]


@lru_cache(maxsize=1)
def global_services() -> tuple[_GlobalService, ...]:
    """Return the action patterns that report fixed regions, from `global_services.json`."""
    text = resources.files("policies.lint").joinpath("global_services.json").read_text("utf-8")
    return tuple(cast(list[_GlobalService], json.loads(text)["services"]))


def check_region_lock(subject: LintSubject) -> Iterator[LintFinding]:
    """Yield the region conditions that stop global services."""
    for index, _, compiled in subject.statements():
        if compiled.effect is Effect.ALLOW and (
            subject.policy_type not in _ALLOW_TOO or _others_allow(subject, compiled)
        ):
            continue
        conditions = [c for c in compiled.conditions if c.key == _KEY]
        if not conditions:
            continue
        hit = sorted(_stopped(subject, compiled, conditions))
        if hit:
            path = subject.condition_path(index, _KEY)
            place = "NotAction" if compiled.effect is Effect.DENY else "a statement of their own"
            verb = "denies" if compiled.effect is Effect.DENY else "does not allow"
            yield subject.warning(
                "region_lock_hits_global_service",
                f"This {verb} {some_names(hit, shown=6)}: they report the region of their one "
                "endpoint (most of them us-east-1), which the condition does not let through. Name "
                f"them in {place} or add the region.",
                path,
                index,
            )


def _stopped(
    subject: LintSubject, compiled: CompiledStatement, conditions: list[CompiledCondition]
) -> Iterator[str]:
    for row in global_services():
        if not compiled.action_bits & subject.catalogue.bits(row["actions"]):
            continue
        wanted = compiled.effect is Effect.DENY
        if all(_matches(conditions, region) is wanted for region in row["regions"]):
            yield row["actions"].removesuffix(":*")


def _matches(conditions: list[CompiledCondition], region: str) -> bool | None:
    def lookup(key: str) -> ContextValue:
        return region if key == _KEY else UNKNOWN

    answers = [condition.holds(lookup) for condition in conditions]
    if False in answers:
        return False
    return None if None in answers else True


def _others_allow(subject: LintSubject, compiled: CompiledStatement) -> bool:
    """Whether another statement of the policy allows without asking for the region."""
    return any(
        other.effect is Effect.ALLOW
        and other is not compiled
        and not any(condition.key == _KEY for condition in other.conditions)
        and any(
            other.action_bits & subject.catalogue.bits(row["actions"]) for row in global_services()
        )
        for other in (*subject.compiled, *subject.companions)
    )
