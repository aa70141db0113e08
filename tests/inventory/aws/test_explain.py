"""Errors in words: what failed, and what to do."""

from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
)
from botocore.parsers import ResponseParserError
from botocore.retries.standard import ThrottledRetryableChecker

from inventory.aws.errors import (
    AwsCredentialsRefused,
    AwsMalformed,
    AwsReadDenied,
    AwsReadFailed,
    AwsRoleNotAssumed,
    AwsSessionEnded,
    AwsThrottled,
    AwsTimedOut,
    AwsUnsupported,
)
from inventory.aws.explain import Modeled, explain, explain_assume_role
from tests.inventory.stubs import ROLE

BOTOCORE_THROTTLED = vars(ThrottledRetryableChecker)["_THROTTLED_ERROR_CODES"]
ASSUMING = (
    "User: arn:aws:iam::333333333333:user/orgwarden is not authorized to perform: sts:AssumeRole "
    "on resource: arn:aws:iam::222222222222:role/OrgwardenAudit"
)


def refusal(code, message="", status=400, **more):
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    } | more
    return ClientError(response, "Operation")


def explained(error, *, role=ROLE):
    return explain(error, operation="iam:GetAccountSummary", role=role)


class TestExplain:
    def test_names_role_account_action_and_template_when_a_permission_is_missing(self):
        error = explained(refusal("AccessDenied", "no identity-based policy allows it"))
        assert isinstance(error, AwsReadDenied)
        assert "the role OrgwardenAudit of account 222222222222" in error.message
        assert "iam:GetAccountSummary" in error.message
        assert error.remedy == (
            "allow iam:GetAccountSummary in the role: deploy docs/roles/audit.yaml again"
        )

    def test_names_the_service_control_policy_that_denies(self):
        arn = "arn:aws:organizations::111111111111:policy/o-a/service_control_policy/p-12345678"
        error = explained(
            refusal("AccessDenied", f"… with an explicit deny in a service control policy: {arn}")
        )
        assert error.remedy == (
            f"AWS names a service control policy {arn} that denies it: exempt the role there"
        )

    @pytest.mark.parametrize("code", sorted(BOTOCORE_THROTTLED))
    def test_knows_throttling_by_each_name_that_botocore_knows(self, code):
        error = explained(refusal(code, "Rate exceeded"))
        assert isinstance(error, AwsThrottled)
        assert error.transient

    @pytest.mark.parametrize("status", [429, 509])
    def test_knows_throttling_by_its_status(self, status):
        assert isinstance(explained(refusal("Other", status=status)), AwsThrottled)

    def test_knows_what_the_services_model_says_of_an_error(self):
        throttled = explain(
            refusal("Busy"), operation="iam:X", role=ROLE, modeled=Modeled.THROTTLED
        )
        assert isinstance(throttled, AwsThrottled)
        passing = explain(refusal("Busy"), operation="iam:X", role=ROLE, modeled=Modeled.TRANSIENT)
        assert passing.transient

    @pytest.mark.parametrize(
        ("code", "kind", "remedy"),
        [
            ("RequestExpired", AwsCredentialsRefused, "clock by NTP"),
            ("RequestTimeTooSkewed", AwsCredentialsRefused, "clock by NTP"),
            ("RegionDisabledException", AwsReadDenied, "enable the region in account 222222222222"),
            ("RegionDisabled", AwsReadDenied, "choose another home region"),
            ("PackedPolicyTooLarge", AwsReadDenied, "fewer transitive session tags"),
            ("OptInRequired", AwsReadDenied, "complete the sign-up of account 222222222222"),
            ("SubscriptionRequiredException", AwsReadDenied, "complete the sign-up"),
            ("NotSignedUp", AwsReadDenied, "complete the sign-up"),
            ("PendingVerification", AwsReadDenied, "complete the sign-up"),
            ("AuthFailure", AwsCredentialsRefused, "start the run again"),
            ("InvalidAccessKeyId", AwsCredentialsRefused, "start the run again"),
            ("ExpiredToken", AwsSessionEnded, "start the run again"),
            ("TokenRefreshRequired", AwsSessionEnded, "start the run again"),
        ],
    )
    def test_says_what_to_do_about_codes_with_one_cause(self, code, kind, remedy):
        error = explained(refusal(code, "words of AWS"))
        assert type(error) is kind
        assert "words of AWS" in error.message
        assert remedy in error.remedy
        assert not error.transient

    def test_tells_a_role_session_from_the_workers_own_credentials(self):
        ended = refusal("ExpiredToken", "The security token included in the request is expired")
        assert "the session of the role" in explained(ended).message
        assert "worker's own credentials" in explained(ended, role=None).message

    def test_asks_for_credentials_where_the_worker_has_none(self):
        error = explained(NoCredentialsError(), role=None)
        assert isinstance(error, AwsCredentialsRefused)
        assert "instance profile" in error.remedy

    def test_says_unsupported_when_aws_does_not_know_a_policy_type(self):
        error = explained(
            refusal("InvalidInputException", "bad", Reason="INVALID_ENUM_POLICY_TYPE")
        )
        assert isinstance(error, AwsUnsupported)

    def test_says_failed_for_other_invalid_input(self):
        error = explained(refusal("InvalidInputException", "bad", Reason="INVALID_PATTERN"))
        assert isinstance(error, AwsReadFailed)
        assert not error.transient

    def test_says_timed_out_when_no_connection_is_made(self):
        error = explained(ConnectTimeoutError(endpoint_url="https://iam.example"))
        assert isinstance(error, AwsTimedOut)

    def test_may_try_again_when_the_network_fails(self):
        error = explained(EndpointConnectionError(endpoint_url="https://iam.example"))
        assert isinstance(error, AwsReadFailed)
        assert error.transient

    def test_says_malformed_when_a_page_of_html_answers(self):
        error = explained(ResponseParserError("not XML"))
        assert isinstance(error, AwsMalformed)
        assert "proxy" in error.remedy
        assert error.transient

    def test_tells_a_service_that_a_region_lacks_from_one_that_cannot_be_reached(self):
        address = "https://kafka.x.amazonaws.com/"
        error = EndpointConnectionError(endpoint_url=address, error="no name")
        named: dict[str, Any] = {"operation": "kafka:ListClustersV2", "role": ROLE}
        lacking = explain(error, offered=False, **named)
        assert isinstance(lacking, AwsUnsupported)
        assert not lacking.transient
        assert explain(error, **named).transient


