"""The effective policy of each type at one account or OU: what it says, and who says so."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from governance.posture.effective.organization import (
    AttachedManagementPolicy,
    ManagementOrganization,
)
from inventory.collectors.effective_policies import collector_name
from inventory.models import Coverage
from inventory.selectors.effective_policies import ChainKey, EffectiveAnswer
from policies import PolicyType
from policies.management import (
    AwsSetting,
    ComputedEffectivePolicy,
    Contribution,
    EffectiveSetting,
    PolicyProblem,
    PolicyProblemKind,
    SettingMismatch,
    aws_settings,
    differences,
    setting_key,
)
from policies.management.chains import NOTHING_ATTACHED
from policies.management.effective import Steps


class EffectiveState(StrEnum):
    """What is known of an effective policy.

    NOT_ENABLED: the type is off at the root. NOT_COLLECTED: its policies were never read
    completely. NOTHING_ATTACHED: no level has one. UNKNOWN: a policy on the way cannot be relied
    on, and AWS was not asked. KNOWN: all it sets is known, which may be nothing.
    """

    NOT_ENABLED = "not_enabled"
    NOT_COLLECTED = "not_collected"
    NOTHING_ATTACHED = "nothing_attached"
    UNKNOWN = "unknown"
    KNOWN = "known"


class EffectiveSource(StrEnum):
    """Who says so. AWS: DescribeEffectivePolicy. COMPUTED: from what is attached, by operators."""

    AWS = "aws"
    COMPUTED = "computed"


@dataclass(frozen=True, slots=True)
class NotTold:
    """Why there is no answer of AWS's.

    `state`: of coverage, or "unknown" where AWS was never asked and "empty" where there was no
    account to ask for.
    """

    state: str
    message: str
    remedy: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class ShownSetting:
    """A setting that holds. `set_by` is empty where the policies' own operators do not give it.

    `is_certain` is False where AWS was not asked and its choice hangs on an order of attachment
    that is not known. `allowed_below`: operators that lower levels may still use; None: not known.
    """

    path: Steps
    values: tuple[str, ...]
    is_list: bool
    set_by: tuple[Contribution, ...]
    is_certain: bool
    allowed_below: frozenset[str] | None
    difference: SettingMismatch | None


@dataclass(frozen=True)
class EffectiveAtTarget:
    """The effective policy of one type at one target.

    `source` is None where `state` leaves nothing to say. `unreadable`: (target id, policy) of
    those on the way whose text cannot be relied on; then nothing is computed. `differences`: where
    AWS's answer is not what the operators give. `not_told`: why AWS's answer is missing.
    `fared`: the newest asking of AWS for this type, None if there was none.
    """

    target_id: str
    policy_type: str
    state: EffectiveState
    source: EffectiveSource | None = None
    chain: str = NOTHING_ATTACHED
    settings: tuple[ShownSetting, ...] = ()
    problems: tuple[PolicyProblem, ...] = ()
    unreadable: tuple[tuple[str, AttachedManagementPolicy], ...] = ()
    differences: tuple[SettingMismatch, ...] = ()
    answer: EffectiveAnswer | None = None
    not_told: NotTold | None = None
    fared: Coverage | None = None
    policies_fared: Coverage | None = None

    @cached_property
    def document(self) -> dict[str, Any] | None:
        """The effective policy as a JSON object, None where it is not known."""
        if self.state is not EffectiveState.KNOWN:
            return None
        root: dict[str, Any] = {}
        for setting in self.settings:
            node: Any = root
            for step in setting.path[:-1]:
                node = node.setdefault(step, {})
                if not isinstance(node, dict):
                    break
            else:
                values = list(setting.values)
                node[setting.path[-1]] = values if setting.is_list else values[0]
        return root


Fared = Mapping[str, Coverage]
Answers = Mapping[ChainKey, EffectiveAnswer]


def effective_at(
    management: ManagementOrganization,
    target_id: str,
    *,
    policy_type: str,
    answers: Answers,
    fared: Fared,
) -> EffectiveAtTarget:
    """Return the effective policy of one type at an account, or for accounts placed in an OU.

    `answers`: AWS's, at least for the target's chain. `fared`: `policies_fared`.
    :raises KeyError: no such target.
    """
    asked = fared.get(collector_name(policy_type))
    read = fared.get(f"organizations.policies.{policy_type}")
    state = state_of(management, target_id, policy_type=policy_type, answers=answers)
    if state in _WITHOUT_POLICY:
        return EffectiveAtTarget(target_id, policy_type, state, fared=asked, policies_fared=read)
    chain = management.chain(policy_type, target_id)
    computed = management.computed(policy_type, target_id)
    answer = answers.get((policy_type, chain))
    unreadable = tuple(
        (step, policy)
        for step, policies in management.on_way(policy_type, target_id)
        for policy in policies
        if policy.settings is None
    )
    common: dict[str, Any] = {
        "chain": chain,
        "unreadable": unreadable,
        "answer": answer,
        "fared": asked,
        "policies_fared": read,
    }
    if answer is None:
        return EffectiveAtTarget(
            target_id,
            policy_type,
            state,
            source_of(state, (policy_type, chain), answers),
            settings=_computed(computed) if computed.is_known else (),
            problems=computed.problems,
            not_told=_why_not_told(asked),
            **common,
        )
    aws_settings_found = () if answer.text is None else aws_settings(answer.text)
    if aws_settings_found is None:
        return EffectiveAtTarget(target_id, policy_type, state, EffectiveSource.AWS, **common)
    differing = (
        differences(computed, aws_settings_found, account_id=answer.account_id or target_id)
        if computed.is_known
        else ()
    )
    return EffectiveAtTarget(
        target_id,
        policy_type,
        state,
        EffectiveSource.AWS,
        settings=_compared_settings(aws_settings_found, computed, differing),
        problems=tuple(_settled(aws_settings_found, computed)),
        differences=differing,
        **common,
    )


_WITHOUT_POLICY = frozenset(
    {EffectiveState.NOT_ENABLED, EffectiveState.NOT_COLLECTED, EffectiveState.NOTHING_ATTACHED}
)


def state_of(
    management: ManagementOrganization,
    target_id: str,
    *,
    policy_type: str,
    answers: Answers,
) -> EffectiveState:
    """Return what is known of the effective policy of one type at a target.

    :raises KeyError: no such target.
    """
    if not management.organization.is_known:
        return EffectiveState.NOT_COLLECTED
    if policy_type not in management.enabled:
        return EffectiveState.NOT_ENABLED
    if policy_type not in management.collected:
        return EffectiveState.NOT_COLLECTED
    chain = management.chain(policy_type, target_id)
    if chain == NOTHING_ATTACHED:
        return EffectiveState.NOTHING_ATTACHED
    answer = answers.get((policy_type, chain))
    if answer is not None:
        readable = answer.text is None or aws_settings(answer.text) is not None
        return EffectiveState.KNOWN if readable else EffectiveState.UNKNOWN
    known = management.computed(policy_type, target_id).is_known
    return EffectiveState.KNOWN if known else EffectiveState.UNKNOWN


def source_of(state: EffectiveState, key: ChainKey, answers: Answers) -> EffectiveSource | None:
    """Return who says what is known of the policy of a chain, None where nobody does."""
    if state in _WITHOUT_POLICY:
        return None
    if key in answers:
        return EffectiveSource.AWS
    return EffectiveSource.COMPUTED if state is EffectiveState.KNOWN else None


def _why_not_told(asked: Coverage | None) -> NotTold:
    if asked is None:
        return NotTold(
            "unknown",
            "No inventory run has asked AWS for effective policies of this type yet.",
            "Start an inventory run.",
            None,
        )
    if asked.state == Coverage.State.COMPLETE:
        return NotTold(
            "empty",
            "AWS is asked for active accounts only, and none had exactly these policies on its way "
            "when it was last asked.",
            "",
            asked.collected_at,
        )
    return NotTold(asked.state, asked.message, asked.remedy, asked.collected_at)


def _computed(computed: ComputedEffectivePolicy) -> tuple[ShownSetting, ...]:
    return tuple(
        ShownSetting(
            path=one.path,
            values=one.values,
            is_list=one.is_list,
            set_by=one.set_by,
            is_certain=one.is_certain,
            allowed_below=one.allowed_below,
            difference=None,
        )
        for one in computed.settings
    )


def _compared_settings(
    aws_settings_found: tuple[AwsSetting, ...],
    computed: ComputedEffectivePolicy,
    differing: tuple[SettingMismatch, ...],
) -> tuple[ShownSetting, ...]:
    """Return AWS's settings with what the operators tell of where each comes from."""
    kind: PolicyType = computed.policy_type
    ours = (
        {setting_key(kind, one.path): one for one in computed.settings} if computed.is_known else {}
    )
    by_path = {one.path: one for one in differing}
    found = []
    for setting in aws_settings_found:
        if not setting.values:
            continue
        own = ours.get(setting_key(kind, setting.path))
        difference = by_path.get(setting.path)
        found.append(
            ShownSetting(
                path=setting.path,
                values=setting.values,
                is_list=setting.is_list,
                set_by=() if own is None or difference else _makers(setting, own, computed),
                is_certain=True,
                allowed_below=own.allowed_below if own is not None else None,
                difference=difference,
            )
        )
    return tuple(found)


