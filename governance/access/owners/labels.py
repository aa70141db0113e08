"""The environment and the criticality of targets: set by hand, from a tag, or guessed."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from threading import Lock
from typing import Final

from cachetools import LRUCache
from django.db.models import Q

from governance.access.owners.environments import (
    ENVIRONMENT_TAGS,
    Criticality,
    Environment,
    named_criticality,
    named_environment,
)
from governance.access.owners.models import Label, LabelRule
from governance.access.owners.models.labels import LabelKind
from governance.access.owners.targets import (
    ACCOUNT,
    ROOT,
    OwnedTarget,
    OwnedTree,
    target_tree,
)
from inventory.models import Connection

LabelValue = Environment | Criticality


class LabelSource(StrEnum):
    """How a label came about."""

    SET = "set"
    TAG = "tag"
    GUESSED = "guessed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class TargetLabel:
    """The environment or criticality of a target. `value` None: not known.

    `stands_at`: where it is set, tagged or named so; it may lie above. `inherited`: it does.
    `tag`: `key=value` where a tag says it. `protected`, of an environment: approvals treat the
    target as production. So is what is not known, and what only a tag or a name takes out of a
    production that was set, tagged or named: whoever tags must not lower what others need.
    """

    value: LabelValue | None
    source: LabelSource
    stands_at: OwnedTarget | None = None
    inherited: bool = False
    tag: str = ""
    protected: bool = False

    @property
    def source_words(self) -> str:
        """Say where it comes from: `set on OU Workloads`, `from tag env=prod`, `guessed …`."""
        if self.stands_at is None:
            return "not known"
        place = f"on {target_words(self.stands_at)}" if self.inherited else ""
        if self.source is LabelSource.SET:
            return f"set {place or 'here'}"
        if self.source is LabelSource.TAG:
            return f"from tag {self.tag} {place}".strip()
        if self.tag:
            return f"guessed from tag {self.tag} {place}".strip()
        of = f" of {target_words(self.stands_at)}" if self.inherited else ""
        return f"guessed from the name{of}"


UNKNOWN_LABEL: Final = TargetLabel(None, LabelSource.UNKNOWN, protected=True)


def target_words(target: OwnedTarget) -> str:
    """Name a target with its kind: `OU Workloads`, `account payments`, `the root`."""
    if target.kind == ROOT:
        return "the root"
    return f"{'account' if target.kind == ACCOUNT else 'OU'} {target.name}"


@dataclass(frozen=True, slots=True)
class TagReading:
    """A rule that reads labels from a tag. `values`: tag value, in small letters → label."""

    tag_key: str
    values: Mapping[str, str]


class LabelMap:
    """The labels of every target of a tree, each worked out when it is asked for.

    `set_values`: label kind → target id → value of the labels that hold.
    """

    def __init__(
        self,
        tree: OwnedTree,
        set_values: Mapping[LabelKind, Mapping[str, str]],
        rules: Mapping[LabelKind, Sequence[TagReading]],
    ) -> None:
        self.tree = tree
        self._set = set_values
        self._rules = rules
        # Each target's own part is worked out once, and what is above it is asked of its parent.
        self._known: dict[tuple[LabelKind, str], TargetLabel] = {}
        self._stated: dict[tuple[LabelKind, str], _Said | None] = {}
        self._guessed: dict[str, _Said | None] = {}
        self._production: dict[str, bool] = {}
        self.made_of: tuple[object, ...] = ()

    def environment(self, target_id: str) -> TargetLabel:
        """Return what a target is for."""
        return self.label(LabelKind.ENVIRONMENT, target_id)

    def criticality(self, target_id: str) -> TargetLabel:
        """Return how much hangs on a target."""
        return self.label(LabelKind.CRITICALITY, target_id)

    def label(self, kind: LabelKind, target_id: str) -> TargetLabel:
        """Return a target's label: the nearest set or tagged at it or above, or else a guess."""
        key = (kind, target_id)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._worked_out(kind, target_id)
        return found

    def set_value(self, kind: LabelKind, target_id: str) -> str | None:
        """Return what is set by hand at this very target, None: nothing."""
        return self._set.get(kind, {}).get(target_id)

    def with_set(self, kind: LabelKind, values: Mapping[str, str]) -> "LabelMap":
        """Return what the labels would be with these set, target id → value; empty: none."""
        changed = {**self._set.get(kind, {}), **values}
        kept = {target_id: value for target_id, value in changed.items() if value}
        return LabelMap(self.tree, {**self._set, kind: kept}, self._rules)

    def with_rules(
        self, kind: LabelKind, rules: Iterable[tuple[str, Mapping[str, str]]]
    ) -> "LabelMap":
        """Return what the labels would be with other rules, of a tag's key and its values."""
        readings = [_reading(tag_key, values) for tag_key, values in rules]
        return LabelMap(self.tree, self._set, {**self._rules, kind: readings})

    def is_protected(self, target_id: str) -> bool:
        """Whether approvals treat the target as production."""
        return self.environment(target_id).protected

    def holds_protected(self, target_id: str) -> bool:
        """Whether the target, or anything below it, is treated as production.

        A target that is not known is.
        """
        if target_id not in self.tree.by_id:
            return True
        return any(self.is_protected(one.target_id) for one in self.tree.below(target_id))

    def _worked_out(self, kind: LabelKind, target_id: str) -> TargetLabel:
        said = self._stated_at(kind, target_id)
        if said is None and kind is LabelKind.ENVIRONMENT:
            said = self._guessed_at(target_id)
        if said is None:
            return UNKNOWN_LABEL
        protected = isinstance(said.value, Environment) and (
            said.value.is_production
            or (said.source is not LabelSource.SET and self._was_production(target_id))
        )
        inherited = said.step.target_id != target_id
        return TargetLabel(said.value, said.source, said.step, inherited, said.tag, protected)

    def _stated_at(self, kind: LabelKind, target_id: str) -> "_Said | None":
        """Return what is set, or a rule reads, nearest at or above a target."""
        step = self.tree.by_id.get(target_id)
        if step is None:
            return None
        key = (kind, target_id)
        if key not in self._stated:
            own = self._stated_here(kind, step)
            self._stated[key] = own if own else self._stated_at(kind, step.parent_id)
        return self._stated[key]

    def _stated_here(self, kind: LabelKind, step: OwnedTarget) -> "_Said | None":
        value = self._set.get(kind, {}).get(step.target_id)
        if value is not None:
            return _Said(_values(kind)(value), LabelSource.SET, step)
        for rule in self._rules.get(kind, ()):
            tagged = step.tags.get(rule.tag_key)
            read = None if tagged is None else _read_value(kind, tagged, rule.values)
            if read is not None:
                tag = f"{rule.tag_key}={tagged}"
                return _Said(_values(kind)(read), LabelSource.TAG, step, tag)
        return None

    def _guessed_at(self, target_id: str) -> "_Said | None":
        """Return what usual tags or names say, nearest at or above; the root's name is AWS's."""
        step = self.tree.by_id.get(target_id)
        if step is None or step.kind == ROOT:
            return None
        if target_id not in self._guessed:
            guess, tag = guessed_environment(step.name, step.tags)
            self._guessed[target_id] = (
                self._guessed_at(step.parent_id)
                if guess is None
                else _Said(guess, LabelSource.GUESSED, step, tag)
            )
        return self._guessed[target_id]

    def _was_production(self, target_id: str) -> bool:
        """Whether what is set nearest, or without it any tag or name on the way, says production.

        The root's name is AWS's own.
        """
        step = self.tree.by_id.get(target_id)
        if step is None:
            return False
        if target_id not in self._production:
            value = self._set.get(LabelKind.ENVIRONMENT, {}).get(target_id)
            if value is not None:
                found = Environment(value).is_production
            else:
                found = any(one.is_production for one in self._said_here(step))
                found = found or self._was_production(step.parent_id)
            self._production[target_id] = found
        return self._production[target_id]

    def _said_here(self, step: OwnedTarget) -> Iterator[Environment]:
        """Yield what rules, usual tags and the name say of a target itself."""
        ruled = self._stated_here(LabelKind.ENVIRONMENT, step)
        said = [
            ruled.value if ruled else None,
            *(named_environment(v) for k, v in step.tags.items() if k.lower() in ENVIRONMENT_TAGS),
            None if step.kind == ROOT else named_environment(step.name),
        ]
        yield from (one for one in said if isinstance(one, Environment))