class TestExplainAssumeRole:
    def explained(self, message, external_id="secret"):
        error = explain(refusal("AccessDenied", message), operation="sts:AssumeRole", role=None)
        return explain_assume_role(error, role=ROLE, external_id=external_id)

    def test_leaves_open_what_aws_leaves_open(self):
        error = self.explained(ASSUMING)
        assert isinstance(error, AwsRoleNotAssumed)
        assert error.message == (
            "the role OrgwardenAudit does not exist in account 222222222222, or does not trust "
            "the worker with the connection's ExternalId"
        )
        assert "deploy docs/roles/audit.yaml in account 222222222222" in error.remedy

    def test_says_that_no_external_id_was_given(self):
        assert "with no ExternalId" in self.explained(ASSUMING, external_id="").message

    def test_blames_the_workers_own_role_where_aws_does(self):
        error = self.explained(
            f"{ASSUMING} because no identity-based policy allows the sts:AssumeRole action"
        )
        assert "the worker's own role may not assume" in error.message
        assert "sts:SetSourceIdentity" in error.remedy

    def test_blames_the_trust_policy_where_aws_does(self):
        error = self.explained(
            f"{ASSUMING} because no resource-based policy allows the sts:AssumeRole action"
        )
        assert "trust policy" in error.message

    def test_names_a_service_control_policy_that_denies(self):
        error = self.explained(f"{ASSUMING} with an explicit deny in a service control policy")
        assert "service control policy denies assuming" in error.message

    def test_names_the_source_identity_that_is_not_let_through(self):
        error = self.explained(ASSUMING.replace("sts:AssumeRole", "sts:SetSourceIdentity"))
        assert "source identity" in error.message

    def test_leaves_other_errors_as_they_are(self):
        error = explain(refusal("Throttling"), operation="sts:AssumeRole", role=None)
        assert explain_assume_role(error, role=ROLE, external_id="") is error
