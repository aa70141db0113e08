"""Previews and applies a file of owners and labels: all of it, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from governance.access import rights
from governance.access.owners.acting import ActingPerson
from governance.access.owners.files import (
    FileChanges,
    FileLine,
    LineError,
    file_changes,
    owner_words,
)
from governance.access.owners.labelling import CannotLabel, labels_set_locked
from governance.access.owners.labels import label_map
from governance.access.owners.models import Ownership
from governance.access.owners.models.labels import LabelKind
from governance.access.owners.ownerships import CannotOwn, owners_lock, owners_set_locked
from governance.access.owners.parties import Party, PartyKey, read_parties
from governance.access.owners.reading import OwnersState, owners_state
from governance.access.owners.standing import OwnerSource
from governance.access.owners.targets import OwnedTarget
from governance.audit import actions
from governance.audit.services import audit_record
from inventory.models import Connection
from inventory.store.locks import hold_lock


class CannotImport(ValueError):
    """A file cannot be applied. `errors`: by line, where lines are at fault."""

    def __init__(self, message: str, errors: Sequence[LineError] = ()) -> None:
        super().__init__(message)
        self.errors = tuple(errors)


@dataclass(frozen=True, slots=True)
class OwnerChange:
    """The owners by hand of one target, before and after. `waits`: for a second person."""

    target: OwnedTarget
    before: tuple[Party, ...]
    after: tuple[Party, ...]
    waits: bool


@dataclass(frozen=True, slots=True)
class LabelChange:
    """One label of a target by hand, before and after; empty: none."""

    target: OwnedTarget
    kind: LabelKind
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What a file would change. `unchanged`: targets that it names and leaves as they are."""

    changes: FileChanges
    owners: tuple[OwnerChange, ...]
    labels: tuple[LabelChange, ...]
    unchanged: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return not self.owners and not self.labels


def import_preview(
    connection: Connection, lines: Sequence[FileLine], *, by: ActingPerson
) -> ImportPreview:
    """Return what a file would change, with errors by line; changes nothing."""
    state = owners_state(connection)
    parties = read_parties(
        {owner.party.key for found in state.owners.standing.values() for owner in found},
        words=owner_words(lines),
    )
    changes = file_changes(lines, labels=state.labels, parties=parties)
    places = by.places(rights.MANAGE_OWNERS, connection)
    for target_id, number in changes.line_of.items():
        if not places.covers(state.tree, target_id):
            changes.errors.append(LineError(number, f"you may not manage owners of {target_id}"))
    changes.errors.sort(key=lambda error: error.number)
    owners = []
    for target_id, keys in changes.owners.items():
        before = _by_hand(state, target_id)
        if {one.key for one in before} != set(keys):
            waits = bool(set(keys) - {one.key for one in before})
            after = tuple(parties.get(key) for key in keys)
            owners.append(
                OwnerChange(
                    state.tree.by_id[target_id],
                    before,
                    after,
                    waits and state.labels.holds_protected(target_id),
                )
            )
    labels = [
        LabelChange(state.tree.by_id[target_id], kind, before_value, value)
        for kind, values in changes.labels.items()
        for target_id, value in values.items()
        if (before_value := state.labels.set_value(kind, target_id) or "") != value
    ]
    touched = {one.target.target_id for one in owners}
    touched |= {one.target.target_id for one in labels}
    unchanged = len(changes.line_of.keys() - touched)
    return ImportPreview(changes, tuple(owners), tuple(labels), unchanged)


def _by_hand(state: OwnersState, target_id: str) -> tuple[Party, ...]:
    return tuple(
        owner.party
        for owner in state.owners.standing.get(target_id, ())
        if owner.source is not OwnerSource.TAG
    )


@transaction.atomic
def owners_import(
    *,
    by: ActingPerson,
    connection: Connection,
    lines: Sequence[FileLine],
    digest: str | None = None,
    name: str = "",
    now: datetime,
) -> ImportPreview:
    """Apply a file: all of it in one transaction, or nothing.

    `digest`: of the changes that were shown; None: nobody was shown any.

    :raises CannotImport: a line is at fault, or the file now means something else than shown.
    :raises MayNot: without the right to manage owners at each target.
    """
    hold_lock(owners_lock(connection))
    preview = import_preview(connection, lines, by=by)
    if preview.changes.errors:
        raise CannotImport(
            f"{len(preview.changes.errors)} of {len(lines)} lines cannot be done; nothing changed",
            preview.changes.errors,
        )
    if digest is not None and digest != preview.changes.digest:
        raise CannotImport("people, groups or targets changed since the preview; look again")
    _apply_labels(by, connection, preview, now)
    _apply_owners(by, connection, preview, name, now)
    audit_record(
        actor=by.actor,
        action=actions.OWNER_IMPORT,
        object_kind="owners",
        object_id=name or "file",
        object_name=name,
        connection_id=connection.pk,
        after={
            "lines": len(lines),
            "owners_changed": len(preview.owners),
            "labels_changed": len(preview.labels),
        },
        now=now,
    )
    return preview


def _apply_labels(
    by: ActingPerson, connection: Connection, preview: ImportPreview, now: datetime
) -> None:
    values: dict[LabelKind, dict[str, str]] = {}
    for change in preview.labels:
        values.setdefault(change.kind, {})[change.target.target_id] = change.after
    for kind, wanted in values.items():
        try:
            labels_set_locked(
                by=by,
                connection=connection,
                labels=label_map(connection),
                kind=kind,
                values=wanted,
                reason="From a file.",
                now=now,
            )
        except CannotLabel as error:
            raise CannotImport(str(error)) from error


def _apply_owners(
    by: ActingPerson, connection: Connection, preview: ImportPreview, name: str, now: datetime
) -> None:
    wanted: dict[str, list[PartyKey]] = {
        change.target.target_id: [one.key for one in change.after] for change in preview.owners
    }
    if not wanted:
        return
    # Read again: labels of the same file may have made production of a target.
    labels = label_map(connection)
    try:
        owners_set_locked(
            by=by,
            connection=connection,
            labels=labels,
            known=read_parties({key for keys in wanted.values() for key in keys}),
            wanted=wanted,
            source=Ownership.Source.FILE,
            reason=f"From the file {name}." if name else "From a file.",
            now=now,
        )
    except CannotOwn as error:
        raise CannotImport(str(error)) from error
