"""What every page has in common: its frame, its organization, the time it looks back to."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from http import HTTPStatus
from typing import Any, ClassVar, TypeVar

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.generic.base import ContextMixin, TemplateResponseMixin

from governance.access.actors import actor_of
from governance.access.owners.acting import ActingPerson
from governance.access.viewers import viewer_of
from governance.presentation.security_headers import HEADER, POLICY_WITH_CHARTS
from governance.snapshots.times import UnknownMoment, check_moment
from governance.web.parts.filters import address
from governance.web.parts.known_connections import known_connections
from governance.web.parts.looking_back import NothingKnownThen, parse_as_of
from governance.web.parts.page_notices import freshness_context, suspicion_context
from governance.web.parts.people import person_of
from governance.web.parts.recent_facts import recent_fact
from governance.web.parts.rights_view import RightMissing, RightsView, may_here
from inventory.models import Connection
from inventory.selectors.accounts import neighbouring_runs
from inventory.selectors.connections import KnownSince, connection_by_slug, known_since
from inventory.selectors.freshness import DataFreshness, Freshness, data_freshness, sources_of
from inventory.selectors.state_marks import StateMarks, state_marks
from inventory.selectors.suspected import Suspicion, suspicion
from inventory.viewing import Viewer

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step of the way to a page. The last one has no address."""

    label: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One entry of the line of facts under the title. `wide_only`: not on narrow screens."""

    label: str
    value: str | SafeString
    wide_only: bool = False


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab under the title."""

    label: str
    href: str
    count: int | None = None
    current: bool = False


class Page(RightsView, TemplateResponseMixin, ContextMixin):
    """A page in the frame of `base.html`.

    `page_title` and `section` (the key of the entry in the navigation that is lit) are set by the
    class or by the methods of the same meaning. `has_charts` brings Plotly onto the page.
    """

    page_title: ClassVar[str] = ""
    section: ClassVar[str] = ""
    has_charts: bool = False

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the page."""
        answer: HttpResponseBase = self.render_to_response(self.get_context_data())
        return answer

    def get_title(self) -> str:
        """Return the page's heading."""
        return self.page_title

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the way here, this page last."""
        return [Crumb(self.get_title())]

    def shown_crumbs(self) -> Sequence[Crumb]:
        """Return the way here as it is shown."""
        return self.get_crumbs()

    def get_facts(self) -> Sequence[Fact]:
        """Return the line of facts."""
        return []

    def get_tabs(self) -> Sequence[Tab]:
        """Return the tabs, none for a page of one part."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return what `base.html` shows."""
        return super().get_context_data(
            page_title=self.get_title(),
            crumbs=self.shown_crumbs(),
            facts=self.get_facts(),
            tabs=self.get_tabs(),
            section=self.section,
            has_charts=self.has_charts,
            **kwargs,
        )

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> Any:
        """Render, with leave for Plotly's styles where there is a chart."""
        response = super().render_to_response(context, **kwargs)
        if self.has_charts:
            response.headers[HEADER] = POLICY_WITH_CHARTS
        return response


def connection_or_404(viewer: Viewer, *, slug: str) -> Connection:
    """Return a connection by its slug.

    :raises Http404: no such connection, or not one this person may see.
    """
    try:
        return connection_by_slug(viewer, slug=slug)
    except Connection.DoesNotExist:
        raise _no_connection(slug) from None


def _no_connection(slug: str) -> Http404:
    return Http404(f"There is no connected organization {slug!r} that you may see.")


