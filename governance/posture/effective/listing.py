"""The effective policies of all accounts, row by row, without working out more than is shown."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from governance.posture.effective.organization import ManagementOrganization
from governance.posture.effective.targets import (
    Answers,
    EffectiveAtTarget,
    EffectiveSource,
    EffectiveState,
    Fared,
    effective_at,
    source_of,
    state_of,
)

Judged = tuple[EffectiveState, EffectiveSource | None]


@dataclass(slots=True)
class EffectiveListing:
    """Works out rows of one organization; equal ones once. `answers`: AWS's, for what is asked."""

    management: ManagementOrganization
    answers: Answers
    fared: Fared
    _judged: dict[tuple[str, str], Judged] = field(default_factory=dict)
    _made: dict[tuple[str, tuple[str, ...]], EffectiveAtTarget] = field(default_factory=dict)

    def judge(self, account_id: str, policy_type: str) -> Judged:
        """Return what is known of an account's policy of a type, and who says so.

        :raises KeyError: no such account in the tree.
        """
        key = (policy_type, self.management.chain(policy_type, account_id))
        found = self._judged.get(key)
        if found is None:
            state = state_of(
                self.management, account_id, policy_type=policy_type, answers=self.answers
            )
            found = self._judged[key] = (state, source_of(state, key, self.answers))
        return found

    def row(self, account_id: str, policy_type: str) -> EffectiveAtTarget:
        """Return an account's policy of a type.

        :raises KeyError: no such account in the tree.
        """
        way = tuple(step for step, _ in self.management.on_way(policy_type, account_id))
        key = (policy_type, way)
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = effective_at(
                self.management,
                account_id,
                policy_type=policy_type,
                answers=self.answers,
                fared=self.fared,
            )
        return found if found.target_id == account_id else replace(found, target_id=account_id)

    def chosen(
        self,
        account_ids: Iterable[str],
        policy_types: Iterable[str],
        *,
        states: frozenset[EffectiveState],
        sources: frozenset[EffectiveSource],
    ) -> Iterator[tuple[str, str]]:
        """Yield (account id, policy type) of the rows in these states and from these sources.

        Empty sets let all through. Accounts whose place is not known are left out.
        """
        types = tuple(policy_types)
        names = self.management.organization.names
        for account_id in account_ids:
            if account_id not in names:
                continue
            for policy_type in types:
                if states or sources:
                    state, source = self.judge(account_id, policy_type)
                    if states and state not in states:
                        continue
                    if sources and source not in sources:
                        continue
                yield account_id, policy_type
