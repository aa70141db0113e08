"""What effective management policies hold between the calls of a plan only."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from governance.changes.evidence.management_changes import management_label
from governance.edits.draft import DraftedOrganization
from governance.posture.effective.organization import management_policy
from governance.posture.state.organization import ControlPolicy
from governance.posture.state.parsed_policies import parsed_policy
from inventory.policy_types import MANAGEMENT_POLICY_TYPES
from policies import ManagementPolicy, PolicyType
from policies.management import (
    AttachedSettings,
    ComputedEffectivePolicy,
    SettingsLevel,
    effective_policy,
    setting_key,
)

SETTING: Final = "setting"

_Values = tuple[str, ...] | None
# The policies at each level on a way with the step that attached each, 0 for the collected state.
_Levels = tuple[tuple[str, tuple[tuple[ControlPolicy, int], ...]], ...]
_Settings = Mapping[tuple[str, ...], tuple[tuple[str, ...], tuple[str, ...], bool]]
_UNKNOWN: Final = "a policy on the way cannot be read"
_NO_ORDER: Final = "AWS does not say which of two policies was attached first"


@dataclass(frozen=True, slots=True)
class SettingTransient:
    """A setting whose effective value after a step is neither the first nor the last state's.

    `first_step` and `last_step`: after which steps it holds, without a gap. `before`, `between`,
    `after`: its values, None where it is not set. `reason`: why `between` is not known; empty
    where it is. `path` is empty where nothing of the policy is known.
    """

    policy_type: PolicyType
    first_step: int
    last_step: int
    path: tuple[str, ...]
    before: _Values
    between: _Values
    after: _Values
    reason: str
    account_ids: tuple[str, ...]

    @property
    def setting(self) -> str:
        """The setting's name for people."""
        return ".".join(self.path)

    @property
    def label(self) -> str:
        """What people call policies of its type."""
        return management_label(self.policy_type.value)

    def as_json(self) -> dict[str, Any]:
        """Return it for pages and the API, beside the transients of SCPs and RCPs."""
        return {
            "kind": "undecided" if self.reason else SETTING,
            "policy_type": self.policy_type.value,
            "first_step": self.first_step,
            "last_step": self.last_step,
            "actions": [],
            "when": "always",
            "reason": self.reason or None,
            "account_ids": list(self.account_ids),
            "witness": None,
            "setting": {
                "path": self.setting,
                "before": _listed(self.before),
                "between": _listed(self.between),
                "after": _listed(self.after),
            },
        }


def setting_transients_of(states: Sequence[DraftedOrganization]) -> tuple[SettingTransient, ...]:
    """Return what the states between the first and the last make effective that neither does.

    `states[n]`: what stands after step `n`. What is not known before or after is left out: the
    difference of the effective policies says so.
    """
    found: list[SettingTransient] = []
    for name in MANAGEMENT_POLICY_TYPES:
        between = _TypeStates(PolicyType(name), states)
        if between.may_differ():
            found += _gathered(between)
    return tuple(sorted(found, key=lambda one: (one.first_step, one.policy_type, one.path)))


