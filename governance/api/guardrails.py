"""/guardrails: what nobody may do and what has to be set up, and where it holds."""

from typing import Any, ClassVar, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.api.guardrail_representations import (
    GuardrailPageRepresentation,
    GuardrailRepresentation,
    GuardrailResultPageRepresentation,
    GuardrailResultRepresentation,
    GuardrailSchemaRepresentation,
    GuardrailSummaryRepresentation,
)
from governance.api.parts.endpoints import OrganizationEndpoint
from governance.api.parts.list_endpoint import by
from governance.api.parts.memory_lists import chosen
from governance.api.parts.pagination import Key, page_of, page_of_list, page_request
from governance.api.parts.parameters import text_parameter
from governance.api.parts.representations import Representation, read_body
from governance.api.parts.written_rules import (
    NewRuleRepresentation,
    RuleSwitchRepresentation,
    RuleVersionsRepresentation,
    rule_problems,
)
from governance.baseline.guardrails.definitions import (
    GUARDRAILS,
    GuardrailInForce,
    guardrail_in_force,
)
from governance.baseline.guardrails.documents import GuardrailSeverity, GuardrailTopic
from governance.baseline.guardrails.files import guardrail_schema
from governance.baseline.guardrails.models import GuardrailResult
from governance.baseline.guardrails.outcome_counts import WORST_FIRST
from governance.baseline.guardrails.selectors import (
    GuardrailOverview,
    excepted_by,
    guardrail_overview,
    guardrail_overviews,
    guardrail_results,
)
from governance.baseline.guardrails.writing import read_for
from inventory.selectors.freshness import AUTHORIZATION_POLICY_TYPES, GUARDRAIL_TABLES

_TOPIC: Final = "Guardrails"


class GuardrailsEndpoint(OrganizationEndpoint):
    """What the addresses of guardrails have in common."""

    topic = _TOPIC
    representation: ClassVar[type[Representation]] = GuardrailRepresentation

    def find(self) -> GuardrailInForce:
        """Return the guardrail of the address.

        :raises Problem: there is none.
        """
        guardrail_id = self.kwargs["guardrail_id"]
        found = guardrail_in_force(self.connection, guardrail_id)
        if found is None:
            raise self.missing(f"guardrail {guardrail_id}")
        return found

    def serialized_guardrail(self, guardrail_id: str) -> Any:
        """Return a guardrail with its text, as the API answers with it."""
        found = guardrail_overview(
            self.viewer, connection=self.connection, guardrail_id=guardrail_id
        )
        if found is None:
            raise self.missing(f"guardrail {guardrail_id}")
        return GuardrailRepresentation(
            found,
            only=self.only() if self.request.method in {"GET", "HEAD"} else None,
            context={**self.get_serializer_context(), "slug": self.connection.slug},
        ).data


def _place(overview: GuardrailOverview) -> list[Any]:
    return [overview.guardrail.id]


class GuardrailList(GuardrailsEndpoint):
    """The guardrails of an organization."""

    rights = {"GET": rights.VIEW_GUARDRAILS, "POST": rights.MANAGE_GUARDRAILS}
    representation = GuardrailSummaryRepresentation
    shows_tables = GUARDRAIL_TABLES
    shows_policy_types = AUTHORIZATION_POLICY_TYPES
    page_representation = GuardrailPageRepresentation
    takes = NewRuleRepresentation
    takes_as_of = True
    answers = {201: OpenApiResponse(GuardrailRepresentation(), description="Active.")}
    orderings = {"guardrail_id": (Key("guardrail_id"),)}
    usual_ordering = "guardrail_id"
    own_parameters = (
        OpenApiParameter(
            "topic",
            OpenApiTypes.STR,
            enum=[one.value for one in GuardrailTopic],
            many=True,
            description="Only of these topics.",
        ),
        OpenApiParameter(
            "severity",
            OpenApiTypes.STR,
            enum=[one.value for one in GuardrailSeverity],
            many=True,
            description="Only of these severities.",
        ),
        OpenApiParameter(
            "worst",
            OpenApiTypes.STR,
            enum=list(WORST_FIRST),
            many=True,
            description="Only those of which this is the worst in any account.",
        ),
        OpenApiParameter(
            "enabled", OpenApiTypes.STR, enum=["true", "false"], description="Only these."
        ),
    )

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        return super().parameters() | {"limit", "cursor", "ordering"}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List guardrails with what is found of each in the accounts that you may see."""
        asked = page_request(request, self.orderings, usual=self.usual_ordering)
        topics = chosen(request, "topic", {one.value: one for one in GuardrailTopic})
        severities = chosen(request, "severity", {one.value: one for one in GuardrailSeverity})
        worst = chosen(request, "worst", {name: name for name in WORST_FIRST})
        enabled = chosen(request, "enabled", {"true": True, "false": False})
        found = [
            one
            for one in guardrail_overviews(
                self.viewer, connection=self.connection, as_of=self.as_of
            )
            if (not topics or one.guardrail.document.topic in topics)
            and (not severities or one.guardrail.document.severity in severities)
            and (not worst or one.counts.worst in worst)
            and (not enabled or one.guardrail.enabled in enabled)
        ]
        page = page_of_list(sorted(found, key=_place), asked, key=_place)
        results = self.serialized(page.rows, many=True, slug=self.connection.slug)
        return self.respond_with(page, results)

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Write a guardrail, which is active from now on. With the id of a shipped one it replaces
        that. A file with anything unknown in it is
                refused, each fault with its line; the previous version stays active.
        """
        values = read_body(NewRuleRepresentation, request)
        with rule_problems(GUARDRAILS.noun):
            document = read_for(self.viewer, self.connection, values["content"].encode())
            made = GUARDRAILS.write(
                by=self.by,
                connection=self.connection,
                document=document,
                reason=values["reason"],
                version=values.get("version"),
                now=self.now,
            )
        serialized = self.serialized_guardrail(made.id)
        return Response(
            serialized, status=status.HTTP_201_CREATED, headers={"Location": serialized["url"]}
        )


