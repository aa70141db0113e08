"""The pages of the form: a new request, and the edit of one that was asked for."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404
from django.urls import reverse

from governance.access import rights
from governance.changes.life.content import ChangeContent
from governance.changes.life.drafting import change_create, change_edit
from governance.changes.life.selectors import change_request_find
from governance.changes.models import ChangeRequest
from governance.changes.proposals.files import ReadProposal
from governance.changes.proposals.named_objects import named_objects
from governance.changes.reverting.undoing import undoing_request
from governance.changes.states import EDITABLE, ChangeState
from governance.edits.operations import read_operations
from governance.simulations.selectors import simulations
from governance.simulations.services import operations_of
from governance.web.changes.form import ChangeForm
from governance.web.changes.frame import ChangeRequestPage, request_label
from governance.web.changes.listing import queue_crumbs
from governance.web.changes.written import WrittenChange, WrittenRing
from governance.web.parts.markup import sentence
from governance.web.parts.pages import Crumb, Tab
from governance.web.simulator.edits import EditInvalid


class ChangeCreate(ChangeForm):
    """A new request: empty, or begun from a draft of the simulator, a policy or a target."""

    page_title = "New change request"

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the queue and this page."""
        return [*queue_crumbs(self.connection.slug), Crumb("New")]

    @cached_property
    def undone(self) -> ChangeRequest | None:
        """The applied request that this one takes back, if the address names one.

        :raises Http404: it is not there, or nothing of it stands in AWS.
        """
        text = self.request.GET.get("undo", "")
        if not text:
            return None
        found = None
        if text.isascii() and text.isdecimal():
            found = change_request_find(self.viewer, connection=self.connection, number=int(text))
        if found is None or found.state not in (ChangeState.APPLIED, ChangeState.RATIFIED):
            raise Http404(f"There is no applied change request CR-{text} to undo.")
        return found

    def start(self) -> WrittenChange:
        """Return the form begun from what the address names.

        :raises Http404: the draft is not there.
        """
        query = self.request.GET
        if self.undone is not None:
            undoing = undoing_request(self.undone)
            for words in undoing.notes:
                messages.warning(self.request, words)
            content = undoing.content
            found = ReadProposal(
                content.operations,
                texts={
                    "title": content.title,
                    "reason": content.reason,
                    "applied": content.applied,
                    "policy_ids": content.policy_ids,
                    "ticket_url": content.ticket_url,
                },
                rings=content.rings,
            )
            return proposal_written(found, named_objects(self.viewer, self.connection).targets)
        if query.get("simulation"):
            return self._from_simulation(query["simulation"])
        if query.get("policy"):
            return self._from_policy(query["policy"])
        return WrittenChange.empty()

    def _from_simulation(self, text: str) -> WrittenChange:
        found = None
        if text.isascii() and text.isdecimal() and len(text) < 10:
            rows = simulations(self.viewer, connection=self.connection)
            found = rows.filter(pk=int(text)).first()
        if found is None:
            raise Http404(f"There is no draft {text}: it may be deleted.")
        title = "" if found.name.startswith("Draft") else found.name
        written = WrittenChange.empty(title=title)
        for operation in operations_of(found):
            written = written.with_operation(operation)
        return written

    def _from_policy(self, policy_id: str) -> WrittenChange:
        written = WrittenChange.empty()
        try:
            operation = self.reader(written).update_of(policy_id)
        except EditInvalid as error:
            return written.with_errors({"add": [sentence(next(iter(error.errors.values())))]})
        return written.with_operation(operation)

    def save(self, content: ChangeContent, written: WrittenChange) -> ChangeRequest:
        """Make the request."""
        return change_create(
            by=self.by,
            connection=self.connection,
            content=content,
            now=self.now,
            undoes=self.undone,
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add where leaving without saving leads, and the target that an edit is about."""
        target = self.organization.names.get(self.request.GET.get("target", ""))
        form_href = reverse("change-request-create", kwargs={"slug": self.connection.slug})
        query = "" if self.undone is None else f"?undo={self.undone.number}"
        return super().get_context_data(
            form_href=f"{form_href}{query}",
            back=reverse("change-requests", kwargs={"slug": self.connection.slug}),
            target_value=f"{target.name} · {target.target_id}" if target else "",
            submit_label="Save and run the checks",
            **kwargs,
        )


class ChangeEdit(ChangeForm, ChangeRequestPage):
    """The form of a request that was asked for; what is saved voids its approvals."""

    required_right = rights.PROPOSE_CHANGE

    def begin(self) -> None:
        """Find the request.

        :raises Http404: it is not there, or it cannot be edited any more.
        """
        super().begin()
        if self.change_request.state not in EDITABLE:
            label = self.change_request.get_state_display().lower()
            number = request_label(self.change_request.number)
            raise Http404(f"{number} is {label}: it cannot be edited now.")

    @property
    def edited(self) -> ChangeRequest | None:
        """The request of the address."""
        return self.change_request

    def get_title(self) -> str:
        """Return what is edited."""
        return f"Edit {request_label(self.change_request.number)}"

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the queue, the request and this page."""
        return [
            *queue_crumbs(self.connection.slug),
            Crumb(request_label(self.change_request.number), self.tab_href()),
            Crumb("Edit"),
        ]

    def get_tabs(self) -> Sequence[Tab]:
        """Show none: this is one form."""
        return []

    def start(self) -> WrittenChange:
        """Return what the request asks for now."""
        names = {key: name.name for key, name in self.organization.names.items()}
        return WrittenChange.of(
            ChangeContent.of(self.change_request), names, revision=self.change_request.revision
        )

    def save(self, content: ChangeContent, written: WrittenChange) -> ChangeRequest:
        """Change the request.

        :raises CannotChangeRequest: somebody else edited it in between.
        """
        changes: Mapping[str, Any] = {
            name: getattr(content, name) for name in ChangeContent.__dataclass_fields__
        }
        revision = int(written.revision) if written.revision.isdecimal() else -1
        return change_edit(
            by=self.by,
            change_request_id=self.change_request.pk,
            revision=revision,
            changes=changes,
            now=self.now,
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say what saving does to the approvals that were given."""
        state = self.change_request.state
        approved = state in (ChangeState.IN_REVIEW, ChangeState.APPROVED, ChangeState.SCHEDULED)
        return super().get_context_data(
            form_href=self.tab_href("change-request-edit"),
            back=self.tab_href(),
            voids=approved,
            submit_label="Save and run the checks",
            **kwargs,
        )


def proposal_written(found: ReadProposal, names: Mapping[str, str]) -> WrittenChange:
    """Return the form that holds what a file, a template or another request asks for.

    :raises OperationsInvalid: an operation does not have its form.
    """
    written = WrittenChange.empty(**{name: str(text) for name, text in found.texts.items()})
    for operation in read_operations(list(found.operations)):
        written = written.with_operation(operation)
    return written.with_rings(WrittenRing.of(ring, names) for ring in found.rings)
