"""Before and after: for each target the requests that are newly denied and newly allowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Final

from policies.comparison.descent import (
    ComparedTrees,
)
from policies.comparison.differences import TargetComparison
from policies.comparison.questions import ComparisonSetting, questions
from policies.comparison.regions import RequestBox
from policies.compiled import Compiler
from policies.evaluation.request import OrganizationIds
from policies.language.policy_types import PolicyType
from policies.targets import TargetTree

MOST_TOLD_BOXES: Final = 250
"""How many different boxes all targets together may have before changes are told as such."""


@dataclass(frozen=True)
class Comparison:
    """What a change does. `targets`: those of `report_on`, in its order.

    A target without any difference is proven unchanged. `catalogue_version`: the actions that
    were compared by name; others were compared as "not in the catalogue".
    """

    targets: Mapping[str, TargetComparison]
    policy_type: PolicyType
    catalogue_version: str

    @property
    def is_unchanged(self) -> bool:
        """Whether nothing changes for any of `targets`."""
        return not any(self.targets.values())

    @property
    def changed(self) -> dict[str, TargetComparison]:
        """The targets for which something changes or is undecided."""
        return {target_id: found for target_id, found in self.targets.items() if found}


class UnknownTarget(ValueError):
    """A target to report on is not in both trees."""


def compare(
    before: TargetTree,
    after: TargetTree,
    *,
    compiler: Compiler,
    report_on: Iterable[str] | None = None,
    policy_type: PolicyType = PolicyType.SERVICE_CONTROL_POLICY,
    unlisted_actions: bool = True,
    organization: OrganizationIds | None = None,
    most_boxes: int = MOST_TOLD_BOXES,
) -> Comparison:
    """Compare two states of an organization's policies of one type.

    `report_on`: target ids, each in both trees; without it every target that is in both. Levels
    must be of `compiler`. `unlisted_actions`: compare actions outside the catalogue too.
    `organization`: the trees' own, for callers of what RCPs bind; they may be of any account.
    `most_boxes`: if all targets together differ in more boxes, each change is told by itself, less
    what other policies of a target deny (`Difference.change`).
    Organizations user guide, "SCP evaluation", "RCP evaluation": a request passes where every
    level from the root to the account allows it and none denies it. RCPFullAWSAccess is attached
    to every target, listed or not, since AWS lets nobody detach it.

    :raises UnknownTarget: a target of `report_on` is not in both trees.
    """
    trees = ComparedTrees(before, after)
    reported = list(dict.fromkeys(report_on)) if report_on is not None else None
    if reported is None:
        reported = [target_id for target_id in before.by_id if target_id in after.by_id]
    for target_id in reported:
        if target_id not in before.by_id or target_id not in after.by_id:
            raise UnknownTarget(
                f"target {target_id} is not in both states, so there is nothing to compare"
            )
    found: dict[str, TargetComparison] = dict.fromkeys(reported, TargetComparison())
    setting = ComparisonSetting(trees, compiler, policy_type, organization)
    asked = [
        one
        for question in questions(setting, reported, unlisted_actions)
        for one in question.of_accounts()
    ]
    by_change = _are_more(chain.from_iterable(one.boxes() for one in asked), most_boxes)
    for question in asked:
        for target_id, comparison in question.answers(by_change=by_change):
            found[target_id] = found[target_id].with_more(comparison)
    return Comparison(found, policy_type, compiler.catalogue.version)


def _are_more(boxes: Iterable[RequestBox], limit: int) -> bool:
    """Whether more than so many boxes differ from each other."""
    seen: set[RequestBox] = set()
    for box in boxes:
        seen.add(box)
        if len(seen) > limit:
            return True
    return False
