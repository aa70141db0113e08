"""One inventory run: how far it is, its accounts, what each collector covered."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from governance.access import rights
from governance.web.pages import ConnectionPage, Crumb
from inventory.models import InventoryRun
from inventory.selectors.runs import run_progress, runs

# htmx ends its polling on this status (htmx documentation, "Load Polling").
STOP_POLLING = 286


class RunPart(ConnectionPage):
    """What the parts of a run share."""

    required_right = rights.VIEW_INVENTORY
    section = "inventory-runs"
    run: InventoryRun

    def begin(self) -> None:
        """Find the run.

        :raises Http404: the organization has no such run.
        """
        super().begin()
        found = runs(self.viewer, connection=self.connection).filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404(f"{self.connection.name} has no inventory run {self.kwargs['pk']}.")
        self.run = found

    def get_title(self) -> str:
        """Return the run's number."""
        return f"Run {self.run.pk}"

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the list and this run."""
        href = reverse("inventory-runs", kwargs={"slug": self.connection.slug})
        return [Crumb("Inventory runs", href), Crumb(self.get_title())]


class RunPage(RunPart):
    """One run."""

    template_name = "governance/runs/run.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the run and how far it is."""
        return super().get_context_data(
            run=self.run, progress=run_progress(self.viewer, run=self.run), **kwargs
        )


class RunProgressPart(RunPart):
    """How far the run is, asked for every two seconds while it goes on."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the part alone; with the status that ends the polling once the run has ended."""
        answer: HttpResponse = render(
            request,
            "governance/runs/progress.html",
            {
                "run": self.run,
                "progress": run_progress(self.viewer, run=self.run),
                "slug": self.connection.slug,
            },
        )
        if not self.run.is_active:
            answer.status_code = STOP_POLLING
        return answer
