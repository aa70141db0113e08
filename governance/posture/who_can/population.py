"""Every principal of an organization at one time, in arrays: who they are, what they hold.

Principals that hold the same policies, by content, are of one class. Read in a few bulk queries and
kept for this process while the rows are as they were.
"""

import json
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import Final

import numpy

from governance.posture.who_can.numbering import Numbers, alike
from inventory.models import Connection
from inventory.selectors.population import (
    MARK,
    PolicyHolders,
    PrincipalShape,
    policy_holders,
    population_marks,
    principal_places,
    principal_shapes,
    with_account,
)
from inventory.viewing import Viewer

_KEPT: Final = 3

USER: Final = "user"
GROUP: Final = "group"
ROLE: Final = "role"
ROOT: Final = "root"
KINDS: Final = (ROOT, USER, ROLE)

Progress = Callable[[str, int], None]
"""Told what is being done, in words, and how many of a hundred parts of all are done."""


def no_progress(_words: str, _percent: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Held:
    """A policy as a class holds it. `kind`: managed, inline or boundary.

    `arn` and `name` are without the account's id (see `MARK`). `sha256` is None where the policy
    is attached and its content was not collected.
    """

    kind: str
    name: str
    arn: str
    via_group: str
    sha256: str | None


@dataclass(frozen=True, slots=True)
class IdentityClass:
    """What principals hold that hold the same. `kind`: user, group, role or root."""

    kind: str
    is_service_linked: bool
    policies: tuple[Held, ...]
    boundary: Held | None


@dataclass(frozen=True)
class Population:
    """All users, roles and root users, in the order of account id and ARN, and the groups' number.

    Arrays hold one number a principal: `pks` (0 for root users, which are no rows), `accounts`
    (places in `account_ids`), `called` (in `names`: ARNs without the account's id), `tagged` (in
    `tags`) and `classes` (in `identities`).
    """

    key: tuple[object, ...]
    account_ids: tuple[str, ...]
    names: tuple[str, ...]
    tags: tuple[str, ...]
    identities: tuple[IdentityClass, ...]
    pks: Numbers
    accounts: Numbers
    called: Numbers
    tagged: Numbers
    classes: Numbers
    _read_tags: dict[int, dict[str, str]] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.pks)

    def arn(self, row: int) -> str:
        """Return a principal's ARN."""
        return with_account(self.names[self.called[row]], self.account_ids[int(self.accounts[row])])

    def account_id(self, row: int) -> str:
        """Return a principal's account."""
        return self.account_ids[int(self.accounts[row])]

    def identity(self, row: int) -> IdentityClass:
        """Return what a principal holds."""
        return self.identities[int(self.classes[row])]

    def tags_of(self, row: int) -> dict[str, str]:
        """Return a principal's tags; root users have none."""
        place = int(self.tagged[row])
        found = self._read_tags.get(place)
        if found is None:
            found = self._read_tags[place] = json.loads(self.tags[place])
        return found

    @cached_property
    def kinds(self) -> Numbers:
        """The place in `KINDS` of each principal's kind."""
        by_class = [KINDS.index(identity.kind) for identity in self.identities]
        return numpy.array(by_class, dtype=numpy.int64)[self.classes]

    @cached_property
    def place_of(self) -> Mapping[str, int]:
        """The place of each account."""
        return {account_id: place for place, account_id in enumerate(self.account_ids)}

    @cached_property
    def short_names(self) -> tuple[str, ...]:
        """The last part of each of `names`, which is what people call a principal by."""
        return tuple(
            "root" if name.endswith(":root") else name.rpartition("/")[2] for name in self.names
        )


def population_key(
    viewer: Viewer,
    *,
    connection: Connection,
    account_ids: Sequence[str],
    as_of: datetime | None = None,
) -> tuple[object, ...]:
    """Return what is equal for equal populations."""
    marks = population_marks(viewer, connection=connection, as_of=as_of)
    return (connection.pk, marks, hash(tuple(account_ids)))


def load_population(
    viewer: Viewer,
    *,
    connection: Connection,
    account_ids: Sequence[str],
    as_of: datetime | None = None,
    progress: Progress = no_progress,
) -> Population:
    """Return everybody as they are now or were at `as_of`.

    `account_ids`: the accounts of the organization then; each has a root user.
    """
    key = population_key(viewer, connection=connection, account_ids=account_ids, as_of=as_of)
    found = _known(key)
    if found is not None:
        return found
    with _reading:  # One thread reads; those that wait find what it read.
        found = _known(key)
        if found is None:
            found = _read(viewer, connection, account_ids, as_of, key, progress)
            with _lock:
                _populations[key] = found
                if len(_populations) > _KEPT:
                    _populations.popitem(last=False)
    return found


