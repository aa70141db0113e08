"""Writing the organization's own guardrails: tried against the organization, then saved."""

from collections.abc import Sequence
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.baseline.guardrails.definitions import GuardrailInForce, guardrail_in_force
from governance.baseline.guardrails.documents import GuardrailDocument
from governance.baseline.guardrails.files import guardrail_file
from governance.baseline.guardrails.reading import GuardrailInvalid
from governance.baseline.guardrails.selectors import WORST_FIRST
from governance.baseline.guardrails.trying import TriedGuardrail, try_guardrail
from governance.baseline.guardrails.writing import (
    CannotWriteGuardrail,
    guardrail_reset,
    guardrail_switch,
    guardrail_write,
    read_for,
)
from governance.edits.placed_reader import PlacedProblem
from governance.web.guardrails.cell import counterexample_of
from governance.web.guardrails.frame import GuardrailScreen
from governance.web.parts.markup import sentence
from governance.web.parts.pages import Crumb, RightMissing, Tab
from inventory.selectors.hierarchy import accounts

_RESULTS_SHOWN: Final = 100
_LARGEST_FILE: Final = 1_000_000
_LONGEST_LINE: Final = 160
_LONGEST_NUMBER: Final = 9
_BEGINNING: Final = """\
id: our-trail-stays-on
title: Nobody stops our trail
why: Without CloudTrail nobody can tell afterwards who did what.
topic: logging
severity: high
scope: {}
effect:
  actions:
    - cloudtrail:StopLogging
    - cloudtrail:DeleteTrail
remedy:
  text: Attach an SCP that denies these actions to the root.
"""


