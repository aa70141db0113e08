"""/effective-policies: what management policies amount to at accounts, and in OUs."""

from dataclasses import asdict
from functools import cached_property
from itertools import islice
from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.api.endpoints import DetailEndpoint, ListEndpoint, OrganizationEndpoint, by
from governance.api.pagination import LARGEST_LIMIT, Page, PageRequest, page_of_rows
from governance.api.representations import CoverageSummaryRepresentation, Representation
from governance.filtering.effective_policies import EffectivePolicyFilters
from governance.posture.effective.groups import groups_below
from governance.posture.effective.listing import EffectiveListing
from governance.posture.effective.organization import ManagementOrganization, load_management
from governance.posture.effective.targets import (
    EffectiveAtTarget,
    EffectiveSource,
    EffectiveState,
    effective_at,
)
from inventory.models import Account
from inventory.policy_types import MANAGEMENT_POLICY_TYPES
from inventory.selectors.effective_policies import (
    ChainKey,
    EffectiveAnswer,
    effective_answers,
    policies_fared,
)
from inventory.selectors.hierarchy import accounts
from policies.management import Contribution

STATES: Final = [state.value for state in EffectiveState]


class ContributionRepresentation(serializers.Serializer[Any]):
    """What one policy at one level does to a setting."""

    target_id = serializers.CharField(help_text="The level: a root, an OU or an account.")
    policy_id = serializers.CharField()
    operator = serializers.CharField(help_text="Such as @@assign.")
    values = serializers.ListField(child=serializers.CharField())


class EffectiveSettingRepresentation(serializers.Serializer[Any]):
    """A setting in effect."""

    path = serializers.ListField(child=serializers.CharField(), help_text="Names from the root on.")
    values = serializers.ListField(child=serializers.CharField())
    is_list = serializers.BooleanField()
    set_by = ContributionRepresentation(
        many=True, help_text="Empty where what is attached does not give this value."
    )
    is_certain = serializers.BooleanField(
        help_text="false: two policies of a level set it, and which was attached first decides."
    )
    allowed_below = serializers.ListField(
        child=serializers.CharField(),
        allow_null=True,
        help_text="Operators that lower levels may use; null: not known.",
    )


class DifferenceRepresentation(serializers.Serializer[Any]):
    """A setting that AWS gives otherwise than the operators do. Null: not set there."""

    path = serializers.ListField(child=serializers.CharField())
    aws = serializers.ListField(child=serializers.CharField(), allow_null=True)
    computed = serializers.ListField(child=serializers.CharField(), allow_null=True)


class TroubleRepresentation(serializers.Serializer[Any]):
    """Something that a policy says and that does not come to be, or cannot be read."""

    kind = serializers.CharField(help_text="not_allowed, conflict or unreadable.")
    target_id = serializers.CharField()
    policy_id = serializers.CharField()
    path = serializers.ListField(child=serializers.CharField())
    message = serializers.CharField()


class AwsAnswerRepresentation(serializers.Serializer[Any]):
    """When AWS was asked."""

    asked_at = serializers.DateTimeField(
        allow_null=True, help_text="Null: after the time looked back to."
    )
    account_id = serializers.CharField(
        help_text="The account asked for; it has the same policies on its way."
    )
    policy_updated_at = serializers.DateTimeField(
        allow_null=True, help_text="When AWS last updated its answer."
    )
    seen_from = serializers.DateTimeField(help_text="Start of the run that first saw it so.")
    text = serializers.CharField(
        allow_null=True, help_text="AWS's answer as it is; null: there is no such policy."
    )


class NotToldRepresentation(serializers.Serializer[Any]):
    """Why AWS's answer is missing."""

    state = serializers.CharField(
        help_text="Of coverage; unknown: never asked; empty: no active account to ask for."
    )
    message = serializers.CharField()
    remedy = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)


