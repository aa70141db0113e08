"""/principals: the IAM users, groups and roles of all accounts."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db.models import QuerySet
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
    CoverageSummaryRepresentation,
    LastReadingField,
    Representation,
    TagsField,
)
from governance.filtering.principals import PrincipalFilters
from governance.posture.identities.classing import IdentityKind
from governance.posture.identities.selectors import identities_of
from inventory.models import Principal
from inventory.selectors.coverage import collected
from inventory.selectors.last_readings import UnreadableAccount, last_readings
from inventory.selectors.last_use import Use, last_use
from inventory.selectors.principals import PrincipalDetail, principal_detail, principals

COLLECTOR: Final = "iam.authorization_details"


class LastUseRepresentation(serializers.Serializer[Any]):
    """When a principal was last used, and what that is known from."""

    use = serializers.ChoiceField(
        choices=[use.value for use in Use],
        help_text=(
            "used. none_on_record: not in the 400 days that AWS keeps. not_recorded: AWS records "
            "none for groups. unknown: never collected, or not known of the time in `as_of`."
        ),
    )
    at = serializers.DateTimeField(allow_null=True)
    region = serializers.CharField(allow_null=True)


class IdentityRepresentation(serializers.Serializer[Any]):
    """Who uses a principal."""

    kind = serializers.ChoiceField(
        choices=[kind.value for kind in IdentityKind],
        help_text=(
            "human. workload: software that does the business's work. automation: software that "
            "changes accounts, such as a pipeline. service_linked. break_glass. unknown."
        ),
    )
    reason = serializers.CharField(help_text="The reason, in one sentence.")


class PrincipalRepresentation(Representation):
    """A principal, as one version of it was seen."""

    arn = serializers.CharField()
    url = serializers.SerializerMethodField()
    account_id = serializers.CharField()
    account_name = serializers.CharField(allow_null=True)
    kind = serializers.ChoiceField(choices=Principal.Kind.choices)
    name = serializers.CharField()
    path = serializers.CharField()
    unique_id = serializers.CharField()
    created_at = serializers.DateTimeField(allow_null=True)
    boundary_arn = serializers.SerializerMethodField(
        help_text="The permissions boundary; null: there is none."
    )
    attached_policy_arns = serializers.ListField(child=serializers.CharField())
    inline_policy_names = serializers.SerializerMethodField()
    groups = serializers.ListField(
        child=serializers.CharField(), help_text="Names of the groups that a user is in."
    )
    instance_profile_arns = serializers.ListField(child=serializers.CharField())
    identity = serializers.SerializerMethodField()
    last_use = serializers.SerializerMethodField()
    last_reading = LastReadingField()
    tags = TagsField()
    seen_from = serializers.DateTimeField(
        help_text="Start of the run that first found it in this state."
    )
    seen_until = serializers.DateTimeField(
        allow_null=True,
        help_text="Start of the run that found it changed or deleted; null: current.",
    )

    def get_url(self, row: Principal) -> str:
        """Return the principal's address."""
        return reverse(
            "api:principal",
            kwargs={
                "slug": self.context["slug"],
                "account_id": row.account_id,
                "kind": row.kind,
                "name": row.name,
            },
            request=self.context["request"],
        )

    def get_boundary_arn(self, row: Principal) -> str | None:
        """Return the boundary, None where there is none."""
        return row.boundary_arn or None

    def get_inline_policy_names(self, row: Principal) -> list[str]:
        """Return the names of the inline policies."""
        return sorted(row.inline_policies)

    def get_identity(self, row: Principal) -> IdentityRepresentation:
        """Return who uses it."""
        serialized: Any = IdentityRepresentation(self.context["identities"][row.arn]).data
        return serialized  # type: ignore[no-any-return]

    def get_last_use(self, row: Any) -> LastUseRepresentation:
        """Return when it was last used."""
        use = last_use(
            kind=row.kind,
            collected=row.use_collected,
            last_used_at=row.last_used_at,
            region=row.last_used_region,
            as_of=self.context["as_of"],
        )
        serialized: Any = LastUseRepresentation(use).data
        return serialized  # type: ignore[no-any-return]


class PolicyTextRepresentation(serializers.Serializer[Any]):
    """A policy that applies to a principal."""

    kind = serializers.CharField(help_text="managed, inline, boundary or trust.")
    name = serializers.CharField()
    arn = serializers.SerializerMethodField(help_text="Null: it is not a managed policy.")
    via_group = serializers.SerializerMethodField(help_text="The group it comes from, or null.")
    text = serializers.CharField(allow_null=True, help_text="Null: it was not collected.")

    def get_arn(self, policy: Any) -> str | None:
        """Return the ARN of a managed policy."""
        return policy.arn or None

    def get_via_group(self, policy: Any) -> str | None:
        """Return the group's name."""
        return policy.via_group or None


