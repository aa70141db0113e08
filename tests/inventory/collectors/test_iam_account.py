"""An account's IAM settings: summary, password policy, aliases."""

import pytest

from inventory.aws.errors import AwsReadDenied, AwsThrottled
from inventory.collectors.iam_account import (
    collect_account_aliases,
    collect_account_summary,
    collect_password_policy,
)
from inventory.records import AccountSettingRecord


class TestCollectAccountSettings:
    def test_yields_the_summary(self, iam):
        iam.answers("get_account_summary", {"SummaryMap": {"Users": 2, "AccountMFAEnabled": 1}})
        assert list(collect_account_summary(iam.client)) == [
            AccountSettingRecord("account_summary", {"Users": 2, "AccountMFAEnabled": 1})
        ]

    def test_yields_the_password_policy(self, iam):
        policy = {"MinimumPasswordLength": 14, "ExpirePasswords": False}
        iam.answers("get_account_password_policy", {"PasswordPolicy": policy})
        assert list(collect_password_policy(iam.client)) == [
            AccountSettingRecord("password_policy", policy)
        ]

    def test_yields_that_there_is_no_password_policy(self, iam):
        iam.refuses("get_account_password_policy", "NoSuchEntity")
        assert list(collect_password_policy(iam.client)) == [
            AccountSettingRecord("password_policy", None)
        ]

    def test_does_not_take_a_denial_for_no_password_policy(self, iam):
        iam.refuses("get_account_password_policy", "AccessDenied")
        with pytest.raises(AwsReadDenied):
            list(collect_password_policy(iam.client))

    def test_yields_aliases_of_all_pages(self, iam):
        iam.answers(
            "list_account_aliases",
            {"AccountAliases": ["payments"], "IsTruncated": True, "Marker": "a"},
        )
        iam.answers("list_account_aliases", {"AccountAliases": ["former"]}, Marker="a")
        assert list(collect_account_aliases(iam.client)) == [
            AccountSettingRecord("account_aliases", ["former", "payments"])
        ]

    @pytest.mark.parametrize(
        ("collect", "operation"),
        [
            (collect_account_summary, "get_account_summary"),
            (collect_password_policy, "get_account_password_policy"),
            (collect_account_aliases, "list_account_aliases"),
        ],
    )
    def test_raises_when_throttled_or_denied(self, iam, collect, operation):
        iam.throttles(operation, 8, "Throttling")
        with pytest.raises(AwsThrottled):
            list(collect(iam.client))
        iam.refuses(operation, "AccessDenied")
        with pytest.raises(AwsReadDenied):
            list(collect(iam.client))
