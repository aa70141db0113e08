"""What two versions of one SCP or RCP mean: against each other, and where the policy is attached.

By itself a policy is compared on an organization made up for it: everything is allowed at the
root, and accounts below it have the policy beside FullAWSAccess, and as the only one. In place it
is compared in the organization as it is, or was. A difference that other policies hide shows in
the first alone.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Final

from governance.edits.draft import with_policy
from governance.edits.operations import Operation, OperationKind
from governance.effects.of_edits import Simulated, simulate
from governance.effects.request_effects import RequestEffect, Verdict
from governance.effects.witnesses import ShownWitness, decision_in
from governance.posture.state.organization import (
    RCP,
    SCP,
    CompiledOrganization,
    ControlPolicies,
    ControlPolicy,
    InForce,
    TargetName,
)
from governance.posture.state.parsed_policies import parsed_policy
from inventory.models import Connection, Policy
from inventory.viewing import Viewer
from policies import MANAGEMENT_POLICY_TYPES, PolicyType, default_compiler
from policies.evaluation.request import OrganizationIds as EngineOrganization
from policies.full_access import FULL_ACCESS_TEXTS
from policies.management import SettingChange, setting_changes
from policies.targets import Target, TargetTree

_ROOT_ID: Final = "r-alone"
_NEUTRAL: Final = ("111122223333", "444455556666", "777788889999", "123123123123")
_MOST_NAMED: Final = 50
_MOST_HIDDEN: Final = 3
_IN_ARN: Final = re.compile(r":(?=[\d*?]*\d)([\d*?]{1,12}):")
_ACCOUNT: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")


class MeaningChange(StrEnum):
    """What becomes of the policy's meaning.

    SAME: proven, by itself and so everywhere. CHANGES: proven for some account. HIDDEN: it differs
    by itself, and it is proven that nothing changes for any account. UNDECIDED: neither is proven.
    UNREADABLE: a version has no meaning that could be relied on.
    """

    SAME = "same"
    CHANGES = "changes"
    HIDDEN = "hidden"
    UNDECIDED = "undecided"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Hidden:
    """Why one request that differs by itself is decided in place as before.

    `witness`: the request, for an account that the policy reaches. `allowed`: what both versions
    decide there. `said`: by what.
    """

    witness: ShownWitness
    allowed: bool
    said: str


@dataclass(frozen=True)
class VersionMeaning:
    """Two versions compared. `in_place` is None where nothing was looked at in place."""

    alone: Simulated | None
    in_place: Simulated | None
    policy_id: str

    @cached_property
    def meaning(self) -> MeaningChange:
        """What becomes of the meaning."""
        if self.alone is None:
            return MeaningChange.UNREADABLE
        if self.in_place is not None and _changes(self.in_place):
            return MeaningChange.CHANGES
        if not self.alone.effects.effects:
            return MeaningChange.SAME
        if self.in_place is None or _is_open(self.in_place):
            return MeaningChange.UNDECIDED
        return MeaningChange.HIDDEN if _changes(self.alone) else MeaningChange.UNDECIDED

    @cached_property
    def hidden(self) -> tuple[Hidden, ...]:
        """Why what differs by itself changes nothing in place, for up to three requests."""
        if self.meaning is not MeaningChange.HIDDEN or self.alone is None or self.in_place is None:
            return ()
        return tuple(_hidden(self.alone, self.in_place))


def by_itself(name: str, policy_type: PolicyType, before: str, after: str) -> Simulated | None:
    """Compare two texts of a policy by themselves; None where one of them cannot be read."""
    texts = (before, after)
    parsed = [parsed_policy(_sha256(text), text, policy_type) for text in texts]
    if any(one.document is None for one in parsed):
        return None
    was, becomes = (
        ControlPolicy("p-alone", name, False, _sha256(text), one.document, one.diagnostics)
        for text, one in zip(texts, parsed, strict=True)
    )
    organization = _made_up(policy_type, was, _accounts_named(texts))
    return Simulated(with_policy(organization, policy_type, becomes), ())


def in_place(
    viewer: Viewer,
    *,
    connection: Connection,
    before: Policy,
    after: Policy,
    as_of: datetime | None,
    today: date,
) -> Simulated:
    """Compare two versions where the policy is attached now, or was at `as_of`."""
    prior, operations = edits(before, after)
    return simulate(
        viewer,
        connection=connection,
        operations=operations,
        as_of=as_of,
        today=today,
        prior=prior,
    )


def edits(before: Policy, after: Policy) -> tuple[list[Operation], list[Operation]]:
    """Return the edits that put one version, then the other, into an organization."""
    prior, operations = (
        [Operation(OperationKind.UPDATE_POLICY, policy_id=one.policy_id, text=one.content.text)]
        for one in (before, after)
    )
    return prior, operations


def _changes(simulated: Simulated) -> bool:
    return any(one.verdict is not Verdict.UNDECIDED for one in simulated.effects.effects)


def _is_open(simulated: Simulated) -> bool:
    return bool(simulated.effects.effects or simulated.effects.unknown)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _accounts_named(texts: Iterable[str]) -> list[str]:
    """Return the accounts that texts name, and one for each pattern of account ids in an ARN."""
    found: dict[str, None] = {}
    for text in texts:
        for account_id in _ACCOUNT.findall(text):
            found[account_id] = None
        for pattern in _IN_ARN.findall(text):
            missing = "0" * (12 - len(pattern.replace("*", "")))
            filled = pattern.replace("?", "0").replace("*", missing, 1).replace("*", "")
            if len(filled) == 12:
                found[filled] = None
    return [one for one in found if one not in _NEUTRAL[2:]][:_MOST_NAMED]


def _made_up(
    policy_type: PolicyType, policy: ControlPolicy, named: Iterable[str]
) -> CompiledOrganization:
    """Make the organization up in which a policy is by itself."""
    compiler = default_compiler()
    named = list(named)
    beside, only = [one for one in _NEUTRAL if one not in named][:2]
    text = FULL_ACCESS_TEXTS[policy_type]
    parsed = parsed_policy(_sha256(text), text, policy_type)
    full_name = "FullAWSAccess" if policy_type is SCP else "RCPFullAWSAccess"
    full = ControlPolicy(
        "p-full", full_name, True, _sha256(text), parsed.document, parsed.diagnostics
    )
    attached: dict[str, tuple[ControlPolicy, ...]] = {_ROOT_ID: (full,), beside: (full, policy)}
    names = {
        _ROOT_ID: TargetName(_ROOT_ID, "ROOT", "the root", None),
        beside: TargetName(beside, "ACCOUNT", "any account", _ROOT_ID),
    }
    for account_id in named:
        attached[account_id] = (full, policy)
        names[account_id] = TargetName(account_id, "ACCOUNT", account_id, _ROOT_ID)
    if policy_type is SCP:
        attached[only] = (policy,)
        names[only] = TargetName(only, "ACCOUNT", "any account without FullAWSAccess", _ROOT_ID)
    levels = {
        target_id: compiler.level(one.document for one in held if one.document)
        for target_id, held in attached.items()
    }

    def control(kind: PolicyType) -> ControlPolicies:
        own = kind is policy_type
        nothing = compiler.level_of(())
        return ControlPolicies(
            policy_type=kind,
            in_force=InForce.IN_FORCE if own else InForce.NOT_ENABLED,
            tree=TargetTree(
                Target(name.target_id, name.parent_id, levels[name.target_id] if own else nothing)
                for name in names.values()
            ),
            attached=attached if own else {},
            by_id={one.policy_id: one for one in (full, policy)} if own else {},
        )

    return CompiledOrganization(
        key=("alone", policy_type, policy.sha256),
        organization=EngineOrganization("o-exampleorg", None),
        root_id=_ROOT_ID,
        names=names,
        unplaced={},
        service_control=control(SCP),
        resource_control=control(RCP),
    )


def _hidden(alone: Simulated, place: Simulated) -> Iterable[Hidden]:
    affected = place.drafted.affected_accounts
    account_id = next((one for one in place.drafted.before.account_ids if one in affected), None)
    if account_id is None:
        return
    for effect in alone.effects.effects[:_MOST_HIDDEN]:
        found = _in_place(alone, place, effect, account_id)
        if found is not None:
            yield found


def _in_place(
    alone: Simulated, place: Simulated, effect: RequestEffect, account_id: str
) -> Hidden | None:
    """Ask the organization about a request that differs by itself; None where it cannot tell."""
    difference = effect.difference
    if difference is None:
        return None
    before = place.drafted.before
    witness = difference.witness.for_account(difference.account_id, account_id)
    decided = decision_in(before, before.control(effect.policy_type), account_id, witness)
    if decided.allowed is None:
        return None
    shown = place.witnesses.shown(
        witness, account_id, allowed_before=decided.allowed, decider=decided.decider
    )
    if decided.allowed:
        said = "allowed before and after: other policies at its level allow it"
    else:
        by = decided.decider.words if decided.decider else "there"
        said = f"denied before and after {by}"
    return Hidden(shown, decided.allowed, said)


def changed_settings(before: Policy, after: Policy) -> tuple[SettingChange, ...] | None:
    """Return the settings that differ between two versions of a management policy.

    None where a version cannot be read, or the policy is of a type without settings.
    """
    if before.type not in MANAGEMENT_POLICY_TYPES:
        return None
    kind = PolicyType(before.type)
    was, becomes = (
        parsed_policy(one.content_id, one.content.text, kind).management for one in (before, after)
    )
    if was is None or becomes is None:
        return None
    return setting_changes(was, becomes)
