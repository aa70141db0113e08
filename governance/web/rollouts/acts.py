"""What people do with a rollout by a button: start, let go, halt, resume, take back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.access.step_up import require_step_up, stepped_up_at
from governance.access.viewers import holds, holds_within
from governance.changes.emergency.services import (
    emergency_begin,
    emergency_ratify,
    took_part,
)
from governance.changes.life.scheduling import require_acting
from governance.changes.life.transitions import CannotChangeRequest
from governance.changes.models import ChangeRequest, Rollout
from governance.changes.rollout.services import (
    BACK_FROM,
    HALTABLE,
    rollout_go,
    rollout_halt,
    rollout_resume,
    rollout_roll_back,
)
from governance.changes.starting import STARTABLE, change_start, opening_of
from governance.changes.states import ChangeState
from governance.changes.windows.deciding import ApplyOpening
from governance.web.changes.frame import ChangeRequestPage

_S = ChangeState
_RESUMABLE: Final = frozenset({_S.HALTED, _S.PARTIALLY_APPLIED})
_EMERGENCY_FROM: Final = frozenset({_S.DRAFT, _S.CHECKS_FAILED, _S.CHANGES_REQUESTED})


@dataclass(frozen=True, slots=True)
class RolloutActs:
    """The buttons that a person may use.

    `opening`: whether windows let it start now. `ratifies`: whether it waits for somebody who did
    not take part in it, and they did not.
    """

    starts: bool
    halts: bool
    resumes: bool
    goes: bool
    rolls_back: bool
    begins_emergency: bool
    ratifies: bool
    opening: ApplyOpening | None


def acts_offered(change_request: ChangeRequest, user: User, *, now: datetime) -> RolloutActs:
    """Judge what somebody may do; it is judged again when it is done."""
    state, connection = ChangeState(change_request.state), change_request.connection
    here = change_request.applied == ChangeRequest.Applied.HERE
    applies = holds_within(user, rights.APPLY_CHANGE, connection=connection)
    halts = holds_within(user, rights.HALT_CHANGE, connection=connection)
    startable = here and state in STARTABLE
    return RolloutActs(
        starts=applies and startable,
        halts=halts and state in HALTABLE,
        resumes=applies and state in _RESUMABLE,
        goes=applies,
        rolls_back=halts and state in BACK_FROM,
        begins_emergency=here
        and state in _EMERGENCY_FROM
        and bool(change_request.operations)
        and holds(user, rights.EMERGENCY_CHANGE, connection=connection),
        ratifies=state == _S.APPLIED_PENDING_REVIEW
        and holds(user, rights.EMERGENCY_CHANGE, connection=connection)
        and user.pk not in took_part(change_request),
        opening=opening_of(change_request, now) if startable else None,
    )


class RolloutAct(ChangeRequestPage):
    """Performs the act of a button of the rollout tab, then returns to the tab."""

    resumes_after_step_up = True
    required_right = rights.VIEW_CHANGES
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Do what the pressed button says, or say why not.

        :raises BadRequest: there is no such button.
        :raises StepUpRequired: a fresh proof is needed.
        """
        try:
            messages.success(request, self.act())
        except (CannotChangeRequest, MayNot) as error:
            text = str(error)
            messages.error(request, f"{text[:1].upper()}{text[1:]}.")
        return HttpResponseRedirect(self.tab_href("change-request-rollout"))

    def act(self) -> str:
        """Do it; return what to say.

        :raises BadRequest: there is no such button.
        """
        known: Mapping[str, Callable[[], str]] = {
            "start": self._start,
            "go": self._go,
            "halt": self._halt,
            "resume": self._resume,
            "roll_back": self._roll_back,
            "emergency": self._emergency,
            "ratify": self._ratify,
        }
        wanted = self.request.POST.get("act", "")
        if wanted not in known:
            raise BadRequest(f"act is {wanted!r}; it can be {', '.join(known)}.")
        return known[wanted]()

    @property
    def reason(self) -> str:
        """What was given as the reason."""
        return self.request.POST.get("reason", "").strip()

    def _applying(self) -> None:
        require_acting(self.by, rights.APPLY_CHANGE, self.change_request)
        if self.change_request.needs_step_up:
            require_step_up(self.request)

    def _start(self) -> str:
        self._applying()
        change_start(by=self.by, change_request_id=self.change_request.pk, now=self.now)
        return "The rollout has started."

    def _go(self) -> str:
        self._applying()
        ring = self.request.POST.get("ring", "")
        if not ring.isdecimal():
            raise BadRequest("ring is not a number of a ring.")
        rollout_go(
            actor=self.by.actor,
            change_request_id=self.change_request.pk,
            ring_number=int(ring),
            reason=self.reason,
            now=self.now,
        )
        return f"Ring {ring} is released; the rollout continues."

    def _halt(self) -> str:
        # Whoever could have started it anywhere may stop it: no place and no proof is asked for.
        if not holds_within(
            self.person, rights.HALT_CHANGE, connection=self.change_request.connection
        ):
            raise MayNot(f"this needs the right {rights.HALT_CHANGE}")
        rollout_halt(
            actor=self.by.actor,
            change_request_id=self.change_request.pk,
            reason=self.reason,
            now=self.now,
        )
        return "Halted. No further call is made."

    def _resume(self) -> str:
        self._applying()
        rollout_resume(
            actor=self.by.actor,
            change_request_id=self.change_request.pk,
            reason=self.reason,
            now=self.now,
        )
        return "The rollout resumes where it stopped."

    def _roll_back(self) -> str:
        require_acting(self.by, rights.HALT_CHANGE, self.change_request)
        if self.change_request.needs_step_up:
            require_step_up(self.request)
        rollout: Rollout = rollout_roll_back(
            actor=self.by.actor,
            change_request_id=self.change_request.pk,
            reason=self.reason,
            now=self.now,
        )
        return f"{rollout.get_kind_display()} has started."

    def _proven_at(self) -> datetime:
        require_step_up(self.request)
        # A proof was asked for in the line above, so there is one.
        return stepped_up_at(self.request) or self.now

    def _emergency(self) -> str:
        emergency_begin(
            by=self.by,
            change_request_id=self.change_request.pk,
            reason=self.reason,
            stepped_up_at=self._proven_at(),
            now=self.now,
        )
        return "It is checked for hard findings and then applied at once. Security is notified."

    def _ratify(self) -> str:
        emergency_ratify(
            by=self.by,
            change_request_id=self.change_request.pk,
            plan_sha256=self.request.POST.get("plan_sha256", ""),
            reason=self.reason,
            stepped_up_at=self._proven_at(),
            now=self.now,
        )
        return "Ratified. It stays applied."
