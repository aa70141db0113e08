"""Versions of the baseline: the one in force, a new one, what two of them differ in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.models import User
from django.db.models import Max

from governance.audit.actors import Actor
from governance.audit.services import audit_record
from governance.baseline.structure.document import (
    Structure,
    StructurePlace,
    StructurePolicy,
    SubjectKind,
    SubjectValue,
    document_digest,
    structure_from_json,
    subject,
    subject_parts,
)
from governance.baseline.structure.models import BaselineVersion
from governance.baseline.structure.signals import baseline_moved
from governance.posture.state.process_cache import ProcessCache
from inventory.models import Connection
from inventory.policy_types import DEFAULT_POLICY_IDS
from inventory.store.locks import hold_lock

Source = BaselineVersion.Source
_KEPT: Final = 4
_structures: Final[ProcessCache[str, Structure]] = ProcessCache(most=_KEPT)
LONGEST_REASON: Final = 500


def baseline_in_force(connection: Connection) -> BaselineVersion | None:
    """Return the newest version without its document and text; None: nothing was agreed yet."""
    return (
        BaselineVersion.objects.filter(connection=connection)
        .defer("document", "text")
        .order_by("-number")
        .first()
    )


def structure_of(version: BaselineVersion) -> Structure:
    """Return what a version says. Shared: never change it, `copied()` is one's own."""
    return _structures.get(version.digest, lambda: structure_from_json(version.document))


def version_add(
    *,
    connection: Connection,
    structure: Structure,
    source: str,
    actor: Actor,
    action: str,
    user: User | None,
    now: datetime,
    reason: str = "",
    target_id: str = "",
    change_number: int | None = None,
    text: str = "",
) -> BaselineVersion:
    """Have a structure be what is agreed from now on. In the caller's transaction.

    A structure that says what the version in force says makes none, unless its file differs:
    then that version is returned.
    """
    hold_lock(f"baseline:{connection.pk}")
    before = baseline_in_force(connection)
    document = structure.as_json()
    digest = document_digest(document)
    if before is not None and before.digest == digest and text in ("", before.text):
        return before
    highest = BaselineVersion.objects.filter(connection=connection).aggregate(last=Max("number"))
    made = BaselineVersion.objects.create(
        connection=connection,
        number=(highest["last"] or 0) + 1,
        document=document,
        digest=digest,
        text=text,
        source=source,
        target_id=target_id,
        change_number=change_number,
        reason=reason[:LONGEST_REASON],
        made_by=user,
        made_at=now,
    )
    audit_record(
        actor=actor,
        action=action,
        object_kind="baseline_version",
        object_id=str(made.number),
        connection_id=connection.pk,
        target_id=target_id,
        before=_recorded(before),
        after=_recorded(made),
        now=now,
    )
    baseline_moved.send(sender=BaselineVersion, connection=connection, version=made, now=now)
    return made


def _recorded(version: BaselineVersion | None) -> dict[str, Any] | None:
    if version is None:
        return None
    return {
        "number": version.number,
        "digest": version.digest,
        "source": version.source,
        "reason": version.reason,
        "change_number": version.change_number,
    }


@dataclass(frozen=True, slots=True)
class BaselineDifference:
    """One subject in which two versions differ, as JSON on either side; None: not there."""

    subject: str
    kind: SubjectKind
    label: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None

    @property
    def change(self) -> str:
        """added, removed or changed."""
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"


def differing_subjects(before: Structure, after: Structure) -> list[str]:
    """Return the subjects in which two structures differ, in order of kind and id."""
    found = [
        name
        for name in {*before.subjects(), *after.subjects()}
        if before.value(name) != after.value(name)
    ]
    order = list(SubjectKind)
    return sorted(found, key=lambda name: (order.index(subject_parts(name)[0]), name))


def version_differences(before: Structure, after: Structure) -> list[BaselineDifference]:
    """Return what a version says otherwise than another."""
    return [
        BaselineDifference(
            name,
            subject_parts(name)[0],
            subject_label(name, after, before),
            before.value(name),
            after.value(name),
        )
        for name in differing_subjects(before, after)
    ]


def subject_label(name: str, *structures: Structure) -> str:
    """Return how people call a subject, by the first of some structures that knows it."""
    kind, ids = subject_parts(name)
    if kind is SubjectKind.ATTACHMENT:
        return f"{_named(ids[0], structures)} at {_named(ids[1], structures)}"
    if kind is SubjectKind.DELEGATION:
        return f"{ids[0]} to {_named(ids[1], structures)}"
    if kind is SubjectKind.DELEGATION_POLICY:
        return "Delegation policy"
    return _named(ids[0], structures)


def _named(thing_id: str, structures: Iterable[Structure]) -> str:
    if thing_id in DEFAULT_POLICY_IDS:
        return thing_id.removeprefix("p-")
    for structure in structures:
        found: StructurePolicy | StructurePlace | None = (
            structure.policies.get(thing_id)
            or structure.units.get(thing_id)
            or structure.accounts.get(thing_id)
        )
        if found is not None:
            return found.name
    return thing_id


def taken_over(structure: Structure, collected: Structure, names: Iterable[str]) -> Structure:
    """Return a copy in which some subjects stand as collected, with what they rest on.

    A policy brings its attachments, an attachment its policy, an OU those above it.
    """
    made = structure.copied()
    wanted = dict.fromkeys(names)
    for name in list(wanted):
        kind, ids = subject_parts(name)
        if kind is SubjectKind.POLICY:
            held = collected.attachments.get(ids[0], set()) | made.attachments.get(ids[0], set())
            for target_id in sorted(held):
                wanted[subject(SubjectKind.ATTACHMENT, ids[0], target_id)] = None
            if made.policy_tags is not None and collected.policy_tags is not None:
                wanted[subject(SubjectKind.POLICY_TAGS, ids[0])] = None
        elif kind is SubjectKind.ATTACHMENT and ids[0] not in made.policies:
            wanted[subject(SubjectKind.POLICY, ids[0])] = None
        elif kind in (SubjectKind.ACCOUNT, SubjectKind.UNIT):
            for step in list(collected.chain(ids[0]))[1:]:
                if step not in made.units:
                    wanted[subject(SubjectKind.UNIT, step)] = None
    values = {
        name: collected.value(name)
        for name in wanted
        if name.removeprefix("policy:") not in DEFAULT_POLICY_IDS
    }
    return with_values(made, values)


def with_values(structure: Structure, values: Mapping[str, SubjectValue | None]) -> Structure:
    """Return a copy in which subjects stand as given; what others rest on is put in first."""
    made = structure.copied()
    order = list(SubjectKind)
    for name in sorted(values, key=lambda one: order.index(subject_parts(one)[0])):
        made.put(name, values[name])
    return made
