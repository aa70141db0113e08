"""What people say of a change request: comments, threads on lines and suggested texts."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.api.change_representations import (
    ChangeRepresentation,
    CommentRepresentation,
    NewCommentRepresentation,
)
from governance.api.changes import ChangesEndpoint, change_problems
from governance.api.parts.representations import Representation
from governance.changes.life.discussion import (
    comment_add,
    suggestion_take_over,
    thread_resolve,
)
from governance.changes.life.selectors import comments_of
from governance.changes.models import ChangeComment, ChangeRequest


class CommentsRepresentation(Representation):
    """All comments on a change request, each thread's first before its answers."""

    results = CommentRepresentation(many=True)


class _Discussion(ChangesEndpoint):
    def serialized_comment(self, comment: ChangeComment, change_request: ChangeRequest) -> Any:
        """Return a comment as the API tells it."""
        return CommentRepresentation(comment, context={"change_request": change_request}).data


class ChangeComments(_Discussion):
    """The comments on a change request."""

    rights = {"GET": rights.VIEW_CHANGES, "POST": rights.VIEW_CHANGES}
    representation = CommentsRepresentation
    takes = NewCommentRepresentation
    answers = {201: OpenApiResponse(CommentRepresentation(), description="Comment created.")}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the comments on a change request."""
        found = self.find()
        results = [self.serialized_comment(one, found) for one in comments_of(found)]
        return self.answer({"results": results})

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Comment on a change request, on a line of a text in it, or in answer to a comment.

        With `suggestion`, a whole text that the author can accept. For the author, and for who
        may propose or review changes somewhere in the organization.
        """
        values = self.given(NewCommentRepresentation, request)
        found = self.find()
        with change_problems():
            made = comment_add(
                by=self.by,
                change_request_id=found.pk,
                body=values["body"],
                operation=values["operation"],
                line=values["line"],
                answers_id=values["answers"],
                suggestion=values["suggestion"],
                now=self.now,
            )
        return Response(self.serialized_comment(made, found), status=status.HTTP_201_CREATED)


class _Thread(_Discussion):
    rights = {"POST": rights.VIEW_CHANGES}
    representation = CommentRepresentation
    takes = None
    answers = {200: OpenApiResponse(CommentRepresentation(), description="Done.")}

    def resolve(self, *, resolved: bool) -> Response:
        """Resolve the thread of the address, or open it again."""
        found = self.find()
        with change_problems():
            comment = thread_resolve(
                by=self.by,
                change_request_id=found.pk,
                comment_id=self.kwargs["comment_id"],
                resolved=resolved,
                now=self.now,
            )
        return Response(self.serialized_comment(comment, found))


class ChangeThreadResolve(_Thread):
    """Resolves a thread."""

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Mark a thread as resolved."""
        return self.resolve(resolved=True)


class ChangeThreadReopen(_Thread):
    """Opens a thread again."""

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Open a resolved thread again."""
        return self.resolve(resolved=False)


class ChangeSuggestionTakeOver(_Discussion):
    """Accepts a suggested text."""

    rights = {"POST": rights.PROPOSE_CHANGE}
    takes = None
    answers = {
        200: OpenApiResponse(ChangeRepresentation(), description="The text is in the request.")
    }

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Put a suggested text into the change request; its author alone can.

        Whoever suggested it can no longer approve the request, and its reviews are void. 409 where
        it was already accepted, or the text was edited since.
        """
        with change_problems():
            done = suggestion_take_over(
                by=self.by,
                change_request_id=self.find().pk,
                comment_id=kwargs["comment_id"],
                now=self.now,
            )
        return Response(self.serialized_change(done))
