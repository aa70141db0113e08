"""Merges the management policies of one type from the root down, by their inheritance operators.

Source: Organizations user guide, "Understanding management policy inheritance", "Inheritance
operators" and "Inheritance examples":

- `@@assign` replaces what is inherited, `@@append` adds to a list, `@@remove` takes from it. A
  list that is left empty is no setting any more.
- `@@operators_allowed_for_child_policies` limits the policies of lower levels, not those beside
  it. Lower levels cannot widen it; of policies on one level the intersection holds. It stands for
  the element that holds it and for what a lower level would add within that element; an element
  within it that the higher levels already define has its own (the guide locks each element of a
  policy by itself).
- Of policies on one level that assign different values the one that was attached first wins.
- The keys of tag policies ignore case.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from policies.language.document import ManagementPolicy
from policies.language.management_grammar import CHILD_CONTROL, VALUE_OPERATORS
from policies.language.policy_types import PolicyType
from policies.lint.management import SchemaPart, management_schemas

Steps = tuple[str, ...]
JsonSettings = dict[str, "JsonSettings | str | list[str]"]

_ASSIGN: Final = "@@assign"
_APPEND: Final = "@@append"
_IGNORES_CASE: Final = frozenset({PolicyType.TAG_POLICY})


@dataclass(frozen=True, slots=True)
class AttachedSettings:
    """A policy at a level. `policy` is None where its text cannot be read.

    `rank`: policies of a level with a lower one were attached earlier; of equal ones it is not
    known which was first.
    """

    policy_id: str
    policy: ManagementPolicy | None
    rank: int = 0


@dataclass(frozen=True, slots=True)
class SettingsLevel:
    """One target on the way from the root, with its policies of one type."""

    target_id: str
    policies: tuple[AttachedSettings, ...]


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one policy at one level does to a setting: an operator and its values."""

    target_id: str
    policy_id: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EffectiveSetting:
    """A setting as it holds at the target.

    `path`: names from the policy's root element on. `set_by`: what made the value, the deciding
    `@@assign` first. `is_certain` is False where AWS's choice hangs on an order of attachment that
    is not known. `allowed_below`: the operators that policies of lower levels may still use.
    """

    path: Steps
    values: tuple[str, ...]
    is_list: bool
    set_by: tuple[Contribution, ...]
    is_certain: bool
    allowed_below: frozenset[str]


class PolicyProblemKind(StrEnum):
    """Why something a policy says does not come to be, or is not known.

    NOT_ALLOWED: a higher level does not let lower ones use the operator. CONFLICT: another policy
    of the same level assigns another value. UNREADABLE: the policy's text cannot be read.
    """

    NOT_ALLOWED = "not_allowed"
    CONFLICT = "conflict"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class PolicyProblem:
    """Something that a policy says and that does not hold. `message` says it in a sentence.

    `path`, `operator` and `values` are empty where the whole policy is meant. `by`: (target id,
    policy id) of those that prevent it.
    """

    kind: PolicyProblemKind
    target_id: str
    policy_id: str
    path: Steps
    operator: str
    values: tuple[str, ...]
    by: tuple[tuple[str, str], ...]
    message: str


@dataclass(frozen=True, slots=True)
class ComputedEffectivePolicy:
    """What all levels amount to. `is_known` is False where a policy on the way is unreadable."""

    policy_type: PolicyType
    settings: tuple[EffectiveSetting, ...]
    problems: tuple[PolicyProblem, ...]
    is_known: bool

    def document(self) -> JsonSettings:
        """Return the settings as AWS's DescribeEffectivePolicy gives them; {} if there are none."""
        root: JsonSettings = {}
        for setting in self.settings:
            node = root
            for step in setting.path[:-1]:
                inner = node.setdefault(step, {})
                if not isinstance(inner, dict):
                    break
                node = inner
            else:
                node[setting.path[-1]] = (
                    list(setting.values) if setting.is_list else setting.values[0]
                )
        return root


