"""Other beginnings of a change request: a file, a template of a policy, an applied request."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from governance.access import rights
from governance.access.actors import actor_of
from governance.changes.proposals.files import ProposalInvalid, ReadProposal, read_proposal
from governance.changes.proposals.named_objects import named_objects
from governance.changes.proposals.suggested_values import suggested_values
from governance.changes.proposals.templates import (
    NoSuchTemplate,
    PolicyTemplate,
    TemplateInvalid,
    proposal_of_template,
    template_of,
    templates,
)
from governance.edits.operations import read_operations
from governance.simulations import services
from governance.web.changes.listing import queue_crumbs
from governance.web.changes.proposing import ChangeCreate, proposal_written
from governance.web.parts.pages import ConnectionPage, Crumb
from governance.web.simulator.pickers import NotFound, options, picked

_LARGEST: Final = 2_000_000


class ChangeFromFile(ChangeCreate):
    """Reads a file into the form, which is then looked through and saved."""

    page_title = "New change request"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show what a file may hold, and ask for one."""
        return self.ask(())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Read the file, or say by place what is wrong in it."""
        sent = request.FILES.get("file")
        if sent is None or not sent.name:
            return self.ask((("", "Choose a file."),))
        if sent.size is None or sent.size > _LARGEST:
            return self.ask((("", f"The file is larger than {_LARGEST // 1_000_000} MB."),))
        known = named_objects(self.viewer, self.connection)
        try:
            found = read_proposal(sent.read(), name=sent.name, known=known)
            written = proposal_written(found, known.targets)
        except ProposalInvalid as error:
            return self.ask([(one.place, one.message) for one in error.errors])
        return self.show(written)

    def ask(self, errors: Sequence[tuple[str, str]]) -> HttpResponseBase:
        """Show the page that asks for a file."""
        answer: HttpResponseBase = self.response_class(
            request=self.request,
            template="governance/changes/from_file.html",
            context=ConnectionPage.get_context_data(
                self, file_errors=errors, back=queue_crumbs(self.connection.slug)[0].href
            ),
            using=self.template_engine,
        )
        return answer


class ChangeTemplates(ConnectionPage):
    """The templates of policies."""

    required_right = rights.PROPOSE_CHANGE
    section = "changes"
    page_title = "Templates"
    template_name = "governance/changes/templates.html"

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the queue and this page."""
        return [*queue_crumbs(self.connection.slug), Crumb("Templates")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the templates."""
        return super().get_context_data(
            offered=[
                (one, "RCP" if one.policy_type.startswith("RESOURCE") else "SCP")
                for one in templates()
            ],
            **kwargs,
        )


class ChangeFromTemplate(ChangeCreate):
    """Fills a template in, and goes on with the form."""

    template: PolicyTemplate

    def begin(self) -> None:
        """Find the template.

        :raises Http404: there is none of this id.
        """
        super().begin()
        try:
            self.template = template_of(self.kwargs["template_id"])
        except NoSuchTemplate:
            raise Http404(f"There is no template {self.kwargs['template_id']}.") from None

    def get_title(self) -> str:
        """Return what the template is for."""
        return self.template.title

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the queue, the templates and this one."""
        listed = reverse("change-templates", kwargs={"slug": self.connection.slug})
        return [
            *queue_crumbs(self.connection.slug),
            Crumb("Templates", listed),
            Crumb(self.template.title),
        ]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Ask for the template's parameters."""
        suggested = suggested_values(
            self.viewer,
            connection=self.connection,
            organization=self.organization,
            template=self.template,
        )
        return self.ask({name: "\n".join(values) for name, values in suggested.items()}, {})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Go on with the form, or say by field what is wrong."""
        data = request.POST
        given = {one.name: str(data.get(one.name, "")) for one in self.template.parameters}
        errors: dict[str, str] = {}
        targets: list[str] = []
        for line in str(data.get("targets", "")).splitlines():
            if line.strip():
                try:
                    targets.append(picked(self.organization, {}, "target", line))
                except NotFound as error:
                    errors["targets"] = f"{line.strip()}: {error}"
        try:
            found = proposal_of_template(
                self.template,
                {name: text.split() for name, text in given.items()},
                target_ids=targets,
                name=str(data.get("name", "")),
            )
        except TemplateInvalid as error:
            errors = {**error.errors, **errors}
        if errors:
            return self.ask(given, errors)
        if "simulate" in data and self.may(rights.SIMULATE, None):
            return self.simulated(found)
        names = {key: name.name for key, name in self.organization.names.items()}
        return self.show(proposal_written(found, names))

    def simulated(self, found: ReadProposal) -> HttpResponseBase:
        """Open the policy in the simulator, as a draft of one's own; it becomes a request there."""
        made = services.simulation_create(
            connection=self.connection,
            actor=actor_of(self.request),
            name=self.template.title[: services.LONGEST_NAME],
            operations=read_operations(list(found.operations)),
            as_of=None,
            now=self.now,
        )
        where = {"slug": self.connection.slug, "simulation_id": made.pk}
        return HttpResponseRedirect(reverse("simulation", kwargs=where))

    def ask(self, given: Mapping[str, str], errors: Mapping[str, str]) -> HttpResponseBase:
        """Show the form of the template."""
        data = self.request.POST
        answer: HttpResponseBase = self.response_class(
            request=self.request,
            template="governance/changes/from_template.html",
            context=ConnectionPage.get_context_data(
                self,
                template=self.template,
                parameters=[
                    (one, given[one.name], errors.get(one.name, ""))
                    for one in self.template.parameters
                ],
                errors=errors,
                name=data.get("name", self.template.policy_name),
                targets=data.get("targets", ""),
                target_options=options(self.organization, {}, "target", ""),
                simulates=self.may(rights.SIMULATE, None),
                back=queue_crumbs(self.connection.slug)[0].href,
            ),
            using=self.template_engine,
        )
        return answer