@dataclass(frozen=True, slots=True)
class _Said:
    """What is said of a target at one step, and how."""

    value: LabelValue
    source: LabelSource
    step: OwnedTarget
    tag: str = ""


def _values(kind: LabelKind) -> type[LabelValue]:
    return Environment if kind is LabelKind.ENVIRONMENT else Criticality


def guessed_environment(name: str, tags: Mapping[str, str]) -> tuple[Environment | None, str]:
    """Guess an environment from usual tags, or else the name, with the tag `key=value`."""
    for key, value in sorted(tags.items()):
        if key.lower() in ENVIRONMENT_TAGS:
            found = named_environment(value)
            if found is not None:
                return found, f"{key}={value}"
    return named_environment(name), ""


def _read_value(kind: LabelKind, tagged: str, values: Mapping[str, str]) -> str | None:
    mapped = values.get(tagged.strip().lower())
    if mapped is not None:
        return mapped
    reads = named_environment if kind is LabelKind.ENVIRONMENT else named_criticality
    return reads(tagged)


def _reading(tag_key: str, values: Mapping[str, str]) -> TagReading:
    lowered = {str(value).strip().lower(): str(label) for value, label in values.items()}
    return TagReading(tag_key, lowered)


_HOLDS: Final = Q(needs_second_person=False) | Q(confirmed_at__isnull=False)


