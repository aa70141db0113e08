"""Recorded usage under the policies before and after a change: what the change would do to it.

A record is decided under every SCP and RCP level that binds it, as though identity policies and
resource policies allowed it, in both states at once. Records that meet only statements that both
states have are recognised by their account and action, without being decided.

Whose the resource is: the account in aws:ResourceAccount, else in the resource's ARN, else the
account that recorded the call, since the owner of a bucket records it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from policies.compiled import Compiler, default_compiler
from policies.context_keys import spelled
from policies.evaluation.applicable import keys_of
from policies.evaluation.derived_context import derived_context
from policies.evaluation.judge import Judge
from policies.evaluation.principal import RequestPrincipal
from policies.evaluation.request import OrganizationIds
from policies.evaluation.requested_resource import is_pattern
from policies.language.conditions.values import ABSENT, UNKNOWN, ContextValue
from policies.targets import TargetTree
from policies.usage.callers import UsageCaller, UsageCallers
from policies.usage.chains import TreePair, UsedAction, used_action
from policies.usage.joint import UNCHANGED, DerivedKeys, JointDecision, ReplayEffect
from policies.usage.known_decisions import KnownDecisions, KnownPairs
from policies.usage.pair_program import PairPrograms
from policies.usage.record import NotUsage, UsageRecord
from policies.usage.resources import UsedResource, used_resource
from policies.usage.used_context import PRINCIPAL_ARN, ContextShape, owner_in
from policies.usage.used_request import UsedRequest

UNNAMED: Final = "principal"
"""Stands among the keys of a MAYBE where only the caller's account is known."""
_OF_ONE_CALLER: Final = frozenset(
    {PRINCIPAL_ARN, "aws:userid", "aws:username", "aws:principalservicename"}
)
"""Derived keys that callers of one kind and account do not share."""
_OF_THE_UNNAMED: Final[Mapping[str, ContextValue]] = dict.fromkeys(
    (PRINCIPAL_ARN, "aws:principaltype", "aws:userid", "aws:username"), UNKNOWN
)
_MOST_REMEMBERED: Final = 65536


@dataclass(frozen=True, slots=True)
class ControlTrees:
    """The control policies of one state. None: policies of that type are not enabled."""

    service_control: TargetTree | None
    resource_control: TargetTree | None = None


class ReplayedUse(NamedTuple):
    """What becomes of one record.

    `keys`: what decides where it is MAYBE, each as AWS spells it: a context key that was not
    recorded, `resource` where only some of the resources are affected, `principal` where the
    caller is not known. None of these: a condition's operator is none of AWS's. `is_by_aws`: AWS
    itself called, as a service principal or in a service-linked role.
    """

    record: UsageRecord
    effect: ReplayEffect
    keys: tuple[str, ...]
    is_by_aws: bool


@dataclass(slots=True)
class UsageReplay:
    """The effects on all records. `unchanged` counts records, of which no more is retained.

    `unlisted_accounts`: accounts that recorded usage and that no tree has.
    """

    revoked: list[ReplayedUse] = field(default_factory=list)
    gained: list[ReplayedUse] = field(default_factory=list)
    maybe: list[ReplayedUse] = field(default_factory=list)
    unchanged: int = 0
    calls: int = 0
    unlisted_accounts: frozenset[str] = frozenset()


