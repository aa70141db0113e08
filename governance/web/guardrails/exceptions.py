"""Exceptions from guardrails: the list, asking for one, one with its proof and reviews."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.approvals.agreements.approving import AgreementStanding
from governance.approvals.agreements.changing import CannotChangeAgreement, State
from governance.approvals.agreements.terms import AgreementInvalid
from governance.approvals.models import Review
from governance.baseline.exceptions.approving import exception_standing
from governance.baseline.exceptions.asking import exception_ask
from governance.baseline.exceptions.deciding import (
    exception_end,
    exception_review,
    exception_submit,
    exception_withdraw,
)
from governance.baseline.exceptions.kind import EXCEPTION
from governance.baseline.exceptions.models import GuardrailException
from governance.baseline.exceptions.selectors import (
    days_left,
    exception_find,
    exceptions,
    shown_targets,
)
from governance.baseline.exceptions.terms import read_exception_terms
from governance.baseline.guardrails.definitions import guardrails_in_force
from governance.web.guardrails.exception_proof import shown_proof
from governance.web.guardrails.frame import GuardrailScreen
from governance.web.parts import ages
from governance.web.parts.agreements import (
    AgreementButton,
    AgreementPage,
    AgreementReviewForm,
)
from governance.web.parts.bulk import BulkButton
from governance.web.parts.filters import choice_chip
from governance.web.parts.markup import sentence
from governance.web.parts.pages import Crumb, Fact, Tab
from inventory.selectors.hierarchy import accounts
from inventory.viewing import sees_whole

_SHOWN: Final = 500
_USUAL_DAYS: Final = 90
_LOOKS: Final = {State.PROPOSED: "waiting_for_approval"}


class ExceptionScreen(GuardrailScreen):
    """A screen of exceptions, as of now."""

    required_right = rights.VIEW_EXCEPTIONS
    tab = "exceptions"

    def begin(self) -> None:
        """Find the organization; exceptions are shown as of now."""
        super().begin()
        self.as_of = None

    def titles(self) -> dict[str, str]:
        """Return the titles of the guardrails by id."""
        found = guardrails_in_force(self.connection)
        return {one.id: one.document.title for one in found.values()}

    def target_names(self, exception: GuardrailException) -> list[str]:
        """Name the targets that this person may see; of others only how many there are."""
        return [name for _, name in self.targets(exception)]

    def targets(self, exception: GuardrailException) -> list[tuple[str, str]]:
        """Return id and name of the targets that this person may see, then how many others."""
        names, hidden = shown_targets(self.viewer, exception)
        return [*names.items(), *([("", f"{hidden:,} elsewhere")] if hidden else [])]


class ExceptionsPage(ExceptionScreen):
    """Every exception, the latest first."""

    required_right = rights.VIEW_EXCEPTIONS
    template_name = "governance/exceptions/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the exceptions that the filters leave."""
        query, today = self.request.GET, self.now.date()
        titles = self.titles()
        rows = exceptions(
            self.viewer,
            connection=self.connection,
            states=[one for one in query.getlist("state") if one in State.values],
            words=query.get("q", ""),
            never_used=query.get("used") == "never",
            ends_within_days=30 if query.get("ends") == "30" else None,
            today=today,
        )[:_SHOWN]
        return super().get_context_data(
            exceptions=[
                {
                    "one": one,
                    "href": self.href("exception", exception_number=one.number),
                    "title": titles.get(one.guardrail_id, one.guardrail_id),
                    "targets": self.targets(one)[:3],
                    "look": _LOOKS.get(State(one.state), one.state),
                    "days_left": days_left(one, today=today),
                }
                for one in rows
            ],
            chips=[
                choice_chip(query, "state", "State", [(s.value, str(s.label)) for s in State]),
                choice_chip(query, "used", "Use", [("never", "Never needed")]),
                choice_chip(query, "ends", "Ends", [("30", "Within 30 days")]),
            ],
            may_ask=self.may(rights.ASK_EXCEPTION, None),
            bulk_buttons=self.bulk_buttons(),
            **kwargs,
        )

    def bulk_buttons(self) -> Sequence[BulkButton]:
        """Return what can be done to many exceptions."""
        if not any(
            self.may(right, None) for right in (rights.ASK_EXCEPTION, rights.APPROVE_EXCEPTION)
        ):
            return []
        return [BulkButton("End", "circle-minus", self.href("exceptions-end"))]


