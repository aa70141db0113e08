"""Faults on demand, rates, counts and the state file."""

import json

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError, ConnectionError, HTTPClientError

from demo.simulator.credentials import AUDIT_ROLE, CONSOLE
from demo.simulator.process import ControlRefused, running_simulator
from tests.demo.simulator.conftest import ORGANIZATION

pytestmark = pytest.mark.simulator

APP = "333333333333"


class TestFaults:
    @pytest.mark.parametrize(
        ("fault", "code"),
        [
            ({"kind": "refuse"}, "AccessDeniedException"),
            ({"kind": "throttle"}, "TooManyRequestsException"),
            ({"kind": "error"}, "ServiceException"),
            (
                {"kind": "refuse", "code": "ConcurrentModificationException"},
                "ConcurrentModificationException",
            ),
        ],
    )
    def test_hits_as_many_calls_as_ordered(self, aws, organizations, refused, fault, code):
        aws.control("POST", "/faults", fault | {"operation": "ListRoots", "count": 2})
        organizations.list_accounts()
        assert refused(organizations.list_roots)[0] == code
        assert refused(organizations.list_roots)[0] == code
        organizations.list_roots()

    def test_spares_the_first_calls_and_other_accounts(self, aws, refused):
        aws.control(
            "POST",
            "/faults",
            {"kind": "throttle", "service": "iam", "account_id": APP, "after": 1},
        )
        member = aws.assume("iam", APP, AUDIT_ROLE)
        member.get_account_summary()
        assert refused(member.get_account_summary)[0] == "Throttling"
        aws.client("iam").get_account_summary()

    def test_refuses_assume_role_for_the_account_of_the_role(self, aws, refused):
        aws.control("POST", "/faults", {"kind": "refuse", "service": "sts", "account_id": APP})
        with pytest.raises(Exception, match="AccessDenied"):
            aws.assume("iam", APP, AUDIT_ROLE)
        aws.assume("iam", "666666666666", AUDIT_ROLE)

    def test_cuts_the_line_before_anything_is_done(self, aws, organizations):
        aws.control("POST", "/faults", {"kind": "cut", "operation": "TagResource"})
        with pytest.raises((ConnectionClosedError, ConnectionError, HTTPClientError)):
            organizations.tag_resource(ResourceId="r-tiny", Tags=[{"Key": "a", "Value": "1"}])
        assert organizations.list_tags_for_resource(ResourceId="r-tiny")["Tags"] == []

    def test_loses_the_answer_of_what_was_done(self, aws, organizations):
        aws.control("POST", "/faults", {"kind": "lose-answer", "operation": "TagResource"})
        with pytest.raises((ConnectionClosedError, ConnectionError, HTTPClientError)):
            organizations.tag_resource(ResourceId="r-tiny", Tags=[{"Key": "a", "Value": "1"}])
        assert organizations.list_tags_for_resource(ResourceId="r-tiny")["Tags"] != []

    def test_lists_and_lifts_faults(self, aws, organizations):
        ordered = aws.control("POST", "/faults", {"kind": "refuse"})
        aws.control("POST", "/faults", {"kind": "delay", "seconds": 0})
        assert len(aws.control("GET", "/faults")["faults"]) == 2
        assert aws.control("DELETE", f"/faults/{ordered['fault_id']}") == {"lifted": 1}
        organizations.list_roots()

    @pytest.mark.parametrize(
        "order",
        [{"kind": "nonsense"}, {"kind": "delay", "second": 1}, {"kind": "cut", "count": "1"}],
    )
    def test_refuses_an_order_that_makes_no_sense(self, aws, order):
        with pytest.raises(ControlRefused, match="error"):
            aws.control("POST", "/faults", order)


class TestRates:
    def test_throttles_list_roots_after_a_burst_of_two(self, aws, organizations, refused):
        aws.control("PUT", "/rates", {"factor": 1})
        try:
            organizations.list_roots()
            organizations.list_roots()
            assert refused(organizations.list_roots)[0] == "TooManyRequestsException"
            organizations.list_accounts()
        finally:
            aws.control("PUT", "/rates", {"factor": 1000})

    def test_keeps_the_rate_of_a_single_account_whatever_the_factor(self, aws, refused):
        busy = aws.assume("iam", "666666666666", AUDIT_ROLE)
        busy.get_account_summary()
        busy.get_account_summary()
        assert refused(busy.get_account_summary)[0] == "Throttling"
        aws.assume("iam", APP, AUDIT_ROLE).get_account_summary()


class TestCounts:
    def test_counts_by_operation_account_and_outcome(self, aws, organizations, refused):
        aws.control("DELETE", "/calls")
        organizations.list_roots()
        refused(organizations.describe_account, AccountId="999999999999")
        report = aws.control("GET", "/calls")
        assert report["total"] == 2
        assert report["by_operation"] == {
            "organizations:DescribeAccount": 1,
            "organizations:ListRoots": 1,
        }
        assert report["by_account"]["111111111111"]["organizations:ListRoots"] == 1
        assert report["by_outcome"] == {"AccountNotFoundException": 1, "ok": 1}


class TestStateFile:
    def test_keeps_what_was_written_over_a_restart(self, tmp_path):
        state = tmp_path / "state.jsonl"

        def client(simulator, service):
            return boto3.client(
                service,
                endpoint_url=simulator.endpoint_url,
                region_name="us-east-1",
                aws_access_key_id=CONSOLE.access_key_id,
                aws_secret_access_key=CONSOLE.secret_access_key,
                config=Config(retries={"total_max_attempts": 1}),
            )

        with running_simulator(ORGANIZATION, state=state) as simulator:
            organizations = client(simulator, "organizations")
            made = organizations.create_organizational_unit(ParentId="r-tiny", Name="New")
            role = client(simulator, "iam").create_role(
                RoleName="new", AssumeRolePolicyDocument=json.dumps(_TRUST)
            )["Role"]
        with state.open("a") as file:
            file.write('{"account_id": "11')
        with running_simulator(ORGANIZATION, state=state) as simulator:
            organizations = client(simulator, "organizations")
            found = organizations.describe_organizational_unit(
                OrganizationalUnitId=made["OrganizationalUnit"]["Id"]
            )
            assert found["OrganizationalUnit"]["Name"] == "New"
            assert (
                client(simulator, "iam").get_role(RoleName="new")["Role"]["RoleId"]
                == (role["RoleId"])
            )
            assert simulator.control("GET", "/ready")["warnings"] == []


_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
