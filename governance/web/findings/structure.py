"""The list of structure findings, and one finding with its evidence."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, TypeVar

from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from governance.access import rights
from governance.posture.findings.finding import (
    SEVERITIES,
    Finding,
    FindingKind,
    FindingPlace,
    FindingSeverity,
)
from governance.posture.findings.registry import KINDS
from governance.posture.findings.structure import StructureReport, ready_findings
from governance.web.findings.places import ShownPlace, shown_place
from governance.web.findings.trust_compared import compared_in
from governance.web.parts.exports import Exporting, export_response
from governance.web.parts.filters import FilterChip, address, choice_chip
from governance.web.parts.lists import page_address
from governance.web.parts.pages import ConnectionPage, Crumb, Fact
from inventory.selectors.freshness import DECISION_TABLES

_PLACES_SHOWN: Final = 3
_PLACES_ON_PAGE: Final = 200
_UNJUDGED_SHOWN: Final = 12
_PAGE_SIZE: Final = 50
Value = TypeVar("Value")


class _BeingFound(Exception):
    """Nobody asked the questions of that state before; a worker does so now."""


class FindingsFrame(ConnectionPage):
    """What the list and a finding share."""

    required_right = rights.VIEW_INVENTORY
    section = "findings"
    shows_tables = DECISION_TABLES
    report: StructureReport

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """FindingAnswer, or say that a worker is at it."""
        try:
            return super().dispatch(request, *args, **kwargs)
        except _BeingFound:
            return self.render_being_found()

    def begin(self) -> None:
        """Ask the questions at the time looked at."""
        super().begin()
        report = ready_findings(self.viewer, connection=self.connection, as_of=self.as_of)
        if report is None:
            raise _BeingFound
        self.report = report

    def render_being_found(self) -> HttpResponseBase:
        """Show a page that asks again by itself; to that it answers with nothing yet."""
        if self.request.headers.get("HX-Request"):
            return HttpResponse(status=HTTPStatus.NO_CONTENT)
        return self.render_instead(
            "governance/findings/being_found.html",
            title="Structure",
            status=HTTPStatus.ACCEPTED,
            again_href=self.request.get_full_path(),
            **self.run_links(),
        )

    def with_addresses(self, places: Sequence[FindingPlace]) -> list[ShownPlace]:
        """Return places with their addresses."""
        return [
            shown_place(place, slug=self.connection.slug, as_of_query=self.as_of_query)
            for place in places
        ]

    def unjudged(self, kind: FindingKind | None = None) -> list[dict[str, Any]]:
        """Return what could not be told, of one kind or of all, by reason with every place."""
        labels: dict[str, dict[str, None]] = {}
        places: dict[str, dict[str, FindingPlace]] = {}
        for one in self.report.unjudged:
            if kind is None or one.kind is kind:
                labels.setdefault(one.reason, {})[one.kind.label] = None
                places.setdefault(one.reason, {}).update((place.key, place) for place in one.places)
        return [
            {
                "reason": reason,
                "labels": list(labels[reason]),
                "places": self.with_addresses(list(found.values())[:_UNJUDGED_SHOWN]),
                "more": max(0, len(found) - _UNJUDGED_SHOWN),
            }
            for reason, found in places.items()
        ]


class StructureFindingsPage(Exporting, FindingsFrame):
    """Every finding, filtered by kind and severity, with what could not be told."""

    template_name = "governance/findings/page.html"
    page_title = "Structure"

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the way here."""
        return [Crumb(self.connection.name), Crumb("Structure")]

    def get_facts(self) -> Sequence[Fact]:
        """Count the findings by severity."""
        counts = self.report.by_severity
        return [
            Fact(severity.capitalize(), str(counts[severity]))
            for severity in FindingSeverity
            if counts[severity]
        ]

    def shown(self) -> list[Finding]:
        """Return the findings that the filters leave.

        :raises BadRequest: a filter's value is none that there is.
        """
        return self.report.chosen(
            kinds=self.chosen("kind", KINDS),
            severities=self.chosen("severity", SEVERITIES),
            places=[value for value in self.request.GET.getlist("place") if value],
        )

    def chosen(self, name: str, known: Mapping[str, Value]) -> list[Value]:
        """Return the values that the address gives a filter.

        :raises BadRequest: one of them is none that there is.
        """
        try:
            return [known[value] for value in self.request.GET.getlist(name) if value]
        except KeyError as error:
            raise BadRequest(f"{name} is {error}; it can be {', '.join(known)}.") from error

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the findings, the filters and the questions."""
        query = self.request.GET
        shown = self.shown()
        page = Paginator(shown, _PAGE_SIZE).get_page(query.get("page"))
        return super().get_context_data(
            report=self.report,
            rows=page,
            row_noun="finding,findings",
            found=[self.row(finding) for finding in page.object_list],
            chips=[
                choice_chip(
                    query,
                    "severity",
                    "Severity",
                    [(s.value, s.capitalize()) for s in FindingSeverity],
                ),
                choice_chip(
                    query,
                    "kind",
                    "Kind",
                    [(code, kind.label) for code, kind in KINDS.items()],
                ),
                self.place_chip(),
            ],
            is_filtered=len(shown) != len(self.report.findings),
            questions=[
                {
                    "label": answer.kind.label,
                    "asks": answer.kind.question,
                    "href": address(query, kind=answer.kind.code),
                    "found": len(answer.findings),
                    "examined": answer.examined,
                    "noun": answer.kind.examines,
                    "unjudged": sum(len(one.places) for one in answer.unjudged),
                }
                for answer in self.report.answers
            ],
            unjudged=self.unjudged(),
            csv_href=address(query, format="csv"),
            json_href=address(query, format="json"),
            **self.run_links(),
            pages={
                "previous": page_address(query, page.number - 1) if page.has_previous() else "",
                "next": page_address(query, page.number + 1) if page.has_next() else "",
            },
            **kwargs,
        )

    def row(self, finding: Finding) -> dict[str, Any]:
        """Return what a row of the list shows."""
        return {
            "finding": finding,
            "label": finding.kind.label,
            "href": reverse(
                "finding", kwargs={"slug": self.connection.slug, "finding_key": finding.key}
            )
            + self.as_of_query,
            "places": self.with_addresses(finding.places[:_PLACES_SHOWN]),
            "more": max(0, len(finding.places) - _PLACES_SHOWN),
        }

    def place_chip(self) -> FilterChip:
        """Return the filter by place, which takes an id or a role's ARN."""
        query = self.request.GET
        return FilterChip(
            name="place",
            label="Place",
            said=" or ".join(value for value in query.getlist("place") if value),
            without=address(query, place=None),
            choices=(),
        )

    def export(self, kind: str) -> HttpResponseBase:
        """Send the findings that the filters leave."""
        return export_response(
            kind,
            name=f"{self.connection.slug}-structure-findings",
            header=[
                "key", "kind", "severity", "title", "places", "measured", "threshold", "remedy",
                "accounts",
            ],
            rows=(
                [
                    one.key,
                    one.kind.code,
                    one.severity.value,
                    one.title,
                    [place.key for place in one.places],
                    {measure.label: measure.value for measure in one.measured},
                    dict(one.threshold),
                    one.remedy,
                    one.accounts,
                ]
                for one in self.shown()
            ),
        )  # fmt: skip


