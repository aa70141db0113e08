"""Coverage in words: the collectors' names, and what went wrong, each cause told once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

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


@dataclass(frozen=True, slots=True)
class CoverageProblem:
    """Collectors of one account that failed alike: one cause, told once."""

    account_id: str
    state: str
    message: str
    remedy: str
    collected_at: datetime
    collectors: tuple[str, ...]

    @property
    def collectors_words(self) -> str:
        """The collectors by name, or how many there are of more than two."""
        if len(self.collectors) > 2:
            return f"{len(self.collectors)} collectors"
        return " and ".join(self.collectors)


def grouped_problems(rows: Iterable[Coverage]) -> list[CoverageProblem]:
    """Gather coverage that is not complete by account, state and message."""
    found: dict[tuple[str, str, str], list[Coverage]] = {}
    for row in rows:
        found.setdefault((row.account_id, row.state, row.message), []).append(row)
    return [
        CoverageProblem(
            account_id=account_id,
            state=state,
            message=message,
            remedy=alike[0].remedy,
            collected_at=max(row.collected_at for row in alike),
            collectors=tuple(collector_label(row.collector) for row in alike),
        )
        for (account_id, state, message), alike in found.items()
    ]