class UsageReplayer:
    """Replays records one by one; what it learns of one serves all that are like it."""

    def __init__(
        self,
        before: ControlTrees,
        after: ControlTrees,
        organization: OrganizationIds | None = None,
        compiler: Compiler | None = None,
    ) -> None:
        self._compiler = compiler or default_compiler()
        self._organization = organization
        self._management_id = organization.management_account_id if organization else None
        judge = Judge(organization or OrganizationIds(None, None), self._compiler)
        self._judge = judge
        self._programs = PairPrograms(judge)
        all_bits = self._compiler.catalogue.all_bits
        self._service_control = TreePair(
            before.service_control, after.service_control, all_bits, must_allow=True
        )
        self._resource_control = TreePair(
            before.resource_control, after.resource_control, all_bits, must_allow=False
        )
        self._may_move = not (
            self._service_control.has_same_paths and self._resource_control.has_same_paths
        )
        self._only_service_control = self._resource_control.is_same and not self._may_move
        self._actions: dict[str, UsedAction] = {}
        self._callers = UsageCallers(self._service_control, organization)
        self._known = KnownPairs()
        self._derived: dict[tuple[RequestPrincipal, str | None], DerivedKeys] = {}
        self._shared_keys: dict[tuple[object, ...], Mapping[str, ContextValue]] = {}
        self._resources: dict[tuple[object, ...], UsedResource] = {}
        self._spelled: dict[str, str] = {}
        self._recorded: dict[str, bool] = {}
        self._keys_read = _keys_read(before) | _keys_read(after)
        self._shapes: dict[tuple[tuple[str, ...], tuple[str, ...]], ContextShape] = {}

    @property
    def unlisted_accounts(self) -> frozenset[str]:
        """The accounts that recorded usage and that no tree has."""
        return frozenset(account for account, listed in self._recorded.items() if not listed)

    def replay(self, record: UsageRecord) -> ReplayedUse:
        """Return what becomes of a record.

        :raises NotUsage: its principal is none.
        """
        account_id = record.account_id
        if account_id not in self._recorded:
            self._recorded[account_id] = self._is_listed(account_id)
        caller = self._callers.of(record)
        action = self._actions.get(record.action) or self._action(record.action)
        found = self._decided(record, caller, action)
        if found.effect is ReplayEffect.UNCHANGED:
            return ReplayedUse(record, found.effect, (), caller.kind.is_by_aws)
        effect, keys = found.effect, self._as_written(found.keys, record)
        if caller.is_unnamed:
            effect, keys = ReplayEffect.MAYBE, (*keys, UNNAMED)
        return ReplayedUse(record, effect, keys, caller.kind.is_by_aws)

    def _decided(
        self, record: UsageRecord, caller: UsageCaller, action: UsedAction
    ) -> JointDecision:
        kind = caller.kind
        by_service = kind.account.chains if kind.account and kind.is_bound else None
        is_touched = by_service is not None and by_service.delta.touches(action)
        if self._only_service_control and not is_touched:
            return UNCHANGED
        shape = self._shape(record)
        if self._only_service_control and by_service is not None and not caller.is_unnamed:
            found = by_service.delta.view(action).known(record, shape)
            if found is not None and found.is_same:
                return UNCHANGED
        context = shape.context(record)
        owner_id = owner_in(record, context)
        by_resource = None
        if (
            owner_id is not None
            and action.is_bound_by_rcp
            and not self._resource_control.is_absent
            and self._binds(owner_id, caller)
        ):
            by_resource = self._resource_control.account(owner_id).chains
            is_touched = is_touched or by_resource.delta.touches(action)
        has_moved = self._may_move and self._have_moved(kind.account_id, owner_id)
        if not is_touched and not has_moved:
            return UNCHANGED
        if caller.is_unnamed:
            context = {**_OF_THE_UNNAMED, **context}

        def find_resource() -> UsedResource:
            return self._resource(record, caller, owner_id, action)

        known, classes = self._known.of(by_service, by_resource, action), None
        if known.is_open and not has_moved:
            classes = self._classes(known, record, caller, owner_id, action, context, find_resource)
            decided = known.get(classes) if classes is not None else None
            if decided is not None:
                return decided
        request = UsedRequest(
            caller.principal,
            owner_id,
            action,
            context,
            self._derivation,
            find_resource,
            has_moved=has_moved,
        )
        decided = request.decided(by_service, by_resource, self._programs)
        if classes is not None:
            known.remember(classes, decided)
        return decided

    def _classes(
        self,
        known: KnownDecisions,
        record: UsageRecord,
        caller: UsageCaller,
        owner_id: str | None,
        action: UsedAction,
        context: Mapping[str, ContextValue],
        find_resource: Callable[[], UsedResource],
    ) -> tuple[object, ...] | None:
        """Return what a request has in common with those that are decided alike."""
        kind = caller.kind
        traits = (
            kind.traits,
            owner_id is not None and owner_id == self._management_id,
            owner_id is not None and owner_id == kind.account_id,
        )

        shared: Mapping[str, ContextValue] | None = None

        def derived(key: str) -> ContextValue:
            nonlocal shared
            if key in _OF_ONE_CALLER:
                return self._derivation(caller.principal, owner_id).before.get(key, ABSENT)
            if shared is None:
                shared = self._derived_of_account(caller, owner_id)
            return shared.get(key, ABSENT)

        text = record.resource
        resource = (text, action.index, owner_id, caller.kind.partition) if text == "*" else (text,)
        return known.classes(traits, context, derived, resource, find_resource)

    def _derived_of_account(
        self, caller: UsageCaller, owner_id: str | None
    ) -> Mapping[str, ContextValue]:
        """Return the derived keys that a caller shares with those like it in its account."""
        key = (caller.kind.traits, caller.kind.account_id, owner_id)
        found = self._shared_keys.get(key)
        if found is None:
            if len(self._shared_keys) >= _MOST_REMEMBERED:
                self._shared_keys.clear()
            found = self._shared_keys[key] = self._derivation(caller.principal, owner_id).before
        return found

    def _have_moved(self, *account_ids: str | None) -> bool:
        """Whether one of some accounts stands elsewhere after the change."""
        return any(
            tree.account(account_id).has_moved
            for account_id in account_ids
            if account_id is not None
            for tree in (self._service_control, self._resource_control)
        )

    def _shape(self, record: UsageRecord) -> ContextShape:
        key = (tuple(record.context), record.unknown_context)
        found = self._shapes.get(key)
        if found is None:
            if len(self._shapes) >= _MOST_REMEMBERED:
                self._shapes.clear()
            found = self._shapes[key] = ContextShape(*key, self._open_keys(key[1]))
        return found

    def _open_keys(self, unknown: tuple[str, ...]) -> tuple[str, ...]:
        """Return the keys that policies read and that unknown keys with a variable stand for.

        `aws:PrincipalTag/${TagKey}` stands for every tag of the caller.
        """
        begins = tuple([key.lower().partition("${")[0] for key in unknown if "${" in key])
        return tuple(sorted(key for key in self._keys_read if key.startswith(begins)))

    def _binds(self, owner_id: str, caller: UsageCaller) -> bool:
        """Whether RCPs bind a caller's requests for an account's resources, actions apart."""
        if caller.kind.is_linked:
            return False
        return self._organization is None or owner_id != self._management_id

    def _resource(
        self, record: UsageRecord, caller: UsageCaller, owner_id: str | None, action: UsedAction
    ) -> UsedResource:
        text = record.resource
        if not is_pattern(text):
            return UsedResource(text, None, ())
        key = (text, action.index if text == "*" else None, owner_id, caller.kind.partition)
        found = self._resources.get(key)
        if found is None:
            if len(self._resources) >= _MOST_REMEMBERED:
                self._resources.clear()
            found = self._resources[key] = used_resource(
                text, action, owner_id, caller.kind.partition, self._compiler.catalogue
            )
        return found

    def _action(self, name: str) -> UsedAction:
        is_bound = self._judge.is_bound_by_rcp(name)
        found = used_action(name, self._compiler, is_bound_by_rcp=is_bound)
        self._actions[name] = found
        return found

    def _is_listed(self, account_id: str) -> bool:
        trees = (self._service_control, self._resource_control)
        return any(tree.account(account_id).is_listed for tree in trees)

    def _derivation(self, principal: RequestPrincipal, owner_id: str | None) -> DerivedKeys:
        key = (principal, owner_id)
        found = self._derived.get(key)
        if found is None:
            own, owners = self._paths(principal.account_id), self._paths(owner_id)
            before = derived_context(principal, owner_id, self._organization, own[0], owners[0])
            after, apart = before, frozenset[str]()
            if own[0] != own[1] or owners[0] != owners[1]:
                after = derived_context(principal, owner_id, self._organization, own[1], owners[1])
                apart = frozenset(
                    key for key in before.keys() | after.keys() if before.get(key) != after.get(key)
                )
            if len(self._derived) >= _MOST_REMEMBERED:
                self._derived.clear()
            found = self._derived[key] = DerivedKeys(before, after, apart)
        return found

    def _paths(
        self, account_id: str | None
    ) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
        if account_id is None:
            return None, None
        by_service = self._service_control.account(account_id)
        by_resource = self._resource_control.account(account_id)
        return (
            by_service.path_before or by_resource.path_before,
            by_service.path_after or by_resource.path_after,
        )

    def _as_written(self, keys: Iterable[str], record: UsageRecord) -> tuple[str, ...]:
        written = {key.lower(): key for key in record.unknown_context}
        return tuple([written.get(key) or self._spelling(key) for key in keys])

    def _spelling(self, key: str) -> str:
        found = self._spelled.get(key)
        if found is None:
            found = self._spelled[key] = spelled(self._compiler.catalogue, key)
        return found


