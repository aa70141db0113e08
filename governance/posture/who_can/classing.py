"""Puts principals that hold the same policies, by content, into one class."""

from collections.abc import Iterable, Sequence

import numpy

from governance.posture.who_can.numbering import Numbers, alike
from governance.posture.who_can.population import GROUP, ROLE, ROOT, Held, IdentityClass, Population
from inventory.selectors.population import MARK, PolicyHolders, PrincipalShape, with_account


class TextNumbers:
    """Gives each text a number, in the order in which they come."""

    def __init__(self) -> None:
        self.found: dict[str, int] = {}

    def of(self, text: str) -> int:
        """Return the number of a text."""
        return self.found.setdefault(text, len(self.found))

    def of_all(self, texts: Sequence[str]) -> list[int]:
        """Return the numbers of texts, in their order."""
        found = self.found
        for text in dict.fromkeys(texts):
            found.setdefault(text, len(found))
        return [found[text] for text in texts]

    def texts(self) -> tuple[str, ...]:
        """Return every text, each in the place that is its number."""
        return tuple(self.found)


class Classing:
    """Puts rows together into classes: `policies`, then `classes`, then `population`.

    Of each row its key, and the numbers of its account, its ARN without the account, and its tags.
    """

    def __init__(
        self,
        pks: Numbers,
        accounts: Numbers,
        called: Numbers,
        tagged: Numbers,
        account_places: TextNumbers,
        name_places: TextNumbers,
        tag_places: TextNumbers,
    ) -> None:
        order = numpy.argsort(pks)
        self.pks, self.accounts = pks[order], accounts[order]
        self.called, self.tagged = called[order], tagged[order]
        self.account_places = account_places
        self.name_places = name_places
        self.tag_places = tag_places
        self.contents = TextNumbers()
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
