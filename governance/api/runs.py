"""/inventory-runs: the readings of an organization, how far they came and what they covered."""

from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from governance.access import rights
from governance.api.account_parts import CoverageRepresentation
from governance.api.parts.endpoints import DetailEndpoint
from governance.api.parts.list_endpoint import ListEndpoint, by
from governance.api.parts.pagination import Key
from governance.api.parts.representations import Representation
from governance.filtering.runs import CoverageFilters, RunFilters
from inventory.models import AccountCoverage, CollectionTask, Coverage, InventoryRun
from inventory.selectors import runs as reads
from inventory.selectors.run_waits import Wait, run_wait


class InventoryRunRepresentation(Representation):
    """A reading of an organization."""

    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    state = serializers.ChoiceField(choices=InventoryRun.State.choices)
    trigger = serializers.ChoiceField(choices=InventoryRun.Trigger.choices)
    account_ids = serializers.SerializerMethodField(
        help_text="Only these accounts, of those that you see; null: the whole organization.",
    )
    requested_by = serializers.CharField(
        source="requested_by.username", default=None, allow_null=True
    )
    requested_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    error = serializers.SerializerMethodField(help_text="Why it failed as a whole, or null.")
    rows_opened = serializers.SerializerMethodField(help_text="Null: you see a part of them.")
    rows_closed = serializers.SerializerMethodField(help_text="Null: you see a part of them.")
    coverage_aged_out_at = serializers.DateTimeField(
        source="detail_aged_out_at",
        allow_null=True,
        help_text="When its coverage by account and collector was aged out; null: still stored.",
    )

    def get_url(self, run: InventoryRun) -> str:
        """Return the run's address."""
        return reverse(
            "api:inventory-run",
            kwargs={"slug": self.context["slug"], "run_id": run.pk},
            request=self.context["request"],
        )

    def get_account_ids(self, run: InventoryRun) -> list[str] | None:
        """Return the accounts that were chosen."""
        return reads.chosen_accounts(self.context["view"].viewer, run=run)

    def get_rows_opened(self, run: InventoryRun) -> int | None:
        """Return how many rows the run opened."""
        written = reads.rows_written(self.context["view"].viewer, run=run)
        return None if written is None else written[0]

    def get_rows_closed(self, run: InventoryRun) -> int | None:
        """Return how many rows the run closed."""
        written = reads.rows_written(self.context["view"].viewer, run=run)
        return None if written is None else written[1]

    def get_error(self, run: InventoryRun) -> str | None:
        """Return why the run failed."""
        return run.error or None


class CollectorMeasuresRepresentation(serializers.Serializer[Any]):
    """What one collector took in all accounts and regions of a run."""

    accounts = serializers.IntegerField()
    records = serializers.IntegerField(help_text="Things read.")
    calls = serializers.IntegerField(help_text="Retries included.")
    throttled = serializers.IntegerField(help_text="Calls that AWS throttled.")
    seconds = serializers.FloatField()


class RunProgressRepresentation(Representation):
    """How far a run has come."""

    state = serializers.ChoiceField(choices=InventoryRun.State.choices)
    accounts_total = serializers.IntegerField(
        allow_null=True, help_text="Null until the organization has been read."
    )
    accounts_done = serializers.IntegerField(allow_null=True)
    accounts = serializers.DictField(
        child=serializers.IntegerField(), help_text="Number of accounts by state of their part."
    )
    collectors = serializers.DictField(
        child=serializers.IntegerField(), help_text="Number of collectors by result."
    )
    waits_for = serializers.ChoiceField(
        choices=[(each.value, each.value) for each in Wait],
        allow_null=True,
        help_text="What it is waiting for; null once it has ended.",
    )
    calls = serializers.DictField(
        child=serializers.IntegerField(),
        allow_null=True,
        help_text="Calls by operation, retries included; null: you see a part of the accounts.",
    )
    measures = serializers.DictField(
        child=CollectorMeasuresRepresentation(),
        allow_null=True,
        help_text="What each collector took in all accounts and regions; empty until the run ends, "
        "null: you see a part of the accounts.",
    )


