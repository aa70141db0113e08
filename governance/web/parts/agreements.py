"""What the pages of contracts and of exceptions show and do alike."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from governance.access.owners.acting import MayNot
from governance.access.step_up import is_stepped_up, require_step_up, stepped_up_at
from governance.approvals.agreements.approving import AgreementStanding, agreement_reviews
from governance.approvals.agreements.changing import EDITABLE, CannotChangeAgreement, State
from governance.approvals.agreements.kinds import AgreementKind
from governance.approvals.agreements.models import AgreementModel
from governance.approvals.models import Review, ReviewVerdict
from governance.approvals.reviews import ReviewRefused, needs_step_up, why_not_count
from governance.web.parts.markup import sentence
from governance.web.parts.pages import ConnectionPage
from governance.web.parts.people import name_of
from governance.web.parts.states import REVIEW_STATES


@dataclass(frozen=True, slots=True)
class AgreementApproval:
    """An approval that an agreement needs. `agreed`, `entitled`: people by name."""

    name: str
    note: str
    is_met: bool
    agreed: tuple[str, ...]
    entitled: tuple[str, ...]
    problem: str


@dataclass(frozen=True, slots=True)
class AgreementReviewLine:
    """What somebody said. `counts`: of the version that stands now."""

    name: str
    look: str
    body: str
    at: datetime
    counts: bool
    void_reason: str


@dataclass(frozen=True, slots=True)
class AgreementActs:
    """What the action card offers; `why_not`: why this person's review would not count."""

    verdicts: bool = False
    why_not: str = ""
    asks_proof: bool = False
    submits: bool = False
    edits: bool = False
    withdraws: bool = False
    ends: bool = False


class AgreementPage(ConnectionPage):
    """A screen about one agreement; `<noun>_number` is in its address."""

    kind: ClassVar[AgreementKind[Any]]

    @property
    def agreement(self) -> AgreementModel:
        """The agreement of the address."""
        raise NotImplementedError(f"{type(self).__qualname__} must define agreement")

    def standing(self) -> AgreementStanding:
        """Return who has to agree to it and who did."""
        raise NotImplementedError(f"{type(self).__qualname__} must define standing")

    def agreement_href(self, name: str = "") -> str:
        """Return the address of its page, or of one of its acts: `act`, `review`."""
        noun = self.kind.noun
        number = {f"{noun}_number": self.agreement.number}
        return self.href(f"{noun}-{name}" if name else noun, **number)

    def agreement_context(self, *, asked_by_id: int) -> dict[str, Any]:
        """Return what the cards of actions, approvals and reviews show.

        `asked_by_id`: who may withdraw it, whatever their rights.
        """
        agreement, state = self.agreement, State(self.agreement.state)
        standing = self.standing() if state in (State.DRAFT, State.PROPOSED) else None
        return {
            "look": "waiting_for_approval" if state is State.PROPOSED else agreement.state,
            "waits_for_me": self.person.pk in agreement.waiting_for,
            "acts": self._acts(standing, asked_by_id),
            "act_href": self.agreement_href("act"),
            "review_href": self.agreement_href("review"),
            "approvals": [] if standing is None else _approvals(standing),
            "reviews": [
                _review(one, agreement.digest) for one in agreement_reviews(self.kind, agreement)
            ],
        }

    def _acts(self, standing: AgreementStanding | None, asked_by_id: int) -> AgreementActs:
        state = State(self.agreement.state)
        asks = self.may(self.kind.asking_right, None)
        approves = self.may(self.kind.approving_right, None)
        why_not, proof = "", False
        if state is State.PROPOSED and standing is not None:
            why_not = why_not_count(self.person, self.connection, standing.subject)
            proof = needs_step_up(self.person, standing.subject)
        return AgreementActs(
            verdicts=state is State.PROPOSED and not why_not,
            why_not=why_not,
            asks_proof=proof,
            submits=asks and state is State.DRAFT,
            edits=asks and state in EDITABLE,
            withdraws=(asks or asked_by_id == self.person.pk) and state in EDITABLE,
            ends=(asks or approves) and state is State.ACTIVE,
        )