class FindingPage(FindingsFrame):
    """One finding: what was measured, where, against which threshold, and what to do."""

    template_name = "governance/findings/finding.html"
    finding: Finding

    def begin(self) -> None:
        """Find it at the time looked at.

        :raises Http404: it is not found there, or not any more.
        """
        super().begin()
        found = self.report.finding(self.kwargs["finding_key"])
        if found is None:
            raise Http404(
                "There is no such finding at that time. If it was found before, it no longer holds."
            )
        self.finding = found

    def get_title(self) -> str:
        """Return the finding as a sentence."""
        return self.finding.title

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the way here."""
        href = (
            reverse("structure-findings", kwargs={"slug": self.connection.slug}) + self.as_of_query
        )
        return [Crumb("Structure", href), Crumb(self.finding.kind.label)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the evidence."""
        majority = self.finding.majority
        return super().get_context_data(
            finding=self.finding,
            compared=compared_in(
                self.finding, self.viewer, connection=self.connection, as_of=self.as_of
            ),
            majority=self.with_addresses([majority] if majority else []),
            question=self.finding.kind.question,
            places=self.with_addresses(self.finding.places[:_PLACES_ON_PAGE]),
            place_count=len(self.finding.places),
            more_places=max(0, len(self.finding.places) - _PLACES_ON_PAGE),
            api_href=reverse(
                "api:structure-finding",
                kwargs={"slug": self.connection.slug, "finding_key": self.finding.key},
            )
            + self.as_of_query,
            thresholds=[
                (name.replace("_", " ").capitalize(), _threshold_words(value))
                for name, value in self.finding.threshold.items()
            ],
            unjudged=self.unjudged(self.finding.kind),
            **kwargs,
        )


def _threshold_words(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.0%}"
    return ", ".join(value) if isinstance(value, (tuple, list)) else str(value)
