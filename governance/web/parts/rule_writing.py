"""Forms in which people write rules as files: tried first, refused by line, saved with a reason."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect

from governance.access.owners.acting import MayNot
from governance.edits.placed_reader import FileInvalid, PlacedProblem
from governance.edits.written_rules import CannotWriteRule, RuleInForce, RuleShelf
from governance.web.parts.markup import sentence
from governance.web.parts.pages import ConnectionPage, Crumb, Tab
from governance.web.parts.rights_view import RightMissing

_LARGEST_FILE: Final = 1_000_000
_LONGEST_LINE: Final = 160
_LONGEST_NUMBER: Final = 9


class RulePlace(ConnectionPage):
    """Where rules of one kind are written.

    `shelf`: the kind. `rule_keyword`: in addresses. `rule_route`, `list_route`: the pages of one
    and of all. `list_title`: of the latter.
    """

    shelf: ClassVar[RuleShelf[Any, Any]]
    rule_keyword: ClassVar[str]
    rule_route: ClassVar[str]
    list_route: ClassVar[str]
    list_title: ClassVar[str]

    def rule_href(self, rule_id: str) -> str:
        """Return the page of a rule."""
        return self.href(self.rule_route, **{self.rule_keyword: rule_id})

    def list_crumbs(self) -> Sequence[Crumb]:
        """Return the way to the list of all rules, the list last."""
        return [Crumb(self.list_title, self.href(self.list_route))]

    def find_rule(self) -> RuleInForce[Any]:
        """Return the rule of the address.

        :raises Http404: there is none of this id.
        """
        rule_id = self.kwargs[self.rule_keyword]
        found = self.shelf.in_force(self.connection, rule_id)
        if found is None:
            raise Http404(f"There is no {self.shelf.noun} {rule_id}.")
        return found


class RuleWriting(RulePlace):
    """A new rule as YAML: "Try" shows what it finds and stores nothing, "Save" stores it.

    Without the right to write them the text can be read alone. `begins_with`: the text of the form.
    `saved_message`: once it is stored.
    """

    begins_with: ClassVar[str]
    saved_message: ClassVar[str]
    standing: RuleInForce[Any] | None = None

    def begin(self) -> None:
        """Find the organization; a rule is written as of now."""
        super().begin()
        self.as_of = None
        self.shown: dict[str, Any] = {}

    def get_tabs(self) -> Sequence[Tab]:
        """Show none: this is a form."""
        return []

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the list, the rule if there is one, and this form."""
        crumbs = self.list_crumbs()
        if self.standing is None:
            return [*crumbs, Crumb("Write")]
        rule_id = self.standing.id
        return [*crumbs, Crumb(rule_id, self.rule_href(rule_id)), Crumb("Edit")]

    @abstractmethod
    def read(self, content: bytes) -> Any:
        """Return the document that a text says.

        :raises FileInvalid: naming every line that is wrong.
        """

    @abstractmethod
    def tried(self, document: Any) -> dict[str, Any]:
        """Return what a document would find, as the page shows it."""

    @abstractmethod
    def file(self, document: Any) -> str:
        """Return a document as a file."""

    def version(self) -> int:
        """Return the version that the author began from; 0: none is stored."""
        return self.standing.version if self.standing else 0

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the text, its faults, and what was found when it was tried."""
        begins = self.file(self.standing.document) if self.standing else self.begins_with
        content = self.shown.get("content", begins)
        context = {
            "reason": "",
            "version": self.version(),
            "standing": self.standing,
            "noun": self.shelf.noun,
            "rows_shown": min(max(content.count("\n") + 2, 18), 40),
            **self.shown,
            "content": content,
            "may_manage": self.may(self.shelf.right),
        }
        return super().get_context_data(**context, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Try the text, or save it; what is wrong is shown by line.

        :raises RightMissing: the right is held in a part of the organization only: what a rule may
            name, and what is found, is of all of it.
        """
        if not self.may(self.shelf.right):
            raise RightMissing(self.shelf.right)
        content = request.POST.get("content", "").replace("\r\n", "\n")[:_LARGEST_FILE]
        reason = request.POST.get("reason", "")
        self.shown |= {"content": content, "reason": reason}
        try:
            document = self.read(content.encode())
            self._check_id(document.id, content)
            if request.POST.get("act") == "save":
                made = self.shelf.write(
                    by=self.by,
                    connection=self.connection,
                    document=document,
                    reason=reason,
                    version=self._version_given(),
                    now=self.now,
                )
                messages.success(request, self.saved_message)
                return HttpResponseRedirect(self.rule_href(made.id))
            self.shown["tried"] = self.tried(document)
        except FileInvalid as error:
            self.shown["faults"] = _faults(error.problems, content)
        except (CannotWriteRule, MayNot) as error:
            self.shown["problem"] = sentence(error)
        answer: HttpResponseBase = self.render_to_response(self.get_context_data())
        return answer

    def _version_given(self) -> int:
        """Return the version that the form was opened with."""
        given = self.request.POST.get("version", "")
        is_number = given.isascii() and given.isdecimal() and len(given) <= _LONGEST_NUMBER
        return int(given) if is_number else self.version()

    def _check_id(self, rule_id: str, content: str) -> None:
        """Check that a new rule takes no other one's place, and an edited one stays the same.

        :raises FileInvalid: it does not.
        """
        if self.standing is not None:
            if rule_id != self.standing.id:
                raise _wrong_id(
                    content, f"its id stays {self.standing.id}; write a new one for another id"
                )
        elif self.shelf.in_force(self.connection, rule_id) is not None:
            raise _wrong_id(content, f"there is a {self.shelf.noun} {rule_id}: choose another id")


class RuleEditing(RuleWriting):
    """Another version of a rule; of a shipped one it stands in its place."""

    def begin(self) -> None:
        """Find the rule."""
        super().begin()
        self.standing = self.find_rule()


class RuleSwitching(RulePlace):
    """Enables or disables a rule, or uses a shipped one as shipped again.

    `follows`: what comes of each, by `enable`, `disable` and `reset`.
    """

    http_method_names = ["post", "options"]
    follows: ClassVar[dict[str, str]]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Do it, or say why not."""
        rule_id = self.find_rule().id
        act = request.POST.get("act", "")
        shared: dict[str, Any] = {
            "by": self.by,
            "connection": self.connection,
            "rule_id": rule_id,
            "reason": request.POST.get("reason", ""),
            "now": self.now,
        }
        try:
            if act == "reset":
                self.shelf.reset(**shared)
            else:
                self.shelf.switch(enabled=act == "enable", **shared)
        except (CannotWriteRule, MayNot) as error:
            messages.error(request, sentence(error))
        else:
            messages.success(request, self.follows.get(act, self.follows["disable"]))
        return HttpResponseRedirect(self.rule_href(rule_id))


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


def _wrong_id(content: str, message: str) -> FileInvalid:
    lines = content.split("\n")
    line = next((number for number, text in enumerate(lines, 1) if text.startswith("id:")), 1)
    return FileInvalid([PlacedProblem(line, "id", message)])
