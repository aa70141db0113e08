"""/accounts/…: settings, credentials, identity providers and coverage of one account."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.api.parts.endpoints import DetailEndpoint
from governance.api.parts.list_endpoint import ListEndpoint, by
from governance.api.parts.representations import (
    CoverageSummaryRepresentation,
    Representation,
    TagsField,
    ValueState,
)
from governance.filtering.runs import CoverageFilters
from inventory.models import AccountSetting, Coverage, IdentityProvider, UserCredential
from inventory.selectors.coverage import CoverageSummary, latest_coverage
from inventory.selectors.hierarchy import accounts
from inventory.selectors.principals import account_settings, identity_providers, user_credentials


class SettingRepresentation(serializers.Serializer[Any]):
    """A setting of an account."""

    state = serializers.ChoiceField(
        choices=ValueState.choices,
        help_text="none: AWS says that the account has none. unknown: never read.",
    )
    value = serializers.JSONField(allow_null=True, help_text="As AWS gives it.")
    seen_from = serializers.DateTimeField(allow_null=True)


class AccountSettingsRepresentation(Representation):
    """The settings of an account."""

    account_id = serializers.CharField()
    password_policy = SettingRepresentation(help_text="iam:GetAccountPasswordPolicy")
    account_summary = SettingRepresentation(help_text="iam:GetAccountSummary")
    account_aliases = SettingRepresentation(help_text="iam:ListAccountAliases")
    coverage = CoverageSummaryRepresentation()


class UserCredentialRepresentation(Representation):
    """A user's row in the credential report. Null: AWS gives no value."""

    user_name = serializers.CharField(help_text="`<root_account>` for the root user.")
    arn = serializers.CharField()
    password_enabled = serializers.BooleanField(allow_null=True)
    password_last_changed_at = serializers.DateTimeField(allow_null=True)
    mfa_active = serializers.BooleanField(allow_null=True)
    access_key_1_active = serializers.BooleanField(allow_null=True)
    access_key_1_rotated_at = serializers.DateTimeField(allow_null=True)
    access_key_2_active = serializers.BooleanField(allow_null=True)
    access_key_2_rotated_at = serializers.DateTimeField(allow_null=True)
    report_generated_at = serializers.DateTimeField(
        allow_null=True,
        help_text="When AWS made the report that was read last; null: not on record then.",
    )
    seen_from = serializers.DateTimeField()


class IdentityProviderRepresentation(Representation):
    """A SAML or OpenID Connect provider."""

    arn = serializers.CharField()
    kind = serializers.ChoiceField(choices=IdentityProvider.Kind.choices)
    url = serializers.CharField(help_text="OpenID Connect; empty for SAML.")
    client_ids = serializers.ListField(child=serializers.CharField())
    thumbprints = serializers.ListField(child=serializers.CharField())
    created_at = serializers.DateTimeField(allow_null=True)
    valid_until = serializers.DateTimeField(allow_null=True, help_text="SAML.")
    tags = TagsField()
    seen_from = serializers.DateTimeField()


class CoverageRepresentation(Representation):
    """The result of one collector in one account and region."""

    account_id = serializers.CharField(help_text="Empty for the organization itself.")
    region = serializers.CharField(help_text="`global` for services without regions.")
    collector = serializers.CharField()
    state = serializers.ChoiceField(choices=Coverage.State.choices)
    error_code = serializers.CharField(help_text="AWS's, empty if there was none.")
    message = serializers.CharField(help_text="What went wrong.")
    remedy = serializers.CharField(help_text="What to do about it.")
    since = serializers.DateTimeField(
        source="held_from", help_text="Start of the run since which the result is the same."
    )
    records = serializers.IntegerField(
        allow_null=True,
        help_text="Things read. Null, as calls and seconds: stored only for the newest reading "
        "and the first with the same result; see the run's progress for all collectors together.",
    )
    calls = serializers.DictField(
        child=serializers.IntegerField(),
        allow_null=True,
        help_text="Calls by operation, retries included.",
    )
    seconds = serializers.FloatField(allow_null=True)
    collected_at = serializers.DateTimeField()
    last_complete_at = serializers.DateTimeField(
        allow_null=True, help_text="When it last completed here; null: never."
    )
    run_id = serializers.IntegerField()


