"""Declares the contracts of a file: all of them or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from governance.access.owners.acting import ActingPerson, MayNot
from governance.approvals.agreements.changing import State
from governance.audit import actions
from governance.audit.services import audit_record
from governance.contracts.deciding import contract_submit
from governance.contracts.declaring import contract_declare, require_declaring
from governance.contracts.directory import ContractDirectory
from governance.contracts.files import (
    ContractFile,
    ContractFileError,
    FileContract,
    read_contract_file,
)
from governance.contracts.models import TrustContract
from inventory.models import Connection

_THERE = (State.DRAFT, State.PROPOSED, State.ACTIVE)


class CannotImportContracts(ValueError):
    """A file cannot be declared. `errors`: by line."""

    def __init__(self, message: str, errors: Sequence[ContractFileError]) -> None:
        super().__init__(message)
        self.errors = tuple(errors)


@dataclass(frozen=True, slots=True)
class ContractImport:
    """What a file declares, or would. `unchanged`: contracts in it that are there already."""

    new: tuple[FileContract, ...]
    unchanged: tuple[TrustContract, ...]
    errors: tuple[ContractFileError, ...]
    made: tuple[TrustContract, ...] = ()


def contracts_import_preview(
    connection: Connection, content: bytes, *, by: ActingPerson, now: datetime
) -> ContractImport:
    """Return what a file would declare, with errors by line; changes nothing.

    :raises ContractFileUnreadable: it holds no list of contracts.
    """
    directory = ContractDirectory(connection)
    read = read_contract_file(content, directory, today=now.date())
    return _compared(connection, read, directory, by)


def _compared(
    connection: Connection, read: ContractFile, directory: ContractDirectory, by: ActingPerson
) -> ContractImport:
    there = {
        contract.digest: contract
        for contract in TrustContract.objects.filter(connection=connection, state__in=_THERE)
    }
    errors = list(read.errors)
    new, unchanged = [], []
    for one in read.contracts:
        known = there.get(one.terms.digest)
        if known is not None:
            unchanged.append(known)
            continue
        try:
            require_declaring(by, connection, one.terms, directory)
        except MayNot as error:
            errors.append(ContractFileError(one.line, str(error)))
            continue
        new.append(one)
    errors.sort(key=lambda error: error.line)
    return ContractImport(tuple(new), tuple(unchanged), tuple(errors))


@transaction.atomic
def contracts_import(
    *,
    by: ActingPerson,
    connection: Connection,
    content: bytes,
    submit: bool = False,
    now: datetime,
) -> ContractImport:
    """Declare the contracts of a file that are not there yet; `submit`: propose them at once.

    :raises ContractFileUnreadable: it holds no list of contracts.
    :raises CannotImportContracts: a line is at fault; nothing is declared.
    """
    directory = ContractDirectory(connection)
    read = read_contract_file(content, directory, today=now.date())
    found = _compared(connection, read, directory, by)
    if found.errors:
        lines = "line is" if len(found.errors) == 1 else "lines are"
        raise CannotImportContracts(
            f"{len(found.errors)} {lines} wrong; no contract was declared", found.errors
        )
    made = [
        contract_declare(
            by=by, connection=connection, terms=one.terms, directory=directory, now=now
        )
        for one in found.new
    ]
    if submit:
        made = [contract_submit(by=by, contract_id=one.pk, now=now) for one in made]
    audit_record(
        actor=by.actor,
        action=actions.CONTRACT_IMPORT,
        object_kind="trust_contract",
        object_id="file",
        connection_id=connection.pk,
        after={
            "declared": [one.number for one in made],
            "unchanged": [one.number for one in found.unchanged],
            "submitted": submit,
        },
        now=now,
    )
    return ContractImport(found.new, found.unchanged, (), tuple(made))
