"""What people do with a request by a button: submit, withdraw, schedule, simulate."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from governance.access import rights
from governance.access.actors import actor_of
from governance.access.owners.acting import MayNot
from governance.access.step_up import require_step_up
from governance.approvals.reviews import ReviewRefused
from governance.changes.life.offered_edits import attachment_move_down, unit_move_replace
from governance.changes.life.scheduling import change_schedule, change_unschedule
from governance.changes.life.shown import shown_plan
from governance.changes.life.submitting import change_submit, change_withdraw
from governance.changes.life.transitions import CannotChangeRequest
from governance.edits.operations import read_operations
from governance.simulations.services import LONGEST_NAME, simulation_create
from governance.web.changes.frame import ChangeRequestPage, request_label
from governance.web.parts.markup import sentence
from governance.web.parts.rights_view import RightMissing


class RequestAct(ChangeRequestPage):
    """Takes a form and leads back to the request, with what came of it as a message."""

    http_method_names = ["post", "options"]

    def act(self) -> str:
        """Do it; return what to say."""
        raise NotImplementedError

    def back(self) -> str:
        """Return where it leads."""
        return self.tab_href()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Do it, or say why not.

        :raises StepUpRequired: a fresh proof is needed.
        """
        try:
            messages.success(request, self.act())
        except (CannotChangeRequest, MayNot, ReviewRefused) as error:
            messages.error(request, sentence(error))
        return HttpResponseRedirect(self.back())


class ChangeAct(RequestAct):
    """The other buttons of the action card."""

    resumes_after_step_up = True
    required_right = rights.VIEW_CHANGES

    def act(self) -> str:
        """Do what the pressed button says.

        :raises BadRequest: there is no such button.
        """
        known: Mapping[str, Callable[[], str]] = {
            "submit": self._submit,
            "withdraw": self._withdraw,
            "schedule": self._schedule,
            "unschedule": self._unschedule,
            "move_down": self._move_down,
            "unit_move": self._unit_move,
        }
        wanted = self.request.POST.get("act", "")
        if wanted not in known:
            raise BadRequest(f"act is {wanted!r}; it can be {', '.join(known)}.")
        return known[wanted]()

    def _submit(self) -> str:
        change_submit(by=self.by, change_request_id=self.change_request.pk, now=self.now)
        return "The checks are running."

    def _withdraw(self) -> str:
        change_withdraw(
            by=self.by,
            change_request_id=self.change_request.pk,
            reason=self.request.POST.get("reason", "").strip(),
            now=self.now,
        )
        return f"{request_label(self.change_request.number)} is withdrawn."

    def _schedule(self) -> str:
        try:
            moment = datetime.fromisoformat(self.request.POST.get("scheduled_for", ""))
        except ValueError:
            raise BadRequest("scheduled_for is not a date and time.") from None
        if self.change_request.needs_step_up:
            require_step_up(self.request)
        change_schedule(
            by=self.by,
            change_request_id=self.change_request.pk,
            scheduled_for=moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment,
            now=self.now,
        )
        return "It is scheduled."

    def _unschedule(self) -> str:
        if self.change_request.needs_step_up:
            require_step_up(self.request)
        change_unschedule(by=self.by, change_request_id=self.change_request.pk, now=self.now)
        return "No longer scheduled; it stays approved."

    def _move_down(self) -> str:
        attachment_move_down(
            by=self.by,
            change_request=self.change_request,
            evidence=self.change_request.evidence,
            policy_id=self.request.POST.get("policy_id", ""),
            target_id=self.request.POST.get("target_id", ""),
            now=self.now,
        )
        return "The attachment moves to the OUs and accounts below. Run the checks again."

    def _unit_move(self) -> str:
        unit_move_replace(
            by=self.by,
            change_request=self.change_request,
            evidence=self.change_request.evidence,
            unit_id=self.request.POST.get("target_id", ""),
            now=self.now,
        )
        return "A new OU and the moves of its accounts replace it. Run the checks again."


class ChangeSimulate(RequestAct):
    """Opens the plan in the simulator, as a draft of one's own."""

    required_right = rights.SIMULATE

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Make the draft and lead to it.

        :raises RightMissing: a part of the plan lies outside of what this person may see.
        """
        asked = self.change_request
        if shown_plan(self.viewer, asked).hides:
            raise RightMissing(rights.VIEW_CHANGES)
        made = simulation_create(
            connection=self.connection,
            actor=actor_of(request),
            name=f"{request_label(asked.number)} {asked.title}"[:LONGEST_NAME],
            operations=read_operations(asked.operations),
            as_of=None,
            now=self.now,
        )
        where = {"slug": self.connection.slug, "simulation_id": made.pk}
        return HttpResponseRedirect(reverse("simulation", kwargs=where))


class ChangeStatePart(ChangeRequestPage):
    """What a waiting page polls: empty until the request is in another state."""

    required_right = rights.VIEW_CHANGES

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer with nothing; once the state is another, say so and have the page read again."""
        answer = HttpResponse(status=HTTPStatus.NO_CONTENT)
        if request.GET.get("state") != self.change_request.state:
            answer = HttpResponse("The change request's state has changed. Reload the page.")
            answer.headers["HX-Refresh"] = "true"
        return answer