class _AccountList(ListEndpoint):
    topic = "Accounts"
    rights = {"GET": rights.VIEW_INVENTORY}

    def find_account(self) -> str:
        """Return the account's id.

        :raises Problem: it is not, or was not then, in the organization.
        """
        account_id: str = self.kwargs["account_id"]
        if not _exists(self, account_id):
            raise self.missing(f"account {account_id}")
        return account_id

    def was_read(self) -> bool:
        """Whether one of the collectors was ever complete in the account."""
        return self.ever_complete(self.kwargs["account_id"])

    def list_coverage(self) -> CoverageSummary:
        """Say how well the account is known."""
        return self.coverage_of(self.kwargs["account_id"])

    def get(self, request: Request, **kwargs: str) -> Response:
        """Answer with a page."""
        return self.respond()


def _exists(view: Any, account_id: str) -> bool:
    found = accounts(view.viewer, connection=view.connection, as_of=view.as_of)
    return found.filter(account_id=account_id).exists()


class AccountSettings(DetailEndpoint):
    """The settings of one account."""

    topic = "Accounts"
    rights = {"GET": rights.VIEW_INVENTORY}
    representation = AccountSettingsRepresentation
    shows_tables = ("AccountSetting",)

    def get(self, request: Request, **kwargs: str) -> Response:
        """Get an account's password policy, its IAM counters and quotas, and its aliases."""
        account_id = kwargs["account_id"]
        if not _exists(self, account_id):
            raise self.missing(f"account {account_id}")
        found = account_settings(
            self.viewer, connection=self.connection, account_id=account_id, as_of=self.as_of
        )
        parts: dict[str, Any] = {
            name.value: _setting(found.get(name.value)) for name in AccountSetting.Name
        }
        return self.answer(
            self.serialized(
                {"account_id": account_id, "coverage": self.coverage_of(account_id), **parts}
            )
        )


def _setting(row: AccountSetting | None) -> Mapping[str, Any]:
    if row is None:
        return {"state": ValueState.UNKNOWN, "value": None, "seen_from": None}
    state = ValueState.NONE if row.value is None or row.value == [] else ValueState.SET
    return {"state": state, "value": row.value, "seen_from": row.seen_from}


class AccountCredentials(_AccountList):
    """The credential report of one account."""

    representation = UserCredentialRepresentation
    queryset = UserCredential.objects.none()
    collectors = ("iam.credential_report",)
    shows_tables = ("UserCredential",)
    orderings = {"user_name": by("rank", "user_name", "arn")}
    usual_ordering = "user_name"

    def rows(self) -> Any:
        """Return the users, the root user first."""
        return user_credentials(
            self.viewer,
            connection=self.connection,
            account_id=self.find_account(),
            as_of=self.as_of,
        )

    def get(self, request: Request, **kwargs: str) -> Response:
        """List the users of the credential report, the root user first."""
        return self.respond()


class AccountIdentityProviders(_AccountList):
    """The identity providers of one account."""

    representation = IdentityProviderRepresentation
    queryset = IdentityProvider.objects.none()
    collectors = ("iam.saml_providers", "iam.oidc_providers")
    shows_tables = ("IdentityProvider",)
    orderings = {"kind": by("kind", "arn"), "arn": by("arn")}
    usual_ordering = "kind"

    def rows(self) -> Any:
        """Return the providers."""
        return identity_providers(
            self.viewer,
            connection=self.connection,
            account_id=self.find_account(),
            as_of=self.as_of,
        )

    def get(self, request: Request, **kwargs: str) -> Response:
        """List the SAML and OpenID Connect providers of an account."""
        return self.respond()


class AccountCoverageEndpoint(_AccountList):
    """How well one account is known, collector by collector."""

    representation = CoverageRepresentation
    queryset = Coverage.objects.none()
    collectors = ()
    filterset_class = CoverageFilters
    orderings = {"collector": by("collector", "region")}
    usual_ordering = "collector"

    def rows(self) -> Any:
        """Return the newest coverage of the account.

        :raises Problem: that of the time asked for was aged out.
        """
        self.check_detail_then()
        return latest_coverage(self.viewer, connection=self.connection, as_of=self.as_of).filter(
            account_id=self.find_account()
        )

    def was_read(self) -> bool:
        """Coverage rows are our own record, so none of them means none."""
        return True

    def get(self, request: Request, **kwargs: str) -> Response:
        """List the result of each collector when it last ran in the account, and what to do."""
        return self.respond()
