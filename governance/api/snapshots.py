"""/snapshots: the states of an organization that runs saw, and what differs between two."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.api.parts.endpoints import OrganizationEndpoint, time_not_known
from governance.api.parts.jobs import JobDetail, answer_or_queue, answers_of
from governance.api.parts.list_endpoint import ListEndpoint, by
from governance.api.parts.pagination import PageRequest, RowPage, page_of_list, page_request
from governance.api.parts.permissions import person_of
from governance.api.parts.problems import INVALID, Problem
from governance.api.snapshot_representations import (
    SideRepresentation,
    SnapshotDifferencePageRepresentation,
    SnapshotDifferenceRepresentation,
    SnapshotEffectRepresentation,
    SnapshotRepresentation,
)
from governance.effects.of_two_states import effects_between, states_effects_result
from governance.filtering.snapshots import DifferenceFilters
from governance.presentation.snapshot_texts import line_counts
from governance.simulations import jobs
from governance.simulations.models import SimulationJob
from governance.snapshots.comparing import Compared, compare_snapshots
from governance.snapshots.differences import SnapshotDifference
from governance.snapshots.gaps import WhichSide
from governance.snapshots.moments import Moment, read_moment
from governance.snapshots.times import BadMoment, UnknownMoment
from inventory.models import InventoryRun, PolicyAttachment
from inventory.selectors.snapshots import changed_in_runs, runs_started_at, snapshot_runs

_TOPIC = "Snapshots"


class SnapshotList(ListEndpoint):
    """The states of an organization."""

    topic = _TOPIC
    rights = {"GET": rights.VIEW_INVENTORY}
    takes_as_of = False
    collectors = ()
    representation = SnapshotRepresentation
    queryset = InventoryRun.objects.none()
    orderings = {"at": by("started_at", "id")}
    usual_ordering = "-at"

    def rows(self) -> Any:
        """Return the runs that made states."""
        return snapshot_runs(self.viewer, connection=self.connection)

    def was_read(self) -> bool:
        """Runs are our own record, so none of them means none."""
        return True

    def context(self, rows: Sequence[InventoryRun]) -> Mapping[str, Any]:
        """Return how much each run saw differ."""
        first_at = self.known.first_run_at
        started = {run.started_at for run in rows} - {first_at}
        changed = changed_in_runs(
            self.viewer,
            connection=self.connection,
            moments=[moment for moment in started if moment is not None],
        )
        return {"slug": self.connection.slug, "changed": changed, "first_at": first_at}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the states that can be compared, the newest first."""
        return self.respond()


class _OfTwoStates(OrganizationEndpoint):
    """An address of two states: each a run's number, an RFC 3339 time, or `now`."""

    @cached_property
    def moments(self) -> tuple[Moment, Moment]:
        """The two times.

        :raises Problem: one is no time and no run, nothing is known of one of them, or they are
            the wrong way round.
        """
        before, after = (self._moment(name) for name in ("earlier", "later"))
        if before.at > after.at:
            raise Problem(
                INVALID,
                f"{before.at.isoformat()} lies after {after.at.isoformat()}: give the earlier "
                "state first",
            )
        return before, after

    def _moment(self, name: str) -> Moment:
        try:
            return read_moment(
                self.viewer, connection=self.connection, text=self.kwargs[name], now=self.now
            )
        except BadMoment as error:
            raise Problem(INVALID, f"{name}: {error}") from error
        except UnknownMoment as error:
            raise time_not_known(error) from error


