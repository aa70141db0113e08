"""/exceptions: where a guardrail need not hold, why, and until when."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Final

from django.contrib.auth.models import User
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.access.step_up import is_stepped_up, stepped_up_at
from governance.api.change_reviews import review_problems
from governance.api.exception_representations import (
    ExceptionEndRepresentation,
    ExceptionPageRepresentation,
    ExceptionPatchRepresentation,
    ExceptionReasonRepresentation,
    ExceptionRepresentation,
    ExceptionReviewRepresentation,
    ExceptionReviewsRepresentation,
    ExceptionSummaryRepresentation,
    NewExceptionRepresentation,
    NewExceptionReviewRepresentation,
)
from governance.api.parts.endpoints import OrganizationEndpoint, by
from governance.api.parts.memory_lists import chosen
from governance.api.parts.pagination import Key, page_of, page_request
from governance.api.parts.permissions import HasRight, person_of
from governance.api.parts.problems import (
    CONFLICT,
    NOT_FOUND,
    PERMISSION_DENIED,
    PRECONDITION_FAILED,
    Problem,
)
from governance.api.parts.representations import Representation, read_body
from governance.api.parts.session_alone import BySessionAlone
from governance.approvals.agreements.approving import agreement_reviews
from governance.approvals.agreements.changing import (
    AgreementMoved,
    CannotChangeAgreement,
    NoSuchAgreement,
    State,
)
from governance.approvals.entitlement import names_of
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
from governance.baseline.exceptions.terms import (
    ExceptionInvalid,
    read_exception_terms,
    terms_of,
)

_TOPIC: Final = "Exceptions"
_LONGEST_WORDS: Final = 300
_OPEN: Final = (State.DRAFT, State.PROPOSED)


@contextmanager
def exception_problems() -> Iterator[None]:
    """Turn what services refuse into problems."""
    try:
        yield
    except ExceptionInvalid as error:
        raise ValidationError({path: [said] for path, said in error.errors.items()}) from error
    except MayNot as error:
        raise Problem(PERMISSION_DENIED, str(error)) from error
    except NoSuchAgreement as error:
        raise Problem(NOT_FOUND, str(error)) from error
    except AgreementMoved as error:
        raise Problem(PRECONDITION_FAILED, str(error)) from error
    except CannotChangeAgreement as error:
        raise Problem(CONFLICT, str(error)) from error


class ExceptionsEndpoint(OrganizationEndpoint):
    """What the addresses of exceptions have in common."""

    topic = _TOPIC
    representation: ClassVar[type[Representation]] = ExceptionRepresentation

    def find(self) -> GuardrailException:
        """Return the exception of the address.

        :raises Problem: there is none that the asker may see.
        """
        number = self.kwargs["exception_number"]
        found = exception_find(self.viewer, connection=self.connection, number=number)
        if found is None:
            raise self.missing(f"exception {number} that you may see")
        return found

    def told(self, number: int) -> Any:
        """Return an exception as the API tells it whole."""
        found = exception_find(self.viewer, connection=self.connection, number=number)
        if found is None:
            raise self.missing(f"exception {number} that you may see")
        standing = None
        if found.state in _OPEN:
            standing = exception_standing(found, now=self.now)
        people = set(found.waiting_for)
        if standing is not None:
            people |= {review.reviewer_id for review in standing.reviews}
        return ExceptionRepresentation(
            found,
            only=self.only() if self.request.method in {"GET", "HEAD"} else None,
            context={
                **self.get_serializer_context(),
                "slug": self.connection.slug,
                "today": self.now.date(),
                "standing": standing,
                "names": names_of(people),
            },
        ).data

    def text(self, name: str) -> str:
        """Read a parameter, empty where it is absent.

        :raises ValidationError: no such value can be stored.
        """
        value = self.request.query_params.get(name, "")
        if "\0" in value or len(value) > _LONGEST_WORDS:
            raise ValidationError({name: [f"give {_LONGEST_WORDS} characters at most, no NUL"]})
        return value

    def person(self, name: str) -> int | None:
        """Return the key of a person whom a parameter names; 0: nobody has that name."""
        value = self.text(name)
        if not value:
            return None
        if value == "me":
            return person_of(self.request).pk
        return User.objects.filter(username=value).values_list("pk", flat=True).first() or 0


class ExceptionList(ExceptionsEndpoint):
    """The exceptions of an organization."""

    rights = {"GET": rights.VIEW_EXCEPTIONS, "POST": rights.ASK_EXCEPTION}
    representation = ExceptionSummaryRepresentation
    page_representation = ExceptionPageRepresentation
    takes = NewExceptionRepresentation
    answers = {201: OpenApiResponse(ExceptionRepresentation(), description="A draft is made.")}
    orderings = {"number": (Key("number"),), "until": by("until", "pk")}
    usual_ordering = "-number"
    own_parameters = (
        OpenApiParameter(
            "state",
            OpenApiTypes.STR,
            enum=list(GuardrailException.State.values),
            many=True,
            description="Only in these states.",
        ),
        OpenApiParameter("guardrail", OpenApiTypes.STR, description="Only from this guardrail."),
        OpenApiParameter(
            "q", OpenApiTypes.STR, description="Looks in reason and guardrail; E-4 finds that."
        ),
        OpenApiParameter(
            "target_id", OpenApiTypes.STR, description="Only those that name this target."
        ),
        OpenApiParameter("owner", OpenApiTypes.STR, description="A user name, or me."),
        OpenApiParameter(
            "waiting_for",
            OpenApiTypes.STR,
            description="Only those whose turn it is for this person: a user name, or me.",
        ),
        OpenApiParameter(
            "never_used",
            OpenApiTypes.STR,
            enum=["true"],
            description="Only approved ones of which the guardrail was never seen failing.",
        ),
    )

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        return super().parameters() | {"limit", "cursor", "ordering"}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the exceptions that you may see."""
        asked = page_request(request, self.orderings, usual=self.usual_ordering)
        states = {state: state for state in GuardrailException.State.values}
        rows = exceptions(
            self.viewer,
            connection=self.connection,
            states=chosen(request, "state", states),
            guardrail_id=self.text("guardrail"),
            words=self.text("q"),
            target_id=self.text("target_id"),
            owner_id=self.person("owner"),
            waiting_for_id=self.person("waiting_for"),
            never_used=bool(chosen(request, "never_used", {"true": True})),
        )
        page = page_of(rows, asked)
        results = self.serialized(
            page.rows, many=True, slug=self.connection.slug, today=self.now.date()
        )
        return self.respond_with(page, results)

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Ask for an exception, as a draft with the proof of what it would let happen.

        Needs the right at every target.
        """
        values = read_body(NewExceptionRepresentation, request)
        with exception_problems():
            terms = read_exception_terms(
                values, self.connection, today=self.now.date(), by=person_of(request)
            )
            made = exception_ask(by=self.by, connection=self.connection, terms=terms, now=self.now)
        serialized = self.told(made.number)
        return Response(
            serialized, status=status.HTTP_201_CREATED, headers={"Location": serialized["url"]}
        )


class ExceptionDetail(ExceptionsEndpoint):
    """One exception."""

    rights = {"GET": rights.VIEW_EXCEPTIONS, "PATCH": rights.ASK_EXCEPTION}
    takes = ExceptionPatchRepresentation
    answers = {200: OpenApiResponse(ExceptionRepresentation(), description="Edited.")}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get one exception."""
        return self.answer(self.told(self.kwargs["exception_number"]))

    def patch(self, request: Request, /, **kwargs: Any) -> Response:
        """Edit an exception: a new version, which voids its reviews.

        Who edits it cannot approve it. 409 once it is active or over: ask for another one.
        """
        values = read_body(ExceptionPatchRepresentation, request)
        found = self.find()
        stands = terms_of(found)
        given = {**stands.as_json(), "owner": stands.owner_id, **values}
        with exception_problems():
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
        return Response(self.told(found.number))


