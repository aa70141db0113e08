"""What the pages of a comparison share: the two times, what is wrong with them, the choice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, ClassVar, Final

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from governance.access import rights
from governance.snapshots.comparing import Compared, compare_snapshots
from governance.snapshots.gaps import NEVER, SnapshotGap, WhichSide, topic_of
from governance.snapshots.moments import Moment, read_moment, usual_moments
from governance.snapshots.times import BadMoment, UnknownMoment
from governance.web.parts.ages import exact
from governance.web.parts.filters import address
from governance.web.parts.markup import counted
from governance.web.parts.pages import ConnectionPage, Crumb, Fact, Tab
from inventory.models import InventoryRun
from inventory.selectors.connections import known_since
from inventory.selectors.runs import active_run
from inventory.selectors.snapshots import changed_in_runs, snapshot_runs

_RUNS_OFFERED: Final = 40
_TOPICS_NAMED: Final = 3
_PRESETS: Final = (
    ("A day", timedelta(days=1)),
    ("A week", timedelta(days=7)),
    ("30 days", timedelta(days=30)),
)


@dataclass(frozen=True, slots=True)
class MomentProblem:
    """Why two times cannot be compared, and what to do instead."""

    state: str
    title: str
    text: str
    at: datetime | None = None
    href: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class OfferedRun:
    """A run to choose as one of the two times. `rows`: how much it saw differ."""

    run: InventoryRun
    rows: int
    is_first: bool
    href: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class MomentChoice:
    """One of the two times with what can be chosen in its place. `name`: in the address."""

    name: str
    label: str
    moment: Moment | None
    text: str
    runs: tuple[OfferedRun, ...]
    now_href: str


@dataclass(frozen=True, slots=True)
class Preset:
    """A span that is often asked for."""

    label: str
    href: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Note:
    """What was not collected of a state, and what may be missing for it."""

    state: str
    title: str
    text: str
    remedy: str


class ComparisonFrame(ConnectionPage):
    """A page about two times, `from` and `until` in the address: a run's number, a time or `now`.

    Without them the address of the last two states that differ is gone to.
    """

    required_right = rights.VIEW_INVENTORY
    section = "organization"
    page_title = "Compare"
    tab: ClassVar[str] = ""
    moments: tuple[Moment, Moment] | None = None
    problem: MomentProblem | None = None

    def begin(self) -> None:
        """Read the two times.

        :raises BadRequest: one is neither a run nor a time.
        """
        super().begin()
        query = self.request.GET
        if query.get("from") and query.get("until"):
            self.read_moments(query["from"], query["until"])

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Lead from an address that names no times to one that does."""
        self._leads_on = not (request.GET.get("from") and request.GET.get("until"))
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the page of two times."""
        if self._leads_on:
            usual = usual_moments(self.viewer, connection=self.connection, now=self.now)
            if usual is not None:
                return self.lead_on(usual)
            self.problem = self.too_few_runs()
        return super().get(request, *args, **kwargs)

    def lead_on(self, usual: tuple[Moment, Moment]) -> HttpResponseRedirect:
        """Lead to the usual times, or to the one that was named and now."""
        query = self.request.GET
        times = {
            "from": query.get("from") or usual[0].text,
            "until": query.get("until") or ("now" if query.get("from") else usual[1].text),
        }
        return HttpResponseRedirect(self.request.path + address(query, **times))

    def read_moments(self, earlier: str, later: str) -> None:
        """Read both times, or say what is wrong with them."""
        read = []
        known = known_since(self.viewer, connection=self.connection)
        for name, text in (("from", earlier), ("until", later)):
            try:
                read.append(
                    read_moment(
                        self.viewer,
                        connection=self.connection,
                        text=text,
                        now=self.now,
                        known=known,
                    )
                )
            except BadMoment as error:
                raise BadRequest(f"{name} cannot be read: {error}.") from None
            except UnknownMoment as error:
                self.problem = self.unknown_time(name, error)
                return
        before, after = read
        self.moments = (before, after)
        if before.at > after.at:
            self.problem = MomentProblem(
                "failed",
                "The first time lies after the second",
                f"{exact(before.at)} is later than {exact(after.at)}. A comparison goes from the "
                "earlier to the later.",
                href=self.times_href(**{"from": after.text, "until": before.text}),
                label="Swap them",
            )

    def unknown_time(self, name: str, error: UnknownMoment) -> MomentProblem:
        """Say that nothing is known of a time, and since when something is."""
        first = error.known.first_run_at
        if first is None:
            return self.too_few_runs()
        runs = snapshot_runs(self.viewer, connection=self.connection)
        run = runs.filter(started_at=first).first()
        times = {"from": str(run.pk) if run else "", "until": "now"}
        if name == "until" or run is None:
            times = {"from": "", "until": ""}
        return MomentProblem(
            "unknown",
            "No data for that time",
            f"{name.capitalize()} names a time that no run covers. The first run that read "
            f"this organization started at {exact(first)}.",
            at=first,
            href=self.times_href(**{key: value or None for key, value in times.items()}),
            label="Compare since the first run" if times["from"] else "Show the last change",
        )

    def too_few_runs(self) -> MomentProblem:
        """Say that there are not two states yet."""
        slug = self.connection.slug
        known = known_since(self.viewer, connection=self.connection)
        active = active_run(self.viewer, connection=self.connection)
        if active is not None and known.first_run_at is None:
            return MomentProblem(
                "loading",
                "The first inventory run is in progress",
                "Two states can be compared once a second run has ended.",
                href=reverse("inventory-run", kwargs={"slug": slug, "run_id": active.pk}),
                label="Watch the run",
            )
        words = "One run has read this organization" if known.first_run_at else "No run has ended"
        return MomentProblem(
            "empty",
            "Nothing to compare yet",
            f"{words}. From the second run on, two states can be compared here.",
            at=known.first_run_at,
            href=reverse("inventory-runs", kwargs={"slug": slug}),
            label="See the inventory runs",
        )

    @cached_property
    def compared(self) -> Compared:
        """Both states compared; ask only where there is no problem."""
        if self.moments is None or self.problem is not None:
            raise LookupError("there are no two times to compare")
        before, after = self.moments
        return compare_snapshots(
            self.viewer, connection=self.connection, before=before, after=after
        )

    def times_href(self, **times: str | None) -> str:
        """Return this page's address for other times, filters kept."""
        return self.request.path + address(self.request.GET, format=None, **times)

    @property
    def times_query(self) -> str:
        """Return what addresses of other parts keep of the times, without a question mark."""
        query = self.request.GET
        return address(query, **{name: None for name in query if name not in ("from", "until")})[1:]

    def part_href(self, name: str, **more: str) -> str:
        """Return the address of another page about the same two times."""
        return f"{reverse(name, kwargs={'slug': self.connection.slug, **more})}?{self.times_query}"

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the way here."""
        href = reverse("organization", kwargs={"slug": self.connection.slug})
        return [Crumb("Organization", href), Crumb(self.page_title)]

    def get_facts(self) -> Sequence[Fact]:
        """Count the differences."""
        if self.problem is not None:
            return []
        count = len(self.compared.found.differences)
        return [Fact("Compared", counted(count, "difference,differences"))]

    def get_tabs(self) -> Sequence[Tab]:
        """Return the list, the trees and the effect."""
        if self.moments is None:
            return []
        return [
            Tab(label, self.part_href(name), current=self.tab == key)
            for key, label, name in (
                ("list", "Differences", "organization-compare"),
                ("trees", "Side by side", "organization-compare-trees"),
                ("effect", "Effective changes", "organization-compare-effect"),
            )
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the two times, their choices and what was not read."""
        compares = self.problem is None
        return super().get_context_data(
            problem=self.problem,
            moments=self.moments,
            choices=self.choices(),
            presets=self.presets(),
            notes=self.notes() if compares else [],
            is_equal=compares and not self.compared.found.differences,
            **kwargs,
        )

    def choices(self) -> list[MomentChoice]:
        """Return both times with the runs that could be chosen."""
        # Of the first run everything is new, which is no change.
        moments = [
            run.started_at
            for run in self.newest_runs
            if run.started_at is not None and run != self.first_run
        ]
        rows = changed_in_runs(self.viewer, connection=self.connection, moments=moments)
        query = self.request.GET
        sides: tuple[Moment | None, Moment | None] = self.moments or (None, None)
        return [
            MomentChoice(
                name=name,
                label=label,
                moment=moment,
                text=query.get(name, ""),
                runs=tuple(
                    OfferedRun(
                        run,
                        rows.get(run.started_at, 0) if run.started_at else 0,
                        run == self.first_run,
                        self.times_href(**{name: str(run.pk)}),
                        query.get(name) == str(run.pk),
                    )
                    for run in self.newest_runs
                ),
                now_href=self.times_href(**{name: "now"}) if name == "until" else "",
            )
            for name, label, moment in (("from", "From", sides[0]), ("until", "Until", sides[1]))
        ]

    @cached_property
    def newest_runs(self) -> list[InventoryRun]:
        """The runs that are offered, the newest first."""
        return list(snapshot_runs(self.viewer, connection=self.connection)[:_RUNS_OFFERED])

    @cached_property
    def first_run(self) -> InventoryRun | None:
        """The first run that read the organization."""
        if len(self.newest_runs) < _RUNS_OFFERED:
            return self.newest_runs[-1] if self.newest_runs else None
        return snapshot_runs(self.viewer, connection=self.connection).last()

    def presets(self) -> list[Preset]:
        """Return the spans that are often asked for; one before the first run begins with it."""
        newest, first = self.newest_runs[:2], self.first_run
        if len(newest) < 2 or first is None or first.started_at is None:
            return []
        spans = [("Last run", str(newest[1].pk), str(newest[0].pk))]
        for label, span in _PRESETS:
            at = (self.now - span).replace(microsecond=0)
            text = at.isoformat().replace("+00:00", "Z")
            spans.append((label, text if at >= first.started_at else str(first.pk), "now"))
        query = self.request.GET
        asked = (query.get("from"), query.get("until"))
        # Without times the address leads to those of the last change.
        last_change = self.times_href(**{"from": None, "until": None})
        return [
            Preset("Last change", last_change, False),
            *(
                Preset(
                    label, self.times_href(**{"from": start, "until": end}), (start, end) == asked
                )
                for label, start, end in spans
            ),
        ]

    def notes(self) -> list[Note]:
        """Return what was not read of the states, alike ones of both together."""
        if self.moments is None:
            return []
        together: dict[tuple[object, ...], list[SnapshotGap]] = {}
        for gap in self.compared.gaps:
            key = (gap.collectors, gap.state, gap.message, gap.complete_at)
            together.setdefault(key, []).append(gap)
        notes = [_note(gaps, *self.moments) for gaps in together.values()]
        for collector, number in self.compared.found.first_read.items():
            topic = topic_of(collector)
            notes.append(
                Note(
                    "unknown",
                    f"{counted(number, 'thing,things')} read for the first time since then",
                    f"No run before {exact(self.moments[0].at)} could read {topic}, so whether "
                    "they are new is not known. They are not reported as added.",
                    "",
                )
            )
        return notes


def _note(gaps: Sequence[SnapshotGap], before: Moment, after: Moment) -> Note:
    gap = gaps[0]
    times = [exact((before if one.side is WhichSide.BEFORE else after).at) for one in gaps]
    topics = list(gap.topics[:_TOPICS_NAMED])
    more = len(gap.topics) - len(topics)
    if more:
        topics.append(f"{more} more")
    named = f"{', '.join(topics[:-1])} and {topics[-1]}" if len(topics) > 1 else topics[0]
    when = " and ".join(times)
    if gap.state == NEVER:
        text = "They were not collected then, so what was read later is not reported as new."
    elif gap.complete_at is None:
        text = f"{_sentence(gap.message)} They had never been read completely by then."
    else:
        text = (
            f"{_sentence(gap.message)} What is shown of then was read completely on "
            f"{exact(gap.complete_at)}: a difference may be older or newer than it looks, or "
            "missing."
        )
    title = (
        f"Never read by {when}: {named}"
        if gap.state == NEVER
        else f"{_capital(named)}: not read completely by {when}"
    )
    return Note(gap.state, title, text, _sentence(gap.remedy))


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _sentence(text: str) -> str:
    stripped = text.strip()
    return f"{_capital(stripped).rstrip('.')}." if stripped else ""
