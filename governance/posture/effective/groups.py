"""Which accounts below an OU have another effective policy than one placed right in it."""

from dataclasses import dataclass
from typing import Final

from governance.posture.effective.organization import ManagementOrganization
from governance.posture.effective.targets import Answers, EffectiveAtTarget
from policies import PolicyType
from policies.management import Outcome, aws_outcome, outcome
from policies.management.effective import Steps

_NAMED_PATHS: Final = 3


@dataclass(frozen=True, slots=True)
class EffectiveGroup:
    """Accounts below an OU whose effective policy comes to the same.

    `is_same`: as for an account placed right in the OU. `is_known` is False where it is not known
    what it comes to, there or in the OU. `differing`: the first settings that differ.
    """

    account_ids: tuple[str, ...]
    is_same: bool
    is_known: bool
    differing: tuple[Steps, ...]
    more_differing: int


def groups_below(
    management: ManagementOrganization, own: EffectiveAtTarget, *, answers: Answers
) -> tuple[EffectiveGroup, ...]:
    """Group the accounts below an OU, those as in the OU first, then the largest.

    `own`: the OU's effective policy. `answers`: at least for the chains below it.
    :raises KeyError: no such target.
    """
    kind = own.policy_type
    here = _outcome(management, kind, own.target_id, answers)
    by_outcome: dict[Outcome | None, list[str]] = {}
    for account_ids in management.chains_below(kind, own.target_id).values():
        there = _outcome(management, kind, account_ids[0], answers)
        by_outcome.setdefault(there, []).extend(account_ids)
    groups = [_group(here, there, tuple(ids)) for there, ids in by_outcome.items()]
    return tuple(sorted(groups, key=lambda each: (not each.is_same, -len(each.account_ids))))


def _group(
    here: Outcome | None, there: Outcome | None, account_ids: tuple[str, ...]
) -> EffectiveGroup:
    if here is None or there is None:
        return EffectiveGroup(account_ids, False, False, (), 0)
    differing = sorted({path for path, _ in here ^ there})
    return EffectiveGroup(
        account_ids,
        is_same=not differing,
        is_known=True,
        differing=tuple(differing[:_NAMED_PATHS]),
        more_differing=max(0, len(differing) - _NAMED_PATHS),
    )


def _outcome(
    management: ManagementOrganization, kind: str, target_id: str, answers: Answers
) -> Outcome | None:
    """Return what a policy comes to, nothing where none is attached; None: not known."""
    if kind not in management.collected:
        return None
    chain = management.chain(kind, target_id)
    answer = answers.get((kind, chain))
    if answer is not None:
        return frozenset() if answer.text is None else aws_outcome(PolicyType(kind), answer.text)
    computed = management.computed(kind, target_id)
    if not computed.is_known:
        return None
    return outcome(PolicyType(kind), ((one.path, one.values) for one in computed.settings))