def read_labels(
    connection: Connection, tree: OwnedTree, *, as_of: datetime | None = None
) -> LabelMap:
    """Read what is set and the rules over tags, in two queries."""
    holds = _HOLDS if as_of is None else Q(needs_second_person=False) | Q(confirmed_at__lte=as_of)
    rows = tuple(
        Label.objects.as_of(as_of)
        .filter(holds, connection=connection)
        .order_by("created_at", "pk")
        .values_list("kind", "target_id", "value")
    )
    rules = tuple(
        (kind, tag_key, tuple(sorted(values.items())))
        for kind, tag_key, values in LabelRule.objects.as_of(as_of)
        .filter(connection=connection)
        .order_by("pk")
        .values_list("kind", "tag_key", "values")
    )
    # The map holds on to its tree, so no other tree has its id while it is kept.
    key = (id(tree), hash((rows, rules)))
    with _lock:
        known = _maps.get(key)
    if known is not None and known.tree is tree and known.made_of == (rows, rules):
        return known
    set_values: dict[LabelKind, dict[str, str]] = {}
    for kind, target_id, value in rows:
        set_values.setdefault(LabelKind(kind), {})[target_id] = value
    readings: dict[LabelKind, list[TagReading]] = {}
    for kind, tag_key, pairs in rules:
        readings.setdefault(LabelKind(kind), []).append(_reading(tag_key, dict(pairs)))
    found = LabelMap(tree, set_values, readings)
    found.made_of = (rows, rules)
    with _lock:
        _maps[key] = found
    return found


# Of whole organizations: what was worked out of one state of tree and labels stays known.
_maps: Final[LRUCache[tuple[int, int], LabelMap]] = LRUCache(maxsize=8)
_lock: Final = Lock()


def label_map(
    connection: Connection,
    *,
    as_of: datetime | None = None,
    target_ids: Iterable[str] | None = None,
) -> LabelMap:
    """Return the labels of an organization, in five queries.

    `target_ids`: accounts that are asked about; None: all.
    """
    tree = target_tree(
        connection, as_of=as_of, target_ids=None if target_ids is None else set(target_ids)
    )
    return read_labels(connection, tree, as_of=as_of)


def stated_environments(
    connection: Connection, *, as_of: datetime | None = None
) -> dict[str, TargetLabel]:
    """Return the environment of every target where it is set or a rule reads it from a tag.

    What is only guessed is left out. Two queries where nothing is set and no rule is kept.
    """
    environments = {"connection": connection, "kind": LabelKind.ENVIRONMENT}
    if (
        not Label.objects.as_of(as_of).filter(**environments).exists()
        and not LabelRule.objects.as_of(as_of).filter(**environments).exists()
    ):
        return {}
    labels = label_map(connection, as_of=as_of)
    found = {target_id: labels.environment(target_id) for target_id in labels.tree.by_id}
    stated = (LabelSource.SET, LabelSource.TAG)
    return {target_id: label for target_id, label in found.items() if label.source in stated}


def environment_marks(connection: Connection, *, as_of: datetime | None = None) -> str:
    """Return what tells apart states of the environments that are set and of the rules over tags.

    Empty where there is none; two queries.
    """
    environments = {"connection": connection, "kind": LabelKind.ENVIRONMENT}
    marks = [
        *Label.objects.as_of(as_of)
        .filter(**environments)
        .order_by("pk")
        .values_list("pk", "confirmed_at"),
        *LabelRule.objects.as_of(as_of).filter(**environments).order_by("pk").values_list("pk"),
    ]
    return hashlib.sha256(repr(marks).encode()).hexdigest()[:16] if marks else ""