def is_population_at_hand(
    viewer: Viewer, *, connection: Connection, as_of: datetime | None = None
) -> bool:
    """Whether this process has read the principals of that time, whatever the accounts were."""
    marks = population_marks(viewer, connection=connection, as_of=as_of)
    with _lock:
        return any(key[:2] == (connection.pk, marks) for key in _populations)


def _known(key: tuple[object, ...]) -> Population | None:
    with _lock:
        found = _populations.get(key)
        if found is not None:
            _populations.move_to_end(key)
        return found


def forget() -> None:
    """Drop what this process has read, as though it had just begun."""
    with _lock:
        _populations.clear()


_populations: OrderedDict[tuple[object, ...], Population] = OrderedDict()
_lock: Final = Lock()
_reading: Final = Lock()


def _read(
    viewer: Viewer,
    connection: Connection,
    account_ids: Sequence[str],
    as_of: datetime | None,
    key: tuple[object, ...],
    progress: Progress,
) -> Population:
    progress("Reading who there is", 5)
    pks: list[int] = []
    accounts: list[int] = []
    called: list[int] = []
    tagged: list[int] = []
    account_places = _Places()
    name_places, tag_places = _Places(), _Places()
    for account_id in account_ids:
        account_places.of(account_id)
    for chunk in principal_places(viewer, connection=connection, as_of=as_of):
        keys, of_accounts, named, tags = zip(*chunk, strict=True)
        pks += keys
        accounts += account_places.of_all(of_accounts)
        called += name_places.of_all(named)
        tagged += tag_places.of_all(tags)
        progress(f"Reading who there is: {len(pks):,} principals", 20)
    making = _Making(
        numpy.array(pks, dtype=numpy.int64),
        numpy.array(accounts, dtype=numpy.int64),
        numpy.array(called, dtype=numpy.int64),
        numpy.array(tagged, dtype=numpy.int64),
        account_places,
        name_places,
        tag_places,
    )
    progress(f"Reading what {len(pks):,} principals hold", 40)
    making.policies(policy_holders(viewer, connection=connection, as_of=as_of))
    making.classes(list(principal_shapes(viewer, connection=connection, as_of=as_of)))
    progress("Putting alike principals together", 60)
    return making.population(key, account_ids)


class _Places:
    """Gives each text a number, in the order in which they come."""

    def __init__(self) -> None:
        self.found: dict[str, int] = {}

    def of(self, text: str) -> int:
        return self.found.setdefault(text, len(self.found))

    def of_all(self, texts: Sequence[str]) -> list[int]:
        found = self.found
        for text in dict.fromkeys(texts):
            found.setdefault(text, len(found))
        return [found[text] for text in texts]

    def texts(self) -> tuple[str, ...]:
        return tuple(self.found)


