"""/exceptions: where a guardrail need not hold, why, and until when."""

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.api.agreement_representations import (
    AgreementEndRepresentation,
    AgreementReasonRepresentation,
    AgreementReviewRepresentation,
    AgreementReviewsRepresentation,
    NewAgreementReviewRepresentation,
)
from governance.api.agreements import (
    AgreementListEndpoint,
    AgreementsEndpoint,
    agreement_problems,
)
from governance.api.exception_representations import (
    ExceptionPageRepresentation,
    ExceptionPatchRepresentation,
    ExceptionRepresentation,
    ExceptionSummaryRepresentation,
    NewExceptionRepresentation,
)
from governance.api.parts.list_endpoint import by
from governance.api.parts.memory_lists import chosen
from governance.api.parts.pagination import Key
from governance.api.parts.parameters import person_parameter, text_parameter
from governance.api.parts.permissions import HasRight, person_of
from governance.api.parts.representations import Representation, read_body
from governance.api.parts.session_alone import BySessionAlone
from governance.approvals.agreements.approving import AgreementStanding
from governance.approvals.agreements.changing import State
from governance.baseline.exceptions.approving import exception_standing
from governance.baseline.exceptions.asking import exception_ask, exception_edit
from governance.baseline.exceptions.deciding import (
    exception_end,
    exception_review,
    exception_submit,
    exception_withdraw,
)
from governance.baseline.exceptions.kind import EXCEPTION
from governance.baseline.exceptions.models import GuardrailException
from governance.baseline.exceptions.selectors import exception_find, exceptions
from governance.baseline.exceptions.terms import read_exception_terms, terms_of


class ExceptionsEndpoint(AgreementsEndpoint[GuardrailException]):
    """What the addresses of exceptions have in common."""

    topic = "Exceptions"
    kind = EXCEPTION
    representation: ClassVar[type[Representation]] = ExceptionRepresentation
    whole_representation = ExceptionRepresentation

    def found(self, number: int) -> GuardrailException | None:
        """Return the exception of a number, None where the asker sees none."""
        return exception_find(self.viewer, connection=self.connection, number=number)

    def standing(self, agreement: GuardrailException) -> AgreementStanding:
        """Return who has to agree to an exception and who did."""
        return exception_standing(agreement, now=self.now)

    def own_context(self, agreement: GuardrailException) -> Mapping[str, Any]:
        """Return the day from which days left are counted."""
        return {"today": self.now.date()}


class ExceptionList(AgreementListEndpoint[GuardrailException], ExceptionsEndpoint):
    """The exceptions of an organization."""

    rights = {"GET": rights.VIEW_EXCEPTIONS, "POST": rights.ASK_EXCEPTION}
    representation = ExceptionSummaryRepresentation
    page_representation = ExceptionPageRepresentation
    takes = NewExceptionRepresentation
    answers = {201: OpenApiResponse(ExceptionRepresentation(), description="Draft created.")}
    orderings = {"number": (Key("number"),), "until": by("until", "pk")}
    own_parameters = (
        OpenApiParameter(
            "state",
            OpenApiTypes.STR,
            enum=list(State.values),
            many=True,
            description="Only in these states.",
        ),
        OpenApiParameter("guardrail", OpenApiTypes.STR, description="Only from this guardrail."),
        OpenApiParameter(
            "q",
            OpenApiTypes.STR,
            description="Searches reason and guardrail; E-4 finds that exception.",
        ),
        OpenApiParameter(
            "target_id", OpenApiTypes.STR, description="Only those that name this target."
        ),
        OpenApiParameter("owner", OpenApiTypes.STR, description="A user name, or me."),
        OpenApiParameter(
            "waiting_for",
            OpenApiTypes.STR,
            description="Only those that wait for this person: a user name, or me.",
        ),
        OpenApiParameter(
            "never_used",
            OpenApiTypes.STR,
            enum=["true"],
            description="Only approved ones of which the guardrail was never seen failing.",
        ),
    )

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the exceptions that you may see."""
        states = {state: state for state in State.values}
        rows = exceptions(
            self.viewer,
            connection=self.connection,
            states=chosen(request, "state", states),
            guardrail_id=text_parameter(request, "guardrail"),
            words=text_parameter(request, "q"),
            target_id=text_parameter(request, "target_id"),
            owner_id=person_parameter(request, "owner"),
            waiting_for_id=person_parameter(request, "waiting_for"),
            never_used=bool(chosen(request, "never_used", {"true": True})),
        )
        return self.listed(rows, today=self.now.date())

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Request an exception, as a draft with the proof of what it would let happen.

        Needs the right at every target.
        """
        values = read_body(NewExceptionRepresentation, request)
        with agreement_problems():
            terms = read_exception_terms(
                values, self.connection, today=self.now.date(), by=person_of(request)
            )
            made = exception_ask(by=self.by, connection=self.connection, terms=terms, now=self.now)
        return self.made(made)


