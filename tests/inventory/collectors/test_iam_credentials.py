"""The credential report: asked for, waited for, and read column by column."""

from datetime import UTC, datetime

import pytest

from inventory.aws.errors import AwsMalformed, AwsReadDenied, AwsThrottled, AwsTimedOut
from inventory.collectors.iam_credentials import collect_credential_report
from inventory.records import CredentialReportRecord, PrincipalActivityRecord, UserCredentialRecord

ARN = "arn:aws:iam::222222222222"
MADE_AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
COLUMNS = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,"
    "password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,"
    "access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,"
    "access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"
    "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,"
    "cert_1_last_rotated,cert_2_active,cert_2_last_rotated"
)
ROOT_USER = (
    f"<root_account>,{ARN}:root,2024-01-01T00:00:00+00:00,not_supported,no_information,"
    "not_supported,not_supported,true,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,"
    "false,N/A"
)
ANNA = (
    f"anna,{ARN}:user/anna,2024-01-01T00:00:00+00:00,true,2026-10-01T08:00:00+00:00,"
    "2026-05-01T08:00:00+00:00,N/A,false,true,2025-01-01T00:00:00+00:00,"
    "2026-11-01T07:00:00+00:00,eu-west-2,s3,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
)


class TestCollectCredentialReport:
    def report(self, *rows, root=ROOT_USER):
        lines = [COLUMNS, *rows, *([root] if root else ())]
        return {
            "Content": "\n".join(lines).encode(),
            "ReportFormat": "text/csv",
            "GeneratedTime": MADE_AT,
        }

    def test_yields_credentials_and_use_apart(self, iam):
        iam.answers("get_credential_report", self.report(ANNA))
        assert list(collect_credential_report(iam.client))[:3] == [
            CredentialReportRecord(MADE_AT),
            UserCredentialRecord(
                arn=f"{ARN}:user/anna",
                user_name="anna",
                password_enabled=True,
                password_last_changed_at=datetime(2026, 5, 1, 8, 0, tzinfo=UTC),
                mfa_active=False,
                access_key_1_active=True,
                access_key_1_rotated_at=datetime(2025, 1, 1, tzinfo=UTC),
                access_key_2_active=False,
                access_key_2_rotated_at=None,
            ),
            PrincipalActivityRecord(
                arn=f"{ARN}:user/anna",
                last_used_at=datetime(2026, 11, 1, 7, 0, tzinfo=UTC),
                last_used_region="eu-west-2",
                password_last_used_at=datetime(2026, 10, 1, 8, 0, tzinfo=UTC),
                access_key_1_last_used_at=datetime(2026, 11, 1, 7, 0, tzinfo=UTC),
                access_key_1_last_used_service="s3",
            ),
        ]

    def test_has_no_value_where_aws_has_none_for_the_root_user(self, iam):
        iam.answers("get_credential_report", self.report())
        [_, credential, use] = collect_credential_report(iam.client)
        assert isinstance(credential, UserCredentialRecord)
        assert isinstance(use, PrincipalActivityRecord)
        assert credential.user_name == "<root_account>"
        assert credential.password_enabled is None
        assert credential.mfa_active is True
        assert use.last_used_at is None

    def test_asks_once_where_there_is_a_report(self, iam):
        iam.answers("get_credential_report", self.report(ANNA))
        list(collect_credential_report(iam.client))
        assert iam.log.calls == {"iam:GetCredentialReport": 1}

    @pytest.mark.parametrize("code", ["ReportNotPresent", "ReportExpired"])
    def test_has_one_made_where_there_is_none_and_waits_for_it(self, iam, code):
        iam.refuses("get_credential_report", code)
        iam.answers("generate_credential_report", {"State": "STARTED"})
        iam.refuses("get_credential_report", "ReportInProgress")
        iam.answers("get_credential_report", self.report(ANNA))
        assert len(list(collect_credential_report(iam.client))) == 5
        assert iam.waits == [0.25, 0.5]

    def test_waits_while_aws_takes_no_request_for_a_report(self, iam):
        iam.refuses("get_credential_report", "ReportNotPresent")
        iam.refuses("generate_credential_report", "LimitExceeded", http_status_code=409)
        iam.refuses("generate_credential_report", "LimitExceeded", http_status_code=409)
        iam.answers("generate_credential_report", {"State": "STARTED"})
        iam.answers("get_credential_report", self.report(ANNA))
        assert len(list(collect_credential_report(iam.client))) == 5
        assert iam.waits == [0.25, 0.5]

    def test_raises_when_a_report_lacks_the_root_user(self, iam):
        iam.answers("get_credential_report", self.report(root=""))
        with pytest.raises(AwsMalformed, match="no row of <root_account>"):
            list(collect_credential_report(iam.client))

    def test_raises_when_the_report_does_not_come(self, iam):
        iam.refuses("get_credential_report", "ReportNotPresent")
        iam.answers("generate_credential_report", {"State": "STARTED"})
        for _ in range(8):
            iam.refuses("get_credential_report", "ReportInProgress")
        with pytest.raises(AwsTimedOut, match="credential report"):
            list(collect_credential_report(iam.client))

    def test_raises_when_denied_or_throttled(self, iam):
        iam.refuses("get_credential_report", "AccessDenied")
        with pytest.raises(AwsReadDenied):
            list(collect_credential_report(iam.client))
        iam.refuses("get_credential_report", "ReportNotPresent")
        iam.throttles("generate_credential_report", 8, "Throttling")
        with pytest.raises(AwsThrottled):
            list(collect_credential_report(iam.client))

    @pytest.mark.parametrize(
        ("wrong", "right", "told"),
        [
            ("perhaps", "true", "password_enabled of anna is 'perhaps'"),
            ("yesterday", "2026-10-01T08:00:00+00:00", "password_last_used of anna is 'yesterday'"),
        ],
    )
    def test_names_the_value_it_does_not_understand(self, iam, wrong, right, told):
        iam.answers("get_credential_report", self.report(ANNA.replace(right, wrong, 1)))
        with pytest.raises(AwsMalformed, match=told):
            list(collect_credential_report(iam.client))

    def test_names_the_column_that_is_missing(self, iam):
        report = self.report(ANNA)
        report["Content"] = report["Content"].replace(b"mfa_active", b"mfa")
        iam.answers("get_credential_report", report)
        with pytest.raises(AwsMalformed, match="mfa_active of anna is missing"):
            list(collect_credential_report(iam.client))
