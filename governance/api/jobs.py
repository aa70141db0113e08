"""What the addresses of all queued questions tell of them."""

from collections.abc import Mapping
from typing import Any

from rest_framework.response import Response

from governance.api.endpoints import DetailEndpoint
from governance.jobs.models import Job


def told_of_job(job: Job) -> dict[str, Any]:
    """Tell how far a question is, and its answer once it is complete."""
    return {
        "id": str(job.pk),
        "state": job.state,
        "requested_at": job.requested_at,
        "finished_at": job.finished_at,
        "expires_at": job.expires_at,
        "error": job.error or None,
        "result": job.result,
    }


def answer_with_job(view: DetailEndpoint, job: Job, told: Mapping[str, Any]) -> Response:
    """Answer with the members that were asked for; while it runs, say when to ask again."""
    only = view.only()
    response = view.answer(
        {name: value for name, value in told.items() if only is None or name in only}
    )
    if job.is_waited_for:
        response.headers["Retry-After"] = "1"
    return response
