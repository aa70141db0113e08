"""What rollouts have locked, who waits for it, and the release by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from governance.access import rights
from governance.access.actors import actor_of
from governance.changes.life.transitions import CannotChangeRequest
from governance.changes.models import ChangeLock, ChangeRequest
from governance.changes.rollout.locks import lock_release, locks_of, queue_place, waiting
from governance.changes.states import ChangeState
from governance.web.changes.frame import request_href, request_label
from governance.web.parts.pages import ConnectionPage, Crumb
from governance.web.parts.rights_view import RightMissing
from governance.web.rollouts.places import PlanPlaces, PlanTarget, plan_places

# A lock of a request that still makes calls is not released.
_RELEASABLE = frozenset(
    {ChangeState.HALTED, ChangeState.PARTIALLY_APPLIED, ChangeState.ROLLBACK_FAILED}
)


@dataclass(frozen=True, slots=True)
class LockRow:
    """One policy or target that one request alone may write to."""

    lock: ChangeLock
    name: str
    target: PlanTarget | None
    label: str
    href: str
    releasable: bool

    @property
    def dialog(self) -> str:
        """The id of the dialog that releases it."""
        return f"release-{self.lock.pk}"


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A rollout that waits for others. `place` from 1; `waits_for`: the requests ahead."""

    request: ChangeRequest
    label: str
    href: str
    place: int
    waits_for: tuple[str, ...]
    objects: tuple[str, ...]
    since: datetime


class ChangeLocks(ConnectionPage):
    """The locks and the queue before them; security releases a lock with a reason."""

    required_right = rights.VIEW_CHANGES
    post_right = rights.OVERRIDE_CHANGE
    needs_step_up = True
    section = "changes"
    page_title = "Locks"
    template_name = "governance/rollouts/locks.html"

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the queue and this list."""
        queue = reverse("change-requests", kwargs={"slug": self.connection.slug})
        return [Crumb("Changes", queue), Crumb("Locks")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the locks and who waits."""
        places = plan_places(self.viewer, connection=self.connection)
        return super().get_context_data(
            rows=[self.row(lock, places) for lock in locks_of(self.connection)],
            queue=self.queue(places),
            may_release=self.may(rights.OVERRIDE_CHANGE),
            **kwargs,
        )

    def row(self, lock: ChangeLock, places: PlanPlaces) -> LockRow:
        """Prepare one lock."""
        object_id, asked = lock.object_id, lock.change_request
        target = places.target(object_id) if object_id in places.kinds else None
        return LockRow(
            lock=lock,
            name=target.name if target else places.policy_names.get(object_id, object_id),
            target=target,
            label=request_label(asked.number),
            href=request_href(self.connection.slug, asked.number),
            releasable=ChangeState(asked.state) in _RELEASABLE,
        )

    def queue(self, places: PlanPlaces) -> list[QueueRow]:
        """Prepare the rollouts that wait for locks, in their order."""
        found = []
        for rollout in waiting(self.connection.pk):
            place = queue_place(rollout)
            if place is None:
                continue
            asked = rollout.change_request
            found.append(
                QueueRow(
                    request=asked,
                    label=request_label(asked.number),
                    href=request_href(self.connection.slug, asked.number),
                    place=place.place,
                    waits_for=tuple(request_label(number) for number in place.waits_for),
                    objects=tuple(
                        places.names.get(one) or places.policy_names.get(one, one)
                        for one in place.object_ids
                    ),
                    since=rollout.started_at,
                )
            )
        return found

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Release one lock, or say why not."""
        object_id = request.POST.get("object_id", "")
        try:
            lock_release(
                actor=actor_of(request),
                connection=self.connection,
                object_id=object_id,
                reason=request.POST.get("reason", ""),
                now=self.now,
            )
        except CannotChangeRequest as error:
            text = str(error)
            messages.error(request, f"Not released: {text}.")
        else:
            messages.success(request, f"{object_id} is released.")
        return HttpResponseRedirect(reverse("change-locks", kwargs={"slug": self.connection.slug}))

    def check_rights_here(self) -> None:
        """Ask for the right to release in the whole organization."""
        super().check_rights_here()
        if self.request.method == "POST" and not self.may(rights.OVERRIDE_CHANGE):
            raise RightMissing(rights.OVERRIDE_CHANGE)
