"""Questions that are answered at once where that is quick, and else become jobs with an address."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from governance.api.parts.endpoints import DetailEndpoint, OrganizationEndpoint
from governance.api.parts.representations import Representation, fresh_representation
from governance.jobs.life import job_find
from governance.jobs.models import Job


class JobRepresentation(Representation):
    """A question, and its result once it is complete."""

    id = serializers.UUIDField(
        allow_null=True, help_text="Null if it was answered at once and not kept."
    )
    url = serializers.CharField(allow_null=True)
    state = serializers.ChoiceField(choices=Job.State.choices)
    requested_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True, help_text="When it is deleted.")
    error = serializers.CharField(allow_null=True, help_text="Why it failed, or null.")


class JobDetail(DetailEndpoint):
    """The address of one queued question.

    `job_model`, `job_having`: which rows are such questions. `job_noun`: what one is called.
    `job_route`, `id_argument`: the address's name, and what in it is the question's id.
    """

    takes_as_of = False
    job_model: ClassVar[type[Job]]
    job_having: ClassVar[Mapping[str, str]] = {}
    job_noun: ClassVar[str]
    job_route: ClassVar[str]
    id_argument: ClassVar[str] = "job_id"
    stands_at: datetime | None = None
    """The time of what a result rests on; None: now."""

    def freshness(self, *, as_of: datetime | None) -> dict[str, Any]:
        """Return how fresh what the result rests on was when it was found."""
        return super().freshness(as_of=as_of or self.stands_at)

    @classmethod
    def members(cls, job: Any) -> Mapping[str, Any]:
        """Return what is told of a question beside what is told of every one."""
        return {}

    @classmethod
    def serialized_state(cls, view: OrganizationEndpoint, job: Job) -> dict[str, Any]:
        """Return how far a question is, without its result, which may be deferred."""
        where = {"slug": view.connection.slug, cls.id_argument: job.pk}
        return {
            "id": str(job.pk),
            "url": reverse(f"api:{cls.job_route}", kwargs=where, request=view.request),
            "state": job.state,
            "requested_at": job.requested_at,
            "finished_at": job.finished_at,
            "expires_at": job.expires_at,
            "error": job.error or None,
        }

    @classmethod
    def serialized_job(cls, view: OrganizationEndpoint, job: Job) -> dict[str, Any]:
        """Return how far a question is, and its result once it is complete."""
        return {**cls.serialized_state(view, job), "result": job.result, **cls.members(job)}

    def answer_with_job(self) -> Response:
        """Answer with the members that were asked for; while it runs, say when to ask again.

        :raises Problem: there is no such question, or its time is over.
        """
        job_id = self.kwargs[self.id_argument]
        job = job_find(
            self.job_model,
            self.viewer,
            connection=self.connection,
            job_id=job_id,
            now=self.now,
            **self.job_having,
        )
        if job is None:
            raise self.missing(f"{self.job_noun} {job_id}")
        self.stands_at = job.as_of or job.finished_at
        only, serialized = self.only(), self.serialized_job(self, job)
        response = self.answer(
            {name: value for name, value in serialized.items() if only is None or name in only}
        )
        if job.is_waited_for:
            response.headers["Retry-After"] = "1"
        return response


def answers_of(
    representation: type[JobRepresentation], description: str, *, fresh: bool = False
) -> dict[int, Any]:
    """Return the answers of a POST for the documentation.

    `description`: of a result at once. `fresh`: they tell how fresh what they rest on is.
    """
    answered = fresh_representation(representation) if fresh else representation
    return {
        200: OpenApiResponse(answered(), description=description),
        202: OpenApiResponse(answered(), description="Queued; `Location` is its address."),
    }


def answer_or_queue(
    view: OrganizationEndpoint,
    request: Request,
    detail: type[JobDetail],
    *,
    at_once: Callable[[], Any],
    queue: Callable[[], Job],
    as_of: datetime | None = None,
    **members: Any,
) -> Response:
    """Answer a POST with 200 and a result that is not kept, or with 202 and a job's address.

    `at_once` finds the result, None where that takes long; it is not asked where a job is
    preferred. `as_of`: the time that is asked about, None: now. `members`: what a result that is
    not kept has beside.
    """
    if "respond-async" not in request.headers.get("Prefer", ""):
        result = at_once()
        if result is not None:
            return Response(
                {
                    "id": None,
                    "url": None,
                    "state": Job.State.COMPLETE.value,
                    "requested_at": view.now,
                    "finished_at": view.now,
                    "expires_at": None,
                    "error": None,
                    "result": result,
                    **members,
                    **view.freshness(as_of=as_of),
                }
            )
    serialized = detail.serialized_job(view, queue())
    serialized |= view.freshness(as_of=as_of)
    return Response(
        serialized, status=status.HTTP_202_ACCEPTED, headers={"Location": str(serialized["url"])}
    )
