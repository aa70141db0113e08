"""What an answer comes to, counted, and drawn by OU."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy
from django.http import QueryDict

from governance.posture.who_can.answer import WhoCanAnswer
from governance.posture.who_can.listing import PrincipalShare
from governance.posture.who_can.numbering import Numbers
from governance.posture.who_can.population import KINDS
from governance.posture.who_can.ways import Standing
from governance.web.parts.charts import Chart, bars
from governance.web.parts.filters import address
from governance.web.who_can.rows import KIND_WORDS, STANDING_WORDS


@dataclass(frozen=True, slots=True)
class Count:
    """A number with the address of the list that holds just those."""

    key: str
    label: str
    count: int
    href: str


@dataclass(frozen=True, slots=True)
class Summary:
    """An answer in numbers. `not_collected`: accounts in scope whose principals are not known."""

    principals: int
    accounts: int
    standings: tuple[Count, ...]
    kinds: tuple[Count, ...]
    not_collected: int
    let_in: tuple[str, ...]


def summary_of(
    answer: WhoCanAnswer, rows: Numbers, query: QueryDict, *, within: frozenset[str] | None
) -> Summary:
    """Count the rows that the filters leave. `within`: the accounts in scope; None: all."""
    population = answer.population
    counts = answer.count(rows)
    kinds = numpy.bincount(population.kinds[rows], minlength=len(KINDS))
    missing = answer.not_collected
    if within is not None:
        missing &= within
    return Summary(
        principals=len(rows),
        accounts=len(numpy.unique(population.accounts[rows])),
        standings=tuple(
            Count(one.value, STANDING_WORDS[one], counts[one], address(query, standing=one.value))
            for one in Standing
        ),
        kinds=tuple(
            Count(kind, KIND_WORDS[kind], int(kinds[place]), address(query, kind=kind))
            for place, kind in enumerate(KINDS)
            if kinds[place]
        ),
        not_collected=len(missing),
        let_in=answer.let_in,
    )


def breakdown_chart(parts: Sequence[PrincipalShare], query: QueryDict) -> Chart:
    """Draw how many principals may, by what lies right below the root or the chosen OU."""
    drawn = bars(
        [(share.target.name, share.principals) for share in parts],
        key="who-can-by-part",
        title="Where they are",
        said="One bar for each OU or account right below: principals who may, on conditions and "
        "not known counted in.",
        heads=("OU or account", "Principals"),
    )
    return replace(
        drawn,
        heads=(
            "OU or account", "Always", "On conditions", "Not known", "Accounts", "Not collected",
        ),
        rows=tuple(
            (
                (share.target.name, address(query, under=share.target.target_id)),
                share.always,
                share.conditional,
                share.unknown,
                share.accounts,
                share.not_collected,
            )
            for share in parts
        ),
    )  # fmt: skip
