"""An effective policy in the words of its card."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from heapq import nsmallest
from itertools import pairwise, takewhile
from typing import Final

from django.urls import reverse

from governance.posture.effective.groups import EffectiveGroup
from governance.posture.effective.organization import ManagementOrganization
from governance.posture.effective.targets import (
    EffectiveAtTarget,
    EffectiveSource,
    EffectiveState,
    ShownSetting,
)
from inventory.models import Coverage
from inventory.policy_types import policy_type
from policies import Diagnostic
from policies.language.management_grammar import VALUE_OPERATORS
from policies.management import Contribution, PolicyProblem, SettingMismatch

_DOES: Final = {"@@assign": "sets", "@@append": "adds", "@@remove": "removes"}
_NAMED_ACCOUNTS: Final = 3
_STEP: Final = " \u203a "
_GROUPS_SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class Maker:
    """A policy at a level that has a part in a setting. `does`: what it does to it."""

    does: str
    values: tuple[str, ...]
    policy_name: str
    policy_href: str
    target_name: str
    target_href: str


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting. `below`: what lower levels may do to it; empty where it is not known.

    `shared`: how many steps of its path are those of the row before.
    """

    path: tuple[str, ...]
    shared: int
    values: tuple[str, ...]
    makers: tuple[Maker, ...]
    is_certain: bool
    below: str
    is_locked: bool
    difference: SettingMismatch | None


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """Something a policy says that does not come to be."""

    message: str
    policy_name: str
    policy_href: str
    target_name: str
    target_href: str


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """A policy whose text cannot be relied on."""

    policy_name: str
    policy_href: str
    target_name: str
    target_href: str
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class EffectiveGroupRow:
    """Accounts below an OU that come to the same. `accounts`: name, id and address of the first.

    `differing`: the first settings that differ from the OU's, as text.
    """

    group: EffectiveGroup
    accounts: tuple[tuple[str, str, str], ...]
    more_accounts: int
    differing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EffectiveCard:
    """One policy type. `state`: a key of the looks of states; `words`: what it is called here.

    `text`: the effective policy as JSON, as AWS gave it or laid out from what was computed.
    `asked_for`: name and address of the account that AWS was asked for, where it is another one.
    `asked_again`: the newest asking, where it did not succeed and the answer is an earlier one.
    """

    effective: EffectiveAtTarget
    key: str
    label: str
    noun: str
    state: str
    words: str
    settings: tuple[SettingRow, ...]
    missing: tuple[SettingMismatch, ...]
    problems: tuple[ProblemRow, ...]
    unreadable: tuple[UnreadableRow, ...]
    text: str
    asked_for: tuple[str, str] | None
    asked_again: Coverage | None
    groups: tuple[EffectiveGroupRow, ...] = ()
    more_groups: int = 0
    accounts: int = 0
    accounts_alike: int = 0
    accounts_unknown: int = 0

    @property
    def is_aws(self) -> bool:
        """Whether AWS said it."""
        return self.effective.source is EffectiveSource.AWS

    @property
    def accounts_other(self) -> int:
        """How many accounts below come to something else."""
        return self.accounts - self.accounts_alike - self.accounts_unknown


