"""/resource-policies and /resources: what can have a policy of its own, and whom it lets in."""

from collections.abc import Mapping, Sequence
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from governance.access import rights
from governance.api.parts.account_lists import InAccountsEndpoint
from governance.api.parts.endpoints import DetailEndpoint
from governance.api.parts.list_endpoint import by
from governance.api.parts.representations import (
    AccountsKnownRepresentation,
    LastReadingField,
    Representation,
)
from governance.filtering.resource_policies import ResourcePolicyFilters
from governance.posture.trust.selectors import NO_EDGES, edges_by_resource, was_worked_out
from inventory.models import ResourcePolicy
from inventory.resource_facts import POLICY
from inventory.selectors.coverage import collected
from inventory.selectors.last_readings import last_readings, region_readings
from inventory.selectors.resource_policies import (
    collector_of,
    resource_by_arn,
    resource_collectors,
    resource_policies,
)

TOPIC = "Trust"


class ResourceRepresentation(Representation):
    """A resource and its policy, as one version of them was seen."""

    arn = serializers.CharField()
    url = serializers.SerializerMethodField()
    account_id = serializers.CharField()
    account_name = serializers.CharField(allow_null=True)
    service = serializers.CharField(help_text="As ARNs name it, such as s3.")
    resource_type = serializers.CharField(help_text="Such as bucket.")
    region = serializers.CharField()
    name = serializers.CharField()
    policy = serializers.SerializerMethodField(
        help_text="set, none, or unknown: it could not be read."
    )
    policy_sha256 = serializers.CharField(
        source="content_id", allow_null=True, help_text="Of the policy's text; null: none is known."
    )
    facts = serializers.JSONField(
        help_text="What else decides about access. For a bucket: ownership, acl (null where access "
        "control lists are off or not known), public_access_block (null where none is set or "
        "known)."
    )
    unknown = serializers.DictField(
        child=serializers.CharField(),
        help_text="What could not be read, policy or a name among the facts: AWS's error code.",
    )
    last_reading = LastReadingField()
    seen_from = serializers.DateTimeField(
        help_text="Start of the run that first found it in this state."
    )
    seen_until = serializers.DateTimeField(
        allow_null=True,
        help_text="Start of the run that found it changed or deleted; null: current.",
    )

    def get_url(self, row: ResourcePolicy) -> str:
        """Return the resource's address."""
        return reverse(
            "api:resource-policy",
            kwargs={"slug": self.context["slug"], "resource_arn": row.arn},
            request=self.context["request"],
        )

    def get_policy(self, row: ResourcePolicy) -> str:
        """Return whether it has one, and whether that is known."""
        if POLICY in row.unknown:
            return "unknown"
        return "none" if row.content_id is None else "set"


class ResourceDetailRepresentation(ResourceRepresentation):
    """A resource with the text of its policy."""

    policy_text = serializers.SerializerMethodField(
        help_text="As AWS returned it; null: none, or not known (`policy` tells which)."
    )

    def get_policy_text(self, row: ResourcePolicy) -> str | None:
        """Return the text."""
        return row.content.text if row.content else None


class ResourcePolicyList(InAccountsEndpoint):
    """The resources of all accounts that can have policies of their own."""

    shows_tables = ("ResourcePolicy",)
    topic = "Resource policies"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = ResourceRepresentation
    coverage_representation = AccountsKnownRepresentation
    queryset = ResourcePolicy.objects.none()
    collectors = resource_collectors()
    filterset_class = ResourcePolicyFilters
    orderings = {
        "name": by("name", "arn"),
        "service": by("service", "arn"),
        "account_id": by("account_id", "arn"),
        "region": by("region", "arn"),
        "seen_from": by("seen_from", "arn"),
    }
    usual_ordering = "name"

    def rows(self) -> Any:
        """Return the resources."""
        return resource_policies(self.viewer, connection=self.connection, as_of=self.as_of)

    def context(self, rows: Sequence[ResourcePolicy]) -> Mapping[str, Any]:
        """Return what addresses and marks of unreadable accounts need."""
        return {
            "slug": self.connection.slug,
            "last_readings": last_readings(
                self.viewer,
                connection=self.connection,
                account_ids={row.account_id for row in rows},
                # Of whichever collector: an account that cannot be read is read by none.
                collector="",
                as_of=self.as_of,
            ),
            "region_readings": region_readings(
                self.viewer,
                connection=self.connection,
                account_ids={row.account_id for row in rows},
                as_of=self.as_of,
            ),
        }

    def was_read(self) -> bool:
        """Whether resources of any account were, or of the one that is asked for."""
        rows = collected(self.viewer, connection=self.connection, as_of=self.as_of)
        account_id = self.request.query_params.get("account_id")
        if account_id:
            rows = rows.filter(account_id=account_id)
        return rows.filter(collector__in=self.collectors).exists()

    def get(self, request: Request, **kwargs: str) -> Response:
        """List the resources of all accounts, whether they have a policy or not.

        Those of an account or region that could not be read are not in the list; `coverage` tells
        how well accounts are known.
        """
        return self.respond()


