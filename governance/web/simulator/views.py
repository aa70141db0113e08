"""The simulator's pages: the drafts, one draft, and the parts of it that htmx fetches."""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from governance.access import rights
from governance.access.actors import actor_of
from governance.edits.operations import Operation, OperationsInvalid
from governance.edits.statements import NoSuchStatement
from governance.posture.state.organization import CompiledOrganization, load_organization
from governance.simulations import services
from governance.simulations.models import Simulation
from governance.simulations.selectors import simulations
from governance.web.parts.ages import exact
from governance.web.parts.editing import EditorPage
from governance.web.parts.pages import ConnectionPage, Crumb, Fact, fact_html
from governance.web.parts.people import name_of
from governance.web.simulator.differences import differences_context
from governance.web.simulator.edits import EditInvalid, EditReader
from governance.web.simulator.pickers import options
from governance.web.simulator.reading import DraftReading, asked_of, read_draft
from governance.web.simulator.usage import usage_context
from inventory.selectors.freshness import AUTHORIZATION_TABLES

DRAFTS_A_PAGE = 50


class _SimulatorPage(ConnectionPage):
    required_right = rights.SIMULATE
    section = "simulator"
    shows_tables = AUTHORIZATION_TABLES

    def edit_reader(
        self, organization: CompiledOrganization, *, as_of: datetime | None = None
    ) -> EditReader:
        """Return what reads edits of an organization."""
        return EditReader(self.viewer, self.connection, organization, as_of)

    def go_to(self, simulation: Simulation, query: str = "") -> HttpResponseRedirect:
        """Lead to a draft."""
        kwargs = {"slug": self.connection.slug, "simulation_id": simulation.pk}
        return HttpResponseRedirect(reverse("simulation", kwargs=kwargs) + query)


class SimulatorPage(_SimulatorPage):
    """Everybody's drafts, and the start of another."""

    template_name = "governance/simulator/page.html"
    page_title = "Simulator"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the drafts, a page at a time."""
        drafts = Paginator(
            simulations(self.viewer, connection=self.connection), DRAFTS_A_PAGE
        ).get_page(self.request.GET.get("page"))
        return super().get_context_data(drafts=drafts, person=self.person, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Begin a draft: empty, with a policy's text to edit, or about a target."""
        organization = load_organization(self.viewer, connection=self.connection)
        policy_id = request.POST.get("policy_id", "").strip()
        target_id = request.POST.get("target_id", "").strip()
        operations: list[Operation] = []
        name = "Draft"
        if policy_id:
            reader = self.edit_reader(organization)
            try:
                operations = [reader.update_of(policy_id)]
            except EditInvalid as error:
                messages.error(request, f"{_sentence(next(iter(error.errors.values())))}")
            control = {
                **organization.service_control.by_id,
                **organization.resource_control.by_id,
            }
            if policy_id in control:
                name = f"Draft of {control[policy_id].name}"
        elif target_id in organization.names:
            name = f"Draft for {organization.names[target_id].name}"
        made = services.simulation_create(
            connection=self.connection,
            actor=actor_of(request),
            name=name[: services.LONGEST_NAME],
            operations=operations,
            as_of=None,
            now=self.now,
        )
        return self.go_to(made, f"?target={target_id}" if target_id in organization.names else "")


class _OfDraft(_SimulatorPage):
    simulation: Simulation

    def begin(self) -> None:
        """Find the draft.

        :raises Http404: there is none with this number, or it is another organization's.
        """
        super().begin()
        found = (
            simulations(self.viewer, connection=self.connection)
            .filter(pk=self.kwargs["simulation_id"])
            .first()
        )
        if found is None:
            raise Http404(f"There is no draft {self.kwargs['simulation_id']}: it may be deleted.")
        self.simulation = found

    @cached_property
    def reading(self) -> DraftReading:
        """The draft with what it does."""
        return read_draft(
            self.viewer,
            connection=self.connection,
            simulation=self.simulation,
            today=self.now.date(),
        )

    def first_part(self) -> dict[str, Any]:
        """Return what the first part of the answer shows."""
        return {
            "reading": self.reading,
            "drafted": self.reading.simulated.drafted,
            "simulation": self.simulation,
        }

    def part(self, template: str, shown: dict[str, Any]) -> HttpResponse:
        """Answer htmx with a part of the page."""
        shown = {**shown, "slug": self.connection.slug}
        return render(self.request, f"governance/simulator/{template}.html", shown)

    def differences(self) -> dict[str, Any]:
        """Return what the differences show."""
        kwargs = {"slug": self.connection.slug, "simulation_id": self.simulation.pk}
        as_of = self.simulation.as_of
        return differences_context(
            self.reading.simulated,
            self.request.GET,
            slug=self.connection.slug,
            page_href=f"{reverse('simulation', kwargs=kwargs)}?shown=all",
            part_href=f"{reverse('simulation-differences', kwargs=kwargs)}?shown=all",
            as_of=as_of.isoformat() if as_of else "",
        )

    def usage(self, *, replays_many: bool) -> dict[str, Any]:
        """Return what the replay of usage shows, for many uses only if that is asked for."""
        return usage_context(
            self.viewer,
            connection=self.connection,
            drafted=self.reading.simulated.drafted,
            now=self.now,
            replays_many=replays_many,
        )


