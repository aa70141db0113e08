"""What a plan tells its readers of its own steps: mixed settings, order, targets not active."""

from collections.abc import Iterable, Iterator, Sequence

from governance.changes.planning.base import ChangeDelta
from governance.changes.planning.ordering import OrderedCalls
from governance.changes.planning.staging import SHOWN_TARGETS
from governance.changes.planning.steps import PlanNotice, Step
from policies import PolicyType


def merging_notice(delta: ChangeDelta, kind: PolicyType, target_ids: Sequence[str]) -> PlanNotice:
    """Return that old and new settings of two management policies merge for a while."""
    names = ", ".join(delta.name_of(one) for one in target_ids[:SHOWN_TARGETS])
    return PlanNotice(
        "merges_for_a_while",
        f"At {names} two policies of type {kind} are attached side by side until the old one is "
        "detached: for that time their settings merge into what neither sets alone.",
        tuple(target_ids),
    )


def order_notices(delta: ChangeDelta, ordered: OrderedCalls) -> Iterator[PlanNotice]:
    """Yield what is to know of an order that is not proven to be free of effects in between."""
    for code, target_ids, words in (
        (
            "transient_remains",
            ordered.harmful,
            "every order of these calls has a time in which requests are decided differently "
            "than before and after. The least harmful order is used",
        ),
        (
            "order_not_searched",
            ordered.unproven,
            "too many calls depend on each other to try every order. Denies are added before "
            "allows are widened, and removed after allows are narrowed",
        ),
    ):
        if target_ids:
            names = ", ".join(delta.name_of(one) for one in target_ids[:SHOWN_TARGETS])
            more = len(target_ids) - SHOWN_TARGETS
            tail = f" and {more:,} more" if more > 0 else ""
            yield PlanNotice(code, f"At {names}{tail} {words}.", target_ids)


def suspended_notices(delta: ChangeDelta, steps: Iterable[Step]) -> Iterator[PlanNotice]:
    """Yield which targets AWS may refuse to change, since they are not active."""
    stuck = dict.fromkeys(
        step.parameters["TargetId"]
        for step in steps
        if step.optional and "TargetId" in step.parameters
    )
    if stuck:
        names = ", ".join(delta.name_of(one) for one in stuck)
        yield PlanNotice(
            "suspended_targets",
            f"AWS may refuse to change {names}, which "
            f"{'are' if len(stuck) > 1 else 'is'} not active: these steps are skipped if "
            "it does, and a policy that stays attached there is not deleted.",
            tuple(stuck),
        )
