"""/baseline: what the organization's structure should be, version by version."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.api.baseline_representations import (
    BaselineAdoptRepresentation,
    BaselineDiffRepresentation,
    BaselineExportRepresentation,
    BaselineFileRepresentation,
    BaselineImportRepresentation,
    BaselinePageRepresentation,
    BaselineRepresentation,
    BaselineSchemaRepresentation,
    BaselineSummaryRepresentation,
)
from governance.api.parts.endpoints import OrganizationEndpoint
from governance.api.parts.pagination import Key, page_of, page_request
from governance.api.parts.problems import CONFLICT, INVALID, PERMISSION_DENIED, Problem
from governance.api.parts.representations import Representation, read_body
from governance.baseline.structure.adopting import CannotAdoptBaseline, baseline_adopt
from governance.baseline.structure.files import SCHEMA_PATH, BaselineFileInvalid
from governance.baseline.structure.importing import (
    baseline_export,
    baseline_import,
    baseline_import_preview,
)
from governance.baseline.structure.models import BaselineVersion
from governance.baseline.structure.selectors import baseline_find, baseline_versions
from governance.baseline.structure.versions import structure_of, version_differences

_TOPIC = "Baseline and drift"


@contextmanager
def baseline_problems() -> Iterator[None]:
    """Turn what services refuse into problems."""
    try:
        yield
    except MayNot as error:
        raise Problem(PERMISSION_DENIED, str(error)) from error
    except CannotAdoptBaseline as error:
        raise Problem(CONFLICT, str(error)) from error
    except BaselineFileInvalid as error:
        raise Problem(
            INVALID,
            "the file is not a baseline; the previous version stays active",
            errors=[
                {"pointer": "#/content", "detail": f"line {one.line}: {one.message}"}
                for one in error.errors
            ],
        ) from error


class BaselineEndpoint(OrganizationEndpoint):
    """What the addresses of the baseline have in common."""

    topic = _TOPIC
    representation: ClassVar[type[Representation]] = BaselineRepresentation

    def version(self, number: int | None = None) -> BaselineVersion:
        """Return a version, or the one in force.

        :raises Problem: there is none that the asker may see.
        """
        found = baseline_find(self.viewer, connection=self.connection, number=number)
        if found is None:
            what = "baseline" if number is None else f"baseline version {number}"
            raise self.missing(f"{what} that you may see")
        return found


class BaselineInForce(BaselineEndpoint):
    """The version in force."""

    rights = {"GET": rights.VIEW_BASELINE}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get the version in force with its document.

        Only for those who see all of the organization, because the baseline covers all of it.
        """
        return self.answer(self.serialized(self.version(), slug=self.connection.slug))


class BaselineVersionList(BaselineEndpoint):
    """All versions."""

    rights = {"GET": rights.VIEW_BASELINE}
    representation = BaselineSummaryRepresentation
    page_representation = BaselinePageRepresentation
    orderings = {"number": (Key("number"),)}
    usual_ordering = "-number"

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        return super().parameters() | {"limit", "cursor", "ordering"}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the versions, the newest first, with who made them and why."""
        asked = page_request(request, self.orderings, usual=self.usual_ordering)
        rows = baseline_versions(self.viewer, connection=self.connection)
        page = page_of(rows, asked)
        results = self.serialized(page.rows, many=True, slug=self.connection.slug)
        return self.respond_with(page, results)


class BaselineVersionDetail(BaselineEndpoint):
    """One version."""

    rights = {"GET": rights.VIEW_BASELINE}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get one version with its document."""
        found = self.version(self.kwargs["version"])
        return self.answer(self.serialized(found, slug=self.connection.slug))


class BaselineVersionDiff(BaselineEndpoint):
    """Two versions side by side."""

    rights = {"GET": rights.VIEW_BASELINE}
    representation = BaselineDiffRepresentation

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get what a version says otherwise than another, thing by thing."""
        before, after = (self.version(self.kwargs[name]) for name in ("before", "after"))
        found = version_differences(structure_of(before), structure_of(after))
        return self.answer(
            self.serialized({"before": before.number, "after": after.number, "differences": found})
        )


class BaselineAdopt(BaselineEndpoint):
    """Adopting the collected structure."""

    rights = {"POST": rights.ADOPT_BASELINE}
    takes = BaselineAdoptRepresentation
    answers = {201: OpenApiResponse(BaselineRepresentation(), description="Active.")}

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Adopt the structure as it was last collected: all of it, or an OU with all below.

        409 where the last reading was not complete: then it is not known what is.
        """
        values = read_body(BaselineAdoptRepresentation, request)
        with baseline_problems():
            made = baseline_adopt(
                by=self.by,
                connection=self.connection,
                target_id=values["target_id"],
                reason=values["reason"],
                now=self.now,
            )
        serialized = self.serialized(made, slug=self.connection.slug)
        return Response(
            serialized, status=status.HTTP_201_CREATED, headers={"Location": serialized["url"]}
        )


class BaselineImportEndpoint(BaselineEndpoint):
    """The baseline from a file."""

    rights = {"POST": rights.ADOPT_BASELINE}
    right_at = {"POST": ""}
    representation = BaselineImportRepresentation
    takes = BaselineFileRepresentation
    answers = {
        200: OpenApiResponse(BaselineImportRepresentation(), description="In force, or read.")
    }

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Adopt what a file says; on an error the previous version stays active.

        With `dry_run` it only returns what it would change, and the errors by line.
        """
        values = read_body(BaselineFileRepresentation, request)
        content = values["content"].encode()
        if not values["dry_run"] and not values["reason"].strip():
            raise ValidationError({"reason": ["say why this is the desired state"]})
        with baseline_problems():
            found = baseline_import_preview(self.connection, content)
            number = None
            if not values["dry_run"]:
                number = baseline_import(
                    by=self.by,
                    connection=self.connection,
                    content=content,
                    reason=values["reason"],
                    now=self.now,
                ).number
        return Response(
            self.serialized(
                {
                    "applied": number is not None,
                    "number": number,
                    "digest": found.digest,
                    "differences": found.differences,
                }
            )
        )


class BaselineExport(BaselineEndpoint):
    """The baseline as a file."""

    rights = {"GET": rights.VIEW_BASELINE}
    representation = BaselineExportRepresentation

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get the version in force as a file: as imported, byte for byte, or written again."""
        text = baseline_export(self.version())
        name = f"{self.connection.slug}-baseline.yaml"
        return self.answer(
            self.serialized({"name": name, "media_type": "application/yaml", "text": text})
        )


class BaselineSchema(BaselineEndpoint):
    """The JSON Schema of the file."""

    rights = {"GET": rights.VIEW_BASELINE}
    representation = BaselineSchemaRepresentation

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get the JSON Schema that editors check the file by."""
        schema = {
            "name": SCHEMA_PATH.name,
            "media_type": "application/schema+json",
            "text": SCHEMA_PATH.read_text(),
        }
        return self.answer(self.serialized(schema))
