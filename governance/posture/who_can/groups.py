"""Those who may, put together by how: the same standing on the same conditions."""

from dataclasses import dataclass
from typing import Final

import numpy

from governance.posture.who_can.answer import WhoCanAnswer
from governance.posture.who_can.numbering import Numbers
from governance.posture.who_can.ways import STANDINGS, Standing
from governance.posture.who_can.wording import described
from policies.evaluation.layers import Decider

MOST_WAYS: Final = 500
_Key = tuple[Standing, tuple[str, ...], tuple[str, ...]]
_OPEN: Final = {
    Decider.IDENTITY_POLICY: "a policy of theirs was not collected or cannot be read",
    Decider.PERMISSION_BOUNDARY: "their boundary was not collected or cannot be read",
    Decider.SERVICE_CONTROL_POLICY: "an SCP above them cannot be read or is not known",
    Decider.RESOURCE_CONTROL_POLICY: "an RCP above the resource cannot be read or is not known",
}


@dataclass(frozen=True, slots=True)
class How:
    """One way. `conditions`: sentences; `unknown`: what is not known. `row`: one of them.

    `is_rest`: what is left of very many ways, each of few.
    """

    standing: Standing
    conditions: tuple[str, ...]
    unknown: tuple[str, ...]
    row: int
    principals: int
    accounts: int
    is_rest: bool = False


def grouped(answer: WhoCanAnswer, rows: Numbers) -> list[How]:
    """Put rows together by how they may, the largest group first."""
    counts = numpy.bincount(answer.way_of[rows], minlength=len(answer.ways))
    largest = [int(place) for place in numpy.argsort(-counts, kind="stable") if counts[place]]
    first = _first_rows(answer, rows)
    groups: dict[_Key, list[int]] = {}
    for place in largest[:MOST_WAYS]:
        groups.setdefault(_how(answer, first[place], place), []).append(place)
    found = []
    for (standing, conditions, unknown), places in groups.items():
        found.append(
            How(
                standing=standing,
                conditions=conditions,
                unknown=unknown,
                row=first[places[0]],
                principals=int(counts[places].sum()),
                accounts=_accounts(answer, rows, places),
            )
        )
    rest = largest[MOST_WAYS:]
    for standing in STANDINGS:
        places = [place for place in rest if answer.ways[place].standing is standing]
        if places:
            number = int(counts[places].sum())
            accounts = _accounts(answer, rows, places)
            found.append(How(standing, (), (), first[places[0]], number, accounts, is_rest=True))
    return sorted(found, key=lambda one: -one.principals)


def _first_rows(answer: WhoCanAnswer, rows: Numbers) -> list[int]:
    first = numpy.zeros(len(answer.ways), dtype=numpy.int64)
    backwards = rows[::-1]
    first[answer.way_of[backwards]] = backwards
    return [int(row) for row in first]


def _accounts(answer: WhoCanAnswer, rows: Numbers, places: list[int]) -> int:
    wanted = numpy.zeros(len(answer.ways), dtype=bool)
    wanted[places] = True
    chosen = rows[wanted[answer.way_of[rows]]]
    return len(numpy.unique(answer.population.accounts[chosen]))


def _how(answer: WhoCanAnswer, row: int, place: int) -> _Key:
    ways = answer.ways[place]
    best = next(way for _, way in ways.parts if way.standing is ways.standing)
    description = described(answer, row, best)
    unknown = tuple(
        dict.fromkeys(
            _OPEN.get(gap.decider, "the resource's own policy is not known") for gap in best.gaps
        )
    )
    return (
        ways.standing,
        tuple(dict.fromkeys(one.sentence for one in description.conditions)),
        unknown or (description.unknown if best.standing is Standing.UNKNOWN else ()),
    )