def _approvals(standing: AgreementStanding) -> list[AgreementApproval]:
    found = []
    for met in standing.standing.by_requirement.values():
        required = met.required
        names = required.names
        notes = [
            f"{required.count} approvals" if required.count > 1 else "",
            "security as well" if required.needs_security else "",
            "identity confirmed" if required.needs_step_up else "",
        ]
        agreed = dict.fromkeys((*met.approved_by, *met.security_by))
        found.append(
            AgreementApproval(
                name=required.label,
                note=", ".join(note for note in notes if note),
                is_met=met.is_met,
                agreed=tuple(names.get(one, str(one)) for one in agreed),
                entitled=tuple(sorted(names.get(one, str(one)) for one in met.waits_for)),
                problem=required.problem,
            )
        )
    return found


def _review(one: Review, digest: str) -> AgreementReviewLine:
    return AgreementReviewLine(
        name=name_of(one.reviewer),
        look=REVIEW_STATES[ReviewVerdict(one.verdict)],
        body=one.body,
        at=one.created_at,
        counts=one.voided_at is None and one.digest == digest,
        void_reason=one.void_reason,
    )


class AgreementForm(AgreementPage):
    """Takes a form and leads back to the agreement, with what came of it as a message."""

    http_method_names = ["post", "options"]

    def act(self) -> str:
        """Do it; return what to say."""
        raise NotImplementedError(f"{type(self).__qualname__} must define act")

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Do it, or say why not.

        :raises StepUpRequired: a fresh proof is needed.
        """
        try:
            messages.success(request, self.act())
        except (CannotChangeAgreement, MayNot, ReviewRefused) as error:
            messages.error(request, sentence(error))
        return HttpResponseRedirect(self.agreement_href())


class AgreementButton(AgreementForm):
    """The buttons of the action card. `reviewers`: for whom a submitted one waits."""

    reviewers: ClassVar[str]

    def buttons(self, reason: str) -> Mapping[str, Callable[[], object]]:
        """Return what `submit`, `withdraw` and `end` do. `reason`: as it was given."""
        raise NotImplementedError(f"{type(self).__qualname__} must define buttons")

    def act(self) -> str:
        """Do what the pressed button says.

        :raises BadRequest: there is no such button.
        """
        known = self.buttons(self.request.POST.get("reason", "").strip())
        wanted = self.request.POST.get("act", "")
        if wanted not in known:
            raise BadRequest(f"act is {wanted!r}; it can be {', '.join(known)}.")
        known[wanted]()
        done = {"submit": f"waits for {self.reviewers}", "withdraw": "is withdrawn"}
        return f"{self.agreement} {done.get(wanted, 'has ended')}."


class AgreementReviewForm(AgreementForm):
    """A verdict on the version that the page showed."""

    resumes_after_step_up = True
    _SAID: Final[Mapping[str, str]] = {
        ReviewVerdict.APPROVE: "You approved {}.",
        ReviewVerdict.REQUEST_CHANGES: "You asked for changes to {}.",
        ReviewVerdict.REJECT: "You rejected {}.",
        ReviewVerdict.COMMENT: "You commented on {}.",
    }

    def review(self, **given: Any) -> Review:
        """Give the review; `given`: what `agreement_review` takes of a request."""
        raise NotImplementedError(f"{type(self).__qualname__} must define review")

    def act(self) -> str:
        """Give the verdict; the digest is the page's.

        :raises BadRequest: there is no such verdict.
        """
        data = self.request.POST
        verdict = data.get("verdict", "")
        if verdict not in self._SAID:
            raise BadRequest(f"verdict is {verdict!r}; it can be {', '.join(self._SAID)}.")
        if verdict == ReviewVerdict.APPROVE and needs_step_up(self.person, self.standing().subject):
            require_step_up(self.request)
        self.review(
            by=self.by,
            verdict=verdict,
            body=data.get("body", "").replace("\r\n", "\n"),
            digest=data.get("digest", ""),
            stepped_up_at=stepped_up_at(self.request) if is_stepped_up(self.request) else None,
            now=self.now,
        )
        return self._SAID[verdict].format(self.agreement)
