"""/policies: the organization's policies, what they said and where they were attached."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from governance.access import rights
from governance.api.parts.endpoints import DetailEndpoint, OrganizationEndpoint
from governance.api.parts.list_endpoint import ListEndpoint, by
from governance.api.parts.pagination import Key, PageRequest, RowPage, page_of_union
from governance.api.parts.representations import DiagnosticRepresentation, Representation, TagsField
from governance.filtering.policies import PolicyFilters
from governance.posture.state.parsed_policies import parsed_policy
from inventory.models import Policy, PolicyAttachment
from inventory.selectors import policies as reads
from inventory.selectors.attachments import NAME, TARGET, attached_targets, policy_targets
from policies import ParsedPolicy, PolicyType


class PolicyRepresentation(Representation):
    """A policy, as one version of it was seen. Its text is at `content_url`."""

    policy_id = serializers.CharField(help_text="p-…")
    url = serializers.SerializerMethodField()
    name = serializers.CharField()
    description = serializers.CharField()
    type = serializers.CharField(help_text="AWS's policy type, such as SERVICE_CONTROL_POLICY.")
    arn = serializers.CharField()
    aws_managed = serializers.BooleanField()
    attachment_count = serializers.IntegerField(help_text="Targets it is attached to directly.")
    characters = serializers.IntegerField(help_text="Length of its text as AWS returned it.")
    content_sha256 = serializers.CharField(source="content_id")
    content_url = serializers.SerializerMethodField()
    tags = TagsField()
    seen_from = serializers.DateTimeField(
        help_text="Start of the run that first found it in this state."
    )
    seen_until = serializers.DateTimeField(
        allow_null=True,
        help_text="Start of the run that found it changed or deleted; null: current.",
    )

    def get_url(self, policy: Policy) -> str:
        """Return the policy's address."""
        return self._address("api:policy", policy)

    def get_content_url(self, policy: Policy) -> str:
        """Return the address of its text."""
        return self._address("api:policy-content", policy)

    def _address(self, name: str, policy: Policy) -> str:
        return reverse(
            name,
            kwargs={"slug": self.context["slug"], "policy_id": policy.policy_id},
            request=self.context["request"],
        )


class PolicyVersionRepresentation(Representation):
    """A policy as it was for a time."""

    number = serializers.IntegerField(help_text="From 1, the oldest that was seen.")
    seen_from = serializers.DateTimeField(
        help_text="Start of the run that first found it in this state."
    )
    seen_until = serializers.DateTimeField(
        allow_null=True,
        help_text="Start of the run that found it changed or deleted; null: current.",
    )
    name = serializers.CharField()
    description = serializers.CharField()
    characters = serializers.IntegerField()
    content_sha256 = serializers.CharField(source="content_id")
    text = serializers.CharField(source="content.text", help_text="As AWS returned it.")


class PolicyAttachmentRepresentation(Representation):
    """A target that a policy is attached to."""

    target_id = serializers.CharField()
    target_type = serializers.ChoiceField(choices=PolicyAttachment.TargetType.choices)
    name = serializers.CharField()
    accounts = serializers.IntegerField(
        allow_null=True,
        help_text="How many accounts it reaches from there; null: the target is not collected.",
    )
    seen_from = serializers.DateTimeField(help_text="Start of the run that first saw it there.")


class PolicyContentRepresentation(Representation):
    """The text of a policy."""

    policy_id = serializers.CharField()
    sha256 = serializers.CharField(source="content_id")
    characters = serializers.IntegerField()
    text = serializers.CharField(source="content.text", help_text="As AWS returned it.")
    readable = serializers.SerializerMethodField(
        help_text="Whether it can be read; if not, it counts as unknown wherever it applies. "
        "Null: its type is newer than the checks."
    )
    diagnostics = serializers.SerializerMethodField(
        help_text="What is wrong with the text, and where; null: its type is newer than the checks."
    )
    seen_from = serializers.DateTimeField(
        help_text="Start of the run that first found it in this state."
    )

    def get_readable(self, policy: Policy) -> bool | None:
        """Whether the text can be read as a policy of its type."""
        parsed = _parsed(policy)
        return None if parsed is None else parsed.document is not None

    @extend_schema_field(DiagnosticRepresentation(many=True, allow_null=True))
    def get_diagnostics(self, policy: Policy) -> Any:
        """Return what is wrong with the text."""
        parsed = _parsed(policy)
        if parsed is None:
            return None
        return DiagnosticRepresentation(parsed.diagnostics, many=True).data


