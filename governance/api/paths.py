"""/paths: what a principal, an account, a vendor or anyone can become and reach, and backward."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.api.parts.endpoints import DetailEndpoint, OrganizationEndpoint
from governance.api.parts.jobs import JobDetail, answer_or_queue, answers_of
from governance.api.parts.list_endpoint import by
from governance.api.parts.pagination import page_of_list, page_request
from governance.api.parts.permissions import person_of
from governance.api.parts.problems import NOT_READY, Problem
from governance.api.parts.representations import read_body
from governance.api.path_representations import (
    DIRECTIONS,
    TOLD,
    OpenGraphRepresentation,
    PathJobRepresentation,
    PathPageRepresentation,
    PathQuestionRepresentation,
    ReachedNodeRepresentation,
)
from governance.posture.paths import jobs
from governance.posture.paths.answer import PathAnswer
from governance.posture.paths.building import graph_at_hand
from governance.posture.paths.builds import GraphBuild, GraphBuildFailed, graph_or_build
from governance.posture.paths.graph import TrustGraph
from governance.posture.paths.models import PathJob
from governance.posture.paths.open_graph import open_graph
from governance.posture.paths.reach import Direction
from governance.posture.paths.results import answer_json, reached_json, summary_json
from governance.posture.requests.cannot_answer import CannotAnswer
from inventory.models import Connection
from inventory.selectors.freshness import AUTHORIZATION_POLICY_TYPES, DECISION_TABLES
from inventory.viewing import Viewer

_YES = frozenset({"true", "1"})
_NO = frozenset({"", "false", "0"})


def _graph(viewer: Viewer, connection: Connection, as_of: datetime | None) -> TrustGraph:
    """Return the graph.

    :raises Problem: it is not built yet, or could not be.
    """
    try:
        found = graph_or_build(viewer, connection=connection, as_of=as_of)
    except GraphBuildFailed as error:
        raise Problem(NOT_READY, "The graph could not be built.", wait=60) from error
    if isinstance(found, GraphBuild):
        raise Problem(NOT_READY, f"{found.words} ({found.percent} %).", wait=2)
    return found


class PathsEndpoint(OrganizationEndpoint):
    """What can be reached."""

    shows_tables = DECISION_TABLES
    shows_policy_types = AUTHORIZATION_POLICY_TYPES
    topic = "Paths"
    rights = {"GET": rights.VIEW_TRUST, "POST": rights.VIEW_TRUST}
    representation = ReachedNodeRepresentation
    page_representation = PathPageRepresentation
    takes = PathQuestionRepresentation
    takes_as_of = True
    orderings = {"steps": by("steps", "place")}
    usual_ordering = "steps"
    own_parameters = (
        OpenApiParameter("from", OpenApiTypes.STR, description=TOLD["from"]),
        OpenApiParameter("to", OpenApiTypes.STR, description=TOLD["to"]),
        OpenApiParameter(
            "direction",
            OpenApiTypes.STR,
            enum=[value for value, _ in DIRECTIONS],
            description=TOLD["direction"],
        ),
        OpenApiParameter("sure_only", OpenApiTypes.BOOL, description=TOLD["sure_only"]),
    )
    answers = answers_of(PathJobRepresentation, "The answer.", fresh=True)

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        own = {parameter.name for parameter in self.own_parameters}
        return super().parameters() | own | {"limit", "cursor", "ordering"}

    def get(self, request: Request, **kwargs: str) -> Response:
        """List what is reached from `from`, or what reaches `to`, the nearest first.

        A step across accounts needs both sides; within an account a policy that names the
        principal suffices. Boundaries, SCPs and RCPs count. `POST` gives chains and cuts too.
        Where the graph of this state is not built yet, that begins: ask again, or `POST`.
        """
        query, as_of = request.query_params, self.as_of
        asked = jobs.QueuedPaths(
            start=query.get("from", ""),
            end=query.get("to", ""),
            direction=self._direction(query.get("direction", "")),
            sure_only=self._truth(query.get("sure_only", "")),
        )
        page_asked = page_request(request, self.orderings, usual=self.usual_ordering)
        self._check(asked)
        graph = _graph(self.viewer, self.connection, as_of)
        answer = self.answered(graph, asked)
        ranked = list(enumerate(map(int, answer.nodes)))
        steps = answer.reached.steps
        page = page_of_list(ranked, page_asked, key=lambda pair: [int(steps[pair[1]]), pair[0]])
        return self.respond_with(
            page,
            self.serialized([reached_json(answer, node) for _, node in page.rows], many=True),
            summary=summary_json(answer),
        )

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Ask for a shortest chain with its statements, and for the steps to cut.

        Answered at once where the graph is built already; else, or with `Prefer: respond-async`,
        a job is queued whose answer is kept for a day.
        """
        values = read_body(PathQuestionRepresentation, request)
        asked = jobs.QueuedPaths(
            start=values.get("from", ""),
            end=values.get("to", ""),
            direction=values.get("direction", Direction.FORWARD.value),
            sure_only=values.get("sure_only", False),
        )
        as_of = self.moment_of(values.get("as_of"))
        self._check(asked)

        def at_once() -> dict[str, Any] | None:
            graph = graph_at_hand(self.viewer, connection=self.connection, as_of=as_of)
            if graph is None:
                return None
            answer = self.answered(graph, asked)
            return answer_json(self.viewer, answer, connection=self.connection, as_of=as_of)

        return answer_or_queue(
            self,
            request,
            PathsDetail,
            at_once=at_once,
            queue=lambda: jobs.paths_request(
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

    def answered(self, graph: TrustGraph, asked: jobs.QueuedPaths) -> PathAnswer:
        """Answer a question.

        :raises ValidationError: naming the end that is not in the graph.
        """
        try:
            return asked.answer(graph, self.connection)
        except CannotAnswer as error:
            raise ValidationError({error.field: [str(error)]}) from error

    def _check(self, asked: jobs.QueuedPaths) -> None:
        backward = asked.direction == Direction.BACKWARD
        name, given = ("to", asked.end) if backward else ("from", asked.start)
        if not given.strip():
            raise ValidationError({name: [f"give it: {TOLD[name]}"]})

    @staticmethod
    def _direction(given: str) -> str:
        known = [value for value, _ in DIRECTIONS]
        if given and given not in known:
            raise ValidationError({"direction": [f"choose one of {', '.join(known)}"]})
        return given or Direction.FORWARD.value

    @staticmethod
    def _truth(given: str) -> bool:
        lowered = given.lower()
        if lowered not in _YES | _NO:
            raise ValidationError({"sure_only": ["give true or false"]})
        return lowered in _YES


class PathsDetail(JobDetail):
    """One question that was queued."""

    shows_tables = DECISION_TABLES
    shows_policy_types = AUTHORIZATION_POLICY_TYPES
    topic = "Paths"
    rights = {"GET": rights.VIEW_TRUST}
    representation = PathJobRepresentation
    job_model = PathJob
    job_noun = "path question"
    job_route = "paths-job"

    @classmethod
    def members(cls, job: PathJob) -> Mapping[str, Any]:
        """Return what is being done."""
        return {"progress": job.progress or None}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get the progress of a queued question, and its answer once it is complete."""
        return self.answer_with_job()


class OpenGraphFile(DetailEndpoint):
    """The whole graph for BloodHound."""

    shows_tables = DECISION_TABLES
    shows_policy_types = AUTHORIZATION_POLICY_TYPES
    topic = "Paths"
    rights = {"GET": rights.VIEW_TRUST}
    representation = OpenGraphRepresentation
    takes_as_of = True

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get the graph as BloodHound OpenGraph JSON: upload it there as it is."""
        graph = _graph(self.viewer, self.connection, self.as_of)
        return Response(self.serialized(open_graph(graph)))