class GuardrailDetail(GuardrailsEndpoint):
    """One guardrail."""

    rights = {"GET": rights.VIEW_GUARDRAILS, "PATCH": rights.MANAGE_GUARDRAILS}
    takes = RuleSwitchRepresentation
    answers = {200: OpenApiResponse(GuardrailRepresentation(), description="Done.")}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get one guardrail."""
        return self.answer(self.serialized_guardrail(self.kwargs["guardrail_id"]))

    def patch(self, request: Request, /, **kwargs: Any) -> Response:
        """Enable or disable a guardrail, with a reason."""
        values = read_body(RuleSwitchRepresentation, request)
        found = self.find()
        with rule_problems(GUARDRAILS.noun):
            GUARDRAILS.switch(
                by=self.by,
                connection=self.connection,
                rule_id=found.id,
                enabled=values["enabled"],
                reason=values["reason"],
                version=found.version,
                now=self.now,
            )
        return Response(self.serialized_guardrail(found.id))


class GuardrailVersions(GuardrailsEndpoint):
    """The versions of a guardrail."""

    rights = {"GET": rights.VIEW_GUARDRAILS}
    representation = RuleVersionsRepresentation

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the versions that the organization made of a guardrail; none: it is as shipped."""
        found = self.find()
        rows = GUARDRAILS.versions(self.connection, found.id)
        return self.answer(self.serialized({"results": list(rows)}))


class GuardrailResultList(GuardrailsEndpoint):
    """What is found of a guardrail, account by account."""

    rights = {"GET": rights.VIEW_GUARDRAILS}
    representation = GuardrailResultRepresentation
    shows_tables = GUARDRAIL_TABLES
    shows_policy_types = AUTHORIZATION_POLICY_TYPES
    page_representation = GuardrailResultPageRepresentation
    takes_as_of = True
    orderings = {"account_id": (Key("account_id"),), "since": by("seen_from", "account_id")}
    usual_ordering = "account_id"
    own_parameters = (
        OpenApiParameter(
            "outcome",
            OpenApiTypes.STR,
            enum=list(GuardrailResult.ResultOutcome.values),
            many=True,
            description="Only with these outcomes.",
        ),
        OpenApiParameter(
            "under", OpenApiTypes.STR, description="Only accounts below this OU or the root."
        ),
        OpenApiParameter("q", OpenApiTypes.STR, description="Searches an account's name and id."),
    )

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        return super().parameters() | {"limit", "cursor", "ordering"}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List what is found of a guardrail in the accounts that you may see."""
        asked = page_request(request, self.orderings, usual=self.usual_ordering)
        outcomes = chosen(request, "outcome", {one: one for one in GuardrailResult.ResultOutcome})
        rows = guardrail_results(
            self.viewer,
            connection=self.connection,
            guardrail_id=self.find().id,
            outcomes=outcomes,
            under=text_parameter(request, "under"),
            words=text_parameter(request, "q"),
            as_of=self.as_of,
        )
        page = page_of(rows, asked)
        covered = {} if self.as_of else excepted_by(self.connection, page.rows)
        results = self.serialized(page.rows, many=True, excepted=covered)
        return self.respond_with(page, results)


class GuardrailSchema(GuardrailsEndpoint):
    """The form of a guardrail's file."""

    rights = {"GET": rights.VIEW_GUARDRAILS}
    representation = GuardrailSchemaRepresentation

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get the JSON Schema of a guardrail's file, which editors understand."""
        return self.answer(self.serialized({"schema": guardrail_schema()}))
