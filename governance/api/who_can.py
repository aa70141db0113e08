"""/who-can: which principals of which accounts may do an action, with the conditions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.api.parts.endpoints import OrganizationEndpoint
from governance.api.parts.jobs import JobDetail, answer_or_queue, answers_of
from governance.api.parts.list_endpoint import by
from governance.api.parts.pagination import PageRequest, RowPage, page_of_list, page_request
from governance.api.parts.permissions import person_of
from governance.api.parts.representations import read_body
from governance.api.who_can_representations import (
    TOLD,
    WhoCanJobRepresentation,
    WhoCanPageRepresentation,
    WhoCanPrincipalRepresentation,
    WhoCanQuestionRepresentation,
)
from governance.posture.requests.cannot_answer import CannotAnswer
from governance.posture.requests.questions import UncollectedPolicy, choices
from governance.posture.requests.unseen import refuse_unseen
from governance.posture.who_can import jobs
from governance.posture.who_can.answer import WhoCanAnswer, who_can, who_can_at_once
from governance.posture.who_can.listing import Filters, NoSuchPlace, filtered
from governance.posture.who_can.models import WhoCanJob
from governance.posture.who_can.numbering import Numbers
from governance.posture.who_can.population import KINDS
from governance.posture.who_can.results import principal_json, result_json, summary_json
from governance.posture.who_can.ways import Standing
from inventory.selectors.freshness import AUTHORIZATION_POLICY_TYPES, DECISION_TABLES
from inventory.selectors.last_use import activities

# Where a part of the question is among the parameters.
_MEMBERS = {"account": "resource_account_id"}


class WhoCanEndpoint(OrganizationEndpoint):
    """Who may do an action."""

    shows_tables = DECISION_TABLES
    shows_policy_types = AUTHORIZATION_POLICY_TYPES
    topic = "Who can"
    rights = {"GET": rights.VIEW_INVENTORY, "POST": rights.VIEW_INVENTORY}
    representation = WhoCanPrincipalRepresentation
    page_representation = WhoCanPageRepresentation
    takes = WhoCanQuestionRepresentation
    takes_as_of = True
    orderings = {"account_id": by("account_id", "arn")}
    usual_ordering = "account_id"
    own_parameters = (
        OpenApiParameter("action", OpenApiTypes.STR, required=True, description=TOLD["action"]),
        *(
            OpenApiParameter(name, OpenApiTypes.STR, description=TOLD[name])
            for name in ("resource", "resource_account_id", "under")
        ),
        OpenApiParameter("assume", OpenApiTypes.STR, many=True, description=TOLD["assume"]),
        OpenApiParameter(
            "resource_policy",
            OpenApiTypes.STR,
            enum=[assumed.value for assumed in choices(UncollectedPolicy.RESOURCE_POLICY)],
            description=TOLD["resource_policy"],
        ),
        OpenApiParameter(
            "standing",
            OpenApiTypes.STR,
            many=True,
            enum=[standing.value for standing in Standing],
            description=TOLD["standing"],
        ),
        OpenApiParameter(
            "kind", OpenApiTypes.STR, many=True, enum=list(KINDS), description=TOLD["kind"]
        ),
        OpenApiParameter(
            "q", OpenApiTypes.STR, description="Part of a name, or how an ARN begins."
        ),
    )
    answers = answers_of(WhoCanJobRepresentation, "The answer.", fresh=True)

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        own = {parameter.name for parameter in self.own_parameters}
        return super().parameters() | own | {"limit", "cursor", "ordering"}

    def get(self, request: Request, **kwargs: str) -> Response:
        """List who may do an action, with the conditions, and count them.

        Every user, role and root user of every account is decided under all policies that are
        known: identity policies and groups, boundaries, SCPs, RCPs, and the trust policy of a
        role that is to be assumed. Whoever is denied is not listed. Policies of other resources
        are not collected, so `may_be_let_in_besides` is told. Equal verdicts as `/explain`.
        """
        query = request.query_params
        asked = jobs.QueuedQuestion(
            action=query.get("action", ""),
            resource=query.get("resource", ""),
            account=query.get("resource_account_id", ""),
            assume=tuple(query.getlist("assume")),
            resource_policy=query.get("resource_policy", ""),
            under=query.get("under", "").strip(),
            standings=tuple(query.getlist("standing")),
            kinds=tuple(query.getlist("kind")),
        )
        page_asked = page_request(request, self.orderings, usual=self.usual_ordering)
        answer, rows = self.answered(asked, words=query.get("q", ""), as_of=self.as_of)
        page = self.page(answer, rows, page_asked)
        population = answer.population
        found = activities(
            self.viewer,
            connection=self.connection,
            account_ids={population.account_id(row) for row in page.rows},
            arns=[population.arn(row) for row in page.rows],
        )
        serialized_rows = [
            principal_json(answer, row, found.get(population.arn(row)), as_of=self.as_of)
            for row in page.rows
        ]
        return self.respond_with(
            page,
            self.serialized(serialized_rows, many=True),
            summary=summary_json(answer, rows, under=asked.under),
        )

    def page(self, answer: WhoCanAnswer, rows: Numbers, asked: PageRequest) -> RowPage:
        """Cut the page asked for out of the rows, which are by account id and ARN."""
        population = answer.population

        def key(row: int) -> list[str]:
            return [population.account_id(row), population.names[population.called[row]]]

        page = page_of_list(rows, asked, key=key)
        return replace(page, rows=[int(row) for row in page.rows])

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Ask who may do an action, and get the numbers and who they are.

        Answered at once where everyone has been read already; else, or with `Prefer:
        respond-async`, a job is queued whose answer is kept for a day. `GET` tells conditions too.
        """
        values = read_body(WhoCanQuestionRepresentation, request)
        asked = jobs.QueuedQuestion(
            action=values["action"],
            resource=values.get("resource", ""),
            account=values.get("resource_account_id", ""),
            assume=tuple(values.get("assume", ())),
            resource_policy=values.get("resource_policy", ""),
            under=values.get("under", ""),
            standings=tuple(values.get("standing", ())),
            kinds=tuple(values.get("kind", ())),
        )
        as_of = self.moment_of(values.get("as_of"))
        question = self.question(asked, as_of)
        filters = self._filters(asked, "")

        def at_once() -> dict[str, Any] | None:
            answer = who_can_at_once(
                self.viewer, connection=self.connection, question=question, as_of=as_of
            )
            if answer is None:
                return None
            return result_json(answer, self.rows(answer, filters), under=asked.under)

        return answer_or_queue(
            self,
            request,
            WhoCanDetail,
            at_once=at_once,
            queue=lambda: jobs.question_request(
                connection=self.connection,
                requested_by=person_of(request),
                viewer=self.viewer,
                asked=asked,
                as_of=as_of,
                now=self.now,
            ),
            as_of=as_of,
            progress=None,
        )

    def question(self, asked: jobs.QueuedQuestion, as_of: Any) -> Any:
        """Read the question.

        :raises ValidationError: naming the part that says nothing.
        """
        if not asked.action.strip():
            raise ValidationError({"action": [f"give it: {TOLD['action']}"]})
        try:
            question = asked.question(self.viewer, self.connection, as_of)
            refuse_unseen(
                self.viewer,
                connection=self.connection,
                field="account",
                account_id=question.resource_account_id,
            )
            return question
        except CannotAnswer as error:
            raise ValidationError({_MEMBERS.get(error.field, error.field): [str(error)]}) from error

    def answered(
        self, asked: jobs.QueuedQuestion, *, words: str, as_of: Any
    ) -> tuple[WhoCanAnswer, Numbers]:
        """Answer a question.

        :raises ValidationError: naming the part, or the filter, that says nothing.
        """
        question = self.question(asked, as_of)
        filters = self._filters(asked, words)
        answer = who_can(self.viewer, connection=self.connection, question=question, as_of=as_of)
        return answer, self.rows(answer, filters)

    def rows(self, answer: WhoCanAnswer, filters: Filters) -> Numbers:
        """Return what the filters leave.

        :raises ValidationError: there is no such place.
        """
        try:
            return filtered(answer, filters)
        except NoSuchPlace as error:
            raise ValidationError({"under": [str(error)]}) from error

    def _filters(self, asked: jobs.QueuedQuestion, words: str) -> Filters:
        checks: Sequence[tuple[str, tuple[str, ...], Sequence[str]]] = (
            ("standing", asked.standings, tuple(Standing)),
            ("kind", asked.kinds, KINDS),
        )
        for name, given, known in checks:
            if set(given) - set(known):
                raise ValidationError({name: [f"choose one of {', '.join(known)}"]})
        return Filters(
            standings=frozenset(map(Standing, asked.standings)),
            kinds=frozenset(asked.kinds),
            under=asked.under,
            words=words,
        )


class WhoCanDetail(JobDetail):
    """One question that was queued."""

    shows_tables = DECISION_TABLES
    shows_policy_types = AUTHORIZATION_POLICY_TYPES
    topic = "Who can"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = WhoCanJobRepresentation
    job_model = WhoCanJob
    job_noun = "who-can question"
    job_route = "who-can-job"

    @classmethod
    def members(cls, job: WhoCanJob) -> Mapping[str, Any]:
        """Return what is being done."""
        return {"progress": job.progress or None}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get the progress of a queued question, and its answer once it is complete."""
        return self.answer_with_job()
