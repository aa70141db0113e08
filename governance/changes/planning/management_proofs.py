"""What is proven of management policies attached above a ring, by the effective policies below."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from governance.changes.planning.base import ChangeDelta
from governance.posture.state.organization import ControlPolicy
from policies import ManagementPolicy, PolicyType, parse_policy
from policies.management import (
    AttachedSettings,
    ComputedEffectivePolicy,
    SettingsLevel,
    effective_policy,
    setting_key,
)

Held = Mapping[str, tuple[ControlPolicy, ...]]
_MOST_COMPARED: Final = 40


@dataclass(frozen=True)
class ManagementProofs:
    """Compares the effective policies of the accounts below a target.

    What is not known, or hangs on an order of attachment that AWS does not tell, proves nothing.
    """

    delta: ChangeDelta
    _settings: dict[str, ManagementPolicy | None] = field(default_factory=dict)

    def moves_unchanged(
        self, policy: ControlPolicy, kind: PolicyType, from_id: str, to_ids: Sequence[str]
    ) -> bool:
        """Whether a policy that leaves a target for others below it is proven to leave every
        account below its effective policy, at the end and while it is attached to both.
        """
        held = self.delta.drafted.attached_before(kind)
        both = {**held, **{one: (*held.get(one, ()), policy) for one in to_ids}}
        left = {**both, from_id: tuple(one for one in held.get(from_id, ()) if one != policy)}
        return self._alike(kind, from_id, held, both) and self._alike(kind, from_id, held, left)

    def tries_below(self, policy_id: str, target_id: str) -> bool:
        """Whether the new text attached at a target below the old one is proven to set there what
        it will set above, and no more once it stands above as well.
        """
        kind, becomes = self.delta.after[policy_id]
        was = self.delta.before[policy_id][1]
        held = self.delta.drafted.attached_before(kind)
        end = {
            one: tuple(becomes if each == was else each for each in policies)
            for one, policies in held.items()
        }
        trial = {**held, target_id: (*held.get(target_id, ()), becomes)}
        both = {**end, target_id: (*end.get(target_id, ()), becomes)}
        return self._alike(kind, target_id, trial, end) and self._alike(kind, target_id, both, end)

    def _alike(self, kind: PolicyType, target_id: str, one: Held, other: Held) -> bool:
        """Whether the accounts at or below a target are proven to have equal effective policies."""
        compared: set[tuple[tuple[ControlPolicy, ...], ...]] = set()
        for account_id in self.delta.base.organization.accounts_below(target_id):
            way = self.delta.base.organization.way(account_id)
            levels = tuple(held.get(step, ()) for held in (one, other) for step in way)
            if levels in compared:
                continue
            compared.add(levels)
            if len(compared) > _MOST_COMPARED:
                return False
            first, second = (self._effective(kind, way, held) for held in (one, other))
            if first is None or first != second:
                return False
        return True

    def _effective(
        self, kind: PolicyType, way: Iterable[str], held: Held
    ) -> dict[tuple[str, ...], tuple[str, ...]] | None:
        """Return the settings that hold at the end of a way; None: not for certain."""
        found = effective_policy(
            kind,
            (
                SettingsLevel(
                    step,
                    tuple(
                        AttachedSettings(policy.policy_id, self._read(kind, policy))
                        for policy in held[step]
                    ),
                )
                for step in way
                if held.get(step)
            ),
        )
        return _certain(kind, found)

    def _read(self, kind: PolicyType, policy: ControlPolicy) -> ManagementPolicy | None:
        """Return what a policy's text sets; None: it was not read, or cannot be relied on."""
        if policy.sha256 not in self._settings:
            self._settings[policy.sha256] = self._parsed(kind, policy)
        return self._settings[policy.sha256]

    def _parsed(self, kind: PolicyType, policy: ControlPolicy) -> ManagementPolicy | None:
        collected = self.delta.base.collected
        before = self.delta.before.get(policy.policy_id)
        if before is None or before[1].sha256 != policy.sha256:
            text: str | None = self.delta.drafted.policies.texts.get(policy.policy_id)
        elif policy.policy_id in collected.settings:
            return collected.settings[policy.policy_id]
        else:
            text = collected.details_of(policy.policy_id).text
        if text is None:
            return None
        parsed = parse_policy(text, kind)
        return None if parsed.errors else parsed.management


def _certain(
    kind: PolicyType, found: ComputedEffectivePolicy
) -> dict[tuple[str, ...], tuple[str, ...]] | None:
    if not found.is_known or not all(one.is_certain for one in found.settings):
        return None
    return {setting_key(kind, one.path): tuple(sorted(one.values)) for one in found.settings}
