"""How differences weigh: what they newly allow and deny, for how many accounts, and where.

The collected organization is compared with the one in which a difference is undone: what the edit
that undoes it denies is what the difference allows. Differences that touch other accounts are
undone in one draft, so that a hundred moved accounts take one comparison.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Final

from governance.access.owners.labels import LabelMap, TargetLabel, label_map
from governance.access.owners.severity import EffectWeight, severity_of
from governance.baseline.structure.collected import VIEWER
from governance.drift.difference import DriftWeight, Effect, FoundDifference, Kind, Severity
from governance.drift.restoring import merged_operations
from governance.edits.draft import draft
from governance.edits.operations import Operation, OperationKind
from governance.effects.found_effects import FoundEffects
from governance.effects.request_effects import RequestEffect, Verdict
from governance.effects.witnesses import ShownWitness
from governance.posture.state.organization import CompiledOrganization, load_organization
from inventory.models import Connection
from policies import PolicyType

_CONTROL: Final = frozenset(
    {PolicyType.SERVICE_CONTROL_POLICY.value, PolicyType.RESOURCE_CONTROL_POLICY.value}
)
MOST_NAMED: Final = 20
_MOST_TRIED: Final = 5
EFFECT_WEIGHTS: Final[Mapping[Effect, EffectWeight]] = {
    Effect.ALLOWS: EffectWeight.OPENS,
    Effect.BOTH: EffectWeight.OPENS,
    Effect.DENIES: EffectWeight.WEAKENS,
    Effect.UNDECIDED: EffectWeight.WEAKENS,
    Effect.STRUCTURE: EffectWeight.NONE,
    Effect.COSMETIC: EffectWeight.COSMETIC,
}
"""What each effect counts on the scale of severity."""
# What has no effect on permissions may still matter.
_AT_LEAST: Final[Mapping[Kind, EffectWeight]] = {
    Kind.ACCOUNT_ADDED: EffectWeight.WEAKENS,
    Kind.ACCOUNT_REMOVED: EffectWeight.WEAKENS,
    Kind.TRUSTED_ACCESS_DISABLED: EffectWeight.WEAKENS,
    Kind.TRUSTED_ACCESS_ENABLED: EffectWeight.WEAKENS,
    Kind.DELEGATION_CHANGED: EffectWeight.OPENS,
    Kind.DELEGATION_POLICY_CHANGED: EffectWeight.OPENS,
    Kind.POLICY_TYPE_CHANGED: EffectWeight.OPENS,
}
_TEXT_KINDS: Final = frozenset(
    {
        Kind.POLICY_UPDATED,
        Kind.POLICY_ATTACHED_TO_OU,
        Kind.POLICY_ATTACHED_TO_ACCOUNT,
        Kind.POLICY_DETACHED_FROM_OU,
        Kind.POLICY_DETACHED_FROM_ACCOUNT,
    }
)


@dataclass(slots=True)
class _Counted:
    """What was found for one difference, of accounts that no other one of its draft touches."""

    accounts: dict[Verdict, set[str]] = field(default_factory=dict)
    bits: dict[Verdict, int] = field(default_factory=dict)
    effects: dict[Verdict, list[RequestEffect]] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    examples: list[dict[str, Any]] = field(default_factory=list)
    problem: str = ""


def weighed(
    connection: Connection, differences: Sequence[FoundDifference]
) -> list[tuple[FoundDifference, DriftWeight]]:
    """Return differences with their weights, in their order.

    The organization is loaded only where one does not bring its weight along.
    """
    own = [one.weight for one in differences if one.weight is not None]
    if len(own) == len(differences):
        return list(zip(differences, own, strict=True))
    organization = load_organization(VIEWER, connection=connection)
    found = weigh(differences, organization=organization, labels=label_map(connection))
    return list(zip(differences, found, strict=True))


def weigh(
    differences: Sequence[FoundDifference],
    *,
    organization: CompiledOrganization,
    labels: LabelMap,
) -> list[DriftWeight]:
    """Return the weight of each difference, in their order."""
    weights: dict[int, DriftWeight] = {}
    waiting: list[tuple[int, FoundDifference, frozenset[str]]] = []
    for number, one in enumerate(differences):
        if one.weight is not None:
            weights[number] = one.weight
            continue
        touched = _touched(one, organization)
        if not one.operations or one.policy_type not in _CONTROL | {""} or not touched:
            accounts = touched or _at(one, organization)
            renamed = one.kind == Kind.POLICY_UPDATED and one.attribute == "name"
            effect = Effect.COSMETIC if renamed else Effect.STRUCTURE
            weights[number] = _weight(one, effect, accounts, {}, labels)
        else:
            waiting.append((number, one, touched))
    for batch in _apart(waiting):
        parts = [one for _, one, _ in batch]
        found = _compared(parts, [touched for *_, touched in batch], organization)
        for (number, one, touched), counted in zip(batch, found, strict=True):
            weights[number] = _weigh_counted(one, touched, counted, labels)
    return [weights[number] for number in range(len(differences))]


def _apart(
    waiting: Iterable[tuple[int, FoundDifference, frozenset[str]]],
) -> list[list[tuple[int, FoundDifference, frozenset[str]]]]:
    """Put differences together whose accounts are others, each in the first list that takes it."""
    batches: list[list[tuple[int, FoundDifference, frozenset[str]]]] = []
    taken: list[set[str]] = []
    for one in waiting:
        for batch, accounts in zip(batches, taken, strict=True):
            if accounts.isdisjoint(one[2]):
                batch.append(one)
                accounts.update(one[2])
                break
        else:
            batches.append([one])
            taken.append(set(one[2]))
    return batches


def _touched(one: FoundDifference, organization: CompiledOrganization) -> frozenset[str]:
    """Return the accounts for which undoing a difference may change something."""
    targets: set[str] = set()
    for operation in one.operations:
        targets.update(_targets(operation, organization))
    return frozenset(
        account_id for target_id in targets for account_id in organization.accounts_below(target_id)
    )


def _targets(operation: Operation, organization: CompiledOrganization) -> Collection[str]:
    match operation.kind:
        case OperationKind.UPDATE_POLICY | OperationKind.DELETE_POLICY:
            return [
                target_id
                for kind in (organization.service_control, organization.resource_control)
                for target_id, policies in kind.attached.items()
                if any(policy.policy_id == operation.policy_id for policy in policies)
            ]
        case OperationKind.ENABLE_POLICY_TYPE | OperationKind.DISABLE_POLICY_TYPE:
            return [organization.root_id] if organization.root_id else []
        case OperationKind.ATTACH_POLICY | OperationKind.DETACH_POLICY | OperationKind.MOVE_ACCOUNT:
            return [operation.target_id]
        case _:
            return []


def _at(one: FoundDifference, organization: CompiledOrganization) -> frozenset[str]:
    """Return the accounts at the place of a difference that changes no permission."""
    if one.kind in (Kind.TRUSTED_ACCESS_DISABLED, Kind.TRUSTED_ACCESS_ENABLED):
        return frozenset(organization.account_ids)
    if one.account_id:
        return frozenset({one.account_id})
    if one.target_kind in ("organizational_unit", "account", "root"):
        return frozenset(organization.accounts_below(one.target_id))
    return frozenset()


class _Undone(FoundEffects):
    """The effects of undoing some differences."""

    def __init__(self, operations: Sequence[Operation], organization: CompiledOrganization) -> None:
        self.drafted = draft(organization, operations, as_collected=True)

    @property
    def states(self) -> Any:
        """The organization as collected, and with the differences undone."""
        return self.drafted


def _compared(
    parts: Sequence[FoundDifference],
    touched: Sequence[frozenset[str]],
    organization: CompiledOrganization,
) -> list[_Counted]:
    of_account = {account_id: number for number, held in enumerate(touched) for account_id in held}
    operations = merged_operations([one.operations for one in parts])
    undone = _Undone(operations, organization)
    counted = [_Counted() for _ in parts]
    numbers = [number for number, one in enumerate(parts) for _ in one.operations]
    for problem in undone.drafted.problems:
        counted[numbers[problem.number]].problem = problem.message
    for effect in undone.effects.effects:
        concerned: set[int] = set()
        for part in effect.parts:
            for account_id in part.account_ids:
                number = of_account[account_id]
                here = counted[number]
                here.accounts.setdefault(effect.verdict, set()).add(account_id)
                bits = here.bits.get(effect.verdict, 0)
                here.bits[effect.verdict] = bits | part.actions.bits
                if number not in concerned:
                    concerned.add(number)
                    here.effects.setdefault(effect.verdict, []).append(effect)
    for unknown in undone.effects.unknown:
        for account_id in unknown.account_ids:
            if account_id in of_account:
                counted[of_account[account_id]].unknown.append(unknown.reason)
    for here in counted:
        here.examples = [
            example
            for verdict, effects in here.effects.items()
            if verdict is not Verdict.UNDECIDED
            and (example := _first_example(undone, effects, here.accounts[verdict])) is not None
        ]
    return counted


def _first_example(
    undone: _Undone, effects: Sequence[RequestEffect], accounts: AbstractSet[str]
) -> dict[str, Any] | None:
    """Return a request that shows one of some effects in one of some accounts, as JSON."""
    for effect in effects[:_MOST_TRIED]:
        here = accounts & set(effect.account_ids)
        found_in = effect.difference.account_id if effect.difference else ""
        account_id = found_in if found_in in here else min(here)
        shown = undone.witnesses.in_account(effect, account_id)
        if shown is not None:
            return _example(effect, shown)
    return None


def _example(effect: RequestEffect, shown: ShownWitness) -> dict[str, Any]:
    return {
        "effect": (
            Effect.ALLOWS if effect.verdict is Verdict.NEWLY_DENIED else Effect.DENIES
        ).value,
        "account_id": shown.account_id,
        "account_name": shown.account_name,
        "principal": shown.principal,
        "action": shown.action,
        "resource": shown.resource,
        "context": {key: list(values) for key, values in shown.context},
        "when": effect.when,
    }


def _weigh_counted(
    one: FoundDifference,
    touched: frozenset[str],
    counted: _Counted,
    labels: LabelMap,
) -> DriftWeight:
    allows = counted.accounts.get(Verdict.NEWLY_DENIED, set())
    denies = counted.accounts.get(Verdict.NEWLY_ALLOWED, set())
    undecided = counted.accounts.get(Verdict.UNDECIDED, set())
    if allows and denies:
        effect = Effect.BOTH
    elif allows:
        effect = Effect.ALLOWS
    elif denies:
        effect = Effect.DENIES
    elif undecided or counted.unknown or counted.problem:
        effect = Effect.UNDECIDED
    else:
        effect = Effect.COSMETIC if one.kind in _TEXT_KINDS else Effect.STRUCTURE
    detail: dict[str, Any] = {
        "allowed_actions": counted.bits.get(Verdict.NEWLY_DENIED, 0).bit_count(),
        "denied_actions": counted.bits.get(Verdict.NEWLY_ALLOWED, 0).bit_count(),
        "undecided_actions": counted.bits.get(Verdict.UNDECIDED, 0).bit_count(),
        "allows_in": sorted(allows)[:MOST_NAMED],
        "denies_in": sorted(denies)[:MOST_NAMED],
        "allows_in_accounts": len(allows),
        "denies_in_accounts": len(denies),
        "examples": counted.examples,
    }
    if counted.problem:
        detail["problem"] = counted.problem
    if counted.unknown:
        detail["unknown"] = sorted(set(counted.unknown))
    concerned = frozenset(allows | denies | undecided) or touched
    return _weight(one, effect, concerned, detail, labels)


def _weight(
    one: FoundDifference,
    effect: Effect,
    accounts: Collection[str],
    detail: Mapping[str, Any],
    labels: LabelMap,
) -> DriftWeight:
    known = [labels.environment(account_id) for account_id in accounts]
    weight = EFFECT_WEIGHTS[effect]
    if weight is not EffectWeight.COSMETIC:
        weight = max(weight, _AT_LEAST.get(one.kind, weight))
    severity = Severity(severity_of(weight, accounts=len(accounts), labels=known))
    detail = {**detail, "production": is_production(known)}
    return DriftWeight(effect, severity, len(accounts), detail)


def is_production(labels: Iterable[TargetLabel]) -> bool:
    """Whether one of some environments is treated as production, and is known."""
    return any(label.protected and label.value is not None for label in labels)