class GuardrailWritePage(GuardrailScreen):
    """A new guardrail as YAML: "Try" shows what it finds and stores nothing, "Save" stores it.

    Without the right to manage guardrails the text can be read alone.
    """

    required_right = rights.VIEW_GUARDRAILS
    post_right = rights.MANAGE_GUARDRAILS
    template_name = "governance/guardrails/write.html"
    page_title = "Write a guardrail"
    standing: GuardrailInForce | None = None

    def begin(self) -> None:
        """Find the organization; a guardrail is written as of now."""
        super().begin()
        self.as_of = None
        self.shown: dict[str, Any] = {}

    def get_tabs(self) -> Sequence[Tab]:
        """Show none: this is a form."""
        return []

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the list and this form."""
        return [Crumb("Guardrails", self.href("guardrail-list")), Crumb("Write")]

    def beginning(self) -> str:
        """Return the text that the form begins with."""
        return _BEGINNING

    def version(self) -> int:
        """Return the version that the author began from; 0: none is stored."""
        return 0

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the text, its faults, and what was found when it was tried."""
        content = self.shown.get("content", self.beginning())
        context = {
            "reason": "",
            "version": self.version(),
            "standing": self.standing,
            "rows_shown": min(max(content.count("\n") + 2, 18), 40),
            **self.shown,
            "content": content,
            "may_manage": self.may(rights.MANAGE_GUARDRAILS),
        }
        return super().get_context_data(**context, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Try the text, or save it; what is wrong is shown by line.

        :raises RightMissing: the right is held in a part of the organization only: what a scope may
            name, and what is found, is of all of it.
        """
        if not self.may(rights.MANAGE_GUARDRAILS):
            raise RightMissing(rights.MANAGE_GUARDRAILS)
        content = request.POST.get("content", "").replace("\r\n", "\n")[:_LARGEST_FILE]
        reason = request.POST.get("reason", "")
        self.shown |= {"content": content, "reason": reason}
        try:
            document = read_for(self.viewer, self.connection, content.encode())
            self.check_id(document, content)
            if request.POST.get("act") == "save":
                made = guardrail_write(
                    by=self.by,
                    connection=self.connection,
                    document=document,
                    reason=reason,
                    version=self.version_given(),
                    now=self.now,
                )
                messages.success(request, "It is in force. Its results follow within some minutes.")
                return HttpResponseRedirect(self.href("guardrail", guardrail_id=made.id))
            tried = try_guardrail(self.viewer, connection=self.connection, document=document)
            self.shown["tried"] = self.tried(tried)
        except GuardrailInvalid as error:
            self.shown["faults"] = _faults(error.problems, content)
        except (CannotWriteGuardrail, MayNot) as error:
            self.shown["problem"] = sentence(error)
        answer: HttpResponseBase = self.render_to_response(self.get_context_data())
        return answer

    def version_given(self) -> int:
        """Return the version that the form was opened with."""
        given = self.request.POST.get("version", "")
        is_number = given.isascii() and given.isdecimal() and len(given) <= _LONGEST_NUMBER
        return int(given) if is_number else self.version()

    def check_id(self, document: GuardrailDocument, content: str) -> None:
        """Check that a new guardrail takes no other one's place.

        :raises GuardrailInvalid: there is one of that id.
        """
        if guardrail_in_force(self.connection, document.id) is not None:
            raise _wrong_id(content, f"there is a guardrail {document.id}: choose another id")

    def tried(self, tried: TriedGuardrail) -> dict[str, Any]:
        """Return what was found, the worst accounts first."""
        results = tried.worst_first(_RESULTS_SHOWN)
        named = accounts(self.viewer, connection=self.connection).filter(
            account_id__in=[one.account_id for one in results]
        )
        names: dict[str, str] = dict(named.values_list("account_id", "name"))
        counts = tried.counts
        return {
            "problem": tried.problem,
            "accounts": len(tried.found),
            "counts": [(name, getattr(counts, name)) for name in WORST_FIRST],
            "rows": [
                {
                    "account_id": one.account_id,
                    "name": names.get(one.account_id, one.account_id),
                    "outcome": one.outcome.value,
                    "because": one.because,
                    "keys": one.keys,
                    "counterexample": counterexample_of(
                        self.connection.slug, one.account_id, one.counterexample
                    ),
                }
                for one in results
            ],
            "more": len(tried.found) - len(results),
        }


class GuardrailEditPage(GuardrailWritePage):
    """Another version of a guardrail; of a shipped one it stands in its place."""

    required_right = rights.VIEW_GUARDRAILS
    page_title = "Edit a guardrail"

    def begin(self) -> None:
        """Find the guardrail.

        :raises Http404: there is none of this id.
        """
        super().begin()
        guardrail_id = self.kwargs["guardrail_id"]
        self.standing = guardrail_in_force(self.connection, guardrail_id)
        if self.standing is None:
            raise Http404(f"There is no guardrail {guardrail_id}.")

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the list, the guardrail and this form."""
        guardrail_id = self.kwargs["guardrail_id"]
        return [
            Crumb("Guardrails", self.href("guardrail-list")),
            Crumb(guardrail_id, self.href("guardrail", guardrail_id=guardrail_id)),
            Crumb("Edit"),
        ]

    def beginning(self) -> str:
        """Return the guardrail as a file."""
        return guardrail_file(self.standing.document) if self.standing else ""

    def version(self) -> int:
        """Return the version in force."""
        return self.standing.version if self.standing else 0

    def check_id(self, document: GuardrailDocument, content: str) -> None:
        """Check that it stays the same guardrail.

        :raises GuardrailInvalid: the id is another one.
        """
        guardrail_id = self.kwargs["guardrail_id"]
        if document.id != guardrail_id:
            raise _wrong_id(content, f"its id stays {guardrail_id}; write a new one for another id")


class GuardrailSwitch(GuardrailScreen):
    """Enables or disables a guardrail, or uses a shipped one as shipped again."""

    required_right = rights.VIEW_GUARDRAILS
    post_right = rights.MANAGE_GUARDRAILS
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Do it, or say why not."""
        guardrail_id = self.kwargs["guardrail_id"]
        if guardrail_in_force(self.connection, guardrail_id) is None:
            raise Http404(f"There is no guardrail {guardrail_id}.")
        act = request.POST.get("act", "")
        shared = {
            "by": self.by,
            "connection": self.connection,
            "guardrail_id": guardrail_id,
            "reason": request.POST.get("reason", ""),
            "now": self.now,
        }
        try:
            if act == "reset":
                guardrail_reset(**shared)
            else:
                guardrail_switch(enabled=act == "enable", **shared)
        except (CannotWriteGuardrail, MayNot) as error:
            messages.error(request, sentence(error))
        else:
            messages.success(request, _DONE.get(act, _DONE["disable"]))
        return HttpResponseRedirect(self.href("guardrail", guardrail_id=guardrail_id))


_DONE: Final = {
    "enable": "The guardrail is enabled. Its results follow within some minutes.",
    "disable": "The guardrail is disabled. Its results end within some minutes.",
    "reset": "The guardrail is used as shipped. Its results follow within some minutes.",
}


def _faults(problems: Sequence[PlacedProblem], content: str) -> list[dict[str, Any]]:
    """Return faults with the line as it stands."""
    lines = content.split("\n")
    return [
        {
            "line": one.line,
            "path": one.path,
            "message": one.message,
            "text": lines[one.line - 1].strip()[:_LONGEST_LINE]
            if 0 < one.line <= len(lines)
            else "",
        }
        for one in problems
    ]


def _wrong_id(content: str, message: str) -> GuardrailInvalid:
    lines = content.split("\n")
    line = next((number for number, text in enumerate(lines, 1) if text.startswith("id:")), 1)
    return GuardrailInvalid([PlacedProblem(line, "id", message)])