def _parsed(policy: Policy) -> ParsedPolicy | None:
    if policy.type not in PolicyType.__members__:
        return None
    return parsed_policy(policy.content_id, policy.content.text, PolicyType(policy.type))


class PolicyList(ListEndpoint):
    """The policies of an organization."""

    shows_tables = ("Policy", "PolicyAttachment")
    topic = "Policies"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = PolicyRepresentation
    queryset = Policy.objects.none()
    collectors = ("organizations.policies.",)
    filterset_class = PolicyFilters
    orderings = {
        "name": by("name", "policy_id"),
        "policy_id": by("policy_id"),
        "type": by("type", "name", "policy_id"),
        "attachment_count": by("attachment_count", "policy_id"),
        "characters": by("characters", "policy_id"),
        "seen_from": by("seen_from", "policy_id"),
    }
    usual_ordering = "name"

    def rows(self) -> Any:
        """Return the policies."""
        return reads.policies(self.viewer, connection=self.connection, as_of=self.as_of)

    def context(self, rows: Sequence[Policy]) -> Mapping[str, Any]:
        """Return what the addresses need."""
        return {"slug": self.connection.slug, "tags_known": self.tags_known}

    def get(self, request: Request, **kwargs: str) -> Response:
        """List the policies of all types."""
        return self.respond()


class OnePolicy(DetailEndpoint):
    """What the addresses of one policy share."""

    shows_tables = ("Policy", "PolicyAttachment")
    topic = "Policies"
    rights = {"GET": rights.VIEW_INVENTORY}

    def policy(self) -> Policy:
        """Find the policy.

        :raises Problem: there is none, or was none then.
        """
        return found_policy(self, as_of=self.as_of)


def found_policy(view: OrganizationEndpoint, *, as_of: datetime | None) -> Policy:
    """Find the policy that an address names.

    :raises Problem: there is none, or was none then.
    """
    policy_id = view.kwargs["policy_id"]
    found = reads.policy(view.viewer, connection=view.connection, policy_id=policy_id, as_of=as_of)
    if found is None:
        raise view.missing(f"policy {policy_id}")
    return found


class PolicyDetail(OnePolicy):
    """One policy."""

    representation = PolicyRepresentation

    def get(self, request: Request, **kwargs: str) -> Response:
        """Get one policy."""
        return self.answer(
            self.serialized(self.policy(), slug=self.connection.slug, tags_known=self.tags_known)
        )


class PolicyContentEndpoint(OnePolicy):
    """The text of one policy."""

    representation = PolicyContentRepresentation

    def get(self, request: Request, **kwargs: str) -> Response:
        """Give a policy's text, exactly as AWS returned it."""
        return self.answer(self.serialized(self.policy()))


class PolicyVersionsEndpoint(ListEndpoint):
    """What one policy said over time."""

    shows_tables = ("Policy",)
    topic = "Policies"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = PolicyVersionRepresentation
    queryset = Policy.objects.none()
    collectors = ("organizations.policies.",)
    takes_as_of = False
    orderings = {"seen_from": (Key("seen_from"),)}
    usual_ordering = "-seen_from"

    def rows(self) -> Any:
        """Return the versions.

        :raises Problem: no such policy was ever seen.
        """
        policy_id = self.kwargs["policy_id"]
        rows = reads.policy_versions(self.viewer, connection=self.connection, policy_id=policy_id)
        if not rows.exists():
            raise self.missing(f"policy {policy_id}")
        return rows

    def get(self, request: Request, **kwargs: str) -> Response:
        """List every version that runs have seen, the newest first."""
        return self.respond()


class PolicyAttachmentsEndpoint(ListEndpoint):
    """Where one policy is attached."""

    shows_tables = ("Policy", "PolicyAttachment")
    topic = "Policies"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = PolicyAttachmentRepresentation
    queryset = PolicyAttachment.objects.none()
    collectors = ("organizations.policies.",)
    orderings = {"name": by(NAME, TARGET)}
    usual_ordering = "name"

    def page(self, asked: PageRequest) -> RowPage:
        """Read the page of targets, then what each of them reaches."""
        policy_id = self.kwargs["policy_id"]
        common = {"connection": self.connection, "policy_id": policy_id, "as_of": self.as_of}
        if reads.policy(self.viewer, **common) is None:
            raise self.missing(f"policy {policy_id}")
        page = page_of_union(
            lambda narrowed: policy_targets(self.viewer, narrowed=narrowed, **common), asked
        )
        return replace(page, rows=attached_targets(self.viewer, chosen=page.rows, **common))

    def get(self, request: Request, **kwargs: str) -> Response:
        """List the targets that a policy is attached to, with how many accounts it reaches."""
        return self.respond()
