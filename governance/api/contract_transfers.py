"""Contracts as a file, and from one."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.api.contract_representations import (
    ContractExportRepresentation,
    ContractFileRepresentation,
    ContractImportRepresentation,
)
from governance.api.contracts import ContractsEndpoint
from governance.api.parts.problems import INVALID, Problem
from governance.api.parts.representations import read_body
from governance.approvals.agreements.changing import State
from governance.contracts.files import ContractFileUnreadable, contract_file
from governance.contracts.importing import (
    CannotImportContracts,
    ContractImport,
    contracts_import,
    contracts_import_preview,
)
from governance.contracts.selectors import contracts


class ContractExport(ContractsEndpoint):
    """Contracts as a file."""

    rights = {"GET": rights.VIEW_CONTRACTS}
    representation = ContractExportRepresentation

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get the active contracts that you may see as YAML, in the form of an import."""
        rows = contracts(self.viewer, connection=self.connection, states=[State.ACTIVE])
        text = contract_file(contract.terms for contract in rows.order_by("number"))
        name = f"{self.connection.slug}-contracts.yaml"
        return self.answer(
            self.serialized({"name": name, "media_type": "application/yaml", "text": text})
        )


class ContractImportEndpoint(ContractsEndpoint):
    """Contracts from a file."""

    rights = {"POST": rights.DECLARE_CONTRACT}
    representation = ContractImportRepresentation
    takes = ContractFileRepresentation
    answers = {
        200: OpenApiResponse(ContractImportRepresentation(), description="Declared, or tried.")
    }

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Declare the contracts of a YAML file that are not there yet: all of them, or none.

        With `dry_run` it only says what it would declare, and what is wrong by line.
        """
        values = read_body(ContractFileRepresentation, request)
        content = values["content"].encode()
        try:
            if values["dry_run"]:
                found = contracts_import_preview(self.connection, content, by=self.by, now=self.now)
                return self._imported(found, applied=False)
            found = contracts_import(
                by=self.by,
                connection=self.connection,
                content=content,
                submit=values["submit"],
                now=self.now,
            )
        except ContractFileUnreadable as error:
            raise ValidationError({"content": [str(error)]}) from error
        except CannotImportContracts as error:
            raise Problem(
                INVALID,
                str(error),
                errors=[
                    {"pointer": "#/content", "detail": f"line {one.line}: {one.message}"}
                    for one in error.errors
                ],
            ) from error
        return self._imported(found, applied=True)

    def _imported(self, found: ContractImport, *, applied: bool) -> Response:
        return Response(
            self.serialized(
                {
                    "applied": applied,
                    "declared": [contract.number for contract in found.made],
                    "new": len(found.new),
                    "unchanged": [contract.number for contract in found.unchanged],
                    "errors": found.errors,
                }
            )
        )
