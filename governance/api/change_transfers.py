"""Change requests on their way in and out: from files, as files, as a bundle that verifies."""

import base64
import binascii
from typing import Any, Final

from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.api.change_representations import ChangeRepresentation
from governance.api.changes import ChangesEndpoint, change_problems
from governance.api.parts.problems import PERMISSION_DENIED, Problem
from governance.api.parts.representations import BodyRepresentation, Representation
from governance.changes.bundle.exporting import BUNDLE_FORMAT, change_bundle
from governance.changes.elsewhere.handing_out import handed_out_files
from governance.changes.life.content import ChangeContent
from governance.changes.life.drafting import change_create
from governance.changes.life.shown import shown_plan
from governance.changes.models import ChangeRequest
from governance.changes.proposals.archives import LARGEST_BYTES
from governance.changes.proposals.files import ProposalInvalid, ReadProposal, read_proposal
from governance.changes.proposals.named_objects import named_objects
from governance.changes.reverting.services import change_undo

TEXT: Final = "text"
BASE64: Final = "base64"
_LONGEST_NAME: Final = 300
_HIDDEN: Final = "a part of this change request is hidden from you"


class BundleRepresentation(Representation):
    """A change request, whole, with the proofs of its audit entries."""

    format = serializers.ChoiceField(choices=[BUNDLE_FORMAT])
    made_at = serializers.DateTimeField()
    organization = serializers.DictField()
    request = serializers.DictField(help_text="What was asked for, and where it stands.")
    evidence = serializers.ListField(child=serializers.DictField())
    reviews = serializers.ListField(child=serializers.DictField())
    rollouts = serializers.ListField(
        child=serializers.DictField(), help_text="Each with the lines of its journal."
    )
    audit = serializers.DictField(
        help_text="`proofs`: as /audit-events/{id}/proof gives them. `not_proven`: entries that no "
        "checkpoint covers yet."
    )


class HandedOutFileRepresentation(Representation):
    """One file of an approved plan."""

    name = serializers.CharField(help_text="Its path, such as terraform/main.tf.")
    media_type = serializers.CharField()
    text = serializers.CharField()


class HandedOutFilesRepresentation(Representation):
    """The files of an approved plan."""

    plan_sha256 = serializers.CharField(help_text="Ask /verdict with it before you apply them.")
    files = HandedOutFileRepresentation(many=True)


class ProposalFileRepresentation(BodyRepresentation):
    """A proposed change as a file."""

    name = serializers.CharField(
        max_length=_LONGEST_NAME, help_text="Its ending says the form: .yaml, .json or .zip."
    )
    content = serializers.CharField(
        max_length=LARGEST_BYTES * 2, trim_whitespace=False, help_text="The file."
    )
    encoding = serializers.ChoiceField(
        choices=[TEXT, BASE64], default=TEXT, help_text="A zip comes as base64."
    )
    title = serializers.CharField(
        default="", allow_blank=True, help_text="In place of the file's own."
    )
    reason = serializers.CharField(default="", allow_blank=True)


class ChangeBundle(ChangesEndpoint):
    """A change request as a bundle that verifies offline."""

    rights = {"GET": rights.VIEW_AUDIT}
    right_at = {"GET": ""}
    representation = BundleRepresentation
    needs_all_places = "a bundle holds all of a change request"

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get a change request with plan, evidence, reviews, journal and proofs.

        `docs/verify_audit.py bundle` checks it. For who may read the audit log of the whole
        organization.
        """
        found = _whole(self)
        bundle = change_bundle(found)
        only = self.only()
        return self.answer(
            bundle if only is None else {name: bundle[name] for name in bundle if name in only}
        )


class ChangeFiles(ChangesEndpoint):
    """The approved plan of a change that another tool applies."""

    rights = {"GET": rights.VIEW_CHANGES}
    representation = HandedOutFilesRepresentation

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get an approved plan as policy files, Terraform and CloudFormation.

        409 where it is not approved, or Orgwarden applies it itself.
        """
        found = _whole(self)
        with change_problems():
            files = handed_out_files(found)
        shown = {"plan_sha256": found.plan_sha256, "files": files}
        return self.answer(self.serialized(shown))


class ChangeImport(ChangesEndpoint):
    """Change requests from files."""

    rights = {"POST": rights.PROPOSE_CHANGE}
    takes = ProposalFileRepresentation
    answers = {201: OpenApiResponse(ChangeRepresentation(), description="Draft created.")}

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Make a draft of a change request from a file: YAML, JSON, or a zip of JSON files.

        A file says what to do, or how policies are to stand; names stand for ids where only one
        object has them. Each error names its line.
        """
        values = self.given(ProposalFileRepresentation, request)
        proposal = self._read(values)
        members = {**proposal.texts}
        members |= {name: values[name] for name in ("title", "reason") if values[name].strip()}
        ends = _moment(members.pop("revert_at", ""))
        with change_problems():
            made = change_create(
                by=self.by,
                connection=self.connection,
                content=ChangeContent(
                    **{"title": "", "reason": "", **members},
                    operations=proposal.operations,
                    rings=proposal.rings,
                    revert_at=ends,
                ),
                now=self.now,
            )
        serialized = self.serialized_change(made)
        return Response(
            serialized, status=status.HTTP_201_CREATED, headers={"Location": serialized["url"]}
        )

    def _read(self, values: dict[str, Any]) -> ReadProposal:
        content = values["content"].encode("utf-8", "surrogatepass")
        if values["encoding"] == BASE64:
            try:
                content = base64.b64decode(content, validate=True)
            except (binascii.Error, ValueError):
                raise ValidationError({"content": ["this is not base64"]}) from None
        known = named_objects(self.viewer, self.connection)
        try:
            return read_proposal(content, name=values["name"], known=known)
        except ProposalInvalid as error:
            said = [f"{each.place}: {each.message}" for each in error.errors]
            raise ValidationError({"content": said}) from error


class ChangeUndo(ChangesEndpoint):
    """Undoing an applied change request."""

    rights = {"POST": rights.PROPOSE_CHANGE}
    takes = None
    answers = {201: OpenApiResponse(ChangeRepresentation(), description="Draft created.")}

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Make a draft that takes an applied change request back.

        One that is open already is returned instead. It is checked and reviewed as any other.
        """
        found = _whole(self)
        with change_problems():
            made = change_undo(by=self.by, change_request_id=found.pk, now=self.now)
        serialized = self.serialized_change(made)
        return Response(
            serialized, status=status.HTTP_201_CREATED, headers={"Location": serialized["url"]}
        )


def _whole(endpoint: ChangesEndpoint) -> ChangeRequest:
    """Return the request of the address if the asker may see all of it.

    :raises Problem: there is none, or a part of it is hidden.
    """
    found = endpoint.find()
    if shown_plan(endpoint.viewer, found).hides:
        raise Problem(PERMISSION_DENIED, _HIDDEN)
    return found


def _moment(text: str) -> Any:
    """Read the end of a temporary change.

    :raises ValidationError: it is no time.
    """
    if not text.strip():
        return None
    try:
        return serializers.DateTimeField().to_internal_value(text.strip())
    except ValidationError:
        said = "revert_at: give a time such as 2026-12-31T18:00:00Z"
        raise ValidationError({"content": [said]}) from None
