"""The tab Discussion: threads on the request and on lines of a text, and suggested edits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.changes.life.discussion import (
    comment_add,
    is_outdated,
    suggestion_take_over,
    thread_resolve,
)
from governance.changes.life.selectors import comments_of, timeline_of
from governance.changes.life.transitions import CannotChangeRequest
from governance.changes.models import ChangeComment
from governance.web.audit.wording import shown_entries
from governance.web.changes.changes_tab import ChangedText, ChangeTexts
from governance.web.parts.markup import sentence

_TIMELINE: Final = 30


@dataclass(frozen=True, slots=True)
class CommentThread:
    """A comment with its answers. `line`: from 1, None for the text or request as such."""

    first: ChangeComment
    answers: tuple[ChangeComment, ...]
    outdated: bool
    line: int | None
    line_text: str
    text: str


@dataclass(frozen=True, slots=True)
class CommentedLine:
    """A line of a text. `number` from 0; `threads`: that speak of it."""

    number: int
    text: str
    threads: tuple[CommentThread, ...]


class ChangeDiscussion(ChangeTexts):
    """What people say of it, and the texts whose lines they speak of."""

    template_name = "governance/changes/discussion.html"
    tab = "discussion"

    @cached_property
    def threads(self) -> list[CommentThread]:
        """The threads, the first comment first."""
        return list(_threads(comments_of(self.change_request), self.change_request.operations))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the threads, the chosen text by lines, and what happened to the request."""
        texts = [one for one in self.edits() if one.after]
        chosen = self.chosen_text(texts)
        return super().get_context_data(
            threads=[one for one in self.threads if one.first.operation is None],
            text_threads=[one for one in self.threads if one.first.operation is not None],
            texts=[(one, one is chosen) for one in texts],
            chosen=chosen,
            lines=self.lines(chosen) if chosen else (),
            asked_line=self.asked_line(),
            timeline=shown_entries(timeline_of(self.change_request).order_by("-pk")[:_TIMELINE]),
            takes_over=self.acts.edits,
            **kwargs,
        )

    def chosen_text(self, texts: Sequence[ChangedText]) -> ChangedText | None:
        """Return the text whose lines are shown: the address's, else the first."""
        wanted = self.request.GET.get("edit", "")
        for one in texts:
            if str(one.number) == wanted:
                return one
        return texts[0] if texts else None

    def asked_line(self) -> int | None:
        """Return the line, from 0, whose form is open; None: none is."""
        text = self.request.GET.get("line", "")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else None

    def lines(self, chosen: ChangedText) -> list[CommentedLine]:
        """Return the lines of a text with the threads that speak of them."""
        by_line: dict[int, list[CommentThread]] = {}
        for one in self.threads:
            if one.first.operation == chosen.number and one.line and not one.outdated:
                by_line.setdefault(one.line - 1, []).append(one)
        return [
            CommentedLine(number, text, tuple(by_line.get(number, ())))
            for number, text in enumerate(chosen.after.split("\n"))
        ]


class ChangeCommentAdd(ChangeDiscussion):
    """Takes a comment, an answer, or a suggestion."""

    required_right = rights.VIEW_CHANGES
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Store it and lead back to it, or say what is wrong."""
        data = request.POST
        target = self.tab_href("change-request-discussion")
        try:
            made = comment_add(
                by=self.by,
                change_request_id=self.change_request.pk,
                body=_text(data.get("body", "")),
                operation=_number(data, "operation"),
                line=_number(data, "line"),
                answers_id=_number(data, "answers"),
                suggestion=_text(data.get("suggestion", "")),
                now=self.now,
            )
        except (CannotChangeRequest, MayNot) as error:
            messages.error(request, sentence(error))
            return HttpResponseRedirect(target)
        query = "" if made.operation is None else f"?edit={made.operation}"
        return HttpResponseRedirect(f"{target}{query}#comment-{made.pk}")


class ChangeCommentAct(ChangeDiscussion):
    """Takes a suggestion over, resolves a thread, or opens it again."""

    required_right = rights.VIEW_CHANGES
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Do what the button says.

        :raises BadRequest: there is no such button.
        """
        act = request.POST.get("act", "")
        where: dict[str, Any] = {
            "by": self.by,
            "change_request_id": self.change_request.pk,
            "comment_id": self.kwargs["comment_id"],
            "now": self.now,
        }
        if act not in ("take-over", "resolve", "reopen"):
            raise BadRequest(f"act is {act!r}; it can be take-over, resolve, reopen.")
        try:
            if act == "take-over":
                suggestion_take_over(**where)
                messages.success(request, "The suggested text is in the change now.")
            else:
                thread_resolve(**where, resolved=act == "resolve")
        except (CannotChangeRequest, MayNot) as error:
            messages.error(request, sentence(error))
        return HttpResponseRedirect(self.tab_href("change-request-discussion"))


def _threads(
    comments: Iterable[ChangeComment], operations: Sequence[Mapping[str, Any]]
) -> Iterable[CommentThread]:
    listed = list(comments)
    for first in listed:
        if first.answers_id is not None:
            continue
        request = first.change_request
        outdated = is_outdated(first, request)
        text = ""
        if first.operation is not None and first.operation < len(operations):
            text = str(operations[first.operation].get("text") or "")
        lines = text.split("\n")
        known = first.line is not None and not outdated and first.line < len(lines)
        yield CommentThread(
            first=first,
            answers=tuple(one for one in listed if one.answers_id == first.pk),
            outdated=outdated,
            line=None if first.line is None else first.line + 1,
            line_text=lines[first.line] if known and first.line is not None else "",
            text=text,
        )


def _text(value: str) -> str:
    return value.replace("\r\n", "\n")


def _number(data: Mapping[str, str], name: str) -> int | None:
    """Return a number of the form, None where the field is empty.

    :raises BadRequest: it is no number.
    """
    text = data.get(name, "")
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise BadRequest(f"{name} is {text!r}; give a number.")
    return int(text)
