"""The form that asks for a change: a new one, and the edit of one that was asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.access.owners.labels import read_labels
from governance.access.owners.targets import target_tree
from governance.changes.life.content import ChangeContent, ContentInvalid
from governance.changes.life.drafting import change_create, change_edit
from governance.changes.life.selectors import change_request_find
from governance.changes.life.submitting import change_submit
from governance.changes.life.touched import touched_by
from governance.changes.life.transitions import CannotChangeRequest
from governance.changes.models import ChangeRequest
from governance.changes.planning import propose_rings
from governance.changes.proposals.files import ReadProposal
from governance.changes.proposals.named_objects import named_objects
from governance.changes.reverting.undoing import undoing_request
from governance.changes.states import EDITABLE, ChangeState
from governance.edits.operations import MOST_OPERATIONS, read_operations
from governance.posture.state.organization import (
    CONTROL_TYPES,
    CompiledOrganization,
    load_organization,
)
from governance.simulations.selectors import simulations
from governance.simulations.services import operations_of
from governance.web.changes.frame import ChangeRequestPage, request_href, request_label
from governance.web.changes.listing import queue_crumbs
from governance.web.changes.written import GATES, UNITS, WrittenChange, WrittenRing, errors_by_field
from governance.web.parts.editing import EditorPage
from governance.web.parts.markup import sentence
from governance.web.parts.pages import ConnectionPage, Crumb, Tab
from governance.web.simulator.edits import EditInvalid, EditReader
from governance.web.simulator.pickers import options, other_policies
from governance.web.simulator.wording import ShownEdit, names_in, shown_edit
from inventory.policy_types import POLICY_TYPES

_REMOVE: Final = "remove-operation-"
_REMOVE_RING: Final = "remove-ring-"
_MOST_RINGS: Final = 20
_ADD: Final = "add-"
# The part of the form whose fields describe an operation, by what its button adds.
_SECTIONS: Final = {
    "update_policy": "edit",
    "rename_policy": "edit",
    "tag_policy": "edit",
    "delete_policy": "edit",
    "attach_policy": "attach",
    "detach_policy": "attach",
    "move": "move",
    "create_policy": "new",
    "create_organizational_unit": "unit",
    "rename_organizational_unit": "unit",
    "delete_organizational_unit": "unit",
    "enable_policy_type": "type",
    "disable_policy_type": "type",
}


class _ChangeForm(EditorPage, ConnectionPage):
    """The form, which comes back as it was sent until it is saved."""

    required_right = rights.PROPOSE_CHANGE
    section = "changes"
    template_name = "governance/changes/propose.html"

    @cached_property
    def organization(self) -> CompiledOrganization:
        """The organization as the latest run read it."""
        return load_organization(self.viewer, connection=self.connection)

    def reader(self, written: WrittenChange) -> EditReader:
        """Return what reads a further operation."""
        return EditReader(
            self.viewer,
            self.connection,
            self.organization,
            None,
            written.operations,
            {key: name for key, (name, _) in self.others.items()},
        )

    @cached_property
    def others(self) -> dict[str, tuple[str, str]]:
        """The policies that decide no requests: id → name and type."""
        return other_policies(self.viewer, self.connection)

    def start(self) -> WrittenChange:
        """Return what the form holds when it is opened."""
        raise NotImplementedError

    def save(self, content: ChangeContent, written: WrittenChange) -> ChangeRequest:
        """Store what the form asks for."""
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form."""
        return self.show(self.start())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Do what the pressed button says: change the form, or save it."""
        written = WrittenChange.sent(request.POST)
        act = request.POST.get("action", "")
        if act in ("save", "submit"):
            return self.saved(written, submits=act == "submit")
        return self.show(self.changed(written, act))

    def changed(self, written: WrittenChange, act: str) -> WrittenChange:
        """Return the form with an operation or ring more or less.

        :raises BadRequest: there is no such button.
        """
        if act == "":
            return written
        if act == "propose-rings":
            return self._with_proposed_rings(written)
        if act == "add-ring" and len(written.rings) < _MOST_RINGS:
            return written.with_rings(
                (*written.rings, WrittenRing(name=f"Ring {len(written.rings) + 1}", soak="24"))
            )
        for prefix, without in ((_REMOVE, written.without_operation), (_REMOVE_RING, None)):
            number = act.removeprefix(prefix)
            if act.startswith(prefix) and number.isdecimal() and len(number) < 4:
                if without is not None:
                    return without(int(number))
                kept = [ring for place, ring in enumerate(written.rings) if place != int(number)]
                return written.with_rings(kept)
        if act.startswith(_ADD) and act.removeprefix(_ADD) in _SECTIONS:
            return self._added(written, act.removeprefix(_ADD))
        raise BadRequest(f"action is {act!r}, which no button of this form sends.")

    def _with_proposed_rings(self, written: WrittenChange) -> WrittenChange:
        """Return the form with rings by environment: what hurts least comes first."""
        operations = [one.as_json() for one in written.operations]
        tree = target_tree(self.connection)
        labels = read_labels(self.connection, tree)
        environments = {
            target_id: labels.environment(target_id).value
            for target_id, name in self.organization.names.items()
            if name.kind == "ACCOUNT" and target_id in tree.by_id
        }
        targets = touched_by(self.connection, operations).target_ids
        rings = propose_rings(self.organization, targets, environments)
        if not rings:
            return written.with_errors({"rings": ["Add an edit first: no target changes yet."]})
        names = {key: name.name for key, name in self.organization.names.items()}
        return written.with_rings(WrittenRing.of(ring, names) for ring in rings)

    def _added(self, written: WrittenChange, kind: str) -> WrittenChange:
        if len(written.operations) >= MOST_OPERATIONS:
            return written.with_errors({"add": [f"A change has at most {MOST_OPERATIONS} edits."]})
        prefix = f"{_SECTIONS[kind]}-"
        given = {
            name.removeprefix(prefix): str(value)
            for name, value in self.request.POST.items()
            if name.startswith(prefix)
        }
        try:
            return written.with_operation(self.reader(written).read({**given, "kind": kind}))
        except EditInvalid as error:
            words = [
                f"{name.replace('_', ' ').capitalize()}: {said}."
                for name, said in error.errors.items()
            ]
            return written.with_errors({"add": words})

    def saved(self, written: WrittenChange, *, submits: bool) -> HttpResponseBase:
        """Store the form, and have it checked where wanted; or say by field what is wrong."""
        try:
            content = written.content()
        except ValueError:
            return self.show(
                written.with_errors({"revert_at": ["Give a date and a time, in UTC."]})
            )
        try:
            kept = self.save(content, written)
        except ContentInvalid as error:
            return self.show(written.with_errors(errors_by_field(error.errors)))
        except (CannotChangeRequest, MayNot) as error:
            return self.show(written.with_errors({"form": [sentence(error)]}))
        if submits and kept.state in _SUBMITS:
            try:
                change_submit(by=self.by, change_request_id=kept.pk, now=self.now)
            except (CannotChangeRequest, MayNot) as error:
                messages.error(self.request, f"Saved, but not submitted. {sentence(error)}")
        return HttpResponseRedirect(request_href(self.connection.slug, kept.number))

    def show(self, written: WrittenChange) -> HttpResponseBase:
        """Show the form as it is."""
        answer: HttpResponseBase = self.render_to_response(self.get_context_data(written=written))
        return answer

    def shown_edits(self, written: WrittenChange) -> list[ShownEdit]:
        """Return the operations as their cards show them."""
        names = {
            **{key: name for key, (name, _) in self.others.items()},
            **names_in(self.organization, list(written.operations)),
        }
        resource_policy_ids = set(self.organization.resource_control.by_id)
        edits = []
        for number, operation in enumerate(written.operations):
            edit = shown_edit(number, operation, names, resource_policy_ids)
            if operation.policy_id in self.others:
                edit = replace(edit, policy_type=self.others[operation.policy_id][1])
            edits.append(edit)
        return edits

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the form shows. `written`: what it holds."""
        written: WrittenChange = kwargs["written"]
        reader = self.reader(written)
        new = {**reader.new_policies, **reader.other_policies}
        return super().get_context_data(
            fields=written.fields,
            errors=written.errors,
            error_count=sum(len(found) for found in written.errors.values()),
            edits=[
                (edit, written.errors.get(f"operation-{edit.operation_id}", ()))
                for edit in self.shown_edits(written)
            ],
            operations_json=[one.as_json() for one in written.operations],
            rings=[
                (ring, written.errors.get(f"ring-{number}", ()))
                for number, ring in enumerate(written.rings)
            ],
            policy_types=[(kind.name, kind.label) for kind in POLICY_TYPES],
            control_types=[kind.value for kind in CONTROL_TYPES],
            units=UNITS,
            gates=GATES,
            policy_options=options(self.organization, new, "policy", ""),
            target_options=options(self.organization, {}, "target", ""),
            parent_options=options(self.organization, {}, "parent", ""),
            **kwargs,
        )


_SUBMITS: Final = frozenset(
    {ChangeState.DRAFT, ChangeState.STALE, ChangeState.CHECKS_FAILED, ChangeState.CHANGES_REQUESTED}
)


class ChangeCreate(_ChangeForm):
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


class ChangeEdit(_ChangeForm, ChangeRequestPage):
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