def _makers(
    from_aws: AwsSetting, own: EffectiveSetting, computed: ComputedEffectivePolicy
) -> tuple[Contribution, ...]:
    """Return what made a value; of policies that contend for it the one that AWS took."""
    if own.is_certain:
        return own.set_by
    taken = [one for one in _contending(own, computed) if one.values == from_aws.values]
    return tuple(taken[:1])


def _contending(own: EffectiveSetting, computed: ComputedEffectivePolicy) -> list[Contribution]:
    """Return what different policies of one level assign, where AWS alone knows which holds."""
    if own.is_certain or len(own.set_by) != 1:
        return []
    others = [
        Contribution(one.target_id, one.policy_id, one.operator, one.values)
        for one in computed.problems
        if one.kind is PolicyProblemKind.CONFLICT
        and (one.target_id, one.path) == (own.set_by[0].target_id, own.path)
    ]
    return [own.set_by[0], *others]


def _settled(
    aws_settings_found: tuple[AwsSetting, ...], computed: ComputedEffectivePolicy
) -> Iterator[PolicyProblem]:
    """Yield the problems, those that AWS's choice has settled with what it chose."""
    kind = computed.policy_type
    answers = {setting_key(kind, one.path): one for one in aws_settings_found}
    settled: set[tuple[str, Steps]] = set()
    for own in computed.settings:
        contending = _contending(own, computed)
        answer = answers.get(setting_key(kind, own.path))
        taken = next((one for one in contending if answer and one.values == answer.values), None)
        if taken is None:
            continue
        settled.add((taken.target_id, own.path))
        for one in contending:
            if one.values != taken.values:
                yield PolicyProblem(
                    PolicyProblemKind.CONFLICT,
                    one.target_id,
                    one.policy_id,
                    own.path,
                    one.operator,
                    one.values,
                    ((taken.target_id, taken.policy_id),),
                    f"Two policies of one level assign {'.'.join(own.path)}; AWS took the value "
                    f"of {taken.policy_id}, so that one was attached first.",
                )
    for problem in computed.problems:
        is_settled = (problem.target_id, problem.path) in settled
        if problem.kind is not PolicyProblemKind.CONFLICT or not is_settled:
            yield problem