class PrincipalPoliciesRepresentation(Representation):
    """Every policy that applies to a principal."""

    arn = serializers.CharField(source="principal.arn")
    policies = PolicyTextRepresentation(many=True)
    members = serializers.ListField(
        child=serializers.CharField(), help_text="Names of the users in a group."
    )
    coverage = serializers.SerializerMethodField(help_text="Coverage of the account.")
    last_reading = LastReadingField()

    def get_coverage(self, _: PrincipalDetail) -> CoverageSummaryRepresentation:
        """Return how well the account is known."""
        serialized: Any = CoverageSummaryRepresentation(self.context["coverage"]).data
        return serialized  # type: ignore[no-any-return]


class PrincipalList(InAccountsEndpoint):
    """The principals of all accounts of an organization."""

    shows_tables = ("Principal",)
    topic = "Principals"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = PrincipalRepresentation
    coverage_representation = AccountsKnownRepresentation
    queryset = Principal.objects.none()
    collectors = (COLLECTOR,)
    filterset_class = PrincipalFilters
    orderings = {
        "name": by("name", "arn"),
        "kind": by("kind", "name", "arn"),
        "account_id": by("account_id", "arn"),
        "created_at": by("created_at", "arn", nullable=True),
    }
    usual_ordering = "name"

    def rows(self) -> Any:
        """Return the principals."""
        return principals(self.viewer, connection=self.connection, as_of=self.as_of)

    def context(self, rows: Sequence[Principal]) -> Mapping[str, Any]:
        """Return what addresses, uses and marks of unreadable accounts need."""
        return {
            "slug": self.connection.slug,
            "as_of": self.as_of,
            "identities": identities_of(
                self.viewer, connection=self.connection, rows=rows, as_of=self.as_of
            ),
            "last_readings": last_readings(
                self.viewer,
                connection=self.connection,
                account_ids={row.account_id for row in rows},
                collector=COLLECTOR,
                as_of=self.as_of,
            ),
        }

    def was_read(self) -> bool:
        """Whether an account was, or the one that is asked for."""
        account_id = self.request.query_params.get("account_id")
        if account_id:
            return self.ever_complete(account_id)
        rows = collected(self.viewer, connection=self.connection, as_of=self.as_of)
        return rows.filter(collector__in=self.collectors).exists()

    def get(self, request: Request, **kwargs: str) -> Response:
        """List the users, groups and roles of all accounts.

        `coverage` tells how many accounts this draws on, and how well each is known: principals
        of an account that could not be read are not in the list.
        """
        return self.respond()


class _OnePrincipal(DetailEndpoint):
    shows_tables = ("Principal", "IamPolicy", "UserCredential")
    topic = "Principals"
    rights = {"GET": rights.VIEW_INVENTORY}

    def found(self) -> "QuerySet[Principal]":
        """Return the principals of that account, kind and name: one or none."""
        return principals(
            self.viewer,
            connection=self.connection,
            as_of=self.as_of,
            account_id=self.kwargs["account_id"],
        ).filter(kind=self.kwargs["kind"], name=self.kwargs["name"])

    def last_readings(self) -> Mapping[str, UnreadableAccount]:
        """Return the last reading of its account, if that cannot be read any more."""
        return last_readings(
            self.viewer,
            connection=self.connection,
            account_ids=[self.kwargs["account_id"]],
            collector=COLLECTOR,
            as_of=self.as_of,
        )

    def said(self) -> str:
        """Return what was asked for, in words."""
        return "{kind} {name} in account {account_id}".format(**self.kwargs)


class PrincipalDetails(_OnePrincipal):
    """One principal."""

    representation = PrincipalRepresentation

    def get(self, request: Request, **kwargs: str) -> Response:
        """Get one principal; IAM's names are unique for a kind in an account."""
        row = self.found().first()
        if row is None:
            raise self.missing(self.said())
        identities = identities_of(
            self.viewer, connection=self.connection, rows=[row], as_of=self.as_of
        )
        serialized = self.serialized(
            row,
            slug=self.connection.slug,
            as_of=self.as_of,
            identities=identities,
            last_readings=self.last_readings(),
        )
        return self.answer(serialized)


class PrincipalPolicies(_OnePrincipal):
    """The policies of one principal."""

    representation = PrincipalPoliciesRepresentation

    def get(self, request: Request, **kwargs: str) -> Response:
        """List all policies that bear on a principal: managed, inline, boundary, trust, groups'."""
        arn = self.found().values_list("arn", flat=True).first()
        detail = arn and principal_detail(
            self.viewer, connection=self.connection, arn=arn, as_of=self.as_of
        )
        if not detail:
            raise self.missing(self.said())
        coverage = self.coverage_of(kwargs["account_id"])
        return self.answer(
            self.serialized(detail, coverage=coverage, last_readings=self.last_readings())
        )
