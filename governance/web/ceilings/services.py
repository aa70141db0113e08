"""The ceiling by service as a table, in segments that stand in the address."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.core.exceptions import BadRequest
from django.core.paginator import Page, Paginator

from governance.posture.ceilings.services import (
    Segment,
    ServiceCeiling,
    services_of,
)
from governance.web.ceilings.reading import CeilingPage
from governance.web.parts.filters import address
from governance.web.parts.lists import page_address

_PAGE_SIZE: Final = 100
_SEGMENT_WORDS: Final = {
    Segment.NARROWED: "Narrowed",
    Segment.CONDITIONAL: "Conditional",
    Segment.NEVER: "Never",
    Segment.UNKNOWN: "Not known",
    Segment.ALL: "All",
}


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A service with where its actions lead. `decided_more`: further levels that take part."""

    service: ServiceCeiling
    href: str
    decided_at: str
    decided_more: int

    @property
    def bar_words(self) -> str:
        """What the bar shows, in words."""
        one = self.service
        unknown = f", {one.unknown} not known" if one.unknown else ""
        return (
            f"{one.prefix}: {one.always} always, {one.conditional} conditional, "
            f"{one.never} never{unknown}"
        )


@dataclass(frozen=True, slots=True)
class SegmentLink:
    """A segment with its number of services and its address."""

    label: str
    count: int
    href: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class ServiceTable:
    """The rows of the chosen segment. `more`: how many are left out; `usable` of `total`.

    `page`: which of its pages they are, where it has pages.
    """

    rows: tuple[ServiceRow, ...]
    more: int
    segments: tuple[SegmentLink, ...]
    usable: int
    total: int
    has_unknown: bool
    page: "Page[ServiceCeiling] | None" = None
    previous_href: str = ""
    next_href: str = ""


def chosen_segment(page: CeilingPage) -> Segment | None:
    """Read the segment in the address, None where it names none.

    :raises BadRequest: it names one that there is not.
    """
    given = page.request.GET.get("segment")
    if given is None:
        return None
    try:
        return Segment(given)
    except ValueError:
        known = ", ".join(segment.value for segment in Segment)
        raise BadRequest(f"segment is {given!r}; it can be {known}.") from None


def service_table(page: CeilingPage, *, search: str = "", most: int | None = None) -> ServiceTable:
    """Describe the services of the chosen segment whose prefix or name holds `search`.

    `most`: so many of the first; without it the page of them that the address names.

    :raises BadRequest: the address names a segment that there is not.
    """
    services = services_of(page.ceilings, page.target_id, page.steps)
    counts: dict[Segment, int] = {
        segment: sum(map(segment.holds, services))
        for segment in Segment
        if segment is not Segment.UNKNOWN
    }
    unknown = sum(map(Segment.UNKNOWN.holds, services))
    if unknown:
        counts = {Segment.UNKNOWN: unknown, **counts}
    segment = chosen_segment(page) or _usual(counts)
    wanted = search.casefold()
    found = [
        one
        for one in services
        if segment.holds(one) and (wanted in one.prefix or wanted in one.name.casefold())
    ]
    query, cut = page.request.GET, None
    if most is None:
        cut = Paginator(found, _PAGE_SIZE).get_page(query.get("page"))
        shown = list(cut.object_list)
    else:
        shown = found[:most]
    return ServiceTable(
        rows=tuple(_rows(page, shown)),
        more=0 if most is None else len(found) - len(shown),
        segments=tuple(
            SegmentLink(
                _SEGMENT_WORDS[one],
                count,
                address(query, segment=one.value),
                one is segment,
            )
            for one, count in counts.items()
        ),
        usable=sum(one.never < one.total for one in services),
        total=len(services),
        has_unknown=bool(unknown),
        page=cut,
        previous_href=page_address(query, cut.number - 1) if cut and cut.has_previous() else "",
        next_href=page_address(query, cut.number + 1) if cut and cut.has_next() else "",
    )


def _usual(counts: dict[Segment, int]) -> Segment:
    return Segment.NARROWED if counts[Segment.NARROWED] else Segment.ALL


def _rows(page: CeilingPage, services: Sequence[ServiceCeiling]) -> list[ServiceRow]:
    # One address is made and the others cut from it: reversing hundreds costs more than all else.
    pattern = page.part_address("ceiling-service", service="SERVICE")
    return [
        ServiceRow(
            service=one,
            href=pattern.replace("SERVICE", one.prefix, 1),
            decided_at=one.decided_at[0].target.name if one.decided_at else "",
            decided_more=max(0, len(one.decided_at) - 1),
        )
        for one in services
    ]