def _keys_read(trees: ControlTrees) -> frozenset[str]:
    """Return the context keys, in lower case, that the policies of a state read."""
    return frozenset(
        key
        for tree in (trees.service_control, trees.resource_control)
        for target in (tree.by_id.values() if tree is not None else ())
        for statement in target.level.statements
        for key in keys_of(statement)
    )


def replay_usage(
    before: ControlTrees,
    after: ControlTrees,
    usage: Iterable[UsageRecord],
    organization: OrganizationIds | None = None,
    compiler: Compiler | None = None,
) -> UsageReplay:
    """Return what a change would do to recorded usage.

    :raises NotUsage: a record's principal is none; the message begins with the record's number.
    """
    replayer = UsageReplayer(before, after, organization, compiler)
    found = UsageReplay()
    by_effect = {
        ReplayEffect.REVOKED: found.revoked,
        ReplayEffect.GAINED: found.gained,
        ReplayEffect.MAYBE: found.maybe,
    }
    for number, record in enumerate(usage, 1):
        try:
            use = replayer.replay(record)
        except NotUsage as error:
            raise NotUsage(f"record {number}: {error}") from error
        found.calls += record.count
        if use.effect is ReplayEffect.UNCHANGED:
            found.unchanged += 1
        else:
            by_effect[use.effect].append(use)
    found.unlisted_accounts = replayer.unlisted_accounts
    return found
