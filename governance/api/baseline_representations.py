"""Representations of the baseline: its versions, their differences, adopting and importing."""

from typing import Final

from rest_framework import serializers
from rest_framework.reverse import reverse

from governance.api.parts.representations import BodyRepresentation, Representation
from governance.baseline.structure.document import SubjectKind
from governance.baseline.structure.files import LARGEST_BYTES
from governance.baseline.structure.models import BaselineVersion
from governance.baseline.structure.versions import LONGEST_REASON

SUBJECT_KINDS: Final = [kind.value for kind in SubjectKind]
DIFFERENCE_CHANGES: Final = ["added", "changed", "removed"]


class BaselineSummaryRepresentation(Representation):
    """A version of the baseline as lists show it."""

    number = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    digest = serializers.CharField(help_text="SHA-256 of the canonical document.")
    source = serializers.ChoiceField(  # type: ignore[assignment]
        choices=BaselineVersion.Source.choices, help_text="Where it comes from."
    )
    target_id = serializers.CharField(
        allow_blank=True, help_text="The OU that was adopted; empty: all of the organization."
    )
    change_number = serializers.IntegerField(
        allow_null=True, help_text="Of the change request that was applied or taken back."
    )
    reason = serializers.CharField(allow_blank=True)
    made_by = serializers.CharField(
        source="made_by.username",
        default=None,
        allow_null=True,
        help_text="Null: Orgwarden itself, when a change request was applied.",
    )
    made_at = serializers.DateTimeField()

    def get_url(self, version: BaselineVersion) -> str:
        """Return the address of the version."""
        address: str = reverse(
            "api:baseline-version",
            kwargs={"slug": self.context["slug"], "version": version.number},
            request=self.context["request"],
        )
        return address


class BaselineRepresentation(BaselineSummaryRepresentation):
    """A version of the baseline with its document."""

    document = serializers.JSONField(
        help_text="OUs, accounts, policies with text and digest, attachments, enabled types, "
        "trusted services and delegated administrators; null members say nothing."
    )


class BaselinePageRepresentation(Representation):
    """A page of versions."""

    results = BaselineSummaryRepresentation(many=True)
    next = serializers.URLField(allow_null=True)


class BaselineDifferenceRepresentation(Representation):
    """One thing in which two versions differ."""

    subject = serializers.CharField(help_text="Such as policy:p-… or attachment:p-…:ou-….")
    kind = serializers.ChoiceField(choices=SUBJECT_KINDS)
    name = serializers.CharField(source="label", help_text="Its name.")
    change = serializers.ChoiceField(choices=DIFFERENCE_CHANGES)
    before = serializers.JSONField(allow_null=True, help_text="Null: it did not exist.")
    after = serializers.JSONField(allow_null=True, help_text="Null: it does not exist.")


class BaselineDiffRepresentation(Representation):
    """What a version says otherwise than another."""

    before = serializers.IntegerField()
    after = serializers.IntegerField()
    differences = BaselineDifferenceRepresentation(many=True)


class BaselineAdoptRepresentation(BodyRepresentation):
    """What to agree to."""

    target_id = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=140,
        help_text="An OU, with all below it; left out: the whole organization.",
    )
    reason = serializers.CharField(max_length=LONGEST_REASON)


class BaselineFileRepresentation(BodyRepresentation):
    """A file of the baseline."""

    content = serializers.CharField(
        max_length=LARGEST_BYTES, trim_whitespace=False, help_text="YAML or JSON as it is written."
    )
    reason = serializers.CharField(max_length=LONGEST_REASON, required=False, default="")
    dry_run = serializers.BooleanField(
        required=False, default=False, help_text="Only return what it would change."
    )


class BaselineImportRepresentation(Representation):
    """What a file made, or would make."""

    applied = serializers.BooleanField()
    number = serializers.IntegerField(allow_null=True, help_text="Of the active version now.")
    digest = serializers.CharField()
    differences = BaselineDifferenceRepresentation(many=True)


class BaselineExportRepresentation(Representation):
    """The baseline as a file."""

    name = serializers.CharField()
    media_type = serializers.CharField()
    text = serializers.CharField(
        help_text="The file it was imported from, byte for byte, or a newly written one."
    )


class BaselineSchemaRepresentation(Representation):
    """The JSON Schema of the file."""

    name = serializers.CharField()
    media_type = serializers.CharField()
    text = serializers.CharField(help_text="For editors: name it in the file's first line.")
