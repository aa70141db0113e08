"""Writing guardrails: the organization's own, and how it uses those of the library."""

from datetime import datetime
from typing import Any

from django.db import transaction

from governance.access import rights
from governance.access.owners.acting import ActingPerson
from governance.audit import actions
from governance.audit.services import audit_record
from governance.baseline.guardrails.definitions import (
    GuardrailInForce,
    guardrail_in_force,
    in_force_of,
)
from governance.baseline.guardrails.dispatch import refresh_guardrails_send
from governance.baseline.guardrails.documents import GuardrailDocument
from governance.baseline.guardrails.models import GuardrailDefinition
from governance.baseline.guardrails.reading import (
    GuardrailInvalid,
    read_guardrail,
)
from governance.baseline.guardrails.scoping import ScopeDirectory
from governance.baseline.guardrails.shipped import shipped_guardrails
from governance.edits.placed_reader import PlacedProblem
from inventory.models import Connection
from inventory.viewing import Viewer, targets_seen


class CannotWriteGuardrail(Exception):
    """A guardrail cannot be written so; the message says why and what to do."""


class GuardrailMoved(CannotWriteGuardrail):
    """Somebody else wrote another version in between."""


class NoSuchGuardrail(CannotWriteGuardrail):
    """There is no guardrail of that id."""


def read_for(
    viewer: Viewer, connection: Connection, content: bytes, *, file: str = ""
) -> GuardrailDocument:
    """Read a guardrail from a file, and check that what its scope names is there for the viewer.

    :raises GuardrailInvalid: naming every line that is wrong.
    """
    document = read_guardrail(content, file=file)
    lines = content.decode("utf-8-sig").splitlines()
    problems = [
        PlacedProblem(_line_of(lines, path, message), ".".join(map(str, path)), message)
        for path, message in ScopeDirectory(connection).problems(
            document.scope, targets_seen(viewer, connection)
        )
    ]
    if problems:
        raise GuardrailInvalid(problems, file=file)
    return document


def _line_of(lines: list[str], path: tuple[int | str, ...], message: str) -> int:
    """Return the first line that names what is not known, else that of the scope."""
    words = message.removeprefix("the organization has no ").partition(";")[0].split(" ", 1)
    named = words[1] if len(words) > 1 else ""
    for number, line in enumerate(lines, start=1):
        if named and named in line:
            return number
    return next((n for n, line in enumerate(lines, 1) if line.startswith(str(path[0]))), 1)


@transaction.atomic
def guardrail_write(
    *,
    by: ActingPerson,
    connection: Connection,
    document: GuardrailDocument,
    reason: str,
    now: datetime,
    version: int | None = None,
) -> GuardrailInForce:
    """Make a version of a guardrail, which is in force from now on; an equal one is left alone.

    `document`: as `read_for` returned it; with the id of a shipped one it stands in its place.
    `version`: the one that the author began from; None: whichever is in force.

    :raises MayNot: they may not write guardrails of this organization.
    :raises GuardrailMoved: another version is in force by now.
    :raises CannotWriteGuardrail: no reason is given.
    """
    by.require(rights.MANAGE_GUARDRAILS, connection)
    said = _reason(reason)
    before = _locked(connection, document.id, version)
    if before is not None and before.document.digest == document.digest and before.enabled:
        return before
    return _make(
        by,
        connection,
        document.id,
        document.as_json(),
        document.digest,
        enabled=True,
        reason=said,
        before=before,
        action=actions.GUARDRAIL_WRITE,
        now=now,
    )


@transaction.atomic
def guardrail_switch(
    *,
    by: ActingPerson,
    connection: Connection,
    guardrail_id: str,
    enabled: bool,
    reason: str,
    now: datetime,
    version: int | None = None,
) -> GuardrailInForce:
    """Enable or disable a guardrail; its results end with the next refresh.

    :raises NoSuchGuardrail: see there.
    :raises MayNot: they may not write guardrails of this organization.
    :raises GuardrailMoved: another version is in force by now.
    :raises CannotWriteGuardrail: no reason is given.
    """
    by.require(rights.MANAGE_GUARDRAILS, connection)
    said = _reason(reason)
    before = _locked(connection, guardrail_id, version)
    if before is None:
        raise NoSuchGuardrail(f"there is no guardrail {guardrail_id}")
    if before.enabled == enabled:
        return before
    return _make(
        by,
        connection,
        guardrail_id,
        before.document.as_json() if before.is_changed or not before.is_shipped else None,
        before.document.digest,
        enabled=enabled,
        reason=said,
        before=before,
        action=actions.GUARDRAIL_SWITCH,
        now=now,
    )


@transaction.atomic
def guardrail_reset(
    *, by: ActingPerson, connection: Connection, guardrail_id: str, reason: str, now: datetime
) -> GuardrailInForce:
    """Use a shipped guardrail as the library has it again.

    :raises NoSuchGuardrail: the library has none of that id.
    :raises MayNot: they may not write guardrails of this organization.
    :raises CannotWriteGuardrail: no reason is given.
    """
    by.require(rights.MANAGE_GUARDRAILS, connection)
    said = _reason(reason)
    shipped = shipped_guardrails().get(guardrail_id)
    if shipped is None:
        raise NoSuchGuardrail(f"the library has no guardrail {guardrail_id}")
    before = _locked(connection, guardrail_id, None)
    if before is not None and not before.is_changed:
        return before
    return _make(
        by,
        connection,
        guardrail_id,
        None,
        shipped.digest,
        enabled=before is None or before.enabled,
        reason=said,
        before=before,
        action=actions.GUARDRAIL_WRITE,
        now=now,
    )


def _reason(reason: str) -> str:
    said = reason.strip()
    if not said or len(said) > 500:
        raise CannotWriteGuardrail("say in a sentence why, in 500 characters at most")
    return said


def _locked(
    connection: Connection, guardrail_id: str, version: int | None
) -> GuardrailInForce | None:
    """Return what is in force, while nobody else makes a version."""
    Connection.objects.select_for_update().only("pk").get(pk=connection.pk)
    before = guardrail_in_force(connection, guardrail_id)
    stands = before.version if before is not None else 0
    if version is not None and version != stands:
        raise GuardrailMoved(
            f"{guardrail_id} was changed after you opened it (version {stands} instead of "
            f"{version}): read it again"
        )
    return before


def _make(
    by: ActingPerson,
    connection: Connection,
    guardrail_id: str,
    document: dict[str, Any] | None,
    digest: str,
    *,
    enabled: bool,
    reason: str,
    before: GuardrailInForce | None,
    action: str,
    now: datetime,
) -> GuardrailInForce:
    version = (before.version if before is not None else 0) + 1
    row = GuardrailDefinition.objects.create(
        connection=connection,
        guardrail_id=guardrail_id,
        version=version,
        document=document,
        digest=digest,
        enabled=enabled,
        reason=reason,
        made_by=by.user,
        made_at=now,
    )
    made = in_force_of(row)
    if made is None:
        raise NoSuchGuardrail(f"there is no guardrail {guardrail_id}")
    audit_record(
        actor=by.actor,
        action=action,
        object_kind="guardrail",
        object_id=guardrail_id,
        object_name=made.document.title[:200],
        connection_id=connection.pk,
        before=None
        if before is None
        else {
            "version": before.version,
            "enabled": before.enabled,
            "digest": before.document.digest,
        },
        after={"version": version, "enabled": enabled, "digest": digest, "reason": reason},
        now=now,
    )
    refresh_guardrails_send(connection.pk)
    return made
