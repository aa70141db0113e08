"""Coverage in words: the collectors' names, and what went wrong, each cause told once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from inventory.collectors.registry import COLLECTORS
from inventory.models import Coverage

_COLLECTOR_LABELS: Final = {collector.name: collector.label for collector in COLLECTORS}


def collector_label(name: str) -> str:
    """Return a collector's name in words."""
    known = _COLLECTOR_LABELS.get(name)
    return known or name.rpartition(".")[2].replace("_", " ").capitalize()


def coverage_cells(rows: Sequence[Coverage]) -> list[dict[str, str]]:
    """Describe coverage rows for `includes/coverage.html`."""
    return [
        {
            "label": collector_label(row.collector)
            + ("" if row.region == "global" else f", {row.region}"),
            "state": row.state,
        }
        for row in rows
    ]


def _named(collectors: Sequence[str]) -> str:
    """Return collectors by name, or how many there are of more than two."""
    if len(collectors) > 2:
        return f"{len(collectors)} collectors"
    return " and ".join(collectors)


@dataclass(frozen=True, slots=True)
class CoverageCause:
    """Collectors of one account that failed alike."""

    message: str
    remedy: str
    collectors: tuple[str, ...]

    @property
    def collectors_words(self) -> str:
        """The collectors by name, or how many there are of more than two."""
        return _named(self.collectors)


@dataclass(frozen=True, slots=True)
class CoverageProblem:
    """Collectors of one account in one state. `causes`: at least one, the widest first."""

    account_id: str
    state: str
    collected_at: datetime
    causes: tuple[CoverageCause, ...]

    @property
    def collectors_words(self) -> str:
        """The collectors by name, or how many there are of more than two."""
        return _named([name for cause in self.causes for name in cause.collectors])

    @property
    def collector_count(self) -> int:
        """How many collectors it stops."""
        return sum(len(cause.collectors) for cause in self.causes)

    @property
    def message(self) -> str:
        """What AWS or Orgwarden says of the widest cause."""
        return self.causes[0].message

    @property
    def remedy(self) -> str:
        """What to do about the widest cause."""
        return self.causes[0].remedy

    @property
    def other_causes(self) -> tuple[CoverageCause, ...]:
        """The causes after the widest."""
        return self.causes[1:]


@dataclass(frozen=True, slots=True)
class AccountProblems:
    """What stands in the way of one account. `problems`: one a state, the widest first."""

    problems: tuple[CoverageProblem, ...]

    @property
    def widest(self) -> CoverageProblem:
        """The problem of most collectors."""
        return self.problems[0]

    @property
    def other_causes(self) -> tuple[CoverageCause, ...]:
        """The causes after the widest of all."""
        further = (cause for problem in self.problems[1:] for cause in problem.causes)
        return (*self.widest.other_causes, *further)

    @property
    def words(self) -> str:
        """The widest cause as a sentence, with how many others there are."""
        others = len(self.other_causes)
        more = f" ({others} more {'cause' if others == 1 else 'causes'})" if others else ""
        return f"{self.widest.collectors_words}: {self.widest.message}{more}"


class TroubledCoverage(Protocol):
    """What says the problem of a row of coverage: the row itself, or these columns."""

    @property
    def account_id(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def remedy(self) -> str: ...
    @property
    def collector(self) -> str: ...
    @property
    def collected_at(self) -> datetime: ...


TROUBLED_COLUMNS: Final = (
    *("account_id", "state", "message", "remedy", "collector", "collected_at"),
)


def problems_by_account(rows: Iterable[TroubledCoverage]) -> dict[str, AccountProblems]:
    """Gather coverage that is not complete by account, in the order of the rows."""
    found: dict[str, list[CoverageProblem]] = {}
    for problem in grouped_problems(rows):
        found.setdefault(problem.account_id, []).append(problem)
    return {
        account_id: AccountProblems(tuple(sorted(problems, key=lambda one: -one.collector_count)))
        for account_id, problems in found.items()
    }


def grouped_problems(rows: Iterable[TroubledCoverage]) -> list[CoverageProblem]:
    """Gather coverage that is not complete by account and state, and there by message."""
    found: dict[tuple[str, str], dict[str, list[TroubledCoverage]]] = {}
    for row in rows:
        alike = found.setdefault((row.account_id, row.state), {})
        alike.setdefault(row.message, []).append(row)
    return [
        CoverageProblem(
            account_id=account_id,
            state=state,
            collected_at=max(row.collected_at for alike in by_message.values() for row in alike),
            causes=tuple(
                CoverageCause(
                    message=message,
                    remedy=alike[0].remedy,
                    collectors=tuple(collector_label(row.collector) for row in alike),
                )
                for message, alike in sorted(by_message.items(), key=lambda each: -len(each[1]))
            ),
        )
        for (account_id, state), by_message in found.items()
    ]