class EffectiveRepresentation(Representation):
    """What the policies of one type amount to."""

    policy_type = serializers.CharField(help_text="AWS's policy type, such as TAG_POLICY.")
    state = serializers.ChoiceField(
        choices=STATES,
        help_text=(
            "not_enabled: the type is off. not_collected: its policies were never read whole. "
            "nothing_attached: no level has one. unknown: a policy on the way cannot be relied "
            "on, and AWS was not asked. known: see `document`."
        ),
    )
    source = serializers.ChoiceField(  # type: ignore[assignment]
        choices=[source.value for source in EffectiveSource],
        allow_null=True,
        help_text="aws: AWS's own answer. computed: from what is attached, by operators.",
    )
    document = serializers.JSONField(
        allow_null=True, help_text="The effective policy as JSON; null: none, or not known."
    )
    settings = serializers.SerializerMethodField()
    differences = serializers.SerializerMethodField(
        help_text="Where AWS's answer is not what the operators of the attached policies give."
    )
    troubles = serializers.SerializerMethodField()
    asked = serializers.SerializerMethodField()
    not_told = serializers.SerializerMethodField()

    # Plain values and no serializers within: a page has many thousand of them.
    @extend_schema_field(EffectiveSettingRepresentation(many=True))
    def get_settings(self, effective: EffectiveAtTarget) -> list[dict[str, Any]]:
        """Return what is set, and by what."""
        return [
            {
                "path": one.path,
                "values": one.values,
                "is_list": one.is_list,
                "set_by": [_contribution(made) for made in one.set_by],
                "is_certain": one.is_certain,
                "allowed_below": None if one.allowed_below is None else sorted(one.allowed_below),
            }
            for one in effective.settings
        ]

    @extend_schema_field(DifferenceRepresentation(many=True))
    def get_differences(self, effective: EffectiveAtTarget) -> list[dict[str, Any]]:
        """Return where AWS says otherwise."""
        return [
            {"path": one.path, "aws": one.told, "computed": one.computed}
            for one in effective.differences
        ]

    @extend_schema_field(TroubleRepresentation(many=True))
    def get_troubles(self, effective: EffectiveAtTarget) -> list[dict[str, Any]]:
        """Return what has no effect, and what is wrong with texts that cannot be relied on."""
        return [
            {
                "kind": one.kind.value,
                "target_id": one.target_id,
                "policy_id": one.policy_id,
                "path": one.path,
                "message": one.message,
            }
            for one in effective.troubles
        ] + [
            {
                "kind": "unreadable",
                "target_id": target_id,
                "policy_id": policy.policy_id,
                "path": [],
                "message": diagnostic.message,
            }
            for target_id, policy in effective.unreadable
            for diagnostic in policy.diagnostics
        ]

    @extend_schema_field(AwsAnswerRepresentation(allow_null=True))
    def get_asked(self, effective: EffectiveAtTarget) -> Any:
        """Return AWS's answer and when it was given."""
        answer: EffectiveAnswer | None = effective.answer
        return None if answer is None else asdict(answer)

    @extend_schema_field(NotToldRepresentation(allow_null=True))
    def get_not_told(self, effective: EffectiveAtTarget) -> Any:
        """Return why AWS's answer is missing."""
        why = effective.not_told
        return None if why is None else asdict(why)


def _contribution(made: Contribution) -> dict[str, Any]:
    return {
        "target_id": made.target_id,
        "policy_id": made.policy_id,
        "operator": made.operator,
        "values": made.values,
    }


class EffectiveOfAccountRepresentation(EffectiveRepresentation):
    """What the policies of one type amount to at one account."""

    account_id = serializers.CharField(source="target_id")


class AccountsBelowRepresentation(serializers.Serializer[Any]):
    """How many accounts at any depth below an OU come to the same."""

    total = serializers.IntegerField()
    alike = serializers.IntegerField(help_text="As an account placed right in the OU.")
    other = serializers.IntegerField()
    unknown = serializers.IntegerField(help_text="Not known, there or in the OU.")


class EffectiveOfUnitRepresentation(EffectiveRepresentation):
    """What an account would get that is placed in an OU and has no policy of its own."""

    accounts_below = serializers.SerializerMethodField()

    @extend_schema_field(AccountsBelowRepresentation(allow_null=True))
    def get_accounts_below(self, effective: EffectiveAtTarget) -> Any:
        """Return how many accounts below come to the same; null where none could tell."""
        return self.context["below"].get(effective.policy_type)


class AccountEffectiveRepresentation(Representation):
    """The effective policies of one account, a type each."""

    account_id = serializers.CharField()
    effective_policies = EffectiveRepresentation(many=True)
    coverage = CoverageSummaryRepresentation(help_text="Of the organization itself.")


class UnitEffectiveRepresentation(Representation):
    """What accounts placed in one OU get, a type each."""

    target_id = serializers.CharField()
    effective_policies = EffectiveOfUnitRepresentation(many=True)
    coverage = CoverageSummaryRepresentation(help_text="Of the organization itself.")


class _Management(OrganizationEndpoint):
    @cached_property
    def management(self) -> ManagementOrganization:
        """The management policies at the time looked at."""
        return load_management(self.viewer, connection=self.connection, as_of=self.as_of)

    def listing(self, chains: set[ChainKey]) -> EffectiveListing:
        """Return what works out rows, with AWS's answers for these chains."""
        connection, as_of = self.connection, self.as_of
        return EffectiveListing(
            self.management,
            effective_answers(self.viewer, connection=connection, chains=chains, as_of=as_of),
            policies_fared(self.viewer, connection=connection, as_of=as_of),
        )


