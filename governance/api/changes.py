"""/change-requests: what someone asks to change, from the draft to its end."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, cast

from django.contrib.auth.models import User
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.api.change_representations import (
    ChangePatchRepresentation,
    ChangeReasonRepresentation,
    ChangeRepresentation,
    ChangeSummaryRepresentation,
    NewChangeRepresentation,
    names_of,
)
from governance.api.parts.endpoints import OrganizationEndpoint
from governance.api.parts.list_endpoint import by
from governance.api.parts.memory_lists import chosen
from governance.api.parts.pagination import Key, page_of, page_request
from governance.api.parts.permissions import person_of
from governance.api.parts.problems import (
    CONFLICT,
    NOT_FOUND,
    PERMISSION_DENIED,
    PRECONDITION_FAILED,
    Problem,
)
from governance.api.parts.representations import Representation, read_body
from governance.changes.life.content import ChangeContent, ContentInvalid
from governance.changes.life.discussion import CommentInvalid, NoSuchComment
from governance.changes.life.drafting import RevisionPassed, change_create, change_edit
from governance.changes.life.reviews import current_reviews
from governance.changes.life.selectors import change_request_find, change_requests
from governance.changes.life.shown import shown_plan
from governance.changes.life.submitting import change_submit, change_withdraw
from governance.changes.life.transitions import CannotChangeRequest, NoSuchChangeRequest
from governance.changes.models import ChangeRequest
from governance.changes.states import ChangeState

_LONGEST_ID = 140


@contextmanager
def change_problems() -> Iterator[None]:
    """Turn what services refuse into problems."""
    try:
        yield
    except ContentInvalid as error:
        raise ValidationError(
            {"/".join(map(str, path)): [words] for path, words in error.errors}
        ) from error
    except CommentInvalid as error:
        raise ValidationError({"non_field_errors": [str(error)]}) from error
    except MayNot as error:
        raise Problem(PERMISSION_DENIED, str(error)) from error
    except (NoSuchChangeRequest, NoSuchComment) as error:
        raise Problem(NOT_FOUND, str(error)) from error
    except RevisionPassed as error:
        raise Problem(PRECONDITION_FAILED, str(error)) from error
    except CannotChangeRequest as error:
        raise Problem(CONFLICT, str(error)) from error


class ChangesEndpoint(OrganizationEndpoint):
    """What the addresses of change requests have in common."""

    topic = "Change requests"
    representation: ClassVar[type[Representation]] = ChangeRepresentation

    def find(self) -> ChangeRequest:
        """Return the request of the address.

        :raises Problem: there is none that the asker may see.
        """
        number = self.kwargs["number"]
        found = change_request_find(self.viewer, connection=self.connection, number=number)
        if found is None:
            raise self.missing(f"change request {number} that you may see")
        return found

    def serialized_change(self, change_request: ChangeRequest) -> Any:
        """Return a request as the API answers with it."""
        contributors = (
            change_request.contributions.exclude(person_id=change_request.author_id)
            .order_by("person__username")
            .values_list("person__username", flat=True)
            .distinct()
        )
        return ChangeRepresentation(
            change_request,
            only=self.only() if self.request.method in {"GET", "HEAD"} else None,
            context={
                **self.get_serializer_context(),
                "slug": self.connection.slug,
                "shown": shown_plan(self.viewer, change_request),
                "names": names_of(change_request),
                "reviews": current_reviews(change_request),
                "contributors": contributors,
            },
        ).data

    def accepted(self, change_request: ChangeRequest) -> Response:
        """Answer with a request on which work goes on."""
        serialized = self.serialized_change(change_request)
        return Response(
            serialized, status=status.HTTP_202_ACCEPTED, headers={"Location": serialized["url"]}
        )

    def given(self, body: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
        """Read a body.

        :raises ValidationError: naming each member that is wrong.
        """
        values = read_body(body, request)
        if "operations" in values:
            # As they were sent: `read_operations` says of each member what is wrong with it.
            values["operations"] = tuple(cast(dict[str, Any], request.data)["operations"])
        return values


class ChangePageRepresentation(Representation):
    """A page of change requests."""

    results = ChangeSummaryRepresentation(many=True)
    next = serializers.URLField(allow_null=True)


class ChangeRequestList(ChangesEndpoint):
    """The change requests of an organization."""

    rights = {"GET": rights.VIEW_CHANGES, "POST": rights.PROPOSE_CHANGE}
    representation = ChangeSummaryRepresentation
    page_representation = ChangePageRepresentation
    takes = NewChangeRepresentation
    answers = {201: OpenApiResponse(ChangeRepresentation(), description="Draft created.")}
    orderings = {
        "updated_at": by("updated_at", "pk"),
        "created_at": by("created_at", "pk"),
        "number": (Key("number"),),
    }
    usual_ordering = "-updated_at"
    own_parameters = (
        OpenApiParameter(
            "state",
            OpenApiTypes.STR,
            enum=[state.value for state in ChangeState],
            many=True,
            description="Only in these states.",
        ),
        OpenApiParameter("author", OpenApiTypes.STR, description="A user name, or me."),
        OpenApiParameter(
            "waiting_for",
            OpenApiTypes.STR,
            description="Only those that wait for this person: a user name, or me.",
        ),
        OpenApiParameter(
            "policy_id", OpenApiTypes.STR, description="Only those that change this policy."
        ),
        OpenApiParameter(
            "target_id",
            OpenApiTypes.STR,
            description="Only those that name this root, OU or account, or change a policy there.",
        ),
    )

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        return super().parameters() | {"limit", "cursor", "ordering"}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the change requests that you may see."""
        asked = page_request(request, self.orderings, usual=self.usual_ordering)
        states = chosen(request, "state", {state.value: state for state in ChangeState})
        author, waiting_for = self.person("author"), self.person("waiting_for")
        objects = [
            self.text(name) for name in ("policy_id", "target_id") if name in request.query_params
        ]
        rows = change_requests(
            self.viewer,
            connection=self.connection,
            states=states,
            author_id=author,
            waiting_for_id=waiting_for,
            object_ids=objects,
        )
        page = page_of(rows, asked)
        results = self.serialized(page.rows, many=True, slug=self.connection.slug)
        return self.respond_with(page, results)

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Make a draft of a change request.

        Needs the right at every root, OU and account that it touches. Nothing is checked before it
        is submitted.
        """
        values = self.given(NewChangeRepresentation, request)
        values["rings"] = tuple(values.get("rings", ()))
        with change_problems():
            made = change_create(
                by=self.by,
                connection=self.connection,
                content=ChangeContent(**values),
                now=self.now,
            )
        serialized = self.serialized_change(made)
        return Response(
            serialized, status=status.HTTP_201_CREATED, headers={"Location": serialized["url"]}
        )

    def text(self, name: str) -> str:
        """Read a parameter.

        :raises ValidationError: no such value can be stored.
        """
        value = self.request.query_params[name]
        if "\0" in value or not 1 <= len(value) <= _LONGEST_ID:
            raise ValidationError({name: [f"give 1 to {_LONGEST_ID} characters, none of them NUL"]})
        return value

    def person(self, name: str) -> int | None:
        """Return the key of a person whom a parameter names; 0: nobody has that name.

        :raises ValidationError: see `text`.
        """
        if name not in self.request.query_params:
            return None
        value = self.text(name)
        if value == "me":
            return person_of(self.request).pk
        found = User.objects.filter(username=value).values_list("pk", flat=True).first()
        return found or 0


class ChangeRequestDetail(ChangesEndpoint):
    """One change request."""

    rights = {"GET": rights.VIEW_CHANGES, "PATCH": rights.PROPOSE_CHANGE}
    takes = ChangePatchRepresentation
    answers = {200: OpenApiResponse(ChangeRepresentation(), description="Edited.")}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get one change request."""
        return self.answer(self.serialized_change(self.find()))

    def patch(self, request: Request, /, **kwargs: Any) -> Response:
        """Edit a change request; its reviews and overrides no longer count.

        One in review is checked again at once; one that was approved becomes stale until it is
        submitted again. Who edits it cannot approve it. 409 while it is checked or applied, and
        once it is closed.
        """
        values = self.given(ChangePatchRepresentation, request)
        if "rings" in values:
            values["rings"] = tuple(values["rings"])
        found = self.find()
        if shown_plan(self.viewer, found).hides:
            raise Problem(
                PERMISSION_DENIED, "a part of this change request is hidden from you: comment on it"
            )
        with change_problems():
            edited = change_edit(
                by=self.by,
                change_request_id=found.pk,
                revision=found.revision,
                changes=values,
                now=self.now,
            )
        return Response(self.serialized_change(edited))


class ChangeRequestSubmit(ChangesEndpoint):
    """Submitting a change request."""

    rights = {"POST": rights.PROPOSE_CHANGE}
    takes = None
    answers = {202: OpenApiResponse(ChangeRepresentation(), description="Being checked.")}

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Have a change request checked, and then reviewed.

        From a draft, or again where checks failed, changes were requested or it became stale. The
        answer comes before the checks are done: ask for its `state` again.
        """
        with change_problems():
            done = change_submit(by=self.by, change_request_id=self.find().pk, now=self.now)
        return self.accepted(done)


class ChangeRequestWithdraw(ChangesEndpoint):
    """Taking a change request back."""

    rights = {"POST": rights.PROPOSE_CHANGE}
    takes = ChangeReasonRepresentation
    answers = {202: OpenApiResponse(ChangeRepresentation(), description="Withdrawn.")}

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Withdraw a change request for good: its author, or security."""
        values = self.given(ChangeReasonRepresentation, request)
        with change_problems():
            done = change_withdraw(
                by=self.by,
                change_request_id=self.find().pk,
                reason=values["reason"],
                now=self.now,
            )
        return self.accepted(done)