@dataclass
class _TypeStates:
    """The policies of one management type in all states of a plan."""

    kind: PolicyType
    states: Sequence[DraftedOrganization]
    _settings: dict[tuple[str, str], ManagementPolicy | None] = field(default_factory=dict)
    _effective: dict[_Levels, ComputedEffectivePolicy] = field(default_factory=dict)

    def may_differ(self) -> bool:
        """Whether a state has other policies of the type, or accounts elsewhere, than the first."""
        held = self._held(0)
        moves = any(state.parents for state in self.states)
        return any(self._held(number) != held for number in range(1, len(self.states))) or (
            moves and bool(held)
        )

    def groups(self) -> Mapping[tuple[_Levels, ...], list[str]]:
        """Return the accounts that the plan reaches by what is on their way in each state."""
        ranks = self._ranks()
        # Accounts of one OU with nothing of their own attached have one way.
        alike: dict[tuple[Any, ...], list[str]] = {}
        for account_id in self._reached():
            places = tuple(state.parents.get(account_id) for state in self.states)
            own = any(account_id in held for held in ranks)
            parent_id = self.states[0].before.names[account_id].parent_id
            key = (account_id,) if own else (parent_id, places)
            alike.setdefault(key, []).append(account_id)
        found: dict[tuple[_Levels, ...], list[str]] = {}
        for account_ids in alike.values():
            ways = tuple(
                tuple(
                    (step, ranks[number][step])
                    for step in self._way(number, account_ids[0])
                    if step in ranks[number]
                )
                for number in range(len(self.states))
            )
            if any(way not in (ways[0], ways[-1]) for way in ways):
                found.setdefault(ways, []).extend(account_ids)
        return found

    def effective(self, levels: _Levels) -> ComputedEffectivePolicy:
        """Return what the policies on a way amount to."""
        if levels not in self._effective:
            self._effective[levels] = effective_policy(
                self.kind,
                (
                    SettingsLevel(
                        step,
                        tuple(
                            AttachedSettings(one.policy_id, self._read(one), rank)
                            for one, rank in policies
                        ),
                    )
                    for step, policies in levels
                ),
            )
        return self._effective[levels]

    def _held(self, number: int) -> Mapping[str, tuple[ControlPolicy, ...]]:
        policies = self.states[number].policies
        return policies.attached.get(self.kind, {}) if self.kind in policies.enabled else {}

    def _reached(self) -> Iterable[str]:
        """Return the accounts below a target that some state changes, and those that move."""
        organization, first = self.states[0].before, self._held(0)
        changed: dict[str, None] = {}
        for number, state in enumerate(self.states):
            held = self._held(number)
            changed |= {one: None for one in (*first, *held) if first.get(one) != held.get(one)}
            changed |= dict.fromkeys(state.parents)
        return dict.fromkeys(
            account_id
            for target_id in changed
            if target_id in organization.names
            for account_id in organization.accounts_below(target_id)
        )

    def _way(self, number: int, account_id: str) -> Iterator[str]:
        """Return the targets from the root down to an account."""
        state = self.states[number]
        names, steps = state.shown.names, [account_id]
        while (parent_id := state.parents.get(steps[-1], names[steps[-1]].parent_id)) is not None:
            steps.append(parent_id)
        return reversed(steps)

    def _ranks(self) -> list[dict[str, tuple[tuple[ControlPolicy, int], ...]]]:
        """Return by state and target the policies with the step that attached each.

        Of policies of one level that assign different values the one attached first wins.
        """
        since: dict[tuple[str, str], int] = {}
        found = []
        for number in range(len(self.states)):
            held = self._held(number)
            since = {
                (target_id, one.policy_id): since.get((target_id, one.policy_id), number)
                for target_id, policies in held.items()
                for one in policies
            }
            found.append(
                {
                    target_id: tuple((one, since[target_id, one.policy_id]) for one in policies)
                    for target_id, policies in held.items()
                    if policies
                }
            )
        return found

    def _read(self, policy: ControlPolicy) -> ManagementPolicy | None:
        """Return what a policy's text sets; None: it was not read, or cannot be relied on."""
        key = (policy.policy_id, policy.sha256)
        if key not in self._settings:
            self._settings[key] = self._parsed(policy)
        return self._settings[key]

    def _parsed(self, policy: ControlPolicy) -> ManagementPolicy | None:
        collected = self.states[0].collected
        known = collected.management.get(policy.policy_id)
        if known is not None and known[1].sha256 == policy.sha256:
            return collected.settings.get(policy.policy_id)
        for state in self.states:
            edited = state.policies.policies.get(policy.policy_id)
            text = state.policies.texts.get(policy.policy_id)
            if text is not None and edited is not None and edited[1].sha256 == policy.sha256:
                parsed = parsed_policy(policy.sha256, text, self.kind)
                return management_policy(
                    policy.policy_id, policy.name, policy.sha256, parsed
                ).settings
        return None


def _gathered(states: _TypeStates) -> Iterator[SettingTransient]:
    """Put together what several accounts and several steps in a row have alike."""
    by_step: dict[tuple[Any, ...], dict[int, list[str]]] = {}
    for ways, account_ids in states.groups().items():
        first, last = (states.effective(way) for way in (ways[0], ways[-1]))
        if not (first.is_known and last.is_known):
            continue
        before, after = _by_key(states.kind, first), _by_key(states.kind, last)
        for number, way in enumerate(ways[1:-1], start=1):
            if way in (ways[0], ways[-1]):
                continue
            for said in _differing(before, states.effective(way), after, states.kind):
                by_step.setdefault(said, {}).setdefault(number, []).extend(account_ids)
    for (path, was, between, becomes, reason), found in by_step.items():
        runs: list[tuple[int, int, tuple[str, ...]]] = []
        for number, listed in sorted(found.items()):
            accounts = tuple(sorted(listed))
            if runs and runs[-1][1:] == (number - 1, accounts):
                runs[-1] = (runs[-1][0], number, accounts)
            else:
                runs.append((number, number, accounts))
        for first_step, last_step, accounts in runs:
            yield SettingTransient(
                states.kind, first_step, last_step, path, was, between, becomes, reason, accounts
            )


def _differing(
    before: _Settings, between: ComputedEffectivePolicy, after: _Settings, kind: PolicyType
) -> Iterator[tuple[tuple[str, ...], _Values, _Values, _Values, str]]:
    if not between.is_known:
        yield (), None, None, None, _UNKNOWN
        return
    found = _by_key(kind, between)
    for key in dict.fromkeys((*before, *found, *after)):
        was, here, becomes = (some.get(key) for some in (before, found, after))
        path = next(one[0] for one in (here, was, becomes) if one is not None)
        values = tuple(one and one[1] for one in (was, here, becomes))
        if any(one is not None and not one[2] for one in (was, becomes)):
            continue
        if here is not None and not here[2]:
            yield path, values[0], values[1], values[2], _NO_ORDER
        elif values[1] not in (values[0], values[2]):
            yield path, values[0], values[1], values[2], ""


def _by_key(kind: PolicyType, policy: ComputedEffectivePolicy) -> _Settings:
    return {
        setting_key(kind, one.path): (one.path, tuple(sorted(one.values)), one.is_certain)
        for one in policy.settings
    }


def _listed(values: _Values) -> list[str] | None:
    return None if values is None else list(values)