class ExceptionAsk(ExceptionScreen):
    """The form that asks for an exception; it makes a draft with its proof."""

    required_right = rights.ASK_EXCEPTION
    template_name = "governance/exceptions/ask.html"
    page_title = "Request an exception"
    errors: Mapping[str, str] = {}

    def get_tabs(self) -> Sequence[Tab]:
        """Show none."""
        return []

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the list and this form."""
        return self.below_tab("Ask")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the fields as they were given."""
        given = self.request.POST if self.request.method == "POST" else self.request.GET
        today = self.now.date()
        return super().get_context_data(
            guardrails=[
                (one.id, one.document.title)
                for one in guardrails_in_force(self.connection).values()
                if one.enabled
            ],
            given={name: given.get(name, "") for name in _FIELDS},
            errors=self.errors,
            first_day=today + timedelta(days=1),
            last_day=today + timedelta(days=366),
            usual_day=given.get("until") or f"{today + timedelta(days=_USUAL_DAYS):%Y-%m-%d}",
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Make the draft, or show what is wrong."""
        form = request.POST
        given: dict[str, Any] = {
            "guardrail_id": form.get("guardrail_id", ""),
            "kind": form.get("kind", ""),
            "targets": _lines(form.get("targets", "")),
            "principals": _lines(form.get("principals", "")),
            "reason": form.get("reason", ""),
            "mitigation": form.get("mitigation", ""),
            "until": form.get("until", ""),
        }
        try:
            terms = read_exception_terms(
                given, self.connection, today=self.now.date(), by=self.person
            )
            made = exception_ask(by=self.by, connection=self.connection, terms=terms, now=self.now)
        except AgreementInvalid as error:
            self.errors = error.errors
            answer: HttpResponseBase = self.render_to_response(self.get_context_data())
            return answer
        except (CannotChangeAgreement, MayNot) as error:
            messages.error(request, sentence(error))
            return HttpResponseRedirect(self.href("exceptions"))
        messages.success(request, f"{made} is a draft. Read its proof, then request review.")
        return HttpResponseRedirect(self.href("exception", exception_number=made.number))


_FIELDS: Final = (
    *("guardrail_id", "kind", "targets", "principals", "reason", "mitigation", "until"),
)


def _lines(text: str) -> list[str]:
    return [one.strip() for one in text.replace(",", "\n").splitlines() if one.strip()]


class OneException(AgreementPage, ExceptionScreen):
    """A screen about one exception. Sets `exception`."""

    required_right = rights.VIEW_EXCEPTIONS
    kind = EXCEPTION
    exception: GuardrailException

    @property
    def agreement(self) -> GuardrailException:
        """The exception."""
        return self.exception

    def standing(self) -> AgreementStanding:
        """Return who has to agree to it and who did."""
        return exception_standing(self.exception, now=self.now)

    def begin(self) -> None:
        """Find the exception.

        :raises Http404: there is none of this number that this person may see.
        """
        super().begin()
        number = self.kwargs["exception_number"]
        found = exception_find(self.viewer, connection=self.connection, number=number)
        if found is None:
            raise Http404(f"There is no exception E-{number} here.")
        self.exception = found

    def get_tabs(self) -> Sequence[Tab]:
        """Show none: this is one exception."""
        return []


class ExceptionPage(OneException):
    """What it excepts, what exactly becomes possible, who agreed, until when."""

    required_right = rights.VIEW_EXCEPTIONS
    template_name = "governance/exceptions/exception.html"

    def get_title(self) -> str:
        """Return what it is called."""
        return f"Exception {self.exception}"

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the list and this one."""
        return self.below_tab(str(self.exception))

    def get_facts(self) -> Sequence[Fact]:
        """Return who owns it, who asked, and until when it holds."""
        one = self.exception
        left = days_left(one, today=self.now.date())
        return [
            Fact("Kind", str(one.get_kind_display())),
            Fact("Owner", one.owner.get_username()),
            Fact("Requested by", one.asked_by.get_username()),
            Fact("Until", f"{ages.day(one.until)}, {left:,} {'day' if left == 1 else 'days'} left"),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add terms, proof, reviews and what this person may do."""
        one = self.exception
        return super().get_context_data(
            exception=one,
            guardrail_title=self.titles().get(one.guardrail_id, one.guardrail_id),
            guardrail_href=self.href("guardrail", guardrail_id=one.guardrail_id),
            targets=self.targets(one),
            proof=shown_proof(
                self.connection.slug,
                one.proof,
                self.names_in(one.proof),
                sees_all=sees_whole(self.viewer, self.connection),
            ),
            **self.agreement_context(asked_by_id=one.asked_by_id),
            **kwargs,
        )

    def names_in(self, proof: Mapping[str, Any]) -> dict[str, str]:
        """Return the names of the accounts of a proof that this person may see, by id."""
        ids = [
            one["account_id"]
            for name in ("counterexamples", "beyond")
            for one in proof.get(name, ())
        ]
        if not ids:
            return {}
        rows = accounts(self.viewer, connection=self.connection).filter(account_id__in=ids)
        return dict(rows.values_list("account_id", "name"))


class ExceptionAction(AgreementButton, OneException):
    """The buttons of the action card."""

    required_right = rights.VIEW_EXCEPTIONS
    reviewers = "the owners of its targets"

    def buttons(self, reason: str) -> Mapping[str, Callable[[], object]]:
        """Return what each button does."""
        given: dict[str, Any] = {"by": self.by, "exception_id": self.exception.pk, "now": self.now}
        return {
            "submit": partial(exception_submit, **given),
            "withdraw": partial(exception_withdraw, reason=reason, **given),
            "end": partial(exception_end, reason=reason, **given),
        }


class ExceptionReview(AgreementReviewForm, OneException):
    """A verdict on the version that the page showed."""

    required_right = rights.VIEW_EXCEPTIONS

    def review(self, **given: Any) -> Review:
        """Give the review."""
        return exception_review(exception_id=self.exception.pk, **given)
