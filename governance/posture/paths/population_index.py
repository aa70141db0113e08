"""Finds principals of a population by ARN and by account."""

from functools import cached_property

import numpy
from numpy.typing import NDArray

from governance.posture.who_can.population import Population
from inventory.selectors.population import MARK

Rows = NDArray[numpy.int64]


class PopulationIndex:
    """Where the principals of each account, and each one by itself, are in a population."""

    def __init__(self, population: Population) -> None:
        self.population = population
        accounts = population.accounts
        self._order = numpy.argsort(accounts, kind="stable")
        places = numpy.arange(len(population.account_ids) + 1)
        self._starts = numpy.searchsorted(accounts[self._order], places)

    @cached_property
    def _called(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.population.names)}

    def rows_at(self, place: int) -> Rows:
        """Return the principals of the account at a place."""
        return self._order[self._starts[place] : self._starts[place + 1]]

    def rows_of(self, account_id: str) -> Rows:
        """Return the principals of an account; none where it is not known."""
        place = self.population.place_of.get(account_id)
        return self._order[:0] if place is None else self.rows_at(place)

    def row_of(self, arn: str) -> int | None:
        """Return the row of a user, role or root user by its ARN; None: there is none."""
        parts = arn.split(":", 5)
        if len(parts) < 6 or not parts[4]:
            return None
        name = self._called.get(arn.replace(parts[4], MARK))
        if name is None:
            return None
        rows = self.rows_of(parts[4])
        found = rows[self.population.called[rows] == name]
        return int(found[0]) if len(found) else None