class SnapshotDiff(_OfTwoStates, ListEndpoint):
    """What differs between two states."""

    topic = _TOPIC
    rights = {"GET": rights.VIEW_INVENTORY}
    takes_as_of = False
    collectors = ()
    representation = SnapshotDifferenceRepresentation
    page_representation = SnapshotDifferencePageRepresentation
    queryset = PolicyAttachment.objects.none()
    filterset_class = DifferenceFilters
    orderings = {"kind": by("order"), "since": by("since", "order")}
    usual_ordering = "kind"

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List what differs between two states, each with before, after and since when.

        A state is named by the number of an inventory run, by an RFC 3339 time, or by `now`. What
        was merely not read of a state is told in `not_read` and never as removed or added. The
        order is by kind, what takes most away first.
        """
        asked = page_request(request, self.orderings, usual=self.usual_ordering)
        before, after = self.moments
        compared = compare_snapshots(
            self.viewer, connection=self.connection, before=before, after=after
        )
        chosen = self.chosen(compared)
        page = self.cut(chosen, asked)
        return self.respond_with(
            page,
            self.serialized(page.rows, many=True, **self.context(page.rows)),
            total=len(chosen),
            before=self.side(compared, WhichSide.BEFORE),
            after=self.side(compared, WhichSide.AFTER),
            read_first_after=dict(compared.found.first_read),
        )

    def chosen(self, compared: Compared) -> list[SnapshotDifference]:
        """Return the differences that pass the filters.

        :raises ValidationError: a value is none that its filter knows.
        """
        filters = DifferenceFilters(
            self.request.query_params, queryset=PolicyAttachment.objects.none(), scope=self.scope
        )
        if not filters.is_valid():
            raise ValidationError(filters.errors)
        return filters.chosen(compared.found.differences)

    def cut(self, chosen: list[SnapshotDifference], asked: PageRequest) -> RowPage:
        """Return the page asked for."""
        by_time = asked.ordering.removeprefix("-") == "since"

        def key(one: SnapshotDifference) -> list[Any]:
            return [one.since, list(one.order)] if by_time else [list(one.order)]

        return page_of_list(sorted(chosen, key=key), asked, key=key)

    def context(self, rows: Sequence[SnapshotDifference]) -> Mapping[str, Any]:
        """Return runs and lines of a page's differences."""
        return {
            "slug": self.connection.slug,
            "lines": line_counts(self.viewer, rows),
            "runs": runs_started_at(
                self.viewer, connection=self.connection, moments={one.since for one in rows}
            ),
        }

    def side(self, compared: Compared, which: WhichSide) -> Any:
        """Get one of the states."""
        moment = compared.before if which is WhichSide.BEFORE else compared.after
        gaps = [gap for gap in compared.gaps if gap.side is which]
        side = {
            "at": moment.as_of,
            "run_id": moment.run.pk if moment.run else None,
            "not_read": gaps,
        }
        return SideRepresentation(side).data


class SnapshotEffect(_OfTwoStates):
    """What the difference between two states meant."""

    topic = _TOPIC
    rights = {"POST": rights.VIEW_INVENTORY}
    representation = SnapshotEffectRepresentation
    answers = answers_of(SnapshotEffectRepresentation, "The effect.")

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Return which requests SCPs and RCPs newly denied and allowed between two states.

        Answered at once where that is quick; else, or with `Prefer: respond-async`, a job is
        queued whose result is kept for a day. Accounts that were there at one of the times only
        are named and not compared.
        """
        before, after = self.moments
        meaning = effects_between(
            self.viewer, connection=self.connection, before=before.as_of, after=after.as_of
        )
        return answer_or_queue(
            self,
            request,
            SnapshotEffectDetail,
            at_once=lambda: states_effects_result(meaning) if meaning.is_quick else None,
            queue=lambda: jobs.comparison_request(
                connection=self.connection,
                requested_by=person_of(request),
                viewer=self.viewer,
                before=before.at,
                after=after.at,
                now=self.now,
            ),
            before_at=before.at,
            after_at=after.at,
        )


class SnapshotEffectDetail(JobDetail):
    """One effect that was queued."""

    topic = _TOPIC
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = SnapshotEffectRepresentation
    job_model = SimulationJob
    job_having = {"kind": SimulationJob.Kind.COMPARISON.value}
    job_noun = "effect"
    job_route = "snapshot-effect"
    id_argument = "effect_id"

    @classmethod
    def members(cls, job: SimulationJob) -> Mapping[str, Any]:
        """Get the two times."""
        return {"before_at": job.as_of, "after_at": job.until}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get the progress of a queued effect, and its result once it is complete."""
        return self.answer_with_job()
