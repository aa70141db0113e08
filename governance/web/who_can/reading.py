"""What pages of Who can read: the question in the address, with its assumptions, and its answer."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from governance.posture.ceilings.assumptions import (
    CeilingAssumptions,
    read_assumed,
    usual_terms,
)
from governance.posture.ceilings.usual import usual_region
from governance.posture.requests.cannot_answer import CannotAnswer
from governance.posture.requests.unseen import refuse_unseen
from governance.posture.who_can.answer import WhoCanAnswer, who_can, who_can_at_once
from governance.posture.who_can.listing import Filters, NoSuchPlace, filtered
from governance.posture.who_can.numbering import Numbers
from governance.posture.who_can.places import PlaceChosen, read_place
from governance.posture.who_can.population import KINDS
from governance.posture.who_can.progress import progress_reporter
from governance.posture.who_can.question import WhoCanQuestion, read_question
from governance.posture.who_can.ways import Standing
from governance.presentation.queries import refuse_longer
from governance.web.ceilings.reading import assuming_address, assuming_line, typed_assumption
from governance.web.parts.lists import ListPage
from policies.ceiling import BadAssumption
from policies.context_keys import GLOBAL_KEYS

PART: Final = "part"
_LONGEST: Final = 2048


class QuestionPage(ListPage):
    """A list that answers the question in its address.

    `question`: None where there is none, or `errors` tell what is wrong with it. `answer` and
    `found`, the places of those whom the filters leave: once there is an answer.
    """

    question: WhoCanQuestion | None = None
    answer: WhoCanAnswer | None = None
    waits: bool = False
    errors: dict[str, str]
    found: Numbers
    place: PlaceChosen | None = None

    def begin(self) -> None:
        """Read the question; `errors` say what is wrong with it."""
        super().begin()
        self.errors = {}
        query = self.request.GET
        refuse_longer(query, _LONGEST)
        if not query.get("action", "").strip() or self.unknown_time_words:
            return
        try:
            self.question = read_question(
                action=query.get("action", ""),
                resource=query.get("resource", ""),
                account=query.get("account", ""),
                assume=query.getlist("assume"),
                resource_policy=query.get("resource_policy", ""),
                region=self.usual_region,
            )
            refuse_unseen(
                self.viewer,
                connection=self.connection,
                field="account",
                account_id=self.question.resource_account_id,
            )
        except CannotAnswer as error:
            self.question = None
            self.errors = {error.field: str(error)}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the page; what was typed as an assumption is put into the address first."""
        if self.question is not None:
            try:
                added = typed_assumption(
                    request.GET, self.question.assumed, read=self._read_assumed
                )
            except BadAssumption as error:
                self.errors["assume"] = str(error)
            else:
                if added is not None:
                    return HttpResponseRedirect(assuming_address(request.GET, added))
        self.ask()
        return super().get(request, *args, **kwargs)

    def ask(self) -> None:
        """Answer the question; `waits` says that this would take long, and was left."""
        if self.question is None:
            return
        htmx = getattr(self.request, "htmx", None)
        query = self.request.GET
        now = bool(htmx) or bool(query.get("format")) or query.get(PART) == "answer"
        if now:
            self.answer = who_can(
                self.viewer,
                connection=self.connection,
                question=self.question,
                as_of=self.as_of,
                progress=progress_reporter(self.viewer, self.connection),
            )
        else:
            self.answer = who_can_at_once(
                self.viewer,
                connection=self.connection,
                question=self.question,
                as_of=self.as_of,
            )
        if self.answer is None:
            self.waits = True
            return
        if self._read_place(self.answer):
            self.found = filtered(self.answer, self.filters_chosen())
        else:
            self.answer = None

    def filters_chosen(self) -> Filters:
        """Read the filters.

        :raises BadRequest: a value is none that there is.
        """
        query = self.request.GET
        try:
            standings = frozenset(Standing(value) for value in query.getlist("standing") if value)
        except ValueError as error:
            raise BadRequest(f"standing: {error}; it can be {', '.join(Standing)}.") from error
        kinds = frozenset(value for value in query.getlist("kind") if value)
        if kinds - set(KINDS):
            raise BadRequest(f"kind can be {', '.join(KINDS)}.")
        return Filters(
            standings=standings,
            kinds=kinds,
            accounts=self.place.account_ids if self.place else None,
            words=query.get("q", ""),
        )

    def _read_place(self, answer: WhoCanAnswer) -> bool:
        """Read where principals are looked for; `errors` say why that is no place."""
        try:
            self.place = read_place(
                self.viewer,
                connection=self.connection,
                organization=answer.organization,
                text=self.request.GET.get("under", ""),
                as_of=self.as_of,
            )
        except NoSuchPlace as error:
            self.errors["under"] = f"{error}."
            return False
        return True

    def assuming(self) -> Any:
        """Return the line of assumptions.

        :raises AssertionError: there is no question.
        """
        if self.question is None:
            raise AssertionError("there is a question")
        return assuming_line(
            self.request.GET,
            self.question.assumed,
            usual=self._read_assumed([]),
            keys=tuple(sorted(key.name for key in GLOBAL_KEYS.values())),
            values=(),
            error=self.errors.get("assume", ""),
        )

    @cached_property
    def usual_region(self) -> str:
        """The region that is assumed unless the address says another."""
        return usual_region(self.viewer, connection=self.connection, as_of=self.as_of)

    def _read_assumed(self, terms: Sequence[str]) -> CeilingAssumptions:
        return read_assumed(terms, usual=usual_terms(self.usual_region))
