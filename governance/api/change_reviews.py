"""What people decide about a change request, each in a session of their own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.access.step_up import is_stepped_up, stepped_up_at
from governance.api.change_representations import (
    ChangeRepresentation,
    NewReviewRepresentation,
    ReviewRepresentation,
    ScheduleRepresentation,
)
from governance.api.changes import ChangesEndpoint, change_problems
from governance.api.parts.fresh_proof import require_fresh_proof
from governance.api.parts.permissions import HasRight
from governance.api.parts.problems import (
    CONFLICT,
    PERMISSION_DENIED,
    STEP_UP_REQUIRED,
    Problem,
)
from governance.api.parts.representations import BodyRepresentation, Representation
from governance.api.parts.session_alone import BySessionAlone
from governance.approvals.reviews import (
    MayNotReview,
    ReviewNeedsStepUp,
    ReviewRefused,
    StaleDigest,
)
from governance.changes.life.overriding import LONGEST_OVERRIDE_REASON, change_override
from governance.changes.life.reviewing import change_review
from governance.changes.life.reviews import all_reviews
from governance.changes.life.scheduling import change_schedule, change_unschedule
from governance.changes.models import ChangeRequest
from governance.changes.starting import change_start


@contextmanager
def review_problems() -> Iterator[None]:
    """Turn what reviews are refused for into problems."""
    try:
        yield
    except StaleDigest as error:
        raise Problem(CONFLICT, str(error)) from error
    except MayNotReview as error:
        raise Problem(PERMISSION_DENIED, str(error)) from error
    except ReviewNeedsStepUp as error:
        raise Problem(STEP_UP_REQUIRED, str(error)) from error
    except ReviewRefused as error:
        raise ValidationError({"body": [str(error)]}) from error


class ReviewsRepresentation(Representation):
    """All reviews of a change request, also of what was asked before."""

    results = ReviewRepresentation(many=True)


class ChangeReviews(ChangesEndpoint):
    """The reviews of a change request."""

    permission_classes = [BySessionAlone, HasRight]
    rights = {"GET": rights.VIEW_CHANGES, "POST": rights.VIEW_CHANGES}
    representation = ReviewsRepresentation
    takes = NewReviewRepresentation
    answers = {201: OpenApiResponse(ReviewRepresentation(), description="Created.")}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the reviews of a change request."""
        found = self.find()
        return self.answer({"results": self.serialized_reviews(found)})

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Approve a change request, request changes, reject it, or comment. Sessions only.

        Verdicts are for those whose approval it needs and whose work is not in it. 409 where
        `plan_sha256` is not the current digest, or it is not in review.
        """
        values = self.given(NewReviewRepresentation, request)
        found = self.find()
        with change_problems(), review_problems():
            made = change_review(
                by=self.by,
                change_request_id=found.pk,
                verdict=values["verdict"],
                body=values["body"],
                plan_sha256=values["plan_sha256"],
                stepped_up_at=stepped_up_at(request) if is_stepped_up(request) else None,
                now=self.now,
            )
        serialized = ReviewRepresentation(made, context={"digest": found.plan_sha256}).data
        return Response(serialized, status=status.HTTP_201_CREATED)

    def serialized_reviews(self, found: ChangeRequest) -> Any:
        """Return the reviews as the API tells them."""
        context = {"digest": found.plan_sha256}
        return ReviewRepresentation(all_reviews(found), many=True, context=context).data


class NewOverrideRepresentation(BodyRepresentation):
    """A soft finding to let pass."""

    finding = serializers.CharField(max_length=64, help_text="Its `key` in the evidence.")
    reason = serializers.CharField(max_length=LONGEST_OVERRIDE_REASON)


class DecidedChange(ChangesEndpoint):
    """An act of a person on a change request, in their own session."""

    permission_classes = [BySessionAlone, HasRight]
    answers = {202: OpenApiResponse(ChangeRepresentation(), description="Done.")}

    def decided(
        self, request: Request, decide: Callable[[ChangeRequest], object], *, always: bool = False
    ) -> Response:
        """Do something and answer with the request as it is then.

        `always`: whether a fresh proof is needed wherever the request reaches.
        """
        found = self.find()
        if always or found.needs_step_up:
            require_fresh_proof(request)
        with change_problems():
            decide(found)
        return self.accepted(self.find())


class ChangeOverrides(DecidedChange):
    """Overrides of soft findings."""

    rights = {"POST": rights.OVERRIDE_CHANGE}
    takes = NewOverrideRepresentation

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Override a soft finding, with a reason: for security, and never on their own request.

        Sessions only. Once no finding blocks the request it is checked again.
        """
        values = self.given(NewOverrideRepresentation, request)
        return self.decided(
            request,
            lambda found: change_override(
                by=self.by,
                change_request_id=found.pk,
                finding_key=values["finding"],
                reason=values["reason"],
                now=self.now,
            ),
        )


class ChangeSchedule(DecidedChange):
    """When an approved change request is applied."""

    rights = {"POST": rights.APPLY_CHANGE}
    takes = ScheduleRepresentation

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Set the time at which an approved change request is applied, or take it away.

        Sessions only. Needs the right at every root, OU and account that it touches.
        """
        moment: datetime | None = self.given(ScheduleRepresentation, request)["scheduled_for"]

        def decide(found: ChangeRequest) -> ChangeRequest:
            if moment is None:
                return change_unschedule(by=self.by, change_request_id=found.pk, now=self.now)
            return change_schedule(
                by=self.by, change_request_id=found.pk, scheduled_for=moment, now=self.now
            )

        return self.decided(request, decide)


class ChangeStart(DecidedChange):
    """Starting to apply an approved change request."""

    rights = {"POST": rights.APPLY_CHANGE}
    takes = None

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Begin to apply an approved change request now. Sessions only.

        409 while a window is closed or a freeze holds, and where its evidence is too old.
        """
        return self.decided(
            request,
            lambda found: change_start(by=self.by, change_request_id=found.pk, now=self.now),
        )
