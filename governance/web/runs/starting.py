"""What starts a run by a button: of everything, of what failed, of one account."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from governance.access import rights
from governance.access.actors import actor_of
from governance.access.viewers import viewer_of
from governance.collection.runs import (
    CannotCancel,
    RunAlreadyActive,
    RunRefused,
    accounts_collect,
    run_cancel,
    run_retry,
    run_start,
)
from governance.web.parts.pages import connection_or_404
from governance.web.parts.rights_view import RightMissing, RightsView, may_here
from inventory.models import Connection, InventoryRun
from inventory.selectors.runs import runs
from inventory.viewing import Viewer, targets_seen


class StartsRun(RightsView):
    """A button that starts a run: leads to the run, or says why there is none."""

    required_right = rights.START_RUN
    http_method_names = ["post", "options"]
    viewer: Viewer
    connection: Connection

    def begin(self) -> None:
        """Find the organization.

        :raises Http404: no such connection, or not one this person may see.
        :raises RightMissing: the right is not held for what is to be read.
        """
        self.viewer = viewer_of(self.request.user)
        self.connection = connection_or_404(self.viewer, slug=self.kwargs["slug"])
        right = str(self.required_right)
        if not may_here(self.request.user, right, self.connection, self.target_id()):
            raise RightMissing(right)

    def target_id(self) -> str:
        """Return the account that is to be read; empty: the whole organization."""
        return ""

    def start(self) -> InventoryRun:
        """Ask for the run."""
        raise NotImplementedError(f"{type(self).__qualname__} must define start")

    def refused_href(self) -> str:
        """Return where to go on if the run is refused and none goes on."""
        return reverse("inventory-runs", kwargs={"slug": self.connection.slug})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Start it, once; while a run goes on, say so and lead to that one."""
        return self.answer(self.start)

    def answer(self, start: Callable[[], InventoryRun]) -> HttpResponse:
        """Lead to the run that was started, that goes on already, or back with the reason."""
        try:
            run = start()
        except RunAlreadyActive as error:
            messages.warning(self.request, f"Nothing was started: {error}.")
            return HttpResponseRedirect(self.run_href(error.run))
        except RunRefused as error:
            messages.error(self.request, f"Nothing was started: {error}.")
            return HttpResponseRedirect(self.refused_href())
        messages.success(self.request, f"Run {run.pk} is queued.")
        return HttpResponseRedirect(self.run_href(run))

    def run_href(self, run: InventoryRun) -> str:
        """Return a run's address."""
        return reverse("inventory-run", kwargs={"slug": self.connection.slug, "run_id": run.pk})


class StartRun(StartsRun):
    """Read the whole organization now."""

    def start(self) -> InventoryRun:
        """Ask for a run of everything."""
        return run_start(
            connection=self.connection,
            trigger=InventoryRun.Trigger.BUTTON,
            actor=actor_of(self.request),
            now=timezone.now(),
        )


class RetryRun(StartsRun):
    """Read again what a run could not read."""

    def start(self) -> InventoryRun:
        """Ask for a run of the accounts that failed.

        :raises Http404: the organization has no such run.
        """
        run = runs(self.viewer, connection=self.connection).filter(pk=self.kwargs["run_id"]).first()
        if run is None:
            raise Http404(f"This organization has no inventory run {self.kwargs['run_id']}.")
        return run_retry(run=run, actor=actor_of(self.request), now=timezone.now())

    def refused_href(self) -> str:
        """Return the run's own address."""
        return reverse(
            "inventory-run", kwargs={"slug": self.connection.slug, "run_id": self.kwargs["run_id"]}
        )


class CancelRun(StartsRun):
    """End a run that goes on."""

    required_right = rights.CANCEL_RUN

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Cancel it and lead back to it.

        :raises Http404: the organization has no such run.
        """
        run = runs(self.viewer, connection=self.connection).filter(pk=self.kwargs["run_id"]).first()
        if run is None:
            raise Http404(f"This organization has no inventory run {self.kwargs['run_id']}.")
        try:
            run_cancel(actor=actor_of(request), run=run, now=timezone.now())
        except CannotCancel as error:
            messages.warning(request, f"Nothing was cancelled: {error}.")
        else:
            messages.success(request, f"Run {run.pk} is cancelled.")
        return HttpResponseRedirect(self.run_href(run))


class CollectAccount(StartsRun):
    """Read one account now."""

    def target_id(self) -> str:
        """Return the account.

        :raises Http404: the organization has none of this id that this person may see.
        """
        account_id: str = self.kwargs["account_id"]
        if not targets_seen(self.viewer, self.connection).holds_account(account_id):
            raise Http404(f"There is no account {account_id} that you may see.")
        return account_id

    def start(self) -> InventoryRun:
        """Ask for a run of the account."""
        return accounts_collect(
            connection=self.connection,
            account_ids=[self.kwargs["account_id"]],
            actor=actor_of(self.request),
            now=timezone.now(),
        )

    def refused_href(self) -> str:
        """Return where the accounts are listed; this one may not be there."""
        return reverse("accounts", kwargs={"slug": self.connection.slug})