class ConnectionPage(Page):
    """A page about one connected organization, whose slug is in the address.

    Sets `viewer`, `connection`, `now` and `as_of` (None: now) before the method runs. A time
    before the first run is answered with when that was, unless the page `tells_unknown_times`
    itself. `shows_tables`: models that the page rests on, of whose suspected deletions and
    freshness it tells, as `sources_of` takes them; `shows_policy_types`: of policies only these
    types, None: all.
    """

    tells_unknown_times: ClassVar[bool] = False
    shows_tables: ClassVar[tuple[str, ...]] = ()
    shows_policy_types: ClassVar[tuple[str, ...] | None] = None
    viewer: Viewer
    connection: Connection
    now: datetime
    as_of: datetime | None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer, or say when the first run was to who asks for a time before it."""
        try:
            return super().dispatch(request, *args, **kwargs)
        except NothingKnownThen as then:
            return self.render_nothing_known(then)

    def render_nothing_known(self, then: NothingKnownThen) -> HttpResponseBase:
        """Say that nothing is known of the time looked at, as a page of its own."""
        query = self.request.GET
        return self.render_instead(
            "governance/nothing_known.html",
            title="No data for that time",
            status=HTTPStatus.NOT_FOUND,
            explanation=str(then),
            now_href=address(query, as_of=None),
            first_href=address(query, as_of=then.first_run_at.isoformat()),
        )

    def render_instead(
        self, template: str, *, title: str, status: HTTPStatus, **shown: Any
    ) -> HttpResponseBase:
        """Show another page about the organization in place of this one."""
        context = {
            "page_title": title,
            "crumbs": [Crumb(self.connection.name), Crumb(title)],
            "section": self.section,
            "connection": self.connection,
            "slug": self.connection.slug,
            "now": self.now,
            "as_of": self.as_of,
            **shown,
        }
        return render(self.request, template, context, status=status)

    def run_links(self) -> dict[str, str]:
        """Return this page's address at the run before and at the one after; empty: there is none.

        As `includes/as_of.html` takes them.
        """
        before, after = self.recent(
            ("neighbouring runs",),
            lambda: neighbouring_runs(self.viewer, connection=self.connection, as_of=self.as_of),
        )
        query = self.request.GET
        return {
            "previous_href": address(query, as_of=before.isoformat()) if before else "",
            "next_href": address(query, as_of=after.isoformat()) if after else "",
        }

    def runs_around(self) -> dict[str, str]:
        """Return the same under names that pages of rows, with addresses so called, leave free."""
        links = self.run_links()
        return {
            "run_before_href": links["previous_href"],
            "run_after_href": links["next_href"],
        }

    def begin(self) -> None:
        """Find the organization and the time looked at.

        :raises Http404: no such connection, or not one this person may see.
        :raises RightMissing: the rights are held in no part of this organization.
        :raises NothingKnownThen: the time lies before the first run.
        """
        super().begin()
        self.viewer = viewer_of(self.request.user)
        self.now = timezone.now()
        self.connection = self._named_connection(self.kwargs["slug"])
        self.check_rights_here()
        self.as_of = parse_as_of(self.request.GET.get("as_of", ""), now=self.now)
        if self.as_of is not None and not self.tells_unknown_times:
            first = self.known_span.first_run_at
            if first is not None and self.as_of < first:
                raise NothingKnownThen(first)

    def _named_connection(self, slug: str) -> Connection:
        for one in known_connections(self.request, self.viewer):
            if one.slug == slug:
                return one
        raise _no_connection(slug)

    def check_rights_here(self) -> None:
        """Check that the rights are held in some part of the organization.

        :raises RightMissing: they are held elsewhere.
        """
        needed = [self.required_right]
        if self.request.method not in {"GET", "HEAD", "OPTIONS"} and self.post_right:
            needed.append(self.post_right)
        for right in needed:
            if isinstance(right, str) and not self.may(right, None):
                raise RightMissing(right)

    @property
    def person(self) -> User:
        """Who is signed in.

        :raises PermissionDenied: it is no person of this instance.
        """
        return person_of(self.request)

    @cached_property
    def by(self) -> ActingPerson:
        """Who is signed in, as whoever changes something."""
        return ActingPerson(self.person, actor_of(self.request))

    def shown_crumbs(self) -> Sequence[Crumb]:
        """Return the way here, from the organization on."""
        crumbs = self.get_crumbs()
        name = self.connection.name
        start = Crumb(name, reverse("start-of", kwargs={"slug": self.connection.slug}))
        if crumbs and crumbs[0].label == name:
            return [start, *crumbs[1:]]
        return crumbs if any(one.label == name for one in crumbs) else [start, *crumbs]

    @property
    def as_of_query(self) -> str:
        """The time looked at as addresses name it: `?as_of=…`; empty: now."""
        return f"?as_of={self.as_of.isoformat().replace('+00:00', 'Z')}" if self.as_of else ""

    def href(self, name: str, **kwargs: object) -> str:
        """Return the address of a screen of this organization."""
        return reverse(name, kwargs={"slug": self.connection.slug, **kwargs})

    def may(self, right: str, target_id: str | None = "") -> bool:
        """Whether this person holds a right at a place of the organization: see `may_here`."""
        return may_here(self.request.user, right, self.connection, target_id)

    def recent(self, question: tuple[Hashable, ...], read: Callable[[], Found]) -> Found:
        """Return what `read` finds at the time looked at, a few seconds old at most.

        See `recent_fact`.
        """
        asked = (*question, self.as_of)
        return recent_fact(self.request, self.viewer, self.connection, asked, read)

    @cached_property
    def known_span(self) -> KnownSince:
        """The span that can be looked back on."""
        return self.recent(
            ("known since",), lambda: known_since(self.viewer, connection=self.connection)
        )

    @cached_property
    def marks(self) -> StateMarks:
        """What tells the state of the organization at the time looked at, asked once a page."""
        return state_marks(self.viewer, connection=self.connection, as_of=self.as_of)

    @cached_property
    def unknown_time_words(self) -> str:
        """Say why nothing is known of the time looked at; empty where something is."""
        if self.as_of is None:
            return ""
        try:
            check_moment(self.as_of, known=self.known_span, now=self.now)
        except UnknownMoment as error:
            return str(error)
        return ""

    def shown_account_id(self) -> str | None:
        """Return the one account whose things the page shows; None: those of all."""
        return None

    def tables_shown(self) -> tuple[str, ...]:
        """Return the models that the page rests on, as `sources_of` takes them."""
        return self.shows_tables

    def suspicion(self) -> Suspicion | None:
        """Return what the page shows although a run no longer found it."""
        tables = tuple(name.partition(":")[0] for name in self.tables_shown())
        if not tables:
            return None
        account_id = self.shown_account_id()
        return self.recent(
            ("suspicion", tables, account_id),
            lambda: suspicion(
                self.viewer,
                connection=self.connection,
                tables=tables,
                account_id=account_id,
                as_of=self.as_of,
            ),
        )

    def freshness(self) -> DataFreshness | None:
        """Return how fresh the tables that the page rests on are; None: all is fresh."""
        tables = self.tables_shown()
        if not tables:
            return None
        account_id = self.shown_account_id()
        found = self.recent(
            ("freshness", tables, self.shows_policy_types, account_id),
            lambda: data_freshness(
                self.viewer,
                connection=self.connection,
                sources=sources_of(tables, self.shows_policy_types),
                now=self.now,
                account_id=account_id,
                as_of=self.as_of,
            ),
        )
        return None if found.state == Freshness.FRESH else found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the organization, the time, what may be deleted, and what was not read."""
        return super().get_context_data(
            connection=self.connection,
            **freshness_context(self.connection, self.freshness()),
            **suspicion_context(self.connection, self.suspicion()),
            slug=self.connection.slug,
            now=self.now,
            as_of=self.as_of,
            **kwargs,
        )


def fact_html(template: str, *values: object) -> SafeString:
    """Build a fact's value out of a template and values that are escaped."""
    return format_html(template, *values)
