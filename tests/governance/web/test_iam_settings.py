"""IAM's settings of an account, worded and judged."""

from governance.web.accounts.iam_settings import label_of, six_settings, value_of


def told(*given, is_read=True):
    return [(one.label, one.words, one.state) for one in six_settings(*given, is_read=is_read)]


class TestSixSettings:
    def test_say_what_is_well_and_what_is_open(self):
        summary = {"AccountMFAEnabled": 1, "AccountAccessKeysPresent": 1}
        assert told(summary, {"MinimumPasswordLength": 14, "PasswordReusePrevention": 24}) == [
            ("Root user's MFA", "On", "holds"),
            ("Root user's access keys", "Present", "open"),
            ("Root user's signing certificates", "Not known", "unknown"),
            ("Minimum password length", "14 characters", "holds"),
            ("Password reuse", "the last 24 are refused", "holds"),
            ("Password age", "does not expire", ""),
        ]

    def test_are_not_known_where_nothing_was_collected(self):
        assert {state for _, _, state in told(None, None, is_read=False)} == {"unknown"}

    def test_take_no_policy_for_awss_default(self):
        words = [word for _, word, _ in told({}, None)]
        assert words[3:] == ["AWS's default, 8 characters", "allowed", "does not expire"]


class TestLabels:
    def test_word_keys_of_iam(self):
        assert label_of("GroupsPerUserQuota") == "Groups per user quota"
        assert label_of("AttachedPoliciesPerRoleQuota") == "Attached policies per role quota"
        assert label_of("RequireSymbols") == "Requires symbols"
        assert (value_of(True), value_of(5000), value_of("x")) == ("yes", "5,000", "x")
