"""/structure-findings: what is wrong with the shape of an organization, measured and placed."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from django.urls import reverse as page_address
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from governance.access import rights
from governance.api.parts.endpoints import DetailEndpoint, OrganizationEndpoint
from governance.api.parts.memory_lists import MemoryListEndpoint, chosen
from governance.api.parts.problems import NOT_READY, Problem
from governance.api.parts.representations import CoverageSummaryRepresentation, Representation
from governance.posture.findings.finding import (
    SEVERITIES,
    Finding,
    FindingAnswer,
    FindingKind,
    FindingPlace,
    FindingSeverity,
    PlaceKind,
    Unjudged,
)
from governance.posture.findings.registry import KINDS
from governance.posture.findings.structure import StructureReport, rank, ready_findings
from inventory.selectors.freshness import DECISION_TABLES

_PLACES_IN_LIST: Final = 10
_WAIT_SECONDS: Final = 5
KIND_CHOICES = [(code, kind.label) for code, kind in KINDS.items()]
PLACE_KINDS = [(kind.value, kind.value) for kind in PlaceKind]
SEVERITY_CHOICES = [(code, code) for code in SEVERITIES]


class PlaceRepresentation(serializers.Serializer[Any]):
    """Where something was found."""

    kind = serializers.ChoiceField(choices=PLACE_KINDS)
    key = serializers.CharField(help_text="A target's or policy's id, or a role's ARN.")
    name = serializers.CharField()
    said = serializers.CharField(help_text="What was measured there; may be empty.")


class MeasureRepresentation(serializers.Serializer[Any]):
    """One thing that was measured."""

    what = serializers.CharField(source="label")
    value = serializers.CharField(help_text="In words, with its unit.")


@extend_schema_field({"type": "object", "additionalProperties": True})
class _Threshold(serializers.Field[Any, Any, Any, Any]):
    """The limits, by name."""

    def to_representation(self, value: Any) -> Any:
        """Return them as they are."""
        return {name: list(one) if isinstance(one, tuple) else one for name, one in value.items()}


class StructureFindingRepresentation(Representation):
    """One thing found."""

    key = serializers.CharField(help_text="Identifies the finding while it holds.")
    url = serializers.SerializerMethodField()
    kind = serializers.ChoiceField(choices=KIND_CHOICES)
    severity = serializers.ChoiceField(choices=SEVERITY_CHOICES)
    title = serializers.CharField(help_text="The finding as a sentence.")
    accounts = serializers.IntegerField(help_text="How many accounts it affects.")
    measured = MeasureRepresentation(many=True)
    threshold = _Threshold(help_text="Thresholds, by name.")
    place_count = serializers.SerializerMethodField()
    places = serializers.SerializerMethodField(
        help_text=f"The first is what it is about. A list gives {_PLACES_IN_LIST} at most; `url` "
        "gives all."
    )
    remedy = serializers.CharField(help_text="What to do.")
    page = serializers.SerializerMethodField(help_text="The same on a screen.")

    def get_place_count(self, finding: Finding) -> int:
        """Count the places."""
        return len(finding.places)

    @extend_schema_field(PlaceRepresentation(many=True))
    def get_places(self, finding: Finding) -> Any:
        """Return the places, as many as the answer has room for."""
        most = self.context.get("most_places", len(finding.places))
        return _serialized_places(finding.places[:most])

    def get_url(self, finding: Finding) -> str:
        """Return the finding's address."""
        return reverse(
            "api:structure-finding",
            kwargs={"slug": self.context["slug"], "finding_key": finding.key},
            request=self.context["request"],
        )

    def get_page(self, finding: Finding) -> str:
        """Return the address of its page."""
        where = {"slug": self.context["slug"], "finding_key": finding.key}
        request = self.context["request"]
        address: str = request.build_absolute_uri(page_address("finding", kwargs=where))
        return address


class NotKnownRepresentation(serializers.Serializer[Any]):
    """Places of which a question cannot be answered: not checked."""

    kind = serializers.ChoiceField(choices=KIND_CHOICES)
    reason = serializers.CharField()
    place_count = serializers.IntegerField()
    places = PlaceRepresentation(many=True, help_text=f"{_PLACES_IN_LIST} at most.")


class FindingQuestionRepresentation(serializers.Serializer[Any]):
    """One question that was asked of the organization."""

    kind = serializers.ChoiceField(choices=KIND_CHOICES)
    asks = serializers.SerializerMethodField()
    examined = serializers.IntegerField(help_text="How many things were looked at.")
    examined_what = serializers.CharField(source="kind.examines")
    found = serializers.SerializerMethodField()
    not_known = serializers.SerializerMethodField(help_text="Places that cannot be checked.")

    def get_asks(self, answer: FindingAnswer) -> str:
        """Return the question."""
        return answer.kind.question

    def get_found(self, answer: FindingAnswer) -> int:
        """Count the findings."""
        return len(answer.findings)

    def get_not_known(self, answer: FindingAnswer) -> int:
        """Count the places of which nothing can be said."""
        return sum(len(one.places) for one in answer.unjudged)


class StructureFindingPageRepresentation(serializers.Serializer[Any]):
    """A page of findings, with what could not be told."""

    results = StructureFindingRepresentation(many=True, allow_null=True)
    next = serializers.URLField(allow_null=True)
    not_known = NotKnownRepresentation(many=True)
    questions = FindingQuestionRepresentation(many=True)
    coverage = CoverageSummaryRepresentation()