class ExceptionDetail(ExceptionsEndpoint):
    """One exception."""

    rights = {"GET": rights.VIEW_EXCEPTIONS, "PATCH": rights.ASK_EXCEPTION}
    takes = ExceptionPatchRepresentation
    answers = {200: OpenApiResponse(ExceptionRepresentation(), description="Edited.")}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get one exception."""
        return self.answer(self.whole(self.number))

    def patch(self, request: Request, /, **kwargs: Any) -> Response:
        """Edit an exception: a new version, which voids its reviews.

        Who edits it cannot approve it. 409 once it is active or over: ask for another one.
        """
        values = read_body(ExceptionPatchRepresentation, request)
        found = self.find()
        stands = terms_of(found)
        given = {**stands.as_json(), "owner": stands.owner_id, **values}
        with agreement_problems():
            terms = read_exception_terms(
                given, self.connection, today=self.now.date(), by=person_of(request)
            )
            exception_edit(
                by=self.by,
                exception_id=found.pk,
                terms=terms,
                version=found.version,
                now=self.now,
            )
        return Response(self.whole(found.number))


class ExceptionAct(ExceptionsEndpoint):
    """An act on an exception."""

    takes: Any = None
    answers = {200: OpenApiResponse(ExceptionRepresentation(), description="Done.")}


class ExceptionSubmit(ExceptionAct):
    """Proposing an exception."""

    rights = {"POST": rights.ASK_EXCEPTION}

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Have a draft reviewed by owners of its targets."""
        return self.done(lambda key: exception_submit(by=self.by, exception_id=key, now=self.now))


class ExceptionWithdraw(ExceptionAct):
    """Taking an exception back."""

    rights = {"POST": rights.ASK_EXCEPTION}
    takes = AgreementReasonRepresentation

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Withdraw an exception that is not active."""
        given = read_body(AgreementReasonRepresentation, request)
        return self.done(
            lambda key: exception_withdraw(by=self.by, exception_id=key, now=self.now, **given)
        )


class ExceptionEnd(ExceptionAct):
    """Ending an exception."""

    rights = {"POST": rights.ASK_EXCEPTION}
    takes = AgreementEndRepresentation

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """End an active exception before its last day, with a reason."""
        given = read_body(AgreementEndRepresentation, request)
        return self.done(
            lambda key: exception_end(by=self.by, exception_id=key, now=self.now, **given)
        )


class ExceptionReviews(ExceptionsEndpoint):
    """The reviews of an exception."""

    permission_classes = [BySessionAlone, HasRight]
    rights = {"GET": rights.VIEW_EXCEPTIONS, "POST": rights.VIEW_EXCEPTIONS}
    representation = AgreementReviewsRepresentation
    takes = NewAgreementReviewRepresentation
    answers = {201: OpenApiResponse(AgreementReviewRepresentation(), description="Created.")}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the reviews of an exception."""
        return self.reviews()

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Approve an exception, request changes, reject it, or comment. Sessions only.

        Verdicts are for owners of its targets who did not write it, and for security where
        production or the root is among them. 409 where `digest` is not the current one.
        """
        return self.reviewed(lambda key, **given: exception_review(exception_id=key, **given))
