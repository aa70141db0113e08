"""The baseline from a file, and back to it byte for byte."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from governance.access import rights
from governance.access.owners.acting import ActingPerson
from governance.audit import actions
from governance.baseline.structure.adopting import CannotAdoptBaseline
from governance.baseline.structure.collected import collected_structure
from governance.baseline.structure.document import Structure, document_digest
from governance.baseline.structure.file_writing import baseline_file
from governance.baseline.structure.files import read_baseline_file
from governance.baseline.structure.models import BaselineVersion
from governance.baseline.structure.versions import (
    BaselineDifference,
    Source,
    baseline_in_force,
    structure_of,
    version_add,
    version_differences,
)
from inventory.models import Connection


@dataclass(frozen=True, slots=True)
class BaselineImport:
    """What a file says. `differences`: from the version in force, of which it makes another."""

    structure: Structure
    digest: str
    differences: tuple[BaselineDifference, ...]


def baseline_import_preview(connection: Connection, content: bytes) -> BaselineImport:
    """Read a file and say what it would change; nothing is stored.

    :raises BaselineFileInvalid: naming each line that is wrong.
    """
    root_id = collected_structure(connection).root_id
    structure = read_baseline_file(content, root_id=root_id)
    before = baseline_in_force(connection)
    known = structure_of(before) if before is not None else Structure()
    return BaselineImport(
        structure,
        document_digest(structure.as_json()),
        tuple(version_differences(known, structure)),
    )


@transaction.atomic
def baseline_import(
    *, by: ActingPerson, connection: Connection, content: bytes, reason: str, now: datetime
) -> BaselineVersion:
    """Agree to what a file says; with an error in it the version before stays in force.

    :raises MayNot: whoever acts may not adopt for the whole organization.
    :raises BaselineFileInvalid: naming each line that is wrong.
    :raises CannotAdoptBaseline: no reason was given.
    """
    by.require(rights.ADOPT_BASELINE, connection)
    if not reason.strip():
        raise CannotAdoptBaseline("say why this is the desired state")
    read = baseline_import_preview(connection, content)
    return version_add(
        connection=connection,
        structure=read.structure,
        source=Source.FILE,
        actor=by.actor,
        action=actions.BASELINE_IMPORT,
        user=by.user,
        now=now,
        reason=reason.strip(),
        text=content.decode("utf-8"),
    )


def baseline_export(version: BaselineVersion) -> str:
    """Return a version as a file: as imported, byte for byte, or written again."""
    return version.text or baseline_file(structure_of(version))
