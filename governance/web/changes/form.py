"""The form that asks for a change, as it comes back until it is saved."""

from dataclasses import replace
from functools import cached_property
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.access.owners.labels import read_labels
from governance.access.owners.targets import target_tree
from governance.changes.life.content import ChangeContent, ContentInvalid
from governance.changes.life.submitting import change_submit
from governance.changes.life.touched import touched_by
from governance.changes.life.transitions import CannotChangeRequest
from governance.changes.models import ChangeRequest
from governance.changes.planning import propose_rings
from governance.changes.states import ChangeState
from governance.edits.operations import MOST_OPERATIONS
from governance.posture.state.organization import (
    CONTROL_TYPES,
    CompiledOrganization,
    load_organization,
)
from governance.web.changes.frame import request_href
from governance.web.changes.would_approve import WouldApprove, would_approve
from governance.web.changes.written import GATES, UNITS, WrittenChange, WrittenRing, errors_by_field
from governance.web.parts.editing import EditorPage
from governance.web.parts.markup import sentence
from governance.web.parts.pages import ConnectionPage
from governance.web.simulator.edits import EditInvalid, EditReader
from governance.web.simulator.pickers import options, other_policies
from governance.web.simulator.wording import ShownEdit, names_in, shown_edit
from inventory.policy_types import POLICY_TYPES
from inventory.selectors.freshness import AUTHORIZATION_TABLES

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
_SUBMITS: Final = frozenset(
    {ChangeState.DRAFT, ChangeState.STALE, ChangeState.CHECKS_FAILED, ChangeState.CHANGES_REQUESTED}
)


class ChangeForm(EditorPage, ConnectionPage):
    """The form, which comes back as it was sent until it is saved."""

    required_right = rights.PROPOSE_CHANGE
    section = "changes"
    shows_tables = AUTHORIZATION_TABLES
    template_name = "governance/changes/propose.html"

    @property
    def edited(self) -> ChangeRequest | None:
        """The request that is edited; None: this is a new one."""
        return None

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
        if act == "who":
            return self.show(written, asked=self.would_approve(written))
        return self.show(self.changed(written, act))

    def would_approve(self, written: WrittenChange) -> WouldApprove:
        """Say who would have to approve what the form asks for."""
        return would_approve(
            self.connection,
            written.operations,
            person=self.person,
            change_request=self.edited,
            now=self.now,
        )

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

    def show(
        self, written: WrittenChange, *, asked: WouldApprove | None = None
    ) -> HttpResponseBase:
        """Show the form as it is, with who would have to approve where that was asked."""
        context = self.get_context_data(written=written, would_approve=asked)
        answer: HttpResponseBase = self.render_to_response(context)
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
