"""/guardrails: what would be found of one, what makes it hold, and which statements they need."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.api.guardrail_representations import (
    GuardrailRemedyRepresentation,
    TriedGuardrailRepresentation,
)
from governance.api.guardrails import GuardrailsEndpoint
from governance.api.parts.jobs import JobDetail, JobRepresentation, answer_or_queue, answers_of
from governance.api.parts.permissions import person_of
from governance.api.parts.problems import PERMISSION_DENIED, Problem
from governance.api.parts.representations import fresh_representation, read_body
from governance.api.parts.written_rules import RuleFileRepresentation, rule_problems
from governance.baseline.guardrails.definitions import GUARDRAILS
from governance.baseline.guardrails.models import MutationJob
from governance.baseline.guardrails.mutating import mutation_request
from governance.baseline.guardrails.outcome_counts import OutcomeCounts
from governance.baseline.guardrails.remedies import NoRemedy, remedy_simulated
from governance.baseline.guardrails.trying import TriedGuardrail, try_guardrail
from governance.baseline.guardrails.writing import read_for
from inventory.selectors.freshness import (
    AUTHORIZATION_POLICY_TYPES,
    AUTHORIZATION_TABLES,
    GUARDRAIL_TABLES,
)
from inventory.viewing import sees_whole

_MOST_TRIED: Final = 500


class GuardrailTry(GuardrailsEndpoint):
    """Trying a guardrail."""

    rights = {"POST": rights.VIEW_GUARDRAILS}
    representation = TriedGuardrailRepresentation
    shows_tables = GUARDRAIL_TABLES
    shows_policy_types = AUTHORIZATION_POLICY_TYPES
    takes = RuleFileRepresentation
    answers = {
        200: OpenApiResponse(
            fresh_representation(TriedGuardrailRepresentation)(), description="Evaluated."
        )
    }

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Work a guardrail out against the organization, and store nothing.

        Of the results the first 500 are in the answer, the worst first.
        """
        values = read_body(RuleFileRepresentation, request)
        with rule_problems(GUARDRAILS.noun):
            document = read_for(self.viewer, self.connection, values["content"].encode())
        tried = try_guardrail(self.viewer, connection=self.connection, document=document)
        results = TriedGuardrailRepresentation(_tried(tried)).data
        return Response({**results, **self.freshness(as_of=None)})


def _tried(tried: TriedGuardrail) -> dict[str, Any]:
    return {
        "document": tried.document.as_json(),
        "accounts": len(tried.found),
        "counts": tried.counts,
        "problem": tried.problem,
        "results": tried.worst_first(_MOST_TRIED),
    }


class GuardrailRemedy(GuardrailsEndpoint):
    """What makes a guardrail hold."""

    rights = {"GET": rights.VIEW_GUARDRAILS}
    representation = GuardrailRemedyRepresentation
    shows_tables = GUARDRAIL_TABLES
    shows_policy_types = AUTHORIZATION_POLICY_TYPES

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get the operations that make a guardrail hold, and what is found of it after them."""
        document = self.find().document
        before = try_guardrail(self.viewer, connection=self.connection, document=document).counts
        remedy: dict[str, Any] = {
            "text": document.remedy.text,
            "operations": [],
            "before": before,
            "after": OutcomeCounts(),
            "problem": "",
        }
        try:
            found = remedy_simulated(
                self.viewer, connection=self.connection, document=document, today=self.now.date()
            )
        except NoRemedy as error:
            remedy |= {"problem": str(error), "after": before}
        else:
            remedy |= {
                "operations": [one.as_json() for one in found.operations],
                "after": found.after.counts,
            }
        return self.answer(self.serialized(remedy))


class MutationRepresentation(JobRepresentation):
    """A mutation test, and its report once it is complete."""

    result = serializers.JSONField(
        allow_null=True,
        help_text="Which guardrails fail when a statement is removed; see docs/guardrails.md.",
    )


class MutationDetail(JobDetail):
    """One mutation test."""

    topic = GuardrailsEndpoint.topic
    rights = {"GET": rights.VIEW_GUARDRAILS}
    representation = MutationRepresentation
    job_model = MutationJob
    job_noun = "mutation test"
    job_route = "guardrail-mutation"
    shows_tables = AUTHORIZATION_TABLES
    shows_policy_types = AUTHORIZATION_POLICY_TYPES
    takes_as_of = False

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get a mutation test: how far it is, and its report once it is complete."""
        return self.answer_with_job()


class MutationList(GuardrailsEndpoint):
    """Mutation tests."""

    rights = {"POST": rights.VIEW_GUARDRAILS}
    representation = MutationRepresentation
    shows_tables = AUTHORIZATION_TABLES
    shows_policy_types = AUTHORIZATION_POLICY_TYPES
    takes: Any = None
    answers = answers_of(MutationRepresentation, "The report.", fresh=True)
    needs_all_places = "a mutation test is about all of them"

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Remove each statement of each SCP and RCP in turn, in memory: which guardrails notice.

        Needs a view of the whole organization. Answers 202 with the address of the test.
        """
        if not sees_whole(self.viewer, self.connection):
            raise Problem(PERMISSION_DENIED, "a mutation test is about the whole organization")
        return answer_or_queue(
            self,
            request,
            MutationDetail,
            at_once=lambda: None,
            queue=lambda: mutation_request(
                connection=self.connection,
                requested_by=person_of(request),
                viewer=self.viewer,
                now=self.now,
            ),
        )
