"""The rollout tab of a change request, and the part of it that is asked for again and again."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from governance.changes.models import Rollout
from governance.changes.rollout.locks import queue_place
from governance.changes.states import ChangeState
from governance.web.changes.frame import ChangeRequestPage
from governance.web.parts.markup import counted
from governance.web.rollouts.acts import RolloutActs, acts_offered
from governance.web.rollouts.gate import gate_shown
from governance.web.rollouts.monitor import MOVING, SLOW, Monitor, monitor_of, read_choice
from governance.web.rollouts.observed import observed_rows, seen_denial_rows
from governance.web.rollouts.places import PlanPlaces, plan_places
from governance.web.rollouts.stopping import if_stopped

# htmx ends its polling on this status (htmx documentation, "Load Polling").
STOP_POLLING = 286


class RolloutPart(ChangeRequestPage):
    """What the tab and its polled part share."""

    tab: ClassVar[str] = "rollout"
    template_name = "governance/rollouts/page.html"

    @cached_property
    def places(self) -> PlanPlaces:
        """The names of the plan's targets and policies."""
        return plan_places(self.viewer, connection=self.connection)

    @cached_property
    def rollout(self) -> Rollout | None:
        """The newest rollout, None before the first."""
        return (
            Rollout.objects.filter(change_request=self.change_request)
            .select_related("started_by", "halt_requested_by")
            .order_by("-pk")
            .first()
        )

    @cached_property
    def monitor(self) -> Monitor | None:
        """The rollout or the plan."""
        return monitor_of(
            evidence=self.change_request.evidence,
            rollout=self.rollout,
            places=self.places,
            choice=read_choice(self.request.GET),
            now=self.now,
        )

    @cached_property
    def acts(self) -> RolloutActs:
        """What the viewer may do."""
        return acts_offered(self.change_request, self.person, now=self.now)

    def stage(self) -> str:
        """Return what the page was made for: once it is another, all of it is read again."""
        ring = self.monitor.current_ring if self.monitor is not None else None
        parts = [self.change_request.state, self.rollout.pk if self.rollout else 0]
        return "-".join(str(part) for part in (*parts, ring.number if ring else 0))

    def shown(self) -> Mapping[str, Any]:
        """Return what `monitor.html` draws."""
        monitor = self.monitor
        counts = monitor.counts if monitor is not None else {}
        return {
            "monitor": monitor,
            "change_request": self.change_request,
            "lines": monitor.lines if monitor is not None else (),
            "segments": [
                ("all", "All", counts.get("all", 0)),
                ("done", "Done", counts.get("done", 0)),
                ("left", "Left", counts.get("left", 0)),
            ],
            "rings_note": _rings_note(monitor),
            "calendar_href": reverse("change-calendar", kwargs={"slug": self.connection.slug}),
            "page_href": self.tab_href("change-request-rollout"),
            "slug": self.connection.slug,
            "now": self.now,
            "stopped": if_stopped(self.change_request, monitor),
            "acts": self.acts,
            "gate": gate_shown(self.change_request, monitor, now=self.now),
            "queued": queue_place(self.rollout) if self.rollout is not None else None,
            "start_words": _start_words(monitor),
            "observed": observed_rows(monitor),
            "denied_uses": seen_denial_rows(self.viewer, self.connection, monitor),
            "stage": self.stage(),
        }


class RolloutPage(RolloutPart):
    """The tab: rings, steps, the gate, what stopping would leave."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the rollout and whether the page asks for news."""
        return {
            **super().get_context_data(
                moving=ChangeState(self.change_request.state) in MOVING,
                seconds=30 if self.change_request.state in SLOW else 3,
                poll_query=self.request.GET.urlencode(),
                **kwargs,
            ),
            **self.shown(),
        }


class RolloutProgress(RolloutPart):
    """The rings and steps alone, asked for every few seconds while calls are made."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the part; once the request is in another state, have the page read again."""
        shown = {**self.shown(), "is_part": True}
        answer: HttpResponse = render(request, "governance/rollouts/monitor.html", shown)
        if request.GET.get("stage") != self.stage():
            answer.status_code = STOP_POLLING
            answer.headers["HX-Refresh"] = "true"
        return answer


def _rings_note(monitor: Monitor | None) -> str:
    if monitor is None:
        return ""
    has = "have the new text" if monitor.stages_a_copy else "are reached"
    return f"{monitor.reached:,} of {monitor.accounts:,} accounts {has}"


def _start_words(monitor: Monitor | None) -> str:
    """Say what starting begins."""
    if monitor is None or not monitor.rings:
        return "Start the rollout"
    first = monitor.rings[0]
    return f"Start ring {first.number} for {counted(first.accounts, 'account,accounts')}"