class _Making:
    """Puts rows together into classes."""

    def __init__(
        self,
        pks: Numbers,
        accounts: Numbers,
        called: Numbers,
        tagged: Numbers,
        account_places: _Places,
        name_places: _Places,
        tag_places: _Places,
    ) -> None:
        order = numpy.argsort(pks)
        self.pks, self.accounts = pks[order], accounts[order]
        self.called, self.tagged = called[order], tagged[order]
        self.account_places = account_places
        self.name_places = name_places
        self.tag_places = tag_places
        self.contents = _Places()
        # By ARN without the account: the content's number + 1 in each account, 0 where it has none.
        self.held: dict[str, Numbers] = {}
        self.class_of = numpy.zeros(len(pks), dtype=numpy.int64)
        self.identities: dict[IdentityClass, int] = {}
        self.listed: list[IdentityClass] = []
        # By group's name: the group's class + 1 in each account, 0 where there is none.
        self.groups: dict[str, Numbers] = {}

    def policies(self, holders: Iterable[PolicyHolders]) -> None:
        """Take in which content a managed policy has in which accounts."""
        for holder in holders:
            column = self.held.setdefault(holder.arn, self._column())
            places = [self.account_places.of(account_id) for account_id in holder.account_ids]
            if max(places, default=-1) >= len(column):
                column = self.held[holder.arn] = numpy.resize(self._column(), max(places) + 1)
            column[places] = self.contents.of(holder.sha256) + 1

    def _column(self) -> Numbers:
        return numpy.zeros(len(self.account_places.found), dtype=numpy.int64)

    def classes(self, shapes: Sequence[PrincipalShape]) -> None:
        """Give every principal its class; groups first, since users have what theirs have."""
        self.texts = self.contents.texts()
        for shape in shapes:
            if shape.kind == GROUP:
                self._classify(shape)
        self._name_groups(shapes)
        for shape in shapes:
            if shape.kind != GROUP:
                self._classify(shape)

    def _name_groups(self, shapes: Sequence[PrincipalShape]) -> None:
        names, account_ids = self.name_places.texts(), self.account_places.texts()
        for shape in shapes:
            if shape.kind != GROUP:
                continue
            rows = numpy.searchsorted(self.pks, shape.ids)
            for row in rows:
                account = int(self.accounts[row])
                full = with_account(names[self.called[row]], account_ids[account])
                column = self.groups.setdefault(full.rpartition("/")[2], self._column())
                column[account] = self.class_of[row] + 1

    def _classify(self, shape: PrincipalShape) -> None:
        rows = numpy.searchsorted(self.pks, shape.ids)
        accounts = self.accounts[rows]
        none = self._column()
        arns = (*shape.attached, *((shape.boundary,) if shape.boundary else ()))
        columns = [self.held.get(arn, none)[accounts] for arn in arns]
        columns += [self.groups.get(name, none)[accounts] for name in shape.groups]
        kinds, examples = alike(columns, len(rows))
        numbers = numpy.array(
            [
                self._identity(shape, [int(column[example]) for column in columns])
                for example in examples
            ],
            dtype=numpy.int64,
        )
        self.class_of[rows] = numbers[kinds]

    def _identity(self, shape: PrincipalShape, values: Sequence[int]) -> int:
        managed = values[: len(values) - len(shape.groups)]
        contents = [self.texts[value - 1] if value else None for value in managed]
        attached = contents[: len(shape.attached)]
        held = [
            _managed("managed", arn, sha256)
            for arn, sha256 in zip(shape.attached, attached, strict=True)
        ]
        held += [Held("inline", name, "", "", sha256) for name, sha256 in shape.inline]
        for name, value in zip(shape.groups, values[len(managed) :], strict=True):
            if value:
                group = self.listed[value - 1]
                held += [
                    Held(one.kind, one.name, one.arn, name, one.sha256) for one in group.policies
                ]
        boundary = None
        if shape.boundary:
            boundary = _managed("boundary", shape.boundary, contents[len(shape.attached)])
        return self._number(
            IdentityClass(shape.kind, shape.is_service_linked, tuple(held), boundary)
        )

    def _number(self, identity: IdentityClass) -> int:
        number = self.identities.setdefault(identity, len(self.identities))
        if number == len(self.listed):
            self.listed.append(identity)
        return number

    def population(self, key: tuple[object, ...], account_ids: Sequence[str]) -> Population:
        """Add the root users, leave the groups out, and sort."""
        root = self.name_places.of(f"arn:aws:iam::{MARK}:root")
        no_tags = self.tag_places.of("{}")
        root_class = self._number(IdentityClass(ROOT, False, (), None))
        identities = self.listed
        acting = numpy.array([one.kind != GROUP for one in identities])[self.class_of]
        count = len(account_ids)
        places = [self.account_places.of(account_id) for account_id in account_ids]
        pks = numpy.concatenate((self.pks[acting], numpy.zeros(count, dtype=numpy.int64)))
        accounts = numpy.concatenate(
            (self.accounts[acting], numpy.array(places, dtype=numpy.int64))
        )
        called = numpy.concatenate((self.called[acting], numpy.full(count, root)))
        tagged = numpy.concatenate((self.tagged[acting], numpy.full(count, no_tags)))
        classes = numpy.concatenate((self.class_of[acting], numpy.full(count, root_class)))
        names, texts = self.name_places.texts(), self.account_places.texts()
        order = numpy.lexsort((_ranks(names)[called], _ranks(texts)[accounts]))
        return Population(
            key=key,
            account_ids=texts,
            names=names,
            tags=self.tag_places.texts(),
            identities=tuple(
                one if one.kind != GROUP else IdentityClass(ROLE, False, (), None)
                for one in identities
            ),
            pks=pks[order],
            accounts=accounts[order],
            called=called[order],
            tagged=tagged[order],
            classes=classes[order],
        )


def _managed(kind: str, arn: str, sha256: str | None) -> Held:
    return Held(kind, arn.rpartition("/")[2], arn, "", sha256)


def _ranks(texts: Sequence[str]) -> Numbers:
    """Return each text's place in the order of all."""
    ranks = numpy.zeros(len(texts), dtype=numpy.int64)
    ranks[sorted(range(len(texts)), key=texts.__getitem__)] = numpy.arange(len(texts))
    return ranks
