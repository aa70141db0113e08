"""Accounts before and after a change: what of the levels that bind them can decide a request.

Accounts below the same levels share one `ChainPair`. A statement that does not hold for a request,
whatever its unknown keys are, is left out; most requests meet nothing that the two states do not
share, and need no decision at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Final, NamedTuple

from policies.compiled import CompiledStatement, Compiler, PolicyLevel
from policies.evaluation.applicable import EVERYBODY, ApplicableLayer, keys_of
from policies.evaluation.program import Ternary
from policies.statement_cover import StatementCover
from policies.targets import TargetTree
from policies.usage.record import UsageRecord
from policies.usage.used_context import ContextShape, ReadValue
from policies.usage.value_classes import KeyClasses, ValueClasses

_MOST_REMEMBERED: Final = 65536
_Levels = tuple[PolicyLevel, ...]
_Limits = frozenset[frozenset[CompiledStatement]]
StatementTest = Callable[[CompiledStatement], Ternary]
"""Whether a statement holds for a request; None where that is not known."""


class UsedAction:
    """An action as usage names it. `index`: in the catalogue, None if it is not there.

    `covering[statement]`: whether a statement covers it.
    """

    __slots__ = ("covering", "index", "is_bound_by_rcp", "lowered", "name")

    def __init__(self, name: str, lowered: str, index: int | None, is_bound_by_rcp: bool) -> None:
        self.name = name
        self.lowered = lowered
        self.index = index
        self.is_bound_by_rcp = is_bound_by_rcp
        self.covering = StatementCover(lowered, index)


def used_action(name: str, compiler: Compiler, *, is_bound_by_rcp: bool) -> UsedAction:
    """Return an action by its name, in any case."""
    lowered = name.lower()
    return UsedAction(name, lowered, compiler.catalogue.index_of.get(lowered), is_bound_by_rcp)


class OpenStatements(NamedTuple):
    """The statements that can decide a request in one state.

    `denies` of all levels; `limits`: the allows of each level that does not allow everything, one
    of which must hold.
    """

    denies: frozenset[CompiledStatement]
    limits: _Limits

    @property
    def groups(self) -> tuple[frozenset[CompiledStatement], ...]:
        """The denies, and each of the limits."""
        return (self.denies, *self.limits)

    @property
    def names_principals(self) -> bool:
        """Whether a statement is about some principals only."""
        return any(s.principals not in (None, EVERYBODY) for group in self.groups for s in group)

    def covering(self, action: UsedAction) -> OpenStatements:
        """Return only those that cover an action."""
        return self.that_may_hold(action.covering.__getitem__)

    def that_may_hold(self, holds: StatementTest) -> OpenStatements:
        """Leave out what does not hold; a limit of which nothing is left allows nothing."""
        denies, *limits = (
            frozenset(s for s in group if holds(s) is not False) for group in self.groups
        )
        return OpenStatements(denies, frozenset(limits))

    def layers(self, allow: CompiledStatement) -> tuple[ApplicableLayer, ...]:
        """Return the same as layers; `allow`: a statement that allows everything."""
        limits = tuple(map(ApplicableLayer, self.limits))
        return (ApplicableLayer(self.denies | {allow}), *limits) if self.denies else limits


class OpenPair:
    """The statements that can decide, before and after; `is_same`: no statement differs."""

    __slots__ = ("after", "before", "is_same")

    def __init__(self, before: OpenStatements, after: OpenStatements) -> None:
        self.before = before
        self.after = after
        self.is_same = before == after

    def with_common(self, denies: Iterable[CompiledStatement]) -> OpenPair:
        """Return the same with denies of both states."""
        common = frozenset(denies)
        return OpenPair(
            OpenStatements(self.before.denies | common, self.before.limits),
            OpenStatements(self.after.denies | common, self.after.limits),
        )


NOTHING_OPEN = OpenPair(*[OpenStatements(frozenset(), frozenset())] * 2)


class DeltaView:
    """What two chains do not share, as one action meets it, with what was found for values.

    `keys`: the context keys, in lower case, that it reads, with the classes of their values;
    `reads_resource`: whether it reads the resource, too.
    """

    __slots__ = ("_found", "_readers", "keys", "reads_resource", "sides")

    def __init__(self, before: OpenStatements, after: OpenStatements, classes: KeyClasses) -> None:
        self.sides = (before, after)
        listed = {s for side in self.sides for group in side.groups for s in group}
        self.keys = classes.of(listed, sorted(frozenset[str]().union(*map(keys_of, listed))))
        self.reads_resource = any(s.resources is not None for s in listed)
        self._found: dict[tuple[object, ...], OpenPair] = {}
        self._readers: dict[ContextShape, list[tuple[ReadValue, ValueClasses | None]]] = {}

    def known(self, record: UsageRecord, shape: ContextShape) -> OpenPair | None:
        """Return what was found for a context that by itself, and as before, decides it."""
        if self.reads_resource:
            return None
        readers = self._readers.get(shape)
        if readers is None:
            if len(self._readers) >= _MOST_REMEMBERED:
                self._readers.clear()
            readers = self._readers[shape] = [
                (shape.reader_of(key), classes) for key, classes in self.keys
            ]
        values: list[object] = []
        for read, classes in readers:
            value = read(record)
            if value is None:
                return None
            values.append(value if classes is None else classes[value])
        return self._found.get(tuple(values))

    def open_statements(self, values: tuple[object, ...], holds: StatementTest) -> OpenPair:
        """Return the statements of each side that may hold; `holds` is asked once for `values`."""
        found = self._found.get(values)
        if found is None:
            if len(self._found) >= _MOST_REMEMBERED:
                self._found.clear()
            before, after = (side.that_may_hold(holds) for side in self.sides)
            found = self._found[values] = OpenPair(before, after)
        return found


class ChainDelta:
    """What differs between the chains of accounts, however much they have in common.

    `lost`, `added`: denies of one state only; `limits`: of both states, as in `OpenStatements`.
    """

    def __init__(
        self,
        lost: frozenset[CompiledStatement],
        added: frozenset[CompiledStatement],
        limits: tuple[_Limits, _Limits],
        all_bits: int,
        classes: KeyClasses,
    ) -> None:
        self._classes = classes
        self._lost = lost
        self._added = added
        self._limits = limits
        self.is_empty = not (lost or added or any(limits))
        self._moving = _moving(*limits)
        bits = reduce(or_, (s.action_bits for s in (*lost, *added, *(self._moving or ()))), 0)
        bits = all_bits if self._moving is None else bits
        self._bits = bits
        self._touches: dict[UsedAction, bool] = {}
        self._views: dict[UsedAction, DeltaView] = {}

    def touches(self, action: UsedAction) -> bool:
        """Whether an action may meet other statements after than before; false is certain."""
        found = self._touches.get(action)
        if found is None:
            found = self._touches[action] = self._may_touch(action)
        return found

    def _may_touch(self, action: UsedAction) -> bool:
        index = action.index
        if index is not None:
            return bool(self._bits >> index & 1)
        moving = self._moving
        return moving is None or any(
            map(action.covering.__getitem__, (*self._lost, *self._added, *moving))
        )

    def view(self, action: UsedAction) -> DeltaView:
        """Return what differs for an action."""
        found = self._views.get(action)
        if found is None:
            before, after = (
                OpenStatements(denies, limits).covering(action)
                for denies, limits in zip((self._lost, self._added), self._limits, strict=True)
            )
            found = self._views[action] = DeltaView(before, after, self._classes)
        return found


class CoveringPair(NamedTuple):
    """The statements that cover an action: denies of both states, and what differs."""

    common: tuple[CompiledStatement, ...]
    before: OpenStatements
    after: OpenStatements


class ChainPair:
    """The levels above alike accounts, before and after: `common` denies, and what differs."""

    __slots__ = ("common", "delta")

    def __init__(self, common: tuple[CompiledStatement, ...], delta: ChainDelta) -> None:
        self.common = common
        self.delta = delta

    def covering(self, action: UsedAction) -> CoveringPair:
        """Return the statements that cover an action."""
        covering = action.covering
        common = tuple([s for s in self.common if covering[s]])
        return CoveringPair(common, *self.delta.view(action).sides)


def _denies(levels: _Levels | None) -> dict[CompiledStatement, None]:
    return {s: None for level in levels or () for s in level.denies}


def _limits(levels: _Levels | None, all_bits: int) -> _Limits:
    return frozenset(
        frozenset(level.allows)
        for level in levels or ()
        if not any(s.is_unconditional and s.action_patterns == ("*",) and not s.not_action
                   and s.action_bits == all_bits for s in level.allows)
    )  # fmt: skip


def _moving(before: _Limits, after: _Limits) -> frozenset[CompiledStatement] | None:
    """Return the allows by whose actions alone the limits can differ; None: by any action."""
    old, new = before - after, after - before
    if not old and not new:
        return frozenset()
    if not old or not new:
        return None
    every: Sequence[frozenset[CompiledStatement]] = (*old, *new)
    return frozenset[CompiledStatement]().union(*every).difference(frozenset.intersection(*every))


@dataclass(frozen=True, eq=False, slots=True)
class AccountPair:
    """One account. Paths: target ids from the root down to it, None where no tree has it."""

    chains: ChainPair
    path_before: tuple[str, ...] | None
    path_after: tuple[str, ...] | None

    @property
    def is_listed(self) -> bool:
        """Whether a tree has it."""
        return self.path_before is not None or self.path_after is not None

    @property
    def has_moved(self) -> bool:
        """Whether it stands elsewhere after the change."""
        return self.path_before != self.path_after


class TreePair:
    """The trees of one policy type before and after. None: such policies are not enabled.

    `is_same`: nothing differs for any account; `has_same_paths`: none has moved; `is_absent`: such
    policies are enabled neither before nor after.
    """

    def __init__(
        self,
        before: TargetTree | None,
        after: TargetTree | None,
        all_bits: int,
        *,
        must_allow: bool,
    ) -> None:
        self._before = before
        self._after = after
        self._all_bits = all_bits
        self._must_allow = must_allow
        self.is_absent = before is None and after is None
        self.has_same_paths = _have_same_paths(before, after)
        self.is_same = self.has_same_paths and _have_same_levels(before, after)
        self._chains: dict[tuple[_Levels | None, _Levels | None], ChainPair] = {}
        self._deltas: dict[object, ChainDelta] = {}
        self._accounts: dict[str, AccountPair] = {}
        self._classes = KeyClasses()

    def account(self, account_id: str) -> AccountPair:
        """Return an account, whether a tree has it or not."""
        found = self._accounts.get(account_id)
        if found is None:
            before, path_before = _chain(self._before, account_id)
            after, path_after = _chain(self._after, account_id)
            chains = self._chains.get((before, after)) or self._made(before, after)
            found = self._accounts[account_id] = AccountPair(chains, path_before, path_after)
        return found

    def _made(self, before: _Levels | None, after: _Levels | None) -> ChainPair:
        old, new = _denies(before), _denies(after)
        common = [s for s in old if s in new]
        # What holds for every request comes first: it ends the question.
        common.sort(key=lambda s: (len(s.conditions), s.resources is not None))
        lost, added = (frozenset(side).difference(common) for side in (old, new))
        limits = (frozenset[frozenset[CompiledStatement]](),) * 2
        if self._must_allow:
            limits = (_limits(before, self._all_bits), _limits(after, self._all_bits))
        delta = self._deltas.get((lost, added, limits))
        if delta is None:
            delta = ChainDelta(lost, added, limits, self._all_bits, self._classes)
            self._deltas[lost, added, limits] = delta
        made = self._chains[before, after] = ChainPair(tuple(common), delta)
        return made


def _chain(
    tree: TargetTree | None, account_id: str
) -> tuple[_Levels | None, tuple[str, ...] | None]:
    if tree is None or account_id not in tree.by_id:
        return None, None
    path = tree.path(account_id)
    return tuple(target.level for target in path), tuple(target.target_id for target in path)


def _have_same_paths(before: TargetTree | None, after: TargetTree | None) -> bool:
    if before is None or after is None:
        return before is after
    return before.by_id.keys() == after.by_id.keys() and all(
        target.parent_id == after.by_id[target_id].parent_id
        for target_id, target in before.by_id.items()
    )


def _have_same_levels(before: TargetTree | None, after: TargetTree | None) -> bool:
    if before is None or after is None:
        return before is after
    return all(
        target.level is after.by_id[target_id].level for target_id, target in before.by_id.items()
    )
