"""The principals of an answer, filtered, in an order, and counted by account and OU."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy
from numpy.typing import NDArray

from governance.posture.state.organization import CompiledOrganization, TargetName
from governance.posture.who_can.answer import WhoCanAnswer
from governance.posture.who_can.numbering import Numbers
from governance.posture.who_can.population import KINDS, ROOT, Population
from governance.posture.who_can.ways import STANDINGS, Standing

ORDERS: Final = ("account", "name", "standing", "kind")
Marks = NDArray[numpy.bool_]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which principals to keep; empty: all.

    `under`: id of the root, an OU or an account; `accounts`: those alone. `words`: part of a name,
    or how an ARN begins.
    `action`: only those who may do this one of the actions asked for.
    """

    standings: frozenset[Standing] = frozenset()
    kinds: frozenset[str] = frozenset()
    under: str = ""
    words: str = ""
    action: str = ""
    accounts: frozenset[str] | None = None


class NoSuchPlace(ValueError):
    """`under` names nothing of the organization at that time."""


def filtered(answer: WhoCanAnswer, filters: Filters) -> Numbers:
    """Return the rows that filters leave, in the answer's own order: by account id, then ARN.

    :raises NoSuchPlace: see there.
    """
    population, rows = answer.population, answer.rows
    if filters.kinds:
        wanted = numpy.array([kind in filters.kinds for kind in KINDS])
        # Chosen by hand, a kind is shown though the question leaves it out.
        rows = numpy.flatnonzero(answer.way_of >= 0)
        rows = rows[wanted[population.kinds[rows]]]
    if filters.standings:
        wanted = numpy.array([standing in filters.standings for standing in STANDINGS])
        rows = rows[wanted[answer.standing_of[rows]]]
    if filters.under:
        rows = rows[_within(population, accounts_below(answer.organization, filters.under))[rows]]
    if filters.accounts is not None:
        rows = rows[_within(population, filters.accounts)[rows]]
    if filters.action:
        wanted = numpy.array([_has_action(answer, place, filters) for place in _places(answer)])
        rows = rows[wanted[answer.way_of[rows]]]
    words = filters.words.strip().lower()
    if words:
        rows = rows[_matching(population, rows, words)]
    return rows


def root_users_within(answer: WhoCanAnswer, account_ids: frozenset[str] | None) -> int:
    """Count the root users who may, in some accounts or all, whatever the question leaves out."""
    may = (answer.way_of >= 0) & (answer.population.kinds == KINDS.index(ROOT))
    if account_ids is not None:
        may &= _within(answer.population, account_ids)
    return int(may.sum())


def _within(population: Population, account_ids: frozenset[str]) -> Marks:
    """Mark the principals of some accounts."""
    wanted = numpy.array([one in account_ids for one in population.account_ids], dtype=bool)
    found: Marks = wanted[population.accounts]
    return found


def _places(answer: WhoCanAnswer) -> range:
    return range(len(answer.ways))


def _has_action(answer: WhoCanAnswer, place: int, filters: Filters) -> bool:
    wanted = filters.action.lower()
    return any(
        wanted in map(str.lower, actions)
        and (not filters.standings or way.standing in filters.standings)
        for actions, way in answer.ways[place].parts
    )


def _matching(population: Population, rows: Numbers, words: str) -> Marks:
    if words.startswith("arn:"):
        return numpy.array(
            [population.arn(int(row)).lower().startswith(words) for row in rows], dtype=bool
        )
    of_name = numpy.array([words in name.lower() for name in population.short_names], dtype=bool)
    return of_name[population.called[rows]]


def accounts_below(organization: CompiledOrganization, target_id: str) -> frozenset[str]:
    """Return the accounts at any depth below a target.

    :raises NoSuchPlace: there is no such target.
    """
    if target_id in organization.unplaced:
        return frozenset({target_id})
    if target_id not in organization.names:
        raise NoSuchPlace(f"No OU or account named {target_id[:80]}")
    return frozenset(organization.accounts_below(target_id))


def ordered(answer: WhoCanAnswer, rows: Numbers, order: str, *, descending: bool) -> Numbers:
    """Put rows in an order, one of ORDERS; equal ones stay by account id and ARN."""
    population = answer.population
    keys: Numbers
    match order:
        case "name":
            keys = _ranks(population.short_names)[population.called[rows]]
        case "standing":
            keys = answer.standing_of[rows]
        case "kind":
            keys = population.kinds[rows]
        case _:
            keys = _account_ranks(population, answer.organization)[population.accounts[rows]]
    if descending:
        keys = -keys
    found: Numbers = rows[numpy.argsort(keys, kind="stable")]
    return found


@lru_cache(maxsize=8)
def _ranks(texts: tuple[str, ...]) -> Numbers:
    ranks = numpy.zeros(len(texts), dtype=numpy.int64)
    numbers = {text: number for number, text in enumerate(sorted(set(texts), key=str.lower))}
    ranks[:] = [numbers[text] for text in texts]
    return ranks


def _account_ranks(population: Population, organization: CompiledOrganization) -> Numbers:
    return _ranks(tuple(account_name(organization, one) for one in population.account_ids))


def account_name(organization: CompiledOrganization, account_id: str) -> str:
    """Return what an account is called; its id where that is not known."""
    found = organization.names.get(account_id) or organization.unplaced.get(account_id)
    return found.name if found else account_id


@dataclass(frozen=True, slots=True)
class PrincipalShare:
    """How many principals may in one part of the organization.

    `accounts`: those with at least one; `not_collected`: those whose principals are not known.
    """

    target: TargetName
    always: int
    conditional: int
    unknown: int
    accounts: int
    not_collected: int

    @property
    def principals(self) -> int:
        """All of them."""
        return self.always + self.conditional + self.unknown


def shares(answer: WhoCanAnswer, rows: Numbers, target_id: str) -> tuple[PrincipalShare, ...]:
    """Count rows by what lies right below a root or OU, in the tree's order; of an account, itself.

    :raises NoSuchPlace: there is no such target.
    """
    organization, population = answer.organization, answer.population
    parts = organization.children.get(target_id, (target_id,))
    place: dict[str, int] = {}
    for number, part in enumerate(parts):
        place.update(dict.fromkeys(accounts_below(organization, part), number))
    of_account = numpy.array([place.get(one, len(parts)) for one in population.account_ids])
    numbers = of_account[population.accounts[rows]]
    counts = numpy.zeros((len(parts) + 1, len(STANDINGS)), dtype=numpy.int64)
    numpy.add.at(counts, (numbers, answer.standing_of[rows]), 1)
    having = numpy.bincount(of_account[numpy.unique(population.accounts[rows])], minlength=1)
    missing = _count(answer.not_collected, place, len(parts))
    return tuple(
        PrincipalShare(
            organization.names.get(part) or organization.unplaced[part],
            always=int(counts[number][0]),
            conditional=int(counts[number][1]),
            unknown=int(counts[number][2]),
            accounts=int(having[number]) if number < len(having) else 0,
            not_collected=missing[number],
        )
        for number, part in enumerate(parts)
    )


def _count(account_ids: frozenset[str], place: dict[str, int], size: int) -> list[int]:
    found = [0] * size
    for account_id in account_ids:
        number = place.get(account_id)
        if number is not None:
            found[number] += 1
    return found
