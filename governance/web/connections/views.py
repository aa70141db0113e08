"""Connections: their list, one of them with what to deploy, its settings, its test."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from governance.access import rights
from governance.access.actors import actor_of
from governance.access.viewers import viewer_of
from governance.collection.connection_tests import ConnectionReport, connection_test
from governance.collection.connections import (
    ConnectionInvalid,
    connection_change,
    connection_connect,
    connection_switch,
)
from governance.web.connections.deploying import templates
from governance.web.connections.first_steps import first_steps, steps_before_connecting
from governance.web.connections.forms import ConnectionForm
from governance.web.connections.testing import check_groups, report_title, report_words
from governance.web.parts.pages import ConnectionPage, Crumb, Fact, Page
from governance.web.parts.rights_view import may_open
from inventory.models import Connection
from inventory.selectors.connections import connections_with_runs, latest_whole_run
from inventory.selectors.hierarchy import accounts


def _list_crumb() -> Crumb:
    return Crumb("Connections", reverse("connections"))


class ConnectionsPage(Page):
    """Every connected organization."""

    required_right = rights.VIEW_INVENTORY
    section = "connections"
    page_title = "Connections"
    template_name = "governance/connections/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the connections."""
        connected = list(connections_with_runs(viewer_of(self.request.user)).order_by("name"))
        may_manage = may_open(self.request.user, rights.MANAGE_CONNECTIONS)
        return super().get_context_data(
            connected=connected,
            may_manage=may_manage,
            first_steps=steps_before_connecting() if may_manage and not connected else [],
            **kwargs,
        )


class ConnectionOverview(ConnectionPage):
    """How one organization is reached, and what to deploy for it."""

    required_right = rights.VIEW_INVENTORY
    section = "connections"
    template_name = "governance/connections/connection.html"

    def get_title(self) -> str:
        """Return the connection's name."""
        return self.connection.name

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the list and this connection."""
        return [_list_crumb(), Crumb(self.connection.name)]

    def get_facts(self) -> Sequence[Fact]:
        """Say how often it is read."""
        minutes = self.connection.schedule_minutes
        return [Fact("Read", f"every {minutes:,} min" if minutes else "manual only")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what to deploy and what may be done."""
        user = self.request.user
        known = accounts(self.viewer, connection=self.connection).count()
        may_manage = may_open(user, rights.MANAGE_CONNECTIONS)
        counted = f"{known:,} account{'' if known == 1 else 's'}"
        return super().get_context_data(
            templates=templates(self.connection, with_external_id=may_manage),
            run=latest_whole_run(self.viewer, connection=self.connection),
            accounts_known=known,
            reach_words=f"{counted} is no longer read." if known else "",
            switch_button=f"Stop reading {counted}" if known else "Switch off",
            may_manage=may_manage,
            may_test=self.may(rights.TEST_CONNECTION),
            first_steps=first_steps(self.person, self.viewer, self.connection),
            **kwargs,
        )


class ConnectionTested(ConnectionOverview):
    """The test of a connection: nothing is stored, so the answer itself shows what was found."""

    required_right = rights.TEST_CONNECTION
    http_method_names = ["post", "options"]

    def get_template_names(self) -> list[str]:
        """Return the found steps alone for htmx, else the whole page."""
        if getattr(self.request, "htmx", None):
            return ["governance/connections/report.html"]
        return super().get_template_names()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Try both roles and every permission."""
        report: ConnectionReport = connection_test(
            actor=actor_of(request), connection=self.connection, now=self.now
        )
        answer: HttpResponse = self.render_to_response(
            self.get_context_data(
                report=report,
                report_title=report_title(report),
                report_words=report_words(report),
                check_groups=check_groups(report, self.connection),
            )
        )
        return answer


class ConnectionSwitch(ConnectionPage):
    """Switches a connection on or off."""

    required_right = rights.MANAGE_CONNECTIONS
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Switch it to what the button says."""
        enabled = request.POST.get("enabled") == "true"
        connection_switch(
            actor=actor_of(request),
            connection_id=self.connection.pk,
            enabled=enabled,
            now=self.now,
        )
        said = "on: runs may start" if enabled else "off: no run starts until it is on again"
        messages.success(request, f"{self.connection.name} is switched {said}.")
        return HttpResponseRedirect(reverse("connection", kwargs={"slug": self.connection.slug}))


class ConnectionCreate(Page):
    """Connects an organization."""

    required_right = rights.MANAGE_CONNECTIONS
    section = "connections"
    page_title = "Connect an organization"
    template_name = "governance/connections/form.html"

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the list and this page."""
        return [_list_crumb(), Crumb(self.page_title)]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form."""
        return self.show(ConnectionForm.for_new())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Make the connection, or say by field what is wrong."""
        form = ConnectionForm(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            made: Connection = connection_connect(
                actor=actor_of(request), settings=form.settings(), now=timezone.now()
            )
        except ConnectionInvalid as error:
            _add_errors(form, error)
            return self.show(form)
        messages.success(request, f"{made.name} is connected. Deploy the roles, then test it.")
        return HttpResponseRedirect(reverse("connection", kwargs={"slug": made.slug}))

    def show(self, form: ConnectionForm) -> HttpResponseBase:
        """Show the form as it is."""
        answer: HttpResponse = self.render_to_response(
            self.get_context_data(form=form, button="Connect", back=reverse("connections"))
        )
        return answer


class ConnectionEdit(ConnectionPage):
    """Changes a connection's settings."""

    required_right = rights.MANAGE_CONNECTIONS
    section = "connections"
    template_name = "governance/connections/form.html"

    def get_title(self) -> str:
        """Return what is edited."""
        return f"Edit {self.connection.name}"

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the list, the connection and this page."""
        return [_list_crumb(), Crumb(self.connection.name, self.back()), Crumb("Edit")]

    def back(self) -> str:
        """Return the connection's address."""
        return reverse("connection", kwargs={"slug": self.connection.slug})

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form with the settings."""
        return self.show(ConnectionForm.for_connection(self.connection))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep the settings, or say by field what is wrong."""
        form = ConnectionForm(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            connection_change(
                actor=actor_of(request),
                connection_id=self.connection.pk,
                settings=form.settings(),
                now=self.now,
            )
        except ConnectionInvalid as error:
            _add_errors(form, error)
            return self.show(form)
        messages.success(request, "The settings are saved. Test the connection.")
        return HttpResponseRedirect(self.back())

    def show(self, form: ConnectionForm) -> HttpResponseBase:
        """Show the form as it is."""
        answer: HttpResponse = self.render_to_response(
            self.get_context_data(form=form, button="Save", back=self.back())
        )
        return answer


def _add_errors(form: ConnectionForm, error: ConnectionInvalid) -> None:
    for name, field_messages in error.fields.items():
        for words in field_messages:
            form.add_error(name if name in form.fields else None, words)