class LetInRepresentation(serializers.Serializer[Any]):
    """How many edges of trust lead into a resource."""

    edges = serializers.IntegerField(help_text="Blocked ones too.")
    open = serializers.IntegerField(help_text="Without a guard that holds.")
    blocked = serializers.IntegerField()
    from_outside = serializers.IntegerField(
        help_text="Usable, from the public, an account outside or a known vendor."
    )


class TrustedResourceRepresentation(ResourceRepresentation):
    """A resource with whom it lets in."""

    let_in = serializers.SerializerMethodField(help_text="Null: trust is not evaluated.")

    @extend_schema_field(LetInRepresentation(allow_null=True))
    def get_let_in(self, row: ResourcePolicy) -> LetInRepresentation | None:
        """Return the counts of edges."""
        counts = self.context["let_in"]
        if counts is None:
            return None
        serialized: Any = LetInRepresentation(counts.get(row.arn, NO_EDGES)).data
        return serialized  # type: ignore[no-any-return]


class ResourceList(ResourcePolicyList):
    """The resources of all accounts with how many edges of trust lead into each."""

    topic = TOPIC
    rights = {"GET": rights.VIEW_TRUST}
    representation = TrustedResourceRepresentation

    def context(self, rows: Sequence[ResourcePolicy]) -> Mapping[str, Any]:
        """Add the counts of edges into a page's resources."""
        known = was_worked_out(self.viewer, connection=self.connection, as_of=self.as_of)
        counts = edges_by_resource(
            self.viewer,
            connection=self.connection,
            resource_arns=[row.arn for row in rows],
            as_of=self.as_of,
        )
        return {**super().context(rows), "let_in": counts if known else None}

    def get(self, request: Request, **kwargs: str) -> Response:
        """List the resources of all accounts with how many edges of trust lead into each.

        `/resource-policies` lists the same without edges, for who may not see trust;
        `/trust-edges?resource_arn=` lists the edges of one.
        """
        return self.respond()


class ResourcePolicyDetails(DetailEndpoint):
    """One resource."""

    shows_tables = ("ResourcePolicy",)
    topic = "Resource policies"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = ResourceDetailRepresentation
    row: ResourcePolicy

    def tables_shown(self) -> tuple[str, ...]:
        """Return the resources of its service."""
        return (f"ResourcePolicy:{self.row.service}",)

    def shown_account_id(self) -> str:
        """Return the resource's account."""
        return self.row.account_id

    def get(self, request: Request, **kwargs: str) -> Response:
        """Get one resource by its ARN, with the text of its policy."""
        arn = kwargs["resource_arn"]
        row = resource_by_arn(self.viewer, connection=self.connection, arn=arn, as_of=self.as_of)
        if row is None or row.arn != arn:
            raise self.missing(f"resource {arn}")
        self.row = row
        found = last_readings(
            self.viewer,
            connection=self.connection,
            account_ids=[row.account_id],
            collector=collector_of(row),
            as_of=self.as_of,
        )
        of_regions = region_readings(
            self.viewer,
            connection=self.connection,
            account_ids=[row.account_id],
            as_of=self.as_of,
        )
        serialized = self.serialized(
            row, slug=self.connection.slug, last_readings=found, region_readings=of_regions
        )
        return self.answer(serialized)
