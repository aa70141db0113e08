"""Which accounts below an OU have another effective policy than one placed right in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from governance.posture.effective.organization import ManagementOrganization
from governance.posture.effective.targets import (
    Answers,
    EffectiveAtTarget,
    EffectiveState,
    effective_at,
)
from policies import PolicyType
from policies.management import outcome
from policies.management.effective import Steps

_NAMED_PATHS: Final = 4

Outcome = frozenset[tuple[Steps, tuple[str, ...]]]


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


def chains_below(
    management: ManagementOrganization, policy_type: str, target_id: str
) -> Mapping[str, list[str]]:
    """Return the accounts below a target by the chain of policies of one type that reaches them.

    :raises KeyError: no such target.
    """
    found: dict[str, list[str]] = {}
    for account_id in management.organization.accounts_below(target_id):
        found.setdefault(management.chain(policy_type, account_id), []).append(account_id)
    return found


def groups_below(
    management: ManagementOrganization,
    own: EffectiveAtTarget,
    *,
    chains: Mapping[str, Sequence[str]],
    answers: Answers,
) -> tuple[EffectiveGroup, ...]:
    """Group the accounts below an OU, those as in the OU first, then the largest.

    `own`: the OU's. `chains`: what `chains_below` returned. `answers`: at least for `chains`.
    """
    kind = PolicyType(own.policy_type)
    here = _outcome(kind, own)
    by_outcome: dict[Outcome | None, list[str]] = {}
    for account_ids in chains.values():
        effective = effective_at(
            management,
            account_ids[0],
            policy_type=own.policy_type,
            answers=answers,
            fared={},
        )
        by_outcome.setdefault(_outcome(kind, effective), []).extend(account_ids)
    names = management.organization.names
    groups = [
        _group(here, there, tuple(sorted(account_ids, key=lambda each: names[each].name)))
        for there, account_ids in by_outcome.items()
    ]
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


def _outcome(kind: PolicyType, effective: EffectiveAtTarget) -> Outcome | None:
    """Return what a policy comes to, nothing where none is attached; None: not known."""
    if effective.state in {EffectiveState.UNKNOWN, EffectiveState.NOT_COLLECTED}:
        return None
    return outcome(kind, tuple((one.path, one.values) for one in effective.settings))
