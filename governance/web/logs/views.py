"""CloudTrail's logs: sources, proposals to add one, watermarks, gaps and files not read."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from governance.access import rights
from governance.access.actors import actor_of
from governance.collection.log_sources import (
    LogSourceInvalid,
    ProposedSource,
    log_source_add,
    log_source_switch,
    proposed_sources,
)
from governance.web.logs.wording import (
    REMEDIES,
    account_sizes,
    health_look,
    state_label,
    watermark_rows,
)
from governance.web.parts.pages import ConnectionPage, Crumb, Fact
from inventory.logs.athena.costs import month_spent_usd, newest_queries
from inventory.models import LogSource
from inventory.selectors.hierarchy import accounts
from inventory.selectors.logs import LogHealthState, log_health, log_sources, watermarks
from inventory.selectors.usage import unmapped_calls
from inventory.viewing import targets_seen

_DAYS: Final = 30
_ROWS: Final = 200
_LINES: Final = 20
_QUERIES: Final = 10


class LogsPage(ConnectionPage):
    """Where the organization's logs are, and how well those of the last days are known."""

    required_right = rights.VIEW_INVENTORY
    section = "log-sources"
    shows_tables = ("ServiceConfiguration:trail",)
    template_name = "governance/logs/logs.html"

    def get_title(self) -> str:
        """Return what the page is of."""
        return "CloudTrail logs"

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the organization and this page."""
        return [Crumb(self.connection.name), Crumb(self.get_title())]

    def get_facts(self) -> Sequence[Fact]:
        """Say of which days the page is."""
        return [Fact("Days", f"the last {_DAYS}")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add sources, proposals and health."""
        until = self.now.date()
        span = {"since": until - timedelta(days=_DAYS - 1), "until": until}
        here: dict[str, Any] = {"connection": self.connection, **span}
        health = log_health(self.viewer, now=self.now, **here)
        marks = watermarks(self.viewer, **here)
        unmapped = unmapped_calls(self.viewer, **here)
        sources = list(log_sources(self.viewer, connection=self.connection))
        rows = watermark_rows(marks, self.now)
        sizes = account_sizes(marks, _DAYS)
        names = dict(
            accounts(self.viewer, connection=self.connection, as_of=None).values_list(
                "account_id", "name"
            )
        )

        def named(account_id: str) -> str:
            return names.get(account_id, account_id)

        sees_all = targets_seen(self.viewer, self.connection).everything
        return super().get_context_data(
            sources=[
                (source, named(source.account_id), month_spent_usd(source, self.now))
                for source in sources
            ],
            sees_all=sees_all,
            queries=newest_queries(self.connection, _QUERIES) if sees_all else [],
            proposals=proposed_sources(self.viewer, connection=self.connection),
            may_manage=self.may(rights.MANAGE_LOG_SOURCES),
            health=health,
            health_state=health_look(health),
            has_source=health.state is not LogHealthState.NO_SOURCE,
            refused=[
                (state_label(each.state), each, REMEDIES.get(each.state, ""))
                for each in health.refused
            ],
            digests=[(said.label, number) for said, number in health.digests.items() if number],
            marks=[(named(row.mark.account_id), row) for row in rows[:_ROWS]],
            marks_found=len(rows),
            failed_days=[(named(one.account_id), one) for one in health.failed_days[:_LINES]],
            gaps=[(named(one.account_id), one) for one in health.gaps[:_LINES]],
            without_logs=[(named(one), one) for one in health.without_logs[:_LINES]],
            sizes=[(named(one.account_id), one) for one in sizes[:_LINES]],
            sizes_found=len(sizes),
            unmapped=list(unmapped.items())[:_ROWS],
            unmapped_found=len(unmapped),
            **kwargs,
        )


class LogSourceAdd(ConnectionPage):
    """Has the files of a proposed trail read."""

    required_right = rights.MANAGE_LOG_SOURCES
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Add the source that the button names."""
        proposed = self._proposed(request.POST.get("trail_arn", ""))
        account_id = request.POST.get("account_id", "").strip()
        settings = proposed.settings
        if not settings.account_id:
            settings = replace(settings, account_id=account_id)
        try:
            source = log_source_add(
                actor=actor_of(request),
                connection=self.connection,
                settings=settings,
                now=self.now,
            )
        except LogSourceInvalid as error:
            said = " ".join(each for faults in error.fields.values() for each in faults)
            messages.error(request, f"{settings.name} was not added. {said}")
        else:
            messages.success(
                request, f"{source.name} is read from {source.read_from} on. This takes a while."
            )
        return HttpResponseRedirect(reverse("log-sources", kwargs={"slug": self.connection.slug}))

    def _proposed(self, trail_arn: str) -> ProposedSource:
        for each in proposed_sources(self.viewer, connection=self.connection):
            if each.settings.trail_arn == trail_arn:
                return each
        raise Http404("no trail of this ARN is proposed")


class LogSourceSwitch(ConnectionPage):
    """Switches a log source on or off."""

    required_right = rights.MANAGE_LOG_SOURCES
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Switch it to what the button says."""
        enabled = request.POST.get("enabled") == "true"
        try:
            source = log_source_switch(
                actor=actor_of(request),
                connection=self.connection,
                source_id=kwargs["log_source_id"],
                enabled=enabled,
                now=self.now,
            )
        except (LogSource.DoesNotExist, OverflowError):
            raise Http404("there is no such log source") from None
        except LogSourceInvalid as error:
            messages.error(request, f"It stays switched off. {' '.join(error.fields['kind'])}")
            return self._back()
        said = "on: its files are read" if enabled else "off: what was read stays"
        messages.success(request, f"{source.name} is switched {said}.")
        return self._back()

    def _back(self) -> HttpResponseBase:
        return HttpResponseRedirect(reverse("log-sources", kwargs={"slug": self.connection.slug}))
