"""What starts a run: of all, of what failed, of one account. Answers with the run to watch."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiResponse
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from governance.access import rights
from governance.access.actors import actor_of
from governance.api.parts.endpoints import OrganizationEndpoint
from governance.api.parts.problems import CONFLICT, RUN_ALREADY_ACTIVE, Problem
from governance.api.runs import InventoryRunList, InventoryRunRepresentation, find_run
from governance.collection.runs import (
    CannotCancel,
    RunAlreadyActive,
    RunRefused,
    accounts_collect,
    run_cancel,
    run_retry,
    run_start,
)
from inventory.models import InventoryRun

ANSWERS = {
    202: OpenApiResponse(
        InventoryRunRepresentation(), description="Queued; `Location` is its address."
    )
}


def accepted(view: OrganizationEndpoint, start: Callable[[], InventoryRun]) -> Response:
    """Start a run and answer with it.

    :raises ValidationError: the body holds something; none of these takes anything.
    :raises Problem: the run cannot be had now.
    """
    if view.request.data:
        given = view.request.data
        names = list(given) if isinstance(given, dict) else ["non_field_errors"]
        raise ValidationError({name: ["this address takes no body"] for name in names})
    try:
        run = start()
    except RunAlreadyActive as error:
        raise Problem(RUN_ALREADY_ACTIVE, str(error), run=address(view, error.run)) from error
    except RunRefused as error:
        raise Problem(CONFLICT, str(error)) from error
    context = {**view.get_serializer_context(), "slug": view.connection.slug}
    return Response(
        InventoryRunRepresentation(run, context=context).data,
        status=status.HTTP_202_ACCEPTED,
        headers={"Location": address(view, run)},
    )


def address(view: OrganizationEndpoint, run: InventoryRun) -> str:
    """Return a run's address."""
    return reverse(
        "api:inventory-run",
        kwargs={"slug": view.connection.slug, "run_id": run.pk},
        request=view.request,
    )


class InventoryRuns(InventoryRunList):
    """The runs of an organization, and the start of one."""

    rights = {"GET": rights.VIEW_INVENTORY, "POST": rights.START_RUN}
    right_at = {"POST": ""}
    answers = ANSWERS

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Read the whole organization now.

        409 while a run is in progress, with that run's address in `run`.
        """
        return accepted(
            self,
            lambda: run_start(
                connection=self.connection,
                trigger=InventoryRun.Trigger.API,
                actor=actor_of(request),
                now=self.now,
            ),
        )


class InventoryRunRetry(OrganizationEndpoint):
    """Rereads what a run could not read."""

    topic = "Inventory runs"
    rights = {"POST": rights.START_RUN}
    right_at = {"POST": ""}
    representation = InventoryRunRepresentation
    answers = ANSWERS

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Read again the accounts that a run could not read, in a run of their own."""
        run = find_run(self)
        return accepted(
            self,
            lambda: run_retry(run=run, actor=actor_of(request), now=self.now),
        )


class InventoryRunCancel(OrganizationEndpoint):
    """The end of a run before its time."""

    topic = "Inventory runs"
    rights = {"POST": rights.CANCEL_RUN}
    right_at = {"POST": ""}
    representation = InventoryRunRepresentation
    answers = {200: OpenApiResponse(InventoryRunRepresentation(), description="Ended.")}

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """End a run that is queued or in progress; it stores nothing more.

        409 where it has ended.
        """
        run = find_run(self)
        try:
            cancelled = run_cancel(run=run, actor=actor_of(request), now=self.now)
        except CannotCancel as error:
            raise Problem(CONFLICT, str(error)) from error
        return Response(self.serialized(cancelled, slug=self.connection.slug))


class AccountRefresh(OrganizationEndpoint):
    """A reading of one account."""

    topic = "Accounts"
    rights = {"POST": rights.START_RUN}
    right_at = {"POST": "account_id"}
    representation = InventoryRunRepresentation
    answers = ANSWERS

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Read one account now, in a run of its own."""
        return accepted(
            self,
            lambda: accounts_collect(
                connection=self.connection,
                account_ids=[kwargs["account_id"]],
                actor=actor_of(request),
                now=self.now,
            ),
        )