class CardMaker:
    """Describes the effective policies of one target."""

    def __init__(self, management: ManagementOrganization, *, slug: str, query: str) -> None:
        """`query`: what addresses keep, with its question mark."""
        self.management = management
        self.slug = slug
        self.query = query

    def card(
        self, effective: EffectiveAtTarget, groups: Iterable[EffectiveGroup] = ()
    ) -> EffectiveCard:
        """Describe one type."""
        named = policy_type(effective.policy_type)
        state, words = _state(effective)
        groups = tuple(groups)
        return EffectiveCard(
            effective=effective,
            key=effective.policy_type,
            label=named.label,
            noun=_noun(named.label),
            state=state,
            words=words,
            settings=tuple(
                self._setting(one, before.path if before else ())
                for before, one in pairwise((None, *effective.settings))
                if one is not None
            ),
            missing=tuple(one for one in effective.differences if one.aws is None),
            problems=tuple(self._problem_row(one) for one in effective.problems if one.path),
            unreadable=tuple(
                UnreadableRow(
                    policy.name,
                    self._policy_href(policy.policy_id),
                    *self._target(target_id),
                    policy.diagnostics,
                )
                for target_id, policy in effective.unreadable
            ),
            text=_text(effective),
            asked_for=self._asked_for(effective),
            asked_again=_asked_again(effective),
            groups=tuple(self._group(one) for one in groups[:_GROUPS_SHOWN]),
            more_groups=max(0, len(groups) - _GROUPS_SHOWN),
            accounts=sum(len(one.account_ids) for one in groups),
            accounts_alike=sum(len(one.account_ids) for one in groups if one.is_same),
            accounts_unknown=sum(len(one.account_ids) for one in groups if not one.is_known),
        )

    def _setting(self, setting: ShownSetting, before: tuple[str, ...]) -> SettingRow:
        alike = (one == other for one, other in zip(setting.path[:-1], before, strict=False))
        return SettingRow(
            path=setting.path,
            shared=sum(1 for _ in takewhile(bool, alike)),
            values=setting.values,
            makers=tuple(self._maker(one) for one in setting.set_by),
            is_certain=setting.is_certain,
            below=_below(setting.allowed_below),
            is_locked=setting.allowed_below is not None and not setting.allowed_below,
            difference=setting.difference,
        )

    def _maker(self, made: Contribution) -> Maker:
        return Maker(
            _DOES.get(made.operator, made.operator),
            made.values,
            self._policy_name(made.policy_id),
            self._policy_href(made.policy_id),
            *self._target(made.target_id),
        )

    def _problem_row(self, problem: PolicyProblem) -> ProblemRow:
        message = problem.message
        for _, policy_id in problem.by:
            message = message.replace(policy_id, self._policy_name(policy_id))
        return ProblemRow(
            message,
            self._policy_name(problem.policy_id),
            self._policy_href(problem.policy_id),
            *self._target(problem.target_id),
        )

    def _group(self, group: EffectiveGroup) -> EffectiveGroupRow:
        names = self.management.organization.names
        first = nsmallest(_NAMED_ACCOUNTS, group.account_ids, key=lambda each: names[each].name)
        return EffectiveGroupRow(
            group,
            tuple(
                (names[account_id].name, account_id, self._target(account_id)[1])
                for account_id in first
            ),
            max(0, len(group.account_ids) - _NAMED_ACCOUNTS),
            tuple(_STEP.join(path) for path in group.differing),
        )

    def _asked_for(self, effective: EffectiveAtTarget) -> tuple[str, str] | None:
        answer = effective.answer
        if answer is None or not answer.account_id or answer.account_id == effective.target_id:
            return None
        return self._target(answer.account_id)

    def _policy_name(self, policy_id: str) -> str:
        policy = self.management.policies.get(policy_id)
        return policy.name if policy else policy_id

    def _policy_href(self, policy_id: str) -> str:
        where = {"slug": self.slug, "policy_id": policy_id}
        return reverse("policy", kwargs=where) + self.query

    def _target(self, target_id: str) -> tuple[str, str]:
        """Return a target's name and address."""
        named = self.management.organization.names.get(target_id)
        if named is None:
            # An account that AWS was asked for and that has left since.
            return target_id, ""
        if named.kind == "ROOT":
            return named.name, reverse("organization", kwargs={"slug": self.slug}) + self.query
        if named.kind == "ACCOUNT":
            where = {"slug": self.slug, "account_id": target_id}
            return named.name, reverse("account-effective-policies", kwargs=where) + self.query
        where = {"slug": self.slug, "target_id": target_id}
        route = "organizational-unit-effective-policies"
        return named.name, reverse(route, kwargs=where) + self.query


def _noun(label: str) -> str:
    """Return a type's label within a sentence: tag policy, but Amazon S3 policy."""
    first, _, rest = label.partition(" ")
    plain = first.istitle() and first not in {"Amazon", "Security"}
    return f"{first.lower()} {rest}" if plain else label


def _state(effective: EffectiveAtTarget) -> tuple[str, str]:
    if effective.state is EffectiveState.UNKNOWN:
        return "unknown", "Not known"
    if effective.state is EffectiveState.NOT_COLLECTED:
        read = effective.policies_fared
        incomplete = read is not None and read.state != Coverage.State.COMPLETE
        return (read.state if read is not None and incomplete else "unknown"), "Not collected"
    if effective.state is EffectiveState.NOTHING_ATTACHED:
        return "empty", "None attached"
    if effective.differences:
        return "partial", "Differs from AWS"
    if effective.source is EffectiveSource.AWS:
        return "collected", "AWS"
    return "computed", "Computed"


def _asked_again(effective: EffectiveAtTarget) -> Coverage | None:
    fared = effective.fared
    if effective.answer is None or fared is None or fared.state == Coverage.State.COMPLETE:
        return None
    asked_at = effective.answer.asked_at
    return fared if asked_at is None or asked_at < fared.collected_at else None


def _below(allowed: frozenset[str] | None) -> str:
    if allowed is None:
        return ""
    if allowed == VALUE_OPERATORS:
        return "anything"
    if not allowed:
        return "nothing"
    words = {"@@assign": "set", "@@append": "add", "@@remove": "remove"}
    return "only " + " and ".join(words[each] for each in words if each in allowed)


def _text(effective: EffectiveAtTarget) -> str:
    if effective.source is EffectiveSource.AWS and effective.answer is not None:
        return effective.answer.text or ""
    document = effective.document
    return json.dumps(document, indent=2, ensure_ascii=False) if document else ""