class DraftPage(EditorPage, _OfDraft):
    """One draft: its edits on the left, what they would do on the right."""

    template_name = "governance/simulator/draft.html"

    def get_title(self) -> str:
        """Return the draft's name."""
        return self.simulation.name

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the list and this draft."""
        return [
            Crumb("Simulator", reverse("simulator", kwargs={"slug": self.connection.slug})),
            Crumb(self.simulation.name),
        ]

    def get_facts(self) -> Sequence[Fact]:
        """Say whose it is and on what it stands."""
        as_of = self.simulation.as_of
        return [
            Fact("By", name_of(self.simulation.owner)),
            Fact("On", exact(as_of) if as_of else "the latest inventory run"),
            Fact("Saved", exact(self.simulation.updated_at)),
            Fact("AWS", fact_html("{}", "is not touched")),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add edits, the first part of the answer, and with `shown=all` the differences too."""
        organization = self.reading.simulated.drafted.before
        whole = self.request.GET.get("shown") == "all"
        asked = asked_of(self.request.GET)
        target = organization.names.get(self.request.GET.get("target", ""))
        reader = EditReader(
            self.viewer,
            self.connection,
            organization,
            self.simulation.as_of,
            self.reading.operations,
        )
        return super().get_context_data(
            **self.first_part(),
            **({**self.differences(), **self.usage(replays_many=True)} if whole else {}),
            whole=whole,
            differences_query=asked.query(),
            is_owner=self.simulation.owner_id == self.person.pk,
            link=self.request.build_absolute_uri(self.request.path),
            target_value=f"{target.name} · {target.target_id}" if target else "",
            policy_options=options(organization, reader.new_policies, "policy", ""),
            target_options=options(organization, {}, "target", ""),
            parent_options=options(organization, {}, "parent", ""),
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Rename, copy or delete the draft."""
        action = request.POST.get("action", "")
        if action == "copy":
            made = services.simulation_copy(
                actor=actor_of(request), simulation=self.simulation, now=self.now
            )
            messages.success(request, "This copy is yours to change.")
            return self.go_to(made)
        try:
            if action == "delete":
                services.simulation_delete(
                    simulation_id=self.simulation.pk, actor=actor_of(request), now=self.now
                )
                messages.success(request, f"The draft {self.simulation.name} is deleted.")
                kwargs = {"slug": self.connection.slug}
                return HttpResponseRedirect(reverse("simulator", kwargs=kwargs))
            services.simulation_rename(
                simulation_id=self.simulation.pk,
                actor=actor_of(request),
                name=request.POST.get("name", ""),
                now=self.now,
            )
        except services.CannotChangeSimulation as error:
            messages.error(request, _sentence(str(error)))
        return self.go_to(self.simulation)


class DraftEffect(_OfDraft):
    """The first part of the answer, for htmx."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with the part alone."""
        return self.part("effect", self.first_part())


class DraftDifferences(_OfDraft):
    """The differences, for htmx."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with the part alone."""
        return self.part("differences_part", self.differences())


class DraftUsage(_OfDraft):
    """The replay of usage, for htmx."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with the part alone."""
        replays_many = request.GET.get("replay") == "now"
        shown = {**self.usage(replays_many=replays_many), "simulation": self.simulation}
        return self.part("usage", shown)


class DraftEdits(_OfDraft):
    """Adds an edit to a draft."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Add the edit that the form describes, and show the draft again."""
        organization = self.reading.simulated.drafted.before
        reader = EditReader(
            self.viewer,
            self.connection,
            organization,
            self.simulation.as_of,
            self.reading.operations,
        )
        try:
            operation = reader.read(request.POST.dict())
            services.operation_add(
                simulation_id=self.simulation.pk,
                actor=actor_of(request),
                operation=operation,
                now=self.now,
            )
        except EditInvalid as error:
            for name, words in error.errors.items():
                messages.error(request, f"{name.replace('_', ' ').capitalize()}: {words}.")
        except services.CannotChangeSimulation as error:
            messages.error(request, _sentence(str(error)))
        return self.go_to(self.simulation)


class DraftEdit(_OfDraft):
    """Changes the text of an edit, takes a statement out of it, or the whole edit."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Do it; htmx gets the first part of the answer, all others the page."""
        operation_id = self.kwargs["operation_id"]
        try:
            if request.POST.get("action") == "remove_statement":
                self.simulation = services.statement_remove(
                    simulation_id=self.simulation.pk,
                    actor=actor_of(request),
                    operation_id=operation_id,
                    sha256=request.POST.get("statement", ""),
                    now=self.now,
                )
            elif request.POST.get("action") == "remove":
                self.simulation = services.operation_remove(
                    simulation_id=self.simulation.pk,
                    actor=actor_of(request),
                    operation_id=operation_id,
                    now=self.now,
                )
            else:
                self.simulation = services.operation_edit(
                    simulation_id=self.simulation.pk,
                    actor=actor_of(request),
                    operation_id=operation_id,
                    text=request.POST.get("text", "").replace("\r\n", "\n"),
                    name=request.POST.get("name"),
                    now=self.now,
                )
        except (services.CannotChangeSimulation, OperationsInvalid, NoSuchStatement) as error:
            if getattr(request, "htmx", False):
                return self.part("refused", {"words": _sentence(str(error))})
            messages.error(request, _sentence(str(error)))
        if getattr(request, "htmx", False):
            return self.part("effect", {**self.first_part(), "statements_apart": True})
        return self.go_to(self.simulation)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