class EffectivePolicies(_Management, ListEndpoint):
    """The effective policies of accounts."""

    topic = "Effective policies"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = EffectiveOfAccountRepresentation
    queryset = Account.objects.none()
    collectors = ("organizations.accounts",)
    filterset_class = EffectivePolicyFilters
    orderings = {"account_id": by("account_id", "policy_type")}
    usual_ordering = "account_id"

    def rows(self) -> Any:
        """Return the accounts."""
        return accounts(self.viewer, connection=self.connection, as_of=self.as_of)

    def page(self, asked: PageRequest) -> Page:
        """Work out the rows of the page."""
        descending = asked.keys[0].descending
        rows = self.filtered(self.rows()).order_by(f"{'-' if descending else ''}account_id")
        if asked.after is not None:
            beyond = "lte" if descending else "gte"
            rows = rows.filter(**{f"account_id__{beyond}": asked.after[0]})
        account_ids = list(rows.values_list("account_id", flat=True))
        query = self.request.query_params
        wanted = query.getlist("policy_type")
        types = sorted(
            (kind for kind in self.management.enabled_types if not wanted or kind in wanted),
            reverse=descending,
        )
        states = frozenset(EffectiveState(each) for each in query.getlist("state"))
        sources = frozenset(EffectiveSource(each) for each in query.getlist("source"))
        if not (states or sources):
            # Each account has a row of each type, so no more of them are on the page.
            account_ids = account_ids[: asked.limit + 2]
        listing = self.listing(self.chains(account_ids, types))
        keys = listing.chosen(account_ids, types, states=states, sources=sources)
        if asked.after is not None:
            after = tuple(asked.after)
            keys = (key for key in keys if (key < after if descending else key > after))
        found = [listing.row(*key) for key in islice(keys, asked.limit + 1)]
        return page_of_rows(found, asked, key=lambda row: [row.target_id, row.policy_type])

    def chains(self, account_ids: list[str], types: list[str]) -> set[ChainKey]:
        """Return the chains that reach accounts; of very many accounts all chains there are."""
        management = self.management
        root_id, names = management.organization.root_id, management.organization.names
        if root_id is not None and len(account_ids) > LARGEST_LIMIT + 2:
            return {
                (kind, chain) for kind in types for chain in management.chains_below(kind, root_id)
            }
        return {
            (kind, management.chain(kind, account_id))
            for kind in types
            for account_id in account_ids
            if account_id in names
        }

    def get(self, request: Request, **kwargs: str) -> Response:
        """List the effective policies of accounts, of every type that is enabled.

        Each says whether AWS gave it or it was computed, which policy at which level made each
        setting, and where AWS's answer differs from what the operators give.
        """
        return self.respond()


class AccountEffectivePolicies(_Management, DetailEndpoint):
    """The effective policies of one account."""

    topic = "Effective policies"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = AccountEffectiveRepresentation

    def get(self, request: Request, **kwargs: str) -> Response:
        """Tell an account's effective policy of each management type, also of those not enabled."""
        account_id = kwargs["account_id"]
        named = self.management.organization.names.get(account_id)
        if named is None or named.kind != "ACCOUNT":
            raise self.missing(f"account {account_id}")
        listing = self.listing(
            {(kind, self.management.chain(kind, account_id)) for kind in MANAGEMENT_POLICY_TYPES}
        )
        return self.answer(
            self.told(
                {
                    "account_id": account_id,
                    "effective_policies": [
                        listing.row(account_id, kind) for kind in MANAGEMENT_POLICY_TYPES
                    ],
                    "coverage": self.coverage_of(),
                }
            )
        )


class UnitEffectivePolicies(_Management, DetailEndpoint):
    """What accounts placed in one OU get."""

    topic = "Effective policies"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = UnitEffectiveRepresentation

    def get(self, request: Request, **kwargs: str) -> Response:
        """Tell what an account gets that is placed in an OU, and how many below get the same.

        AWS has effective policies of accounts only. The root's id is taken as well.
        """
        target_id, management = kwargs["target_id"], self.management
        named = management.organization.names.get(target_id)
        if named is None or named.kind == "ACCOUNT":
            raise self.missing(f"organizational unit {target_id}")
        listing = self.listing(
            {
                (kind, chain)
                for kind in management.enabled_types
                for chain in (
                    management.chain(kind, target_id),
                    *management.chains_below(kind, target_id),
                )
            }
        )
        found = [
            effective_at(
                management,
                target_id,
                policy_type=kind,
                answers=listing.answers,
                fared=listing.fared,
            )
            for kind in MANAGEMENT_POLICY_TYPES
        ]
        counted = {
            one.policy_type: _counted(management, one, listing)
            for one in found
            if one.policy_type in management.enabled
        }
        return self.answer(
            self.told(
                {
                    "target_id": target_id,
                    "effective_policies": found,
                    "coverage": self.coverage_of(),
                },
                below=counted,
            )
        )


def _counted(
    management: ManagementOrganization,
    own: EffectiveAtTarget,
    listing: EffectiveListing,
) -> dict[str, int]:
    groups = groups_below(management, own, answers=listing.answers)
    total = sum(len(group.account_ids) for group in groups)
    alike = sum(len(group.account_ids) for group in groups if group.is_same)
    unknown = sum(len(group.account_ids) for group in groups if not group.is_known)
    return {
        "total": total,
        "alike": alike,
        "other": total - alike - unknown,
        "unknown": unknown,
    }