class RunAccountRepresentation(Representation):
    """One account's part of a run."""

    account_id = serializers.CharField()
    state = serializers.ChoiceField(choices=CollectionTask.State.choices)
    collectors = serializers.IntegerField(
        source="total_then",
        help_text="How many have reported on the account after this; 0: none yet.",
    )
    collectors_complete = serializers.IntegerField(source="complete_then")
    collectors_denied = serializers.IntegerField(source="denied_then")
    collectors_unsupported = serializers.IntegerField(source="unsupported_then")
    started_at = serializers.DateTimeField(
        allow_null=True, help_text="Null before it started, and once a later run reads the account."
    )
    finished_at = serializers.DateTimeField(allow_null=True)


class _RunList(ListEndpoint):
    topic = "Inventory runs"
    rights = {"GET": rights.VIEW_INVENTORY}
    takes_as_of = False
    collectors = ()

    def was_read(self) -> bool:
        """Runs are our own record, so none of them means none."""
        return True

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Answer with a page."""
        return self.respond()


def find_run(view: Any) -> InventoryRun:
    """Return the run that the address names.

    :raises Problem: the organization has no such run.
    """
    run_id = view.kwargs["run_id"]
    found: InventoryRun | None = (
        reads.runs(view.viewer, connection=view.connection).filter(pk=run_id).first()
    )
    if found is None:
        raise view.missing(f"inventory run {run_id}")
    return found


class InventoryRunList(_RunList):
    """The runs of an organization."""

    representation = InventoryRunRepresentation
    queryset = InventoryRun.objects.none()
    filterset_class = RunFilters
    orderings = {"requested_at": (Key("requested_at"), Key("id"))}
    usual_ordering = "-requested_at"

    def rows(self) -> Any:
        """Return the runs."""
        return reads.runs(self.viewer, connection=self.connection)

    def context(self, rows: Sequence[InventoryRun]) -> Mapping[str, Any]:
        """Return what the addresses need."""
        return {"slug": self.connection.slug}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the runs, the newest first."""
        return self.respond()


class InventoryRunDetail(DetailEndpoint):
    """One run."""

    topic = "Inventory runs"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = InventoryRunRepresentation
    takes_as_of = False

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get one run."""
        return self.answer(self.serialized(find_run(self), slug=self.connection.slug))


class InventoryRunProgress(DetailEndpoint):
    """How far one run has come."""

    topic = "Inventory runs"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = RunProgressRepresentation
    takes_as_of = False

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Count a run's accounts and collectors by state, and its calls to AWS."""
        run = find_run(self)
        progress = reads.run_progress(self.viewer, run=run)
        waiting = run_wait(run, now=self.now)
        known = progress.accounts_total > 0 or not run.is_active
        return self.answer(
            self.serialized(
                {
                    "state": run.state,
                    "accounts_total": progress.accounts_total if known else None,
                    "accounts_done": progress.accounts_done if known else None,
                    "accounts": progress.accounts,
                    "collectors": progress.collectors,
                    "waits_for": waiting.wait if waiting is not None else None,
                    "calls": progress.calls if progress.is_whole else None,
                    "measures": progress.measures if progress.is_whole else None,
                }
            )
        )


class InventoryRunCoverage(_RunList):
    """What one run covered."""

    representation = CoverageRepresentation
    queryset = Coverage.objects.none()
    filterset_class = CoverageFilters
    orderings = {"account_id": by("account_id", "collector", "region")}
    usual_ordering = "account_id"

    def rows(self) -> Any:
        """Return the run's coverage.

        :raises Problem: some of it was aged out.
        """
        run = find_run(self)
        self.check_detail(run.detail_aged_out_at)
        return reads.run_coverage(self.viewer, run=run)

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the result of each collector in a run, the organization's own first."""
        return self.respond()


class InventoryRunAccounts(_RunList):
    """The accounts of one run."""

    representation = RunAccountRepresentation
    queryset = AccountCoverage.objects.none()
    orderings = {"account_id": by("account_id")}
    usual_ordering = "account_id"

    def rows(self) -> Any:
        """Return the accounts' parts."""
        return reads.run_accounts(self.viewer, run=find_run(self))

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List where each account's part of a run stands."""
        return self.respond()
