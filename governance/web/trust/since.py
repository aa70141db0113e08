"""Edges that began and ended with the last run."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from governance.posture.trust.models import TrustEdge
from governance.posture.trust.selectors import edges_since, last_run_moment
from governance.web.parts.pages import ConnectionPage
from governance.web.trust.groups import ShownEdge, shown_edges
from governance.web.trust.reading import OUTSIDE, WITHIN, TrustReadings


@dataclass(frozen=True, slots=True)
class SinceLastRun:
    """What differs from the run before; edges within accounts are left out.

    `new`, `gone`: the worst of them. `outside_new`, `outside_gone`: how many come from outside.
    """

    at: datetime
    new: Sequence[ShownEdge]
    gone: Sequence[ShownEdge]
    new_count: int
    gone_count: int
    outside_new: int
    outside_gone: int

    @property
    def words(self) -> str:
        """Both counts."""
        return f"{self.new_count:,} new, {self.gone_count:,} gone"


def edges_since_last_run(page: ConnectionPage, *, shown: int) -> SinceLastRun | None:
    """Return what began and ended with the run looked at; None: it is the first, or there is none.

    `shown`: how many of each are put in words.
    """
    moment = page.as_of or last_run_moment(page.connection)
    if moment is None or not TrustReadings(page).ever.filter(seen_from__lt=moment).exists():
        return None
    found = edges_since(page.viewer, connection=page.connection, moment=moment, until=page.as_of)
    new, gone = found.appeared.exclude(WITHIN), found.vanished.exclude(WITHIN)
    return SinceLastRun(
        at=moment,
        new=shown_edges(page, list(new.order_by("crossing_rank", "pk")[:shown])),
        gone=shown_edges(page, list(gone.order_by("crossing_rank", "pk")[:shown])),
        new_count=new.order_by().count(),
        gone_count=gone.order_by().count(),
        outside_new=_outside(new),
        outside_gone=_outside(gone),
    )


def _outside(edges: "QuerySet[TrustEdge]") -> int:
    return edges.filter(crossing__in=OUTSIDE).order_by().count()
