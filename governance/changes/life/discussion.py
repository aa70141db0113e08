"""What people say of a request: comments on it or on a line, and edits that they suggest."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from governance.access import rights
from governance.access.owners.acting import ActingPerson, MayNot
from governance.access.viewers import holds_within
from governance.audit import actions
from governance.changes.life.content import ChangeContent
from governance.changes.life.drafting import apply_edit
from governance.changes.life.transitions import (
    CannotChangeRequest,
    change_record,
    locked_request,
)
from governance.changes.models import ChangeComment, ChangeContribution, ChangeRequest
from governance.edits.operations import LONGEST_TEXT

LONGEST_COMMENT: Final = 10_000


class CommentInvalid(CannotChangeRequest):
    """A comment is empty, too long, or about a place that the request does not have."""


class NoSuchComment(CannotChangeRequest):
    """The comment is not one of this request's."""


class SuggestionPassed(CannotChangeRequest):
    """A suggestion was taken over already, or its text was written for another one."""


def text_digest(operation: Mapping[str, Any]) -> str:
    """Return 64 hex digits that tell one text of an operation from another."""
    return hashlib.sha256(str(operation.get("text", "")).encode()).hexdigest()


def is_outdated(comment: ChangeComment, change_request: ChangeRequest) -> bool:
    """Return whether the text that a comment speaks of is another by now, or gone."""
    if comment.operation is None:
        return False
    operations = change_request.operations
    return (
        comment.operation >= len(operations)
        or text_digest(operations[comment.operation]) != comment.text_sha256
    )


@transaction.atomic
def comment_add(
    *,
    by: ActingPerson,
    change_request_id: int,
    body: str,
    operation: int | None = None,
    line: int | None = None,
    answers_id: int | None = None,
    suggestion: str = "",
    now: datetime,
) -> ChangeComment:
    """Say something of a request, of a line of a text in it, or in answer to a comment.

    `operation`, `line`: from 0. `suggestion`: a whole text for that operation, which the author
    can take over. An answer stands where the comment that it answers stands.

    :raises CommentInvalid: see there.
    :raises NoSuchComment: what it answers is not there.
    :raises MayNot: whoever acts may neither propose nor review changes, and is not the author.
    """
    request = locked_request(change_request_id)
    _require_speaking(by, request)
    answered = None if answers_id is None else _comment(request, answers_id)
    if answered is not None:
        # Threads have one level, as on GitHub.
        answered = answered.answers or answered
        operation, line = answered.operation, answered.line
    _check(request, body, operation, line, suggestion)
    made = ChangeComment.objects.create(
        change_request=request,
        author=by.user,
        answers=answered,
        revision=request.revision,
        operation=operation,
        line=line,
        text_sha256=_digest_at(request, operation),
        body=body,
        suggestion=suggestion,
        created_at=now,
    )
    change_record(
        request,
        actor=by.actor,
        action=actions.CHANGE_COMMENT,
        now=now,
        after={
            "comment": made.pk,
            "body": body,
            "operation": operation,
            "line": line,
            **({"suggestion": suggestion} if suggestion else {}),
        },
    )
    return made


@transaction.atomic
def thread_resolve(
    *,
    by: ActingPerson,
    change_request_id: int,
    comment_id: int,
    resolved: bool = True,
    now: datetime,
) -> ChangeComment:
    """Mark a thread as resolved, or open it again: the author and whoever takes part may.

    :raises NoSuchComment: see there.
    :raises MayNot: whoever acts may neither propose nor review changes, and is not the author.
    """
    request = locked_request(change_request_id)
    _require_speaking(by, request)
    comment = _comment(request, comment_id)
    comment = comment.answers or comment
    if (comment.resolved_at is not None) == resolved:
        return comment
    comment.resolved_at = now if resolved else None
    comment.resolved_by = by.user if resolved else None
    comment.save()
    change_record(
        request,
        actor=by.actor,
        action=actions.CHANGE_COMMENT,
        now=now,
        before={"comment": comment.pk, "resolved": not resolved},
        after={"comment": comment.pk, "resolved": resolved},
    )
    return comment


@transaction.atomic
def suggestion_take_over(
    *, by: ActingPerson, change_request_id: int, comment_id: int, now: datetime
) -> ChangeRequest:
    """Put a suggested text into the request; whoever suggested it cannot approve it any more.

    It is an edit, with all that one entails.

    :raises NoSuchComment: there is no such suggestion.
    :raises SuggestionPassed: see there.
    :raises MayNot: whoever acts is not the author, or may not propose changes there any more.
    :raises CannotChangeRequest: the request cannot be edited now, or the text has not its form.
    """
    request = locked_request(change_request_id)
    comment = _comment(request, comment_id)
    if request.author_id != by.user.pk:
        raise MayNot("only the author can accept suggestions")
    if not comment.suggestion or comment.operation is None:
        raise NoSuchComment("this comment suggests no text")
    if comment.taken_over_at is not None:
        raise SuggestionPassed("this suggestion was already accepted")
    if is_outdated(comment, request):
        raise SuggestionPassed(
            "the text was edited after this was suggested: compare both and edit it yourself"
        )
    operations = list(request.operations)
    operations[comment.operation] = {
        **operations[comment.operation],
        "text": comment.suggestion,
    }
    comment.taken_over_at = now
    comment.save()
    return apply_edit(
        request,
        by=by,
        revision=None,
        content=ChangeContent.of(request).changed(operations=tuple(operations)),
        contributor_id=comment.author_id,
        kind=ChangeContribution.Kind.SUGGESTION,
        now=now,
    )


def _require_speaking(by: ActingPerson, request: ChangeRequest) -> None:
    speaking = (rights.PROPOSE_CHANGE, rights.REVIEW_CHANGE)
    if request.author_id == by.user.pk or any(
        holds_within(by.user, right, connection=request.connection, token=by.token)
        for right in speaking
    ):
        return
    raise MayNot(f"this needs the right {' or '.join(speaking)}")


def _comment(request: ChangeRequest, comment_id: int) -> ChangeComment:
    found = request.comments.select_related("answers").filter(pk=comment_id).first()
    if found is None:
        raise NoSuchComment("there is no such comment on this change request")
    return found


def _check(
    request: ChangeRequest, body: str, operation: int | None, line: int | None, suggestion: str
) -> None:
    if not body.strip() and not suggestion:
        raise CommentInvalid("write something")
    if len(body) > LONGEST_COMMENT or "\0" in body or "\0" in suggestion:
        raise CommentInvalid(f"give at most {LONGEST_COMMENT:,} characters, and no NUL")
    if len(suggestion) > LONGEST_TEXT:
        raise CommentInvalid(f"a suggested text has at most {LONGEST_TEXT:,} characters")
    if operation is None:
        if line is not None or suggestion:
            raise CommentInvalid("name the operation whose text it is about")
        return
    if operation >= len(request.operations):
        raise CommentInvalid(f"the change request has {len(request.operations)} operations")
    text = request.operations[operation].get("text")
    if text is None and (line is not None or suggestion):
        raise CommentInvalid("this operation has no text")
    if line is not None and text is not None and line > text.count("\n"):
        raise CommentInvalid(f"the text has {text.count(chr(10)) + 1} lines")


def _digest_at(request: ChangeRequest, operation: int | None) -> str:
    if operation is None or operation >= len(request.operations):
        return ""
    return text_digest(request.operations[operation])