@dataclass(slots=True)
class _Limit:
    allowed: frozenset[str] = VALUE_OPERATORS
    by: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Node:
    spelled: Steps
    values: tuple[str, ...] = ()
    is_list: bool = False
    has_value: bool = False
    is_certain: bool = True
    set_by: tuple[Contribution, ...] = ()
    limit: _Limit = field(default_factory=_Limit)


@dataclass(frozen=True, slots=True)
class _SettingChange:
    key: Steps
    path: Steps
    rank: int
    what: Contribution


def setting_key(policy_type: PolicyType, path: Steps) -> Steps:
    """Return the identity of a setting: the keys of tag policies ignore case."""
    return tuple(step.lower() for step in path) if policy_type in _IGNORES_CASE else path


def effective_policy(
    policy_type: PolicyType, levels: Iterable[SettingsLevel]
) -> ComputedEffectivePolicy:
    """Merge the policies of one management type; `levels` go from the root to the target."""
    merger = _Merger(policy_type)
    for level in levels:
        merger.descend(level)
    return merger.result()


class _Merger:
    def __init__(self, policy_type: PolicyType) -> None:
        self.policy_type = policy_type
        self.nodes: dict[Steps, _Node] = {}
        self.problems: list[PolicyProblem] = []
        self.is_known = True

    def descend(self, level: SettingsLevel) -> None:
        """Take one level in: first its values under the limits of those above, then its limits."""
        ordered = sorted(level.policies, key=lambda attached: attached.rank)
        changes: list[_SettingChange] = []
        controls: list[tuple[Steps, Steps, str, frozenset[str]]] = []
        for attached in ordered:
            if attached.policy is None:
                self.is_known = False
                self._unreadable(level.target_id, attached.policy_id)
                continue
            for written, values in attached.policy.settings:
                steps = tuple(str(step) for step in written)
                operator = steps[-1] if steps[-1].startswith("@@") else ""
                path = steps[:-1] if operator else steps
                key = self._key(path)
                if operator == CHILD_CONTROL:
                    controls.append((key, path, attached.policy_id, _operators(values)))
                elif operator in VALUE_OPERATORS or not operator:
                    what = Contribution(
                        level.target_id, attached.policy_id, operator or _ASSIGN, values
                    )
                    changes.append(_SettingChange(key, path, attached.rank, what))
        self._apply(self._allowed(changes))
        for key, path, policy_id, allowed in controls:
            self._limit(key, path, (level.target_id, policy_id), allowed)

    def result(self) -> ComputedEffectivePolicy:
        """Return what holds after the last level."""
        found = tuple(
            EffectiveSetting(
                path=node.spelled,
                values=node.values,
                is_list=node.is_list,
                set_by=node.set_by,
                is_certain=node.is_certain,
                allowed_below=node.limit.allowed,
            )
            for node in self.nodes.values()
            if node.has_value and node.values
        )
        return ComputedEffectivePolicy(self.policy_type, found, tuple(self.problems), self.is_known)

    def _holds_list(self, path: Steps) -> bool:
        """Whether AWS documents the setting as a list; False where the setting is not known."""
        node: SchemaPart | None = management_schemas().get(self.policy_type)
        for step in path:
            if not isinstance(node, Mapping):
                return False
            node = node.get(step, node.get("*"))
        return isinstance(node, Mapping) and node.get("@list") is True

    def _key(self, path: Steps) -> Steps:
        return setting_key(self.policy_type, path)

    def _allowed(self, changes: Sequence[_SettingChange]) -> list[_SettingChange]:
        """Leave out what higher levels do not allow, and report it."""
        left = []
        for change in changes:
            limit = self._limit_of(change.key)
            if change.what.operator in limit.allowed:
                left.append(change)
                continue
            node = self.nodes.get(change.key)
            same = node is not None and node.values == change.what.values
            if same and change.what.operator == _ASSIGN:
                continue
            may = ", ".join(sorted(limit.allowed)) or "no operator"
            self._problem(
                PolicyProblemKind.NOT_ALLOWED,
                change,
                limit.by,
                f"{change.what.operator} on {'.'.join(change.path)} has no effect: a level above "
                f"allows {may} here.",
            )
        return left

    def _limit_of(self, key: Steps) -> _Limit:
        """Return the limit of the nearest element that higher levels define."""
        for length in range(len(key), 0, -1):
            node = self.nodes.get(key[:length])
            if node is not None:
                return node.limit
        return _Limit()

    def _apply(self, changes: Sequence[_SettingChange]) -> None:
        by_key: dict[Steps, list[_SettingChange]] = {}
        for change in changes:
            by_key.setdefault(change.key, []).append(change)
        # Before any is applied, so that a new element takes the limits of the levels above alone.
        nodes = {key: self._node(key, found[0].path) for key, found in by_key.items()}
        for key, found in by_key.items():
            node = nodes[key]
            assigning = [change for change in found if change.what.operator == _ASSIGN]
            if assigning:
                self._assign(node, assigning)
            for change in found:
                if change.what.operator != _ASSIGN:
                    self._alter(node, change.what)

    def _assign(self, node: _Node, assigning: Sequence[_SettingChange]) -> None:
        first, *others = assigning
        node.values = first.what.values
        node.is_list = len(first.what.values) > 1 or self._holds_list(first.path)
        node.has_value = node.is_certain = True
        node.set_by = (first.what,)
        for other in others:
            if other.what.values == first.what.values:
                continue
            known = other.rank != first.rank
            node.is_certain &= known
            which = "was attached first, so its value applies" if known else "may hold as well"
            tail = "" if known else ": AWS takes the one attached first, which is not known"
            self._problem(
                PolicyProblemKind.CONFLICT,
                other,
                ((first.what.target_id, first.what.policy_id),),
                f"Two policies of one level assign {'.'.join(other.path)}; "
                f"{first.what.policy_id} {which}{tail}.",
            )

    def _alter(self, node: _Node, what: Contribution) -> None:
        if what.operator == _APPEND:
            node.values = tuple(dict.fromkeys((*node.values, *what.values)))
        else:
            node.values = tuple(v for v in node.values if v not in what.values)
        node.has_value = node.is_list = True
        node.set_by = (*node.set_by, what)

    def _limit(self, key: Steps, path: Steps, by: tuple[str, str], allowed: frozenset[str]) -> None:
        node = self._node(key, path)
        narrowed = node.limit.allowed & allowed
        if narrowed != node.limit.allowed:
            node.limit = _Limit(narrowed, (*node.limit.by, by))

    def _node(self, key: Steps, path: Steps) -> _Node:
        """Return an element, made with the elements above it where it is new."""
        for length in range(1, len(key) + 1):
            part = key[:length]
            if part not in self.nodes:
                above = self._limit_of(part)
                spelled = (*self.nodes[part[:-1]].spelled, path[length - 1]) if length > 1 else ()
                self.nodes[part] = _Node(spelled or path[:1], limit=_Limit(above.allowed, above.by))
        return self.nodes[key]

    def _unreadable(self, target_id: str, policy_id: str) -> None:
        self.problems.append(
            PolicyProblem(
                PolicyProblemKind.UNREADABLE,
                target_id,
                policy_id,
                (),
                "",
                (),
                (),
                f"The text of {policy_id} cannot be read, so what it sets is not known.",
            )
        )

    def _problem(
        self,
        kind: PolicyProblemKind,
        change: _SettingChange,
        by: tuple[tuple[str, str], ...],
        message: str,
    ) -> None:
        what = change.what
        self.problems.append(
            PolicyProblem(
                kind,
                what.target_id,
                what.policy_id,
                change.path,
                what.operator,
                what.values,
                by,
                message,
            )
        )


def _operators(values: Sequence[str]) -> frozenset[str]:
    return VALUE_OPERATORS if "@@all" in values else frozenset(_known(values))


def _known(values: Sequence[str]) -> Iterator[str]:
    return (value for value in values if value in VALUE_OPERATORS)