class ExceptionAct(ExceptionsEndpoint):
    """An act on an exception."""

    takes: Any = None
    answers = {200: OpenApiResponse(ExceptionRepresentation(), description="It is done.")}


class ExceptionSubmit(ExceptionAct):
    """Proposing an exception."""

    rights = {"POST": rights.ASK_EXCEPTION}

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Have a draft reviewed by owners of its targets."""
        found = self.find()
        with exception_problems():
            exception_submit(by=self.by, exception_id=found.pk, now=self.now)
        return Response(self.told(found.number))


class ExceptionWithdraw(ExceptionAct):
    """Taking an exception back."""

    rights = {"POST": rights.ASK_EXCEPTION}
    takes = ExceptionReasonRepresentation

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Withdraw an exception that is not active."""
        reason = read_body(ExceptionReasonRepresentation, request)["reason"]
        found = self.find()
        with exception_problems():
            exception_withdraw(by=self.by, exception_id=found.pk, reason=reason, now=self.now)
        return Response(self.told(found.number))


class ExceptionEnd(ExceptionAct):
    """Ending an exception."""

    rights = {"POST": rights.ASK_EXCEPTION}
    takes = ExceptionEndRepresentation

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """End an active exception before its last day, with a reason."""
        reason = read_body(ExceptionEndRepresentation, request)["reason"]
        found = self.find()
        with exception_problems():
            exception_end(by=self.by, exception_id=found.pk, reason=reason, now=self.now)
        return Response(self.told(found.number))


class ExceptionReviews(ExceptionsEndpoint):
    """The reviews of an exception."""

    permission_classes = [BySessionAlone, HasRight]
    rights = {"GET": rights.VIEW_EXCEPTIONS, "POST": rights.VIEW_EXCEPTIONS}
    representation = ExceptionReviewsRepresentation
    takes = NewExceptionReviewRepresentation
    answers = {201: OpenApiResponse(ExceptionReviewRepresentation(), description="It is given.")}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the reviews of an exception."""
        found = self.find()
        told = ExceptionReviewRepresentation(
            agreement_reviews(EXCEPTION, found), many=True, context={"digest": found.digest}
        )
        return self.answer({"results": told.data})

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Approve an exception, request changes, reject it, or comment. Sessions only.

        Verdicts are for owners of its targets who did not write it, and for security where
        production or the root is among them. 409 where `digest` is not the one that stands now.
        """
        values = read_body(NewExceptionReviewRepresentation, request)
        found = self.find()
        with exception_problems(), review_problems():
            made = exception_review(
                by=self.by,
                exception_id=found.pk,
                verdict=values["verdict"],
                body=values["body"],
                digest=values["digest"],
                stepped_up_at=stepped_up_at(request) if is_stepped_up(request) else None,
                now=self.now,
            )
        told = ExceptionReviewRepresentation(made, context={"digest": found.digest}).data
        return Response(told, status=status.HTTP_201_CREATED)