def _serialized_places(places: Sequence[FindingPlace]) -> list[dict[str, str]]:
    # A serializer a place would take most of the time of a page.
    return [
        {"kind": place.kind.value, "key": place.key, "name": place.name, "said": place.said}
        for place in places
    ]


def _not_known(unjudged: Unjudged) -> dict[str, Any]:
    return {
        "kind": unjudged.kind.code,
        "reason": unjudged.reason,
        "place_count": len(unjudged.places),
        "places": _serialized_places(unjudged.places[:_PLACES_IN_LIST]),
    }


EXAMPLE = {
    "key": "account_under_root:222222222229",
    "url": "https://orgwarden.example.org/api/v1/organizations/acme/structure-findings/"
    "account_under_root:222222222229",
    "kind": "account_under_root",
    "severity": "high",
    "title": "acquired-shop lies directly under the root",
    "accounts": 1,
    "measured": [{"what": "OUs above the account", "value": "0"}],
    "threshold": {"least_units_above": 1},
    "place_count": 1,
    "places": [{"kind": "ACCOUNT", "key": "222222222229", "name": "acquired-shop", "said": ""}],
    "remedy": "Move the account into an OU whose SCPs fit it.",
    "page": "https://orgwarden.example.org/o/acme/findings/account_under_root:222222222229/",
}


class _Findings(OrganizationEndpoint):
    shows_tables = DECISION_TABLES

    @cached_property
    def report(self) -> StructureReport:
        """All that was found at the time looked at.

        :raises Problem: nobody asked the questions of that state before; a worker does so now.
        """
        report = ready_findings(self.viewer, connection=self.connection, as_of=self.as_of)
        if report is None:
            raise Problem(
                NOT_READY,
                "nobody has asked what is wrong with this state of the organization before; a "
                "worker does so now, which takes some ten seconds. Ask again",
                wait=_WAIT_SECONDS,
            )
        return report


class StructureFindingList(_Findings, MemoryListEndpoint):
    """The structure findings of an organization."""

    topic = "Structure findings"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = StructureFindingRepresentation
    page_representation = StructureFindingPageRepresentation
    own_parameters = (
        OpenApiParameter(
            "kind", OpenApiTypes.STR, many=True, enum=list(KINDS), description="Of these."
        ),
        OpenApiParameter(
            "severity",
            OpenApiTypes.STR,
            many=True,
            enum=list(FindingSeverity),
            description="Of these.",
        ),
        OpenApiParameter(
            "place",
            OpenApiTypes.STR,
            many=True,
            description="With one of these among their places: an id, or a role's ARN.",
        ),
    )
    sort_keys = {
        "severity": rank,
        "accounts": lambda one: [one.accounts, one.key],
        "title": lambda one: [one.title, one.key],
    }
    usual_ordering = found_in = "severity"
    example = {
        "results": [EXAMPLE],
        "next": None,
        "not_known": [
            {
                "kind": "role_trust_drift",
                "reason": "IAM of the account was never collected.",
                "place_count": 1,
                "places": [
                    {"kind": "ACCOUNT", "key": "222222222230", "name": "legacy", "said": ""}
                ],
            }
        ],
        "questions": [
            {
                "kind": "account_under_root",
                "asks": KINDS["account_under_root"].question,
                "examined": 60,
                "examined_what": "accounts",
                "found": 1,
                "not_known": 0,
            }
        ],
        "coverage": {
            "knowledge": "collected",
            "total": 14,
            "complete": 14,
            "denied": 0,
            "unsupported": 0,
            "oldest_complete_at": "2026-11-23T08:00:00Z",
            "newest_attempt_at": "2026-11-23T08:00:00Z",
        },
    }

    @cached_property
    def kinds(self) -> tuple[FindingKind, ...]:
        """The kinds that are asked for, empty for all."""
        return chosen(self.request, "kind", KINDS)

    def found(self) -> Sequence[Finding]:
        """Return the findings that the filters leave."""
        return self.report.chosen(
            kinds=self.kinds,
            severities=chosen(self.request, "severity", SEVERITIES),
            places=self.request.query_params.getlist("place"),
        )

    def was_read(self) -> bool:
        """Whether the organization had been read by then."""
        return self.report.is_known

    def context(self, rows: Sequence[Finding]) -> Mapping[str, Any]:
        """Return what the addresses need."""
        return {"slug": self.connection.slug, "most_places": _PLACES_IN_LIST}

    def members(self) -> dict[str, Any]:
        """Return what could not be told, and the questions, of the kinds asked for."""
        answers = [one for one in self.report.answers if not self.kinds or one.kind in self.kinds]
        unjudged: list[Unjudged] = [one for answer in answers for one in answer.unjudged]
        return {
            "not_known": [_not_known(one) for one in unjudged],
            "questions": FindingQuestionRepresentation(answers, many=True).data,
        }

    def get(self, request: Request, **kwargs: str) -> Response:
        """List what is wrong with the organization's structure, the worst first.

        Each finding says what was measured, where, against which threshold, and what to do.
        `not_known` lists places where a question cannot be answered; never count them as fine.
        """
        return self.respond()


class StructureFindingDetail(_Findings, DetailEndpoint):
    """One structure finding."""

    topic = "Structure findings"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = StructureFindingRepresentation
    example = EXAMPLE

    def get(self, request: Request, **kwargs: str) -> Response:
        """Get one finding: what was measured, where, against which threshold, what to do.

        One that no longer holds is not found; `as_of` finds it where it did.
        """
        finding = self.report.finding(kwargs["finding_key"])
        if finding is None:
            raise self.missing(f"structure finding {kwargs['finding_key']}")
        return self.answer(self.serialized(finding, slug=self.connection.slug))
