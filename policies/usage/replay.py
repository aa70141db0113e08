"""Recorded usage under the policies before and after a change: what the change would do to it.

A record is decided under every SCP and RCP level that binds it, as though identity policies and
resource policies allowed it, in both states at once. Records that meet only statements that both
states have are recognised by their account and action, without being decided.

Whose the resource is: the account in aws:ResourceAccount, else in the resource's ARN, else the
account that recorded the call, since the owner of a bucket records it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from policies.compiled import Compiler, default_compiler
from policies.context_keys import spelled
from policies.evaluation.applicable import keys_of
from policies.evaluation.derived_context import derived_context
from policies.evaluation.judge import Judge
from policies.evaluation.principal import (
    NotAPrincipal,
    PrincipalKind,
    RequestPrincipal,
    parse_principal,
)
from policies.evaluation.request import OrganizationIds
from policies.evaluation.requested_resource import is_pattern
from policies.language.conditions.values import UNKNOWN, ContextValue
from policies.targets import TargetTree
from policies.usage.chains import AccountPair, TreePair, UsedAction, used_action
from policies.usage.joint import UNCHANGED, DerivedKeys, JointDecision, ReplayEffect
from policies.usage.pair_program import PairPrograms
from policies.usage.record import NotUsage, UsageRecord
from policies.usage.resources import UsedResource, used_resource
from policies.usage.used_request import UsedRequest

UNNAMED: Final = "principal"
"""Stands among the keys of a MAYBE where only the caller's account is known."""
_PRINCIPAL_ARN: Final = "aws:principalarn"
_RESOURCE_ACCOUNT: Final = "aws:resourceaccount"
_REGION: Final = "aws:requestedregion"
_OF_THE_UNNAMED: Final[Mapping[str, ContextValue]] = dict.fromkeys(
    (_PRINCIPAL_ARN, "aws:principaltype", "aws:userid", "aws:username"), UNKNOWN
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


class _Caller(NamedTuple):
    """A principal of usage. `account`: its own; `is_bound`: SCPs bind it."""

    principal: RequestPrincipal
    account: AccountPair | None
    is_bound: bool
    is_unnamed: bool
    is_by_aws: bool


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
        self._callers: dict[str, _Caller] = {}
        self._derived: dict[tuple[RequestPrincipal, str | None], DerivedKeys] = {}
        self._resources: dict[tuple[object, ...], UsedResource] = {}
        self._spelled: dict[str, str] = {}
        self._recorded: dict[str, bool] = {}
        self._keys_read = _keys_read(before) | _keys_read(after)
        self._opened: dict[tuple[str, ...], tuple[str, ...]] = {}

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
        caller = self._callers.get(record.principal) or self._caller(record)
        action = self._actions.get(record.action) or self._action(record.action)
        found = self._decided(record, caller, action)
        if found.effect is ReplayEffect.UNCHANGED:
            return ReplayedUse(record, found.effect, (), caller.is_by_aws)
        effect, keys = found.effect, self._as_written(found.keys, record)
        if caller.is_unnamed:
            effect, keys = ReplayEffect.MAYBE, (*keys, UNNAMED)
        return ReplayedUse(record, effect, keys, caller.is_by_aws)

    def _decided(self, record: UsageRecord, caller: _Caller, action: UsedAction) -> JointDecision:
        by_service = caller.account.chains if caller.account and caller.is_bound else None
        is_touched = by_service is not None and by_service.delta.touches(action)
        if self._only_service_control and not is_touched:
            return UNCHANGED
        context = _context_of(record)
        for key in self._open_keys(record.unknown_context):
            context.setdefault(key, UNKNOWN)
        if self._only_service_control and by_service is not None and not caller.is_unnamed:
            known = by_service.delta.view(action).known(context)
            if known is not None and known.is_same:
                return UNCHANGED
        owner_id = _owner_id(record, context)
        by_resource = None
        if (
            owner_id is not None
            and action.is_bound_by_rcp
            and not self._resource_control.is_absent
            and self._binds(owner_id, caller)
        ):
            by_resource = self._resource_control.account(owner_id).chains
            is_touched = is_touched or by_resource.delta.touches(action)
        has_moved = self._may_move and self._have_moved(caller.principal.account_id, owner_id)
        if not is_touched and not has_moved:
            return UNCHANGED
        if caller.is_unnamed:
            context = {**_OF_THE_UNNAMED, **context}
        request = UsedRequest(
            caller.principal,
            owner_id,
            action,
            context,
            self._derivation,
            lambda: self._resource(record, caller, owner_id, action),
            has_moved=has_moved,
        )
        return request.decided(by_service, by_resource, self._programs)

    def _have_moved(self, *account_ids: str | None) -> bool:
        """Whether one of some accounts stands elsewhere after the change."""
        return any(
            tree.account(account_id).has_moved
            for account_id in account_ids
            if account_id is not None
            for tree in (self._service_control, self._resource_control)
        )

    def _open_keys(self, unknown: tuple[str, ...]) -> tuple[str, ...]:
        """Return the keys that policies read and that unknown keys with a variable stand for.

        `aws:PrincipalTag/${TagKey}` stands for every tag of the caller.
        """
        found = self._opened.get(unknown)
        if found is None:
            if len(self._opened) >= _MOST_REMEMBERED:
                self._opened.clear()
            begins = tuple([key.lower().partition("${")[0] for key in unknown if "${" in key])
            found = tuple(sorted(key for key in self._keys_read if key.startswith(begins)))
            self._opened[unknown] = found
        return found

    def _binds(self, owner_id: str, caller: _Caller) -> bool:
        """Whether RCPs bind a caller's requests for an account's resources, actions apart."""
        if caller.principal.is_service_linked_role:
            return False
        return self._organization is None or owner_id != self._organization.management_account_id

    def _resource(
        self, record: UsageRecord, caller: _Caller, owner_id: str | None, action: UsedAction
    ) -> UsedResource:
        text = record.resource
        if not is_pattern(text):
            return UsedResource(text, None, ())
        partition = caller.principal.text.split(":", 2)[1:2] or ["aws"]
        key = (text, action.index if text == "*" else None, owner_id, partition[0])
        found = self._resources.get(key)
        if found is None:
            if len(self._resources) >= _MOST_REMEMBERED:
                self._resources.clear()
            found = self._resources[key] = used_resource(
                text, action, owner_id, partition[0], self._compiler.catalogue
            )
        return found

    def _caller(self, record: UsageRecord) -> _Caller:
        text = record.principal
        is_unnamed = _is_account(text)
        try:
            principal = parse_principal(f"arn:aws:iam::{text}:role/-" if is_unnamed else text)
            if principal.kind is PrincipalKind.SESSION:
                # Sessions of equal ARN may differ in their role's path, so none is remembered.
                role = _context_of(record).get(_PRINCIPAL_ARN)
                if isinstance(role, str):
                    return self._made_caller(principal.with_role(role), is_unnamed=False)
        except NotAPrincipal as error:
            raise NotUsage(str(error)) from error
        made = self._made_caller(principal, is_unnamed=is_unnamed)
        if principal.kind is not PrincipalKind.SESSION:
            self._callers[text] = made
        return made

    def _made_caller(self, principal: RequestPrincipal, *, is_unnamed: bool) -> _Caller:
        account_id = principal.account_id
        is_management = (
            self._organization is not None
            and account_id is not None
            and account_id == self._organization.management_account_id
        )
        is_linked = principal.is_service_linked_role
        return _Caller(
            principal,
            None if account_id is None else self._service_control.account(account_id),
            not is_management and not is_linked,
            is_unnamed,
            is_linked or principal.kind is PrincipalKind.SERVICE,
        )

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


class _Lowered(dict[str, str]):
    """Keys in lower case, each lowered once."""

    def __missing__(self, key: str) -> str:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        lowered = self[key] = key.lower()
        return lowered


_lowered: Final = _Lowered()


def _context_of(record: UsageRecord) -> dict[str, ContextValue]:
    """Return the context by lower-case key; the region is aws:RequestedRegion unless given."""
    context: dict[str, ContextValue] = {
        _lowered[key]: value for key, value in record.context.items()
    }
    for key in record.unknown_context:
        context[_lowered[key]] = UNKNOWN
    if record.region is not None and _REGION not in context:
        context[_REGION] = record.region
    return context


def owner_of(record: UsageRecord) -> str | None:
    """Return whose a record's resource is, None where that cannot be told; see the module."""
    return _owner_id(record, _context_of(record))


def _owner_id(record: UsageRecord, context: Mapping[str, ContextValue]) -> str | None:
    owner = context.get(_RESOURCE_ACCOUNT)
    if isinstance(owner, str) and _is_account(owner):
        return owner
    parts = record.resource.split(":", 5)
    if len(parts) == 6 and _is_account(parts[4]):
        return parts[4]
    return record.account_id if _is_account(record.account_id) else None


def _is_account(text: str) -> bool:
    return len(text) == 12 and text.isdecimal() and text.isascii()
